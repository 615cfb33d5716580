"""``ecorad check choice``: tests that could answer one question, beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .check_orders import read_json
from .console import note, page, print_json, say, table
from .options import AsJson, SiteRules

if TYPE_CHECKING:
    from ecorad.advice.choice import Choice
    from ecorad.model import Quantity


def check_choice(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON {patient, candidates}; - reads stdin.", show_default=False)
    ],
    site: SiteRules = None,
    as_json: AsJson = False,
) -> None:
    """Compare tests for one question: able to answer, then dose, then CO2e; sourced numbers alone."""
    from ecorad.advice.choice import choose, parse_choice
    from ecorad.factors import book
    from ecorad.ledger import Workspace
    from ecorad.reporting.site_factors import site_set
    from ecorad.rules.local import rules_of

    the_book = book() if site is None else site_set(Workspace.open(site)).book
    with rules_of(site):
        found = choose(*parse_choice(read_json(file)), the_book)
    if as_json:
        print_json(found.as_dict())
        return
    _tell(found)


def _tell(found: Choice) -> None:
    say(f"Suggested: {found.suggested or 'none'} ({found.rule})")
    for reason in found.reasons:
        say(f"  {reason}")
    answers = {True: "yes", False: "no", None: "unknown"}
    cells = [
        (
            one.candidate.order.id,
            one.candidate.order.modality,
            answers[one.candidate.answers],
            _cell(one.dose),
            _cell(one.saved_kg),
            _cell(one.share_kg),
            one.radiation.verdict,
        )
        for one in found.judged
    ]
    columns = ("id", "modality", "answers", "mSv", "kg saved if not done", "kg, share of everything", "radiation")
    page().print(table(columns, cells))
    note("Doses are typical of adults elsewhere, not of this patient. Whoever refers and whoever justifies decide.")


def _cell(one: Quantity) -> str:
    return "unknown" if one.value is None else f"{one.value:.3g} ({one.low:.3g} to {one.high:.3g})"
