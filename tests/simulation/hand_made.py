"""A plan small enough to work out by hand."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

from ecorad.simulation.plan import Plan
from ecorad.simulation.scanners import draw_scanners
from ecorad.simulation.settings import Settings


def hand_made_plan(level_kw):
    exam = SimpleNamespace(
        enters_s=2000, leaves_s=3000, beams=(SimpleNamespace(start_s=2400, end_s=2500, kw_share=1.0),)
    )
    scanner = dataclasses.replace(draw_scanners(1, Settings(), 1)[0], level_kw=level_kw)
    return Plan(scanner, exams=[exam], background=[(0, "off"), (1800, "idle"), (5000, "power_save")])


LEVELS_KW = {"off": 1.0, "power_save": 2.0, "idle": 10.0, "ready": 20.0, "scan": 40.0}
