"""A scenario as an ordinary statement: a site without records, with published figures and their boundary."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from ecorad.factors.facts.scenarios import Scenario
from ecorad.factors.sets import FactorSet, shipped
from ecorad.footprint.published import published_co2e
from ecorad.footprint.scenario import scenario_kg, scenario_parts
from ecorad.ledger import Workspace
from ecorad.model import Period

from .audit import audit
from .statement.factor_rows import factor_rows, used_factors
from .statement.quality import issue_rows
from .statement.quantities import quantity


def scenario_statement(scenario: Scenario, factors: FactorSet | None = None) -> dict[str, Any]:
    """The statement of a scenario, which follows the schema of every other.

    Its lines stand in ``published``: they count other things than a meter does, so they are in no total. What there is
    beyond an ordinary statement stands in ``scenario``: the sum, the claim it should reproduce, and the boundary.

    Parameters
    ----------
    scenario : Scenario
        What to estimate.
    factors : FactorSet, optional
        Another factor set than the one that ships.
    """
    factors = factors or shipped()
    zone = f'\ngrid_zone = "{scenario.region}"' if scenario.region else ""
    with tempfile.TemporaryDirectory(prefix="ecorad-scenario-") as folder:
        site = f'[site]\nname = "{scenario.title}"\ntimezone = "UTC"{zone}\n'
        workspace = Workspace.create(Path(folder) / "site", site)
        year = Period.of_days(date(scenario.year, 1, 1), date(scenario.year, 12, 31), "UTC")
        statement = audit(workspace, year, factors).statement
    parts = scenario_parts(scenario, factor_book=factors.book)
    statement["published"] = [
        {
            "device": scenario.name,
            "alias": line.name,
            "modality": line.modality,
            "exams": round(amount),
            "co2e_kg": quantity(published_co2e(round(amount), use.factor)),
            "covers": list(use.factor.boundary.names),
        }
        for line, (amount, use) in zip(scenario.lines, parts, strict=True)
    ]
    found = scenario_kg(scenario, factor_book=factors.book)
    statement["scenario"] = {
        "name": scenario.name,
        "title": scenario.title,
        "co2e_kg": quantity(found),
        "claim": scenario.claim.fact_id,
        "claim_kg": scenario.claim_kg,
        "ratio_to_claim": None if found.value is None else found.value / scenario.claim_kg,
        "boundary": scenario.boundary,
    }
    issues = [(issue.code, issue.where or None, issue.count) for _, use in parts for issue in use.issues]
    statement["quality"]["issues"] = issue_rows(issues)
    statement["factors"] = factor_rows(factors.book, used_factors(statement["published"]))
    statement["method"]["command"] = f"ecorad scenario {scenario.name}"
    return statement
