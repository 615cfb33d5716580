"""Injections with patient and time, out of the ledger."""

from __future__ import annotations

import numpy as np

from ecorad.ledger import Ledger
from ecorad.model.clock import to_datetime
from ecorad.rules.interval_table import AGENTS

from .history import GivenInjection


def given_injections(ledger: Ledger) -> tuple[tuple[GivenInjection, ...], int]:
    """Injections of iodine and gadolinium whose patient and time are known, and how many are not.

    The time is that of the injection where the headers write it, else that of the first enhanced image.
    """
    administered = ledger.columns("administration", ["study_key", "kind", "started_utc"])
    study = ledger.columns("study", ["study_key", "patient_key", "started_utc"])
    patient_of = dict(zip(study["study_key"], study["patient_key"], strict=True))
    rows = ledger.rows(
        """SELECT study_key, epoch_us(min(start_utc)) AS us FROM instance
           WHERE contrast_kind IS NOT NULL AND start_utc IS NOT NULL GROUP BY study_key"""
    )
    first_us = {row["study_key"]: row["us"] for row in rows}
    found, unplaced = [], 0
    for key, kind, started in zip(*(administered[n] for n in ("study_key", "kind", "started_utc")), strict=True):
        if kind not in AGENTS:
            continue
        us = first_us.get(key) if np.isnat(started) else int(started.astype("datetime64[us]").astype(np.int64))
        patient = patient_of.get(key)
        if us is None or patient is None:
            unplaced += 1
            continue
        found.append(GivenInjection(patient, key, kind, to_datetime(us)))
    return tuple(found), unplaced
