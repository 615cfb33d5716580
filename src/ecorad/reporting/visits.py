"""``ecorad plan visits``: CT and MR of one patient on two days, out of the ledger, that might have been one visit."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np

from ecorad import __version__
from ecorad.factors import FactorBook
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from ecorad.model.clock import to_datetime
from ecorad.planning.visits import Bundle, Exam, Renal, Verdict, bundles, visits_kg_co2e
from ecorad.rules.local import rules_of

from .statement.quantities import quantity

SCHEMA_VERSION = "1"
VERDICTS: tuple[Verdict, ...] = ("one_visit", "too_long", "cannot_advise")


def done_exams(workspace: Workspace, last_days: int) -> tuple[tuple[Exam, ...], int]:
    """Exams of the last days of the records, and how many have no patient or no time."""
    with open_ledger(workspace) as ledger:
        study = ledger.columns("study", ["study_key", "patient_key", "modality", "started_utc"], "is_exam")
        given = ledger.columns("administration", ["study_key", "kind"])
    # An injection of which nobody says what it was is one all the same.
    injected = ("iodine", "gadolinium", None)
    enhanced = {key for key, kind in zip(given["study_key"], given["kind"], strict=True) if kind in injected}
    found, unplaced = [], 0
    for key, patient, modality, started in zip(*(study[name] for name in study), strict=True):
        if patient is None or np.isnat(started):
            unplaced += 1
            continue
        at = to_datetime(int(started.astype("datetime64[us]").astype(np.int64)))
        day = at.astimezone(workspace.site.zone).date()
        found.append(Exam(id=key, patient=patient, modality=modality or "", enhanced=key in enhanced, at=at, day=day))
    if found:
        first = max(one.day for one in found) - timedelta(days=last_days - 1)
        found = [one for one in found if one.day >= first]
    return tuple(found), unplaced


def visits_statement(
    workspace: Workspace,
    renal: Renal,
    book: FactorBook,
    *,
    last_days: int,
    within_days: int,
    day_h: float,
    km_one_way: float | None = None,
    rule_set: str | None = None,
) -> dict[str, Any]:
    """What could have been one visit, how many of which verdict, and the journeys where a distance is declared.

    Parameters
    ----------
    renal : callable
        What was known of a patient's kidneys at a time.
    km_one_way : float, optional
        Mean distance of a patient; without one no distance is told. [km]
    """
    exams, unplaced = done_exams(workspace, last_days)
    with rules_of(workspace.path):
        found = bundles(exams, renal, within_days=within_days, day_h=day_h, rule_set=rule_set)
    counts = Counter(one.verdict for one in found)
    saved = counts["one_visit"]
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "days": last_days,
        "within_days": within_days,
        "visit_h": day_h,
        "exams": len(exams),
        "without_patient_or_time": unplaced,
        "pairs": len(found),
        **{name: counts[name] for name in VERDICTS},
        "visits_saved": saved,
        "km_saved": None if km_one_way is None else saved * 2.0 * km_one_way,
        "co2e_kg": None if km_one_way is None else quantity(visits_kg_co2e(saved, km_one_way, book), "no_records"),
        "bundles": [_row(one) for one in found],
    }


def _row(one: Bundle) -> dict[str, Any]:
    return {
        "patient": one.ct.patient,
        "ct": {"study": one.ct.id, "day": one.ct.day.isoformat(), "contrast": one.ct.enhanced},
        "mr": {"study": one.mr.id, "day": one.mr.day.isoformat(), "contrast": one.mr.enhanced},
        "apart_days": one.apart_days,
        "verdict": one.verdict,
        "wait_h": one.wait_h,
        "rule": one.rule,
        "rule_set": one.rule_set,
        "reasons": list(one.reasons),
    }
