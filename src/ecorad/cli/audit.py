"""``ecorad audit``: the main job, from the ledger to the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecorad.model import InputError, Period

from .compare import explained, read_statement, show_comparison, write_comparison
from .console import next_step, note, page, print_json
from .options import AsJson, Directory, EarlierAudit, FirstDay, LastDay, OtherFactors, day
from .progress import working

if TYPE_CHECKING:
    from ecorad.model import Site

LANGUAGES = ("en", "zh", "nl")


def audit(
    directory: Directory,
    first: FirstDay = None,
    last: LastDay = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help="Folder for the report; DIR/out unless said.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="en|zh|nl", help="Of the report; the site's unless said.")
    ] = None,
    factors: OtherFactors = None,
    compare: EarlierAudit = None,
    as_json: AsJson = False,
) -> None:
    """Tell where the energy and carbon go: report.html, audit.json, tables."""
    if language is not None and language not in LANGUAGES:
        raise InputError(f"--language must be one of {', '.join(LANGUAGES)}", code="ecorad.input.language")
    from ecorad.factors.sets import chosen_set
    from ecorad.ledger import Workspace
    from ecorad.reporting.audit import audit as run
    from ecorad.reporting.site_factors import site_set
    from ecorad.reporting.terminal import summary
    from ecorad.reporting.write import write_audit

    workspace = Workspace.open(directory)
    period = _period(workspace.site, first, last)
    target = out or workspace.out_path
    spoken = language or workspace.site.language
    chosen = chosen_set(factors, site_set(workspace))
    earlier = None if compare is None else read_statement(compare)
    with working("Auditing"):
        result = run(workspace, period, chosen)
        moves = None if earlier is None else explained(workspace, earlier, result.statement, chosen)
        write_audit(result.statement, result.tables, target, spoken)
        if moves is not None:
            write_comparison(moves, target)
    if as_json:
        print_json(result.statement if moves is None else moves)
        return
    if moves is not None:
        show_comparison(moves)
    summary(result.statement, page(), spoken)
    note(f"Written: {target / 'report.html'}, {target / 'audit.json'}, {target / 'tables'}")
    next_step(f"open {target / 'report.html'} in a browser", f"ecorad show {directory} totals.energy_kwh")


def _period(site: Site, first: str | None, last: str | None) -> Period | None:
    start, end = day(first, "--from"), day(last, "--to")
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise InputError("give both --from and --to, or neither for all that was received", code="ecorad.input.period")
    if end < start:
        raise InputError("--to lies before --from", code="ecorad.input.period")
    return Period.of_days(start, end, site.timezone)
