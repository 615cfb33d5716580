"""Kept ready to scan where idle would do."""

from __future__ import annotations

from ecorad.footprint.energy.spans import Spans, common
from ecorad.model import PowerState

from .finding import Finding, Words, finding
from .nights import excess
from .view import Low, View, hours, local_days, without

# Between two patients a scanner may well stay ready.
SHORTEST_H = 10.0 / 60.0
WORDS = Words(needs="leave_ready", decides="lead_radiographer", against="vendor_limits")


def ready_instead_of_idle(view: View) -> Finding | None:
    """Energy above idle while ready for ten minutes and longer with no exam running, by local day."""
    if view.idle_kw is None or PowerState.READY not in view.runs.level_kw:
        return None
    waits = without(view.in_states(PowerState.READY), view.exams)
    long = hours(waits) >= SHORTEST_H
    days = local_days(view.site)
    spans: Spans = common((waits[0][long], waits[1][long]), days)
    idle = Low(PowerState.IDLE, view.idle_kw, "measured", 0.0, 0.0)
    return finding(
        "ready_instead_of_idle", view, excess(view, days, spans, 0.0), idle, WORDS, price=view.mean_price(spans)
    )
