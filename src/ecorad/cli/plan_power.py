"""``ecorad plan power``: which mode each scanner should be in tonight, and the next morning what became of it."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import next_step, note, page, print_json, say, table
from .options import AsJson, Directory, ReaderLanguage, checked_language, day

if TYPE_CHECKING:
    from ecorad.ledger import Workspace
    from ecorad.reporting.night_plan.build import Booked, NightPlan
    from ecorad.reporting.night_plan.inputs import PlanInputs

_OBJECTIVES = ("energy", "money")


Night = Annotated[
    str | None,
    typer.Option("--night", metavar="DATE", help="Local day it begins on; the first the records have not seen."),
]
Days = Annotated[int, typer.Option("--days", min=1, max=7, help="From noon to noon, this many days.")]
BookedList = Annotated[
    Path | None,
    typer.Option("--booked", metavar="F", help="JSON list of {device, start, end}; else opening hours are kept awake."),
]
Objective = Annotated[str, typer.Option("--objective", metavar="energy|money", help="What to keep low.")]
WaitCost = Annotated[
    float,
    typer.Option(
        "--wait-cost", metavar="X", min=0.0, help="kWh (or money) that a minute's wait of a patient is worth."
    ),
]
Check = Annotated[str | None, typer.Option("--check", metavar="DATE", help="What became of the plan of that evening.")]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="OUT", help="Where the audit wrote; DIR/out unless said.")
]


def plan_power(
    directory: Directory,
    night: Night = None,
    days: Days = 1,
    booked: BookedList = None,
    objective: Objective = "energy",
    wait_cost: WaitCost = 0.0,
    check: Check = None,
    out: Out = None,
    language: ReaderLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Choose the mode of each scanner for the night, by its own measured power."""
    if objective not in _OBJECTIVES:
        raise InputError(f"--objective must be one of {', '.join(_OBJECTIVES)}", code="ecorad.power.objective")
    asked = checked_language(language)
    from ecorad.ledger import Workspace
    from ecorad.planning.power.night import Night as NightOf
    from ecorad.reporting.night_plan.build import build
    from ecorad.reporting.night_plan.inputs import first_night, gather_inputs
    from ecorad.reporting.site_factors import site_set

    workspace = Workspace.open(directory)
    target = out or workspace.out_path
    inputs = gather_inputs(workspace, site_set(workspace).book, target)
    wanted = day(check, "--check")
    if wanted is not None:
        _tell_check(inputs, target, wanted, None if as_json else asked or workspace.site.language)
        return
    zone = workspace.site.timezone
    made = build(
        inputs,
        workspace.site,
        NightOf.of(day(night, "--night") or first_night(inputs, zone), days, zone),
        booked={} if booked is None else _booked(booked, inputs, workspace),
        objective="money" if objective == "money" else "energy",
        delay_cost_per_min=wait_cost,
    )
    _give(made, workspace, target, asked or workspace.site.language, as_json=as_json)


def _give(made: NightPlan, workspace: Workspace, target: Path, language: str, *, as_json: bool) -> None:
    """Write the files, and say the short of them."""
    from ecorad.reporting.night_plan.statement import plan_statement
    from ecorad.reporting.night_plan.write import write_plan

    statement = plan_statement(made, workspace.site)
    written = write_plan(made, statement, target, language)
    if as_json:
        print_json(statement)
        return
    _tell(made, statement, language)
    note(f"Written: {', '.join(str(path) for path in written)}")
    first = statement["night"]["date"]
    next_step(f"ecorad plan power {workspace.path} --check {first}   (after the next ingest and audit)")


def _booked(path: Path, inputs: PlanInputs, workspace: Workspace) -> Booked:
    """Bookings by device, from a JSON list; times without an offset are local."""
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError("the file of --booked is not JSON", code="ecorad.power.booked") from None
    if not isinstance(rows, list):
        raise InputError("--booked must hold a list", code="ecorad.power.booked")
    names = {device.name for device in inputs.devices}
    alias = {entry.serial: entry.alias for entry in workspace.site.devices}
    found: dict[str, list[tuple[int, int]]] = {}
    for number, row in enumerate(rows, 1):
        name, start, end = _booking(row, number, workspace)
        name = alias.get(name, name)
        if name not in names:
            raise InputError(f"booking {number} names a device that is not planned", code="ecorad.power.booked")
        found.setdefault(name, []).append((start, end))
    return found


def _booking(row: Any, number: int, workspace: Workspace) -> tuple[str, int, int]:
    from ecorad.model.clock import to_us

    try:
        start, end = (datetime.fromisoformat(row[name]) for name in ("start", "end"))
        name = str(row["device"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"booking {number} needs device, start and end", code="ecorad.power.booked") from None
    zone = workspace.site.zone
    start, end = (one if one.tzinfo else one.replace(tzinfo=zone) for one in (start, end))
    if not start < end:
        raise InputError(f"booking {number} ends before it starts", code="ecorad.power.booked")
    return name, to_us(start), to_us(end)


def _tell(made: NightPlan, statement: dict[str, Any], language: str) -> None:
    from ecorad.reporting.night_plan.page import in_words
    from ecorad.reporting.reader import Reader, printable

    reader = Reader({"factors": [], "devices": statement["devices"]}, language)
    rows = []
    for device in statement["devices"]:
        mine = [row for row in statement["roster"] if row["device"] == device["name"]]
        lines = " ".join(in_words(reader, row) for row in mine) or reader.text("night.as_is")
        saves = reader.shown(device["saves"]["kwh"]).text if device["is_sure"] else reader.text("night.not_sure")
        rows.append((printable(device["name"]), lines, saves))
    page().print(table((reader.text("night.scanner"), reader.text("night.what"), reader.text("night.saves")), rows))
    total = reader.shown(statement["total"]["kwh"])
    say(f"\n{reader.text('night.saves')}: {total.text}")
    say(reader.text("night.proved" if made.plan.status == "optimal" else "night.not_proved"))
    for issue in made.issues:
        what = reader.named("night_note", issue.code)
        note(reader.text("night.note", where=printable(issue.where), what=what))


def _tell_check(inputs: PlanInputs, target: Path, wanted: date, language: str | None) -> None:
    """What became of a plan, for a reader; without a language for a machine."""
    from ecorad.reporting.night_plan.check import check_plan
    from ecorad.reporting.reader import Reader, printable

    found = check_plan(inputs, target, wanted)
    if language is None:
        print_json(found)
        return
    reader = Reader({"factors": [], "devices": []}, language)
    rows = [
        (
            printable(one["device"]),
            reader.named("state", one["mode"]),
            one["start"],
            f"{one['planned_h']:.1f}",
            f"{one['as_planned_h']:.1f}" if one["seen_h"] else reader.text("night_check.not_seen"),
            f"{one['awake_h']:.1f}" if one["seen_h"] else "",
            "" if one["missed_kwh"] is None else f"{one['missed_kwh']:.1f}",
        )
        for one in found["stretches"]
    ]
    names = ("device", "mode", "from", "planned", "as_planned", "awake", "missed")
    columns = tuple(reader.text(f"night_check.{name}") for name in names)
    page().print(table(columns, rows, right=columns[3:]))
