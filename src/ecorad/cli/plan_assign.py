"""``ecorad plan assign``: which exams on which scanner at least energy, and how many low field could take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import note, page, print_json, say, table
from .options import AsJson, Directory, ReaderLanguage, checked_language

if TYPE_CHECKING:
    from ecorad.reporting.reader import Reader

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
    language: ReaderLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Put exams on the scanners on which they take least, within what each can do and its hours."""
    from ecorad.ledger import Workspace
    from ecorad.reporting.assignment import assignment_statement, days_booked, days_done, gather_fleet, share_served
    from ecorad.reporting.reader import Reader

    workspace = Workspace.open(directory)
    shown = checked_language(language) or workspace.site.language
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
    _tell(found, Reader({"factors": [], "devices": []}, shown))


def _tell(found: Mapping[str, Any], reader: Reader) -> None:
    from ecorad.reporting.reader import printable

    names = [printable(row["alias"] or row["device"][-4:]) for row in found["scanners"]]
    rows = [
        (
            name,
            reader.plain(row["field_strength_t"], "T"),
            reader.integer(row["exams_now"]),
            reader.integer(row["exams_then"]),
        )
        for name, row in zip(names, found["scanners"], strict=True)
    ]
    columns = tuple(reader.text(f"assign.{name}") for name in ("scanner", "field", "exams_now", "exams_then"))
    page().print(table(columns, rows, right=columns[2:]))
    moves = [
        (
            reader.named("region", row["region"]),
            *(
                reader.text("assign.move", now=now, then=then)
                for now, then in zip(row["now"], row["then"], strict=True)
            ),
        )
        for row in found["moves"]
    ]
    if moves and found["is_sure"]:
        page().print(table((reader.text("assign.region"), *names), moves, right=tuple(names)))
    say(_saving(found, reader))
    say(_low_field(found, reader))
    if found["if_served"] is not None:
        say(_if_served(found["if_served"], reader))
    if found["exams_that_stay"]:
        note(reader.text("assign.stay", n=reader.integer(found["exams_that_stay"])))
    note(reader.text("assign.note"))


def _saving(found: Mapping[str, Any], reader: Reader) -> str:
    over = {"days": reader.counted("day", found["days"]), "exams": reader.counted("exam", found["exams"])}
    if not found["is_sure"]:
        return reader.text("assign.not_sure", **over)
    value, low, high = (reader.messages.locale.fixed(found["kwh"][name], 0) for name in ("value", "low", "high"))
    return reader.text("assign.saves", kwh=value, low=low, high=high, **over)


def _low_field(found: Mapping[str, Any], reader: Reader) -> str:
    low = found["low_field"]
    tesla = reader.plain(low["up_to_t"])
    if not low["scanners"]:
        return reader.text("assign.no_low_field", tesla=tesla)
    names = {"now": "exams_now", "can": "exams_it_can_do", "fit": "exams_that_fit"}
    counts = {name: reader.integer(low[key]) for name, key in names.items()}
    return reader.text("assign.low_field", tesla=tesla, exams=reader.counted("exam", found["exams"]), **counts)


def _if_served(share: Mapping[str, Any], reader: Reader) -> str:
    return reader.text(
        "assign.if_served",
        regions=reader.names([reader.named("region", one) for one in share["regions"]]),
        share=reader.integer(share["exams"]),
        exams=reader.counted("exam", share["of"]),
        minutes=reader.messages.locale.fixed(share["minutes_a_day"], 0),
        days=reader.counted("day", share["days"]),
    )
