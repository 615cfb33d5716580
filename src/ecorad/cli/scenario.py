"""``ecorad scenario``: estimates for a country or the world, with their boundary and the claim they reproduce."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import next_step, note, page, print_json, say, table
from .options import AsJson

if TYPE_CHECKING:
    from ecorad.factors.facts.scenarios import Scenario


def scenario(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One scenario; all of them unless said.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help="Folder for its report.html and audit.json.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Estimate a country or the world by published figures, and hold it against the claim of its source."""
    from ecorad.factors.facts.scenarios import scenario as called
    from ecorad.factors.facts.scenarios import scenarios

    if name is None:
        rows = [_row(one) for one in scenarios()]
        if as_json:
            print_json({"scenarios": rows})
            return
        columns = ("name", "what", "t CO2e", "low", "high", "claimed t", "claim")
        page().print(table(columns, [_cells(row) for row in rows], right=columns[2:6]))
        next_step(f"ecorad scenario {rows[0]['name']} -o OUT")
        return
    one = called(name)
    if out is not None:
        _report(one, out)
    if as_json:
        print_json(_row(one))
        return
    row = _row(one)
    say(f"{one.title}\n")
    page().print(table(("name", "what", "t CO2e", "low", "high", "claimed t", "claim"), [_cells(row)]))
    say(f"Boundary: {one.boundary}")


def _report(one: Scenario, out: Path) -> None:
    from ecorad.reporting.scenario_report import scenario_statement
    from ecorad.reporting.write import write_audit

    write_audit(scenario_statement(one), None, out)
    note(f"Written: {out / 'report.html'}, {out / 'audit.json'}")


def _row(one: Scenario) -> dict[str, Any]:
    from ecorad.footprint.scenario import scenario_kg

    found = scenario_kg(one)
    return {
        "name": one.name,
        "title": one.title,
        "co2e_kg": found.as_dict(),
        "claim": one.claim.fact_id,
        "claim_kg": one.claim_kg,
        "boundary": one.boundary,
        "lines": [{"name": line.name, "amount": line.amount, "factor": line.factor_id} for line in one.lines],
    }


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    found = row["co2e_kg"]
    tonnes = [f"{found[key] / 1000:,.0f}" for key in ("value", "low", "high")]
    return row["name"], row["title"], *tonnes, f"{row['claim_kg'] / 1000:,.0f}", row["claim"]
