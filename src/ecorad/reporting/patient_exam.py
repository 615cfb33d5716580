"""What one patient is told of one examination, out of the ledger; each event counted once."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecorad.factors import Factor, FactorBook
from ecorad.footprint.dose.background import background_of
from ecorad.footprint.dose.effective import effective_doses
from ecorad.footprint.dose.study import QUANTITIES, study_doses
from ecorad.ledger import Ledger, Workspace
from ecorad.model import UnknownNameError

from .leaflet import film_of, known_exams
from .patient_dose import PatientExam

NOT_FOUND = "ecorad.dose.study"


def patient_exam(ledger: Ledger, workspace: Workspace, book: FactorBook, studies: tuple[str, ...]) -> PatientExam:
    """One examination as :func:`~ecorad.reporting.patient_dose.patient_page` takes it.

    Parameters
    ----------
    ledger : Ledger
        Open.
    workspace : Workspace
        Its site says the country.
    book : FactorBook
        Factors of effective dose and of natural background.
    studies : tuple of str
        Keys that the study may have; the first that the ledger knows counts.

    Returns
    -------
    PatientExam
        The effective dose is known for CT alone: of a PET/CT it would leave out the radiopharmaceutical, and be told
        as if it were all.

    Raises
    ------
    UnknownNameError
        ``ecorad.dose.study`` when the ledger has no such study; the message does not repeat what was asked for.
    """
    rows = ledger.columns("study", ["study_key", "modality", "body_region"])
    known = {key: place for place, key in enumerate(rows["study_key"])}
    key = next((one for one in studies if one in known), None)
    if key is None:
        raise UnknownNameError("the ledger has no study of that key or UID", code=NOT_FOUND)
    modality, region = (rows[name][known[key]] for name in ("modality", "body_region"))
    events, reports = (_of(ledger, name, key) for name in ("irradiation_event", "dose_report"))
    doses = study_doses(events, reports, {key: modality or ""})
    effective = effective_doses(events, book).by_study.get(key) if modality == "CT" else None
    totals = [(name, float(doses.totals[name][0])) for name in QUANTITIES] if len(doses) else []
    typical = _typical(region, events, book) if effective is not None and effective.is_known else None
    return PatientExam(
        modality or "",
        region,
        effective,
        background_of(workspace.site.grid_zone or "", book),
        tuple((name, value) for name, value in totals if not math.isnan(value) and value > 0),
        film_of(book),
        typical,
    )


# The published examination that one of this region is like; of the others none is published, or more than one.
_LIKE = {
    "head": "ct_brain",
    "head_neck": "ct_head_and_neck",
    "chest": "ct_chest",
    "spine": "ct_spine",
    "abdomen_pelvis": "ct_abdomen_pelvis",
}


def _typical(region: str | None, events: Mapping[str, np.ndarray], book: FactorBook) -> Factor | None:
    """What an adult usually gets at such a CT; ``None`` for a child, an unknown age, or where more was scanned."""
    is_adult = all(age == "adult" for age in events["age_band"])
    is_alone = all(part == region for part in events["body_region"])
    if region not in _LIKE or not is_adult or not is_alone:
        return None
    return known_exams(book).get(_LIKE[region])


def _of(ledger: Ledger, name: str, study: str) -> dict[str, np.ndarray]:
    columns = ledger.columns(name)
    mine = np.array([one == study for one in columns["study_key"]], dtype=bool)
    return {column: values[mine] for column, values in columns.items()}
