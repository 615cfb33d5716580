"""``ecorad pull``: ask the archives that ``site.toml`` names for what is new."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import next_step, print_json, say
from .failure import Status
from .options import AsJson, Directory

if TYPE_CHECKING:
    from ecorad.intake.pacs import PullReport
    from ecorad.intake.pacs.told import Batch
    from ecorad.ledger import Workspace

_OUTCOMES = ("stored", "duplicate", "new_version", "quarantined", "refused")
_BYTES_PER_GB = 1e9


def pull(
    directory: Directory,
    name: Annotated[
        str | None, typer.Option("--pacs", metavar="NAME", help="Only this archive; all unless said.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Stop after so many objects.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Ask archives for what is new: DICOMweb, Orthanc or DIMSE, in their hours and at their pace."""
    from ecorad.ledger import Workspace
    from ecorad.model.pacs import load_pacs

    workspace = Workspace.open(directory)
    entries = [entry for entry in load_pacs(directory / "site.toml") if name in {None, entry.name}]
    if not entries:
        raise InputError(
            "site.toml names no archive to ask; write a [[pacs]] table"
            if name is None
            else "there is no such [[pacs]]",
            code="ecorad.input.no_pacs",
        )
    reports = [_pull(workspace, entry, limit) for entry in entries]
    told = [_told(report, workspace) for report in reports]
    if as_json:
        print_json({"archives": told})
    else:
        for one in told:
            _say(one)
        next_step(f"ecorad audit {directory}")
    return Status(int(any(report.outcomes["quarantined"] for report in reports)))


def _pull(workspace: Workspace, entry: Any, limit: int | None) -> PullReport:
    from ecorad.intake.pacs import pull as run
    from ecorad.intake.pipeline import ingesting
    from ecorad.intake.register import pseudonymiser_of

    with ingesting(workspace, entry.name) as take_in:

        def keep(batch: Batch) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
            report = take_in(batch.inputs)
            return dict(report.outcomes), dict(report.issues)

        return run(
            workspace.path,
            entry,
            keep,
            pseudonymiser=pseudonymiser_of(workspace),
            now=lambda: datetime.now(workspace.site.zone),
            limit=limit,
        )


def _told(report: PullReport, workspace: Workspace) -> dict[str, Any]:
    issues = Counter[str]()
    for (code, _), count in report.issues.items():
        issues[code] += count
    return {
        "name": report.name,
        "received": report.received,
        **{outcome: report.outcomes[outcome] for outcome in _OUTCOMES},
        "gone": report.gone,
        "is_complete": report.is_complete,
        "requests": report.requests,
        "bytes_received": report.bytes_received,
        "cpu_s": round(report.cpu_s, 3),
        "network_kwh": _network_kwh(workspace, report.bytes_received),
        "issues": [{"code": code, "count": count} for code, count in sorted(issues.items())],
    }


def _network_kwh(workspace: Workspace, received_bytes: int) -> float:
    """What moving the bytes took, by the site's factor of fixed networks; inside one house it is less. [kWh]"""
    from ecorad.reporting.site_factors import site_set

    return received_bytes / _BYTES_PER_GB * site_set(workspace).book.get("network.fixed.2020").value


def _say(told: dict[str, Any]) -> None:
    say(f"{told['name']}: {told['received']:,} objects")
    for outcome in _OUTCOMES:
        if told[outcome]:
            say(f"  {told[outcome]:>9,}  {outcome.replace('_', ' ')}")
    if told["gone"]:
        say(f"  {told['gone']:>9,}  deleted there meanwhile")
    say(f"  asked {told['requests']:,} times for {told['bytes_received'] / 1e6:,.1f} MB")
    if not told["is_complete"]:
        say("  not at the end yet: the same command goes on from here, in the next window")
