"""``ecorad plan capacity``: how many scanners the demand needs, and what shorter exams would change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ecorad.model import InputError

from .console import note, page, print_json, say, table
from .options import AsJson, Directory

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
    as_json: AsJson = False,
) -> None:
    """Tell how many scanners keep the wait short, and how many would with shorter exams."""
    from ecorad.ledger import Workspace
    from ecorad.reporting.capacity import Department, capacity_statement

    department = Department(Workspace.open(directory), out)
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
    for one in found:
        _tell(one)
    for row in missed:
        note(f"{row['modality']}: not told, {row['code']}")
    note(
        "Starts in the records are those served, not those who asked: where a list is always full, demand is larger "
        "(--growth). A queue in its usual state is assumed; the day's own course is told by its busiest hour alone."
    )


def _tell(found: Mapping[str, Any]) -> None:
    demand = found["demand"]["mean_hour"]
    say(
        f"{found['modality']}: {found['open_days']} open days, {demand['arrivals_per_h']:.1f} exams an hour "
        f"({found['demand']['busiest_hour']['arrivals_per_h']:.1f} in the busiest), "
        f"{demand['service_min']:.0f} min each with {found['changeover_min']:.0f} min of change-over"
    )
    rows = [
        (
            f"{row['scanners']}{' (now)' if row['is_now'] else ''}",
            f"{100 * row['use']:.0f} %",
            f"{100 * row['share_who_wait']:.0f} %",
            _minutes(row["mean_wait_min"]),
            _minutes(row["busiest_hour_wait_min"]),
        )
        for row in found["waits"]
    ]
    columns = ("scanners", "in use", "who wait", "mean wait, min", "in the busiest hour, min")
    page().print(table(columns, rows, right=columns[1:]))
    shown = [
        (
            "as they are" if not row["shorter"] else f"{100 * row['shorter']:.0f} % shorter",
            _count(row["mean_hour"]),
            _count(row["busiest_hour"]),
        )
        for row in found["needed"]
    ]
    heads = ("exams", f"scanners for {found['target_min']:g} min", "in the busiest hour")
    page().print(table(heads, shown, right=heads[1:]))
    energy = found["besides_exams_kwh"]
    if energy is not None:
        say(
            f"Outside exams a scanner of these drew {energy['low']:,.0f} to {energy['high']:,.0f} kWh in this period "
            f"({found['period']['from']} to {found['period']['to']}, {energy['scanners']} scanners metered).\n"
        )


def _minutes(row: Mapping[str, float | None]) -> str:
    if row["value"] is None:
        return "grows all day"
    high = "endless" if row["high"] is None else f"{row['high']:.1f}"
    return f"{row['value']:.1f} ({row['low']:.1f}-{high})"


def _count(row: Mapping[str, float | None]) -> str:
    if row["value"] is None:
        return "more than 60"
    high = "more" if row["high"] is None else f"{row['high']:.0f}"
    return f"{row['value']:.0f} ({row['low']:.0f}-{high})"
