"""``ecorad check history``: injections that came too soon after one another, looked at afterwards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import note, page, print_json, say, table
from .options import AsJson, Directory

if TYPE_CHECKING:
    from ecorad.ledger import Workspace
    from ecorad.safety.history import GivenInjection, PastInterval
    from ecorad.safety.laboratory import Laboratory

JUDGEMENTS = ("kept", "too_soon", "cannot_say")


def check_history(
    directory: Directory,
    renal: Annotated[
        Path | None, typer.Option("--renal", metavar="F", help="CSV with patient_id, taken_at, egfr; kept nowhere.")
    ] = None,
    rule_set: Annotated[
        str | None, typer.Option("--rule-set", metavar="ID", help="One edition; the stricter of all unless said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find contrast injections that came sooner than the rules allow."""
    from ecorad.intake.register import open_ledger
    from ecorad.ledger import Workspace
    from ecorad.rules.local import rules_of
    from ecorad.safety.history import past_intervals
    from ecorad.safety.injections import given_injections

    workspace = Workspace.open(directory)
    laboratory, unusable = laboratory_of(workspace, renal)
    with open_ledger(workspace) as ledger:
        given = given_injections(ledger)
    with rules_of(directory):
        found = past_intervals(given.injections, laboratory.before, rule_set)
    counts: Counter[str] = Counter(one.judgement for one in found)
    told = {
        "injections": len(given.injections),
        "without_exam": given.without_exam,
        "without_patient_or_time": given.unplaced,
        "of_unknown_agent": given.unnamed,
        "laboratory_rows_unusable": unusable,
        "pairs": len(found),
        **{name: counts[name] for name in JUDGEMENTS},
        "intervals": [_row(one) for one in found if one.judgement != "kept" or one.is_close],
    }
    if as_json:
        print_json(told)
        return
    _tell(told)


def laboratory_of(workspace: Workspace, path: Path | None) -> tuple[Laboratory, int]:
    """A laboratory sheet under the keys of a workspace, and how many of its rows cannot be used."""
    from ecorad.intake.register import pseudonymiser_of
    from ecorad.safety.laboratory import Laboratory, read_renal_sheet

    if path is None:
        return Laboratory({}), 0
    rows, issues = read_renal_sheet(path)
    pseudonyms = pseudonymiser_of(workspace)
    results: dict[str, Any] = {}
    for row in rows:
        results.setdefault(pseudonyms.key("patient", row.issuer, row.patient_id), []).append(row.renal)
    return Laboratory(results), len(issues)


def _injection(one: GivenInjection) -> dict[str, Any]:
    """An injection; ``record`` names the medication record where no examination is known."""
    return {"study": one.study_key, "record": one.record_key, "agent": one.agent, "at": one.at.isoformat()}


def _row(one: PastInterval) -> dict[str, Any]:
    return {
        "patient": one.previous.patient_key,
        "previous": _injection(one.previous),
        "next": _injection(one.following),
        "apart_h": round(one.apart_h, 3),
        "judgement": one.judgement,
        "is_close": one.is_close,
        "rule": one.advice.rule,
        "rule_set": one.advice.rule_set,
        "reasons": list(one.advice.reasons),
    }


def _tell(told: dict[str, Any]) -> None:
    cells = [
        (
            row["next"]["study"] or "no exam known",
            row["previous"]["agent"],
            row["next"]["agent"],
            row["apart_h"],
            row["judgement"],
            row["rule"],
        )
        for row in told["intervals"]
    ]
    if cells:
        columns = ("study", "after", "came", "hours apart", "judgement", "rule")
        page().print(table(columns, cells, right=("hours apart",)))
    say(
        f"{told['injections']:,} injections, {told['pairs']} pairs within a week: {told['kept']} kept, "
        f"{told['too_soon']} too soon, {told['cannot_say']} cannot be judged without renal function."
    )
    if told["without_exam"]:
        note(f"{told['without_exam']} of them stand in medication records alone: no examination is known for them.")
    unseen = told["without_patient_or_time"] + told["of_unknown_agent"]
    if unseen:
        note(f"NOT LOOKED AT: {unseen} injections without patient or time, or of which nobody says what was given.")
    if told["laboratory_rows_unusable"]:
        note(f"{told['laboratory_rows_unusable']} rows of the laboratory sheet could not be used.")
    note("Emergencies may have had their reasons; this counts, it does not blame.")
