"""``ecorad alerts``: what somebody should look at, each cause told once to its room."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import next_step, note, page, print_json, say, table
from .options import AsJson, Directory

if TYPE_CHECKING:
    from ecorad.reporting.alerts import Told


def alerts(
    directory: Directory,
    room: Annotated[str | None, typer.Option("--room", metavar="NAME", help="Of this scanner alone.")] = None,
    seen: Annotated[
        list[str] | None, typer.Option("--seen", metavar="ID", help="Mark as seen; may be given several times.")
    ] = None,
    above_msv: Annotated[
        float | None,
        typer.Option("--above-msv", metavar="X", help="Patients whose known CT doses together are more than X mSv."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were seen, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell of doses to look at: each cause once, by room, until seen."""
    from ecorad.intake.register import open_ledger
    from ecorad.ledger import Workspace
    from ecorad.reporting.alerts import mark_seen, read_told, tell, write_told
    from ecorad.reporting.dose_audit import dose_alerts
    from ecorad.reporting.site_factors import site_set

    workspace = Workspace.open(directory)
    today = datetime.now(workspace.site.zone).date()
    with open_ledger(workspace) as ledger:
        devices = ledger.columns("device", ["device_key", "alias"])
        aliases = dict(zip(devices["device_key"], devices["alias"], strict=True))
        found = dose_alerts(ledger, workspace, site_set(workspace).book, above_msv)
    with workspace.write_lock():  # two that look at once must not both be the first
        before = read_told(workspace.ledger_path)
        not_asked = ("cumulative_dose",) if above_msv is None else ()
        told, new = tell(found, before, aliases, today, not_asked=not_asked)
        told = mark_seen(told, frozenset(seen or ()), today)
        write_told(workspace.ledger_path, told)  # also when nothing is new: its time says when somebody looked
    shown = [one for one in told if (room is None or one.room == room) and (everything or one.seen_on is None)]
    if as_json:
        print_json({"alerts": [_row(one, new) for one in shown], "new": sum(one.id in new for one in shown)})
        return
    _tell(shown, new)
    if shown:
        next_step(f"ecorad alerts {directory} --seen {shown[0].id}")


def _row(one: Told, new: frozenset[str]) -> dict[str, Any]:
    from ecorad.reporting.statement.dose import UNITS

    return {**asdict(one), "unit": UNITS.get(one.quantity, "mSv"), "is_new": one.id in new}


def _tell(shown: list[Told], new: frozenset[str]) -> None:
    if not shown:
        say("Nothing to look at.")
        return
    cells = [
        (
            one.id,
            one.room,
            one.kind.replace("_", " "),
            one.study or "",
            one.quantity,
            one.value,
            one.usual,
            one.told_on + (" (new)" if one.id in new else ""),
            one.seen_on or "",
            "" if one.holds else "no longer",
        )
        for one in sorted(shown, key=lambda one: (one.room, one.told_on, one.id))
    ]
    columns = ("id", "room", "about", "study", "quantity", "value", "usual or level", "told", "seen", "holds")
    page().print(table(columns, cells, right=("value", "usual or level")))
    if any(one.kind == "cumulative_dose" for one in shown):
        note("Sums of a patient hold CT alone: no other dose has a sourced conversion to mSv here.")
    note("A high dose may be right for its patient: look at the examination before the protocol.")
