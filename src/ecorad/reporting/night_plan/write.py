"""The files of a plan: page, roster as CSV and iCalendar, and the plan itself as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ecorad.planning.power.calendar import calendar
from ecorad.planning.power.roster import Stretch, roster_csv

from ..reader import Reader
from .build import NightPlan
from .page import in_words, render_plan

FOLDER = "plans"


def write_plan(made: NightPlan, statement: Mapping[str, Any], out_path: Path, language: str = "en") -> list[Path]:
    """Write ``plans/power-DATE.{html,csv,ics,json}`` under ``out_path``; each there whole or not at all.

    Returns
    -------
    list of Path
        The files written, the plan itself last.
    """
    folder = out_path / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = f"power-{statement['night']['date']}"
    texts = {
        "html": render_plan(statement, language),
        "csv": roster_csv(made.stretches),
        "ics": _calendar(made, statement, language),
        "json": plan_json(statement),
    }
    paths = []
    for kind, text in texts.items():
        path = folder / f"{name}.{kind}"
        staged = folder / f".{name}.{kind}"
        staged.write_bytes(text.encode())
        staged.replace(path)
        paths.append(path)
    return paths


def plan_json(statement: Mapping[str, Any]) -> str:
    """The plan as JSON text."""
    return json.dumps(statement, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _calendar(made: NightPlan, statement: Mapping[str, Any], language: str) -> str:
    reader = Reader({"factors": [], "devices": statement["devices"]}, language)
    rows = {(row["device"], row["start"]): row for row in statement["roster"]}
    start, end = (datetime.fromisoformat(statement["night"][name]) for name in ("from", "to"))

    def words(row: Stretch) -> tuple[str, str]:
        written = rows[row.device, row.start.isoformat(timespec="minutes")]
        return f"{row.device}: {reader.named('state', row.mode.value)}", in_words(reader, written)

    return calendar(made.stretches, start, end, words)
