"""Dose of each patient over their studies, each event once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecorad.model import Quantity

from .study import StudyDoses


@dataclass(frozen=True, slots=True)
class PatientDose:
    """What is known of one patient: ``known`` is a sum over ``studies - unknown`` studies, so it is a least dose."""

    patient_key: str
    known: Quantity | None
    studies: int
    unknown: int


def cumulative(doses: StudyDoses, effective: Mapping[str, Quantity]) -> tuple[PatientDose, ...]:
    """Effective dose of each patient with a key, largest first.

    Parameters
    ----------
    doses : StudyDoses
        Studies; their events are counted once already, whichever reports told them.
    effective : mapping of str to Quantity
        Effective dose by study key.
    """
    studies: dict[str, list[str]] = {}
    for patient, study in zip(doses.patient_key, doses.study_key, strict=True):
        if patient:
            studies.setdefault(patient, []).append(str(study))
    rows = []
    for patient, keys in studies.items():
        known = [effective[key] for key in keys if key in effective and effective[key].is_known]
        total = None
        for quantity in known:
            total = quantity if total is None else total + quantity
        rows.append(PatientDose(patient, total, len(keys), len(keys) - len(known)))
    return tuple(sorted(rows, key=lambda row: (-_value(row.known), row.patient_key)))


def _value(quantity: Quantity | None) -> float:
    return 0.0 if quantity is None or quantity.value is None else quantity.value
