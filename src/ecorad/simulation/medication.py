"""Medication records of the department as a bulk export has them: FHIR R4, one resource a line."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .days import Days
from .exams import Exam
from .headers import accession

FILE = "MedicationAdministration.ndjson"
# One record in two names the examination; the others are found by patient and time. [1]
NAMED_SHARE = 0.5
# Beside the contrast agents: what a ward gives as well, and what was prepared and not given. [1]
_OTHER_SHARE, _NOT_DONE_SHARE = 0.1, 0.02


def write_medication(folder: Path, days: Days, exams: Sequence[Exam], *, completeness: float, seed: int) -> int:
    """One record an injection that was written down; how many there are. Without any no file is made.

    Parameters
    ----------
    folder : Path
        Of the records; made where it is needed.
    completeness : float
        Share of injections that were written down. [1]
    """
    if completeness <= 0:
        return 0
    rng = random.Random(f"{seed}/medication")
    rows = [row for exam in sorted(exams, key=lambda one: one.start_s) for row in _rows(exam, days, completeness, rng)]
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / FILE).write_text(text, encoding="utf-8")
    return len(rows)


def _rows(exam: Exam, days: Days, completeness: float, rng: random.Random) -> Iterator[dict[str, Any]]:
    if exam.contrast is None or not exam.is_exam:
        return
    is_kept, is_named, other = rng.random() < completeness, rng.random() < NAMED_SHARE, rng.random()
    if is_kept:
        yield _record(exam, days, exam.contrast.product.product, exam.contrast.given_ml, is_named=is_named)
    if other < _OTHER_SHARE:
        yield _record(exam, days, "Sodium chloride 0.9 %", 30.0, is_named=is_named, suffix="saline")
    elif other < _OTHER_SHARE + _NOT_DONE_SHARE:
        row = _record(exam, days, exam.contrast.product.product, 50.0, is_named=True, suffix="not-done")
        yield row | {"status": "not-done"}


def _record(
    exam: Exam, days: Days, name: str, given_ml: float, *, is_named: bool, suffix: str = "contrast"
) -> dict[str, Any]:
    start_s = exam.contrast.start_s if exam.contrast else exam.start_s
    row: dict[str, Any] = {
        "resourceType": "MedicationAdministration",
        "id": f"{accession(exam)}-{suffix}",
        "status": "completed",
        "medicationCodeableConcept": {"text": name},
        "subject": {"identifier": {"system": "urn:ecorad:simulated", "value": f"SIM{exam.patient}"}},
        "effectiveDateTime": days.local(start_s).isoformat(),
        "dosage": {
            "dose": {"value": given_ml, "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"},
        },
    }
    if is_named:
        kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
        row["supportingInformation"] = [{"identifier": {"type": kind, "value": accession(exam)}}]
    return row
