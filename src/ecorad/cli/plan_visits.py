"""``ecorad plan visits``: CT and MR of one patient on two days that could have been one visit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .console import note, page, print_json, say, table
from .options import AsJson, Directory

Renal = Annotated[
    Path | None, typer.Option("--renal", metavar="F", help="CSV with patient_id, taken_at, egfr; kept nowhere.")
]
Days = Annotated[int, typer.Option("--days", min=1, metavar="N", help="Last days of the records to look at.")]
Within = Annotated[int, typer.Option("--within", min=1, metavar="D", help="How far apart the two may be. [d]")]
VisitH = Annotated[float, typer.Option("--visit-hours", metavar="H", help="How long one visit may be. [h]")]
Km = Annotated[float | None, typer.Option("--km", metavar="KM", help="Mean way of a patient to you, one way. [km]")]
RuleSet = Annotated[
    str | None, typer.Option("--rule-set", metavar="ID", help="One edition; the stricter of all unless said.")
]


def plan_visits(
    directory: Directory,
    renal: Renal = None,
    days: Days = 28,
    within: Within = 7,
    visit_hours: VisitH = 8.0,
    km: Km = None,
    rule_set: RuleSet = None,
    as_json: AsJson = False,
) -> None:
    """Find CT and MR of one patient on two days that the contrast rules would have let be one visit."""
    from ecorad.ledger import Workspace
    from ecorad.reporting.site_factors import site_set
    from ecorad.reporting.visits import visits_statement

    from .check_history import laboratory_of

    workspace = Workspace.open(directory)
    laboratory, unusable = laboratory_of(workspace, renal)
    found = visits_statement(
        workspace,
        laboratory.before,
        site_set(workspace).book,
        last_days=days,
        within_days=within,
        day_h=visit_hours,
        km_one_way=km,
        rule_set=rule_set,
    )
    found["laboratory_rows_unusable"] = unusable
    if as_json:
        print_json(found)
        return
    _tell(found)


def _tell(found: dict[str, Any]) -> None:
    columns = ("apart", "contrast", "verdict", "between injections")
    rows = [
        (
            f"{one['apart_days']} d",
            "both" if one["ct"]["contrast"] and one["mr"]["contrast"] else "not both",
            one["verdict"].replace("_", " "),
            "unknown" if one["wait_h"] is None else f"{one['wait_h']:g} h",
        )
        for one in found["bundles"]
    ]
    if rows:
        page().print(table(columns, rows))
    say(
        f"{found['pairs']} pairs of CT and MR within {found['within_days']} days, among {found['exams']} exams of "
        f"{found['days']} days: {found['one_visit']} could have been one visit, {found['too_long']} need more than "
        f"{found['visit_h']:g} h, of {found['cannot_advise']} the kidneys are not known."
    )
    if found["km_saved"] is not None:
        kg = found["co2e_kg"]
        say(
            f"{found['km_saved']:,.0f} km of journeys, {kg['value']:,.0f} kg CO2e ({kg['low']:,.0f}-{kg['high']:,.0f})."
        )
    note(
        "Nothing is known of free slots, of whether the first exam led to the second, and of patients who lay in the "
        "hospital. Other injections of the week stand under `ecorad check history`."
    )
