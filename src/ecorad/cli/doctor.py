"""``ecorad doctor``: what is configured, what is missing, what it costs in accuracy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .console import next_step, page, print_json, say, table
from .options import AsJson, Directory

if TYPE_CHECKING:
    from ecorad.reporting.diagnosis import Check, Diagnosis

_MOST_LINES = 32
_MARK = {"ok": "ok", "missing": "missing", "question": "please say"}


def doctor(directory: Directory, as_json: AsJson = False) -> None:
    """Tell what is configured, what is missing, and what it costs in accuracy."""
    from ecorad.intake.register import open_ledger
    from ecorad.ledger import Workspace, deliveries, problems
    from ecorad.reporting.diagnosis import diagnose

    workspace = Workspace.open(directory)
    statement = workspace.out_path / "audit.json"
    with open_ledger(workspace) as ledger:
        found = diagnose(
            workspace.site,
            ledger.columns("device"),
            ledger.columns("meter"),
            statement=json.loads(statement.read_text("utf-8")) if statement.exists() else None,
            deliveries=deliveries(ledger),
            problems=problems(ledger),
        )
    if as_json:
        print_json(found.as_json())
        return
    say(f"{workspace.site.name}, times in {workspace.site.timezone}\n")
    page().print(table(("", "what Ecorad found"), map(_told, found.checks)))
    _tell_receipts(found)
    steps = [f"ecorad audit {directory}"]
    if any(check.lines for check in found.checks):
        steps.insert(0, f"paste what is right into {directory / 'site.toml'}")
    next_step(*steps)


def _told(check: Check) -> tuple[str, str]:
    lines = "".join(f"\n    {line}" for line in check.lines[:_MOST_LINES])
    if len(check.lines) > _MOST_LINES:
        lines += f"\n    # {len(check.lines) - _MOST_LINES} more lines: see --json"
    return _MARK[check.state], f"{check.says}{' ' if check.costs else ''}{check.costs}{lines}"


def _tell_receipts(found: Diagnosis) -> None:
    out = page()
    if found.deliveries:
        columns = ("feed", "day", "received", "stored", "duplicate", "new_version", "quarantined", "refused")
        rows = [[row[name] for name in columns] for row in found.deliveries[-12:]]
        out.print("\nWhat was delivered, and what became of it:\n")
        out.print(table(columns, rows, right=columns[2:]))
    if found.problems:
        rows = [[row["code"], row["count"], row["means"], row["remedy"]] for row in found.problems[:12]]
        out.print("\nWhat could not be used as it was:\n")
        out.print(table(("code", "times", "means", "what to do"), rows, right=("times",)))
