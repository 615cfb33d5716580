"""``ecorad ingest``: records in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import next_step, page, print_json, say, table
from .failure import Status
from .options import AsJson, Directory
from .progress import counted

if TYPE_CHECKING:
    from ecorad.intake.pipeline import IngestReport

OUTCOMES = ("stored", "duplicate", "new_version", "quarantined", "refused")
_LONGEST_PLACE = 60
# What more lines of site.toml may mend.
_ASK_ABOUT_METER = frozenset(
    f"ecorad.meter.{reason}"
    for reason in (
        *("value_column", "no_header", "several_series", "many_conflicts", "column_missing"),
        *("unit_unknown", "kind_unknown", "no_readings", "unregistered"),
    )
)
_SAID = {
    "stored": "stored",
    "duplicate": "known already",
    "new_version": "changed: kept as a new version",
    "quarantined": "could not be read: set aside",
    "refused": "not taken",
}


def ingest(
    directory: Directory,
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Files, folders, zip or tar; DICOM, CSV, XLSX.")
    ],
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="NAME", help="Where it comes from; for a meter file, its meter.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", min=1, help="Processes; as many as there are cores.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Read files also if they have not changed since they were read.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Read records: whatever is known already is not counted twice."""
    missing = [source for source in sources if not source.exists()]
    if missing:
        raise InputError(f"there is no {missing[0]}", code="ecorad.input.no_source")
    from ecorad.intake.pipeline import ingest as run
    from ecorad.ledger import Workspace

    workspace = Workspace.open(directory)
    with counted("Reading") as progress:
        report = run(workspace, sources, feed=feed, workers=workers, anew=anew, progress=progress)
    if as_json:
        print_json(report.as_json())
    else:
        _tell(directory, report)
    return Status(report.exit_status)


def _tell(directory: Path, report: IngestReport) -> None:
    told: dict[str, Any] = report.as_json()
    say(f"{told['received']:,} inputs received:")
    for outcome in OUTCOMES:
        if told[outcome]:
            say(f"  {told[outcome]:>9,}  {_SAID[outcome]}")
    if told["issues"]:
        say("\nWhat was not as it should be:\n")
        page().print(table(("code", "times", "means", "for example"), _by_code(told["issues"]), right=("times",)))
    steps = [f"ecorad doctor {directory}", f"ecorad audit {directory}"]
    if any(issue["code"] in _ASK_ABOUT_METER for issue in told["issues"]):
        steps.insert(0, f"ecorad doctor {directory} --meter FILE    (what to write so that a meter's file is read)")
    next_step(*steps)


def _by_code(issues: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Issues of all places together, most frequent code first, with what it means and one place."""
    from ecorad.reporting.statement.quality import issue_meanings

    counts: Counter[str] = Counter()
    places: dict[str, str] = {}
    for issue in issues:
        counts[issue["code"]] += issue["count"]
        places.setdefault(issue["code"], _short(str(issue["where"])))
    return [
        (code, f"{count:,}", issue_meanings().get(code, ("", ""))[0], places[code])
        for code, count in counts.most_common()
    ]


def _short(place: str) -> str:
    return place if len(place) <= _LONGEST_PLACE else f"{place[:_LONGEST_PLACE]} ..."
