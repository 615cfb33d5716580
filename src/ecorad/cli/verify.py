"""``ecorad verify``: whether a change did what was promised, from the department's own records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError, Site
from ecorad.model.site_change import CLAIMABLE, ChangeEntry

from .console import note, page, print_json, say, table
from .options import AsJson, Directory, ReaderLanguage, checked_language, day

if TYPE_CHECKING:
    from collections.abc import Mapping


Case = Annotated[
    str | None, typer.Argument(metavar="[CASE]", help="Name of a [[change]] of site.toml; all of them unless said.")
]
Device = Annotated[str | None, typer.Option("--device", metavar="NAME", help="A change not in site.toml: on which.")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="And its first local day.")]
Ramp = Annotated[int, typer.Option("--ramp-days", min=0, max=366, help="Days from then that count for neither side.")]
ClaimOf = Annotated[
    str | None, typer.Option("--claim-of", metavar="MEASURE", help="What was promised to fall, like kwh_per_day.")
]
ClaimPercent = Annotated[
    float | None, typer.Option("--claim-percent", min=0.0, max=100.0, help="And by how much: the vendor's figure.")
]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", metavar="OUT", help="Where the audit wrote; DIR/out unless said.")
]


def verify(
    directory: Directory,
    case: Case = None,
    device: Device = None,
    on: On = None,
    ramp_days: Ramp = 0,
    claim_of: ClaimOf = None,
    claim_percent: ClaimPercent = None,
    out: Out = None,
    language: ReaderLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether a change did what was promised: before and after, adjusted for the work, with intervals."""
    asked = checked_language(language)
    from ecorad.ledger import Workspace
    from ecorad.reporting.change_check.build import verify_change
    from ecorad.reporting.change_check.inputs import History
    from ecorad.reporting.change_check.page import file_name, write_change
    from ecorad.reporting.change_check.statement import change_statement
    from ecorad.reporting.site_factors import site_set

    workspace = Workspace.open(directory)
    site, target = workspace.site, out or workspace.out_path
    own = _own_case(case, device, on, ramp_days=ramp_days, claim_of=claim_of, claim_percent=claim_percent)
    entries = _declared(site, case) if own is None else (own,)
    book = site_set(workspace).book
    history = History.of_last_audit(workspace, book, target)
    found = [change_statement(verify_change(history, entry, site, book), site) for entry in entries]
    shown = asked or site.language
    names = [file_name(one.name) for one in entries]
    if len(set(names)) < len(names):
        raise InputError("two changes would be written to one file: call one otherwise", code="ecorad.verify.case")
    written = [path for one in found for path in write_change(one, target, shown)]
    if as_json:
        print_json({"changes": found})
        return
    for one in found:
        _tell(one, shown)
    note(f"Written: {', '.join(map(str, written))}")


def _declared(site: Site, case: str | None) -> tuple[ChangeEntry, ...]:
    entries = tuple(one for one in site.changes if case in (None, one.name))
    if not entries:
        known = ", ".join(one.name for one in site.changes) or "none"
        raise InputError(
            f"site.toml has no such [[change]] (there are: {known}); or say --device and --on",
            code="ecorad.verify.case",
        )
    return entries


def _own_case(
    case: str | None,
    device: str | None,
    on: str | None,
    *,
    ramp_days: int,
    claim_of: str | None,
    claim_percent: float | None,
) -> ChangeEntry | None:
    """A change said on the command line."""
    when = day(on, "--on")
    if (device is None) != (when is None) or (claim_of is None) != (claim_percent is None):
        raise InputError(
            "--device and --on belong together, and so do --claim-of and --claim-percent", code="ecorad.verify.case"
        )
    if claim_of is not None and claim_of not in CLAIMABLE:
        raise InputError(f"--claim-of must be one of {', '.join(CLAIMABLE)}", code="ecorad.verify.case")
    if device is None or when is None:
        return None
    return ChangeEntry(
        name=case or f"{device} {when.isoformat()}",
        device=device,
        on=when,
        ramp_days=ramp_days,
        claim_of=claim_of,
        claim_percent=claim_percent,
    )


def _tell(found: Mapping[str, Any], language: str) -> None:
    from ecorad.reporting.change_check.words import claims, measures_table, reader_of, reasons
    from ecorad.reporting.reader import Shown, printable

    reader = reader_of(found, language)
    change = found["change"]
    say(f"{printable(change['name'])}, {reader.device_name(change)}")
    content = measures_table(reader, found)
    rows = [tuple(cell.text if isinstance(cell, Shown) else cell for cell in row) for row in content.rows]
    page().print(table(content.columns, rows, right=content.columns[1:]))
    if found["saved"]["days"]:
        days = reader.counted("day", found["saved"]["days"])
        say(f"{reader.text('verify.saved', days=days)}: {reader.shown(found['saved']['kwh']).text}")
    for line in claims(reader, found):
        say(line)
    for line in reasons(reader, found):
        note(line)
