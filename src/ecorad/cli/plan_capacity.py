"""``ecorad plan capacity``: how many scanners the demand needs, and what shorter exams would change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import note, page, print_json, say, table
from .options import AsJson, Directory, ReaderLanguage, checked_language

if TYPE_CHECKING:
    from ecorad.reporting.reader import Reader

Modality = Annotated[
    str | None, typer.Option("--modality", metavar="MR", help="Of this modality alone; of each with enough exams.")
]
Target = Annotated[float, typer.Option("--target-wait", metavar="MIN", min=0.0, help="Mean wait to keep. [min]")]
Shorter = Annotated[
    list[float] | None,
    typer.Option("--shorter", metavar="PERCENT", min=0.0, max=99.0, help="Exams shorter by so much; 25 and 50."),
]
Changeover = Annotated[
    float | None, typer.Option("--changeover", metavar="MIN", min=0.0, help="Between two patients; as in the records.")
]
Growth = Annotated[
    float, typer.Option("--growth", metavar="PERCENT", min=-90.0, help="More patients than in the records.")
]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="OUT", help="Where the audit wrote; DIR/out unless said.")
]


def plan_capacity(
    directory: Directory,
    modality: Modality = None,
    target_wait: Target = 15.0,
    shorter: Shorter = None,
    changeover: Changeover = None,
    growth: Growth = 0.0,
    out: Out = None,
    language: ReaderLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Tell how many scanners keep the wait short, and how many would with shorter exams."""
    from ecorad.ledger import Workspace
    from ecorad.reporting.capacity import Department, capacity_statement
    from ecorad.reporting.reader import Reader

    workspace = Workspace.open(directory)
    shown = checked_language(language) or workspace.site.language
    department = Department(workspace, out)
    found, missed = [], []
    for name in [modality] if modality else department.modalities():
        try:
            found.append(
                capacity_statement(
                    department,
                    name,
                    target_min=target_wait,
                    shorter=[one / 100.0 for one in (25.0, 50.0) if shorter is None]
                    + [one / 100.0 for one in shorter or ()],
                    changeover_min=changeover,
                    growth=growth / 100.0,
                )
            )
        except InputError as error:
            if modality:
                raise
            missed.append({"modality": name, "code": error.code})
    if as_json:
        print_json({"modalities": found, "not_told": missed})
        return
    reader = Reader({"factors": [], "devices": []}, shown)
    for one in found:
        _tell(one, reader)
    for row in missed:
        note(reader.text("capacity.missed", modality=row["modality"], code=row["code"]))
    note(reader.text("capacity.note"))


def _tell(found: Mapping[str, Any], reader: Reader) -> None:
    say(_head(found, reader))
    names = ("scanners", "use", "waiting", "wait", "busiest_wait")
    rows = [
        (
            reader.text("capacity.now", n=row["scanners"]) if row["is_now"] else str(row["scanners"]),
            reader.share(row["use"], 1.0),
            reader.share(row["share_who_wait"], 1.0),
            _minutes(row["mean_wait_min"], reader),
            _minutes(row["busiest_hour_wait_min"], reader),
        )
        for row in found["waits"]
    ]
    columns = tuple(reader.text(f"capacity.{name}") for name in names)
    page().print(table(columns, rows, right=columns[1:]))
    shown = [
        (
            reader.text("capacity.shorter", n=f"{100 * row['shorter']:.0f}")
            if row["shorter"]
            else reader.text("capacity.as_they_are"),
            _count(row["mean_hour"], reader),
            _count(row["busiest_hour"], reader),
        )
        for row in found["needed"]
    ]
    heads = (
        reader.text("capacity.exams"),
        reader.text("capacity.needed", target=reader.plain(found["target_min"])),
        reader.text("capacity.busiest_needed"),
    )
    page().print(table(heads, shown, right=heads[1:]))
    if found["besides_exams_kwh"] is not None:
        say(_besides(found, reader) + "\n")


def _head(found: Mapping[str, Any], reader: Reader) -> str:
    demand, fixed = found["demand"]["mean_hour"], reader.messages.locale.fixed
    return reader.text(
        "capacity.head",
        modality=found["modality"],
        days=reader.counted("day", found["open_days"]),
        arrivals=fixed(demand["arrivals_per_h"], 1),
        busiest=fixed(found["demand"]["busiest_hour"]["arrivals_per_h"], 1),
        service=fixed(demand["service_min"], 0),
        changeover=fixed(found["changeover_min"], 0),
    )


def _besides(found: Mapping[str, Any], reader: Reader) -> str:
    from ecorad.reporting.messages.format import period_text

    energy, fixed = found["besides_exams_kwh"], reader.messages.locale.fixed
    first, last = (date.fromisoformat(found["period"][name]) for name in ("from", "to"))
    return reader.text(
        "capacity.besides",
        low=fixed(energy["low"], 0),
        high=fixed(energy["high"], 0),
        period=period_text(first, last, reader.messages.locale),
        scanners=reader.counted("scanner", energy["scanners"]),
    )


def _minutes(row: Mapping[str, float | None], reader: Reader) -> str:
    value, low, high = row["value"], row["low"], row["high"]
    if value is None or low is None:
        return reader.text("capacity.grows")
    fixed = reader.messages.locale.fixed
    return f"{fixed(value, 1)} ({fixed(low, 1)}-{reader.text('capacity.endless') if high is None else fixed(high, 1)})"


def _count(row: Mapping[str, float | None], reader: Reader) -> str:
    if row["value"] is None:
        return reader.text("capacity.beyond")
    high = reader.text("capacity.more") if row["high"] is None else f"{row['high']:.0f}"
    return f"{row['value']:.0f} ({row['low']:.0f}-{high})"
