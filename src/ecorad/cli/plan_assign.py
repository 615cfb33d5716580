"""``ecorad plan assign``: which exams on which scanner at least energy, and how many low field could take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .console import note, page, print_json, say, table
from .options import AsJson, Directory

Modality = Annotated[str, typer.Option("--modality", metavar="MR", help="Of which scanners.")]
Booked = Annotated[
    Path | None, typer.Option("--booked", metavar="F", help="JSON list of {device, region, start}; else the records.")
]
Days = Annotated[int, typer.Option("--days", min=1, metavar="N", help="Last days of the records to look at.")]
LowField = Annotated[float, typer.Option("--low-field", metavar="T", min=0.0, help="Low field is up to this. [T]")]
Served = Annotated[
    list[str] | None,
    typer.Option("--if-served", metavar="REGION", help="Share of a scanner you do not have yet; several times."),
]
Changeover = Annotated[
    float | None, typer.Option("--changeover", metavar="MIN", min=0.0, help="Between two patients; as in the records.")
]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="OUT", help="Where the audit wrote; DIR/out unless said.")
]


def plan_assign(
    directory: Directory,
    modality: Modality = "MR",
    booked: Booked = None,
    days: Days = 28,
    low_field: LowField = 1.0,
    if_served: Served = None,
    changeover: Changeover = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Put exams on the scanners on which they take least, within what each can do and its hours."""
    from ecorad.ledger import Workspace
    from ecorad.reporting.assignment import assignment_statement, days_booked, days_done, gather_fleet, share_served

    workspace = Workspace.open(directory)
    fleet = gather_fleet(workspace, modality, out, changeover)
    halves = fleet.halves()
    if booked is None:
        demand, stay = days_done(fleet, halves, days), 0
    else:
        demand, stay = days_booked(fleet, halves, booked, workspace)
    found = assignment_statement(fleet, halves, demand, low_t=low_field, stay=stay)
    found["if_served"] = share_served(fleet, if_served, days) if if_served else None
    if as_json:
        print_json(found)
        return
    _tell(found)


def _tell(found: Mapping[str, Any]) -> None:
    from ecorad.reporting.reader import printable

    names = [printable(row["alias"] or row["device"][-4:]) for row in found["scanners"]]
    rows = [
        (
            name,
            "unknown" if row["field_strength_t"] is None else f"{row['field_strength_t']:g} T",
            str(row["exams_now"]),
            str(row["exams_then"]),
        )
        for name, row in zip(names, found["scanners"], strict=True)
    ]
    columns = ("scanner", "field", "exams now", "at least energy")
    page().print(table(columns, rows, right=columns[2:]))
    moves = [
        (row["region"], *(f"{now} to {then}" for now, then in zip(row["now"], row["then"], strict=True)))
        for row in found["moves"]
    ]
    if moves and found["is_sure"]:
        page().print(table(("region", *names), moves, right=tuple(names)))
    kwh = found["kwh"]
    if found["is_sure"]:
        say(
            f"Saves {kwh['value']:,.0f} kWh ({kwh['low']:,.0f}-{kwh['high']:,.0f}) over {found['days']} days and "
            f"{found['exams']} exams, consequential."
        )
    else:
        say(f"No saving is sure over {found['days']} days and {found['exams']} exams: it may be none.")
    low = found["low_field"]
    if low["scanners"]:
        say(
            f"Up to {low['up_to_t']:g} T: {low['exams_now']} of {found['exams']} exams now, "
            f"{low['exams_it_can_do']} by what these scanners can do, {low['exams_that_fit']} in their hours."
        )
    else:
        say(f"No scanner of up to {low['up_to_t']:g} T is known.")
    if found["if_served"] is not None:
        share = found["if_served"]
        say(
            f"A scanner that did {', '.join(share['regions'])} could take {share['exams']} of {share['of']} exams "
            f"({share['minutes_a_day']:.0f} min a day with change-over) of {share['days']} days."
        )
    if found["exams_that_stay"]:
        note(f"{found['exams_that_stay']} bookings stay where they are: nothing is known of such exams there.")
    note(
        "A person must confirm that each exam is as good on the other scanner: regions are known, questions, coils and "
        "patients are not. Exams of one region may be harder on one scanner because harder ones are sent there."
    )
