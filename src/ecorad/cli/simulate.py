"""``ecorad simulate``: a department whose truth is known, and how far the audit was from it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecorad.model import InputError

from .console import next_step, note, page, print_json, say, table
from .options import AsJson, Directory
from .progress import counted

if TYPE_CHECKING:
    from ecorad.simulation import Comparison


def simulate(
    directory: Directory,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="Length in days.")] = 28,
    scanners: Annotated[int, typer.Option("--scanners", metavar="N", min=1, help="How many scanners.")] = 5,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, another department.")] = 1,
    hard: Annotated[bool, typer.Option("--hard", help="More noise, worse clocks, states that overlap.")] = False,
    medication: Annotated[
        bool, typer.Option("--medication", help="Write medication records (FHIR) of every injection as well.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Simulate nothing: hold the last audit of DIR against the truth.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the records of an invented department, with the truth beside them."""
    if compare:
        _compare(directory, as_json=as_json)
        return
    from ecorad.simulation import Settings
    from ecorad.simulation import simulate as run

    with counted("Simulating") as progress:
        made = run(
            directory,
            days=days,
            scanners=scanners,
            seed=seed,
            settings=replace(Settings.hard() if hard else Settings(), medication_completeness=float(medication)),
            progress=progress,
        )
    if as_json:
        print_json(
            {
                "path": str(made.path),
                "seed": made.seed,
                "days": made.days,
                "scanners": made.scanners,
                "exams": made.exams,
                "dicom_files": made.dicom_files,
                "meter_files": made.meter_files,
                "total_kwh": made.total_kwh,
            }
        )
        return
    say(
        f"{made.path}: {made.scanners} scanners over {made.days} days, {made.exams:,} exams in "
        f"{made.dicom_files:,} DICOM objects, {made.meter_files} meter files; truly {made.total_kwh:,.0f} kWh."
    )
    note(f"The records are in {directory / 'incoming'}, what really happened in {directory / 'truth'}.")
    next_step(f"ecorad ingest {directory} {directory / 'incoming'}")


def _compare(directory: Path, *, as_json: bool) -> None:
    """Print how far the last audit was from the truth."""
    from ecorad.intake.register import pseudonymiser_of
    from ecorad.ledger import Workspace
    from ecorad.reporting.last_results import read_result
    from ecorad.simulation import compare

    workspace = Workspace.open(directory)
    statement = workspace.out_path / "audit.json"
    if not statement.exists():
        raise InputError(f"there is no audit yet: run `ecorad audit {directory}` first", code="ecorad.input.no_audit")
    pseudonyms = pseudonymiser_of(workspace)
    found = compare(
        directory,
        json.loads(statement.read_text("utf-8")),
        exam_energy=read_result(workspace.out_path, "exam_energy"),
        clock_offset=read_result(workspace.out_path, "clock_offset"),
        study_key=lambda uid: pseudonyms.key("study", uid),
    )
    if as_json:
        print_json({"comparisons": [asdict(one) for one in found]})
        return
    page().print(table(("what", "truth", "found", "unit", "off by", "inside its interval"), map(_row, found)))
    covered = [one.is_covered for one in found if one.is_covered is not None]
    note(f"The truth lies inside {sum(covered)} of the {len(covered)} intervals that were given.")
    next_step(f"ecorad show {directory} totals.energy_kwh")


def _row(one: Comparison) -> tuple[str, ...]:
    found = "unknown" if one.found is None else f"{one.found:,.4g}"
    off = "" if one.absolute_error is None else f"{one.absolute_error:+,.3g} {one.unit}"
    if one.relative_error is not None:
        off = f"{one.relative_error:+.1%}"
    inside = {None: "", True: "yes", False: "no"}[one.is_covered]
    return one.what, f"{one.truth:,.4g}", found, one.unit.removeprefix("1"), off, inside
