"""Injections with patient and time, out of the ledger: those of examinations, and those that a medication record alone
tells.

An injection on a ward or in another hospital's scanner counts for the next one as any other does; that no examination
is known for it, or no volume, changes nothing. What was begun counts, too: only "not done" and "in error" do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ecorad.ledger import Ledger
from ecorad.model.clock import to_datetime
from ecorad.rules.interval_table import AGENTS

from .history import GivenInjection

# Charted time and scanner's clock of one injection, or the parts of one procedure, lie no further apart.
_ONE_PROCEDURE = timedelta(minutes=30)
_NEVER_GIVEN = frozenset({"not done", "in error"})


@dataclass(frozen=True, slots=True)
class GivenInjections:
    """What can be judged, and how many cannot.

    Parameters
    ----------
    injections : tuple of GivenInjection
        Of iodine and gadolinium, whose patient and time are known.
    unplaced : int
        Of iodine and gadolinium, without patient or time.
    unnamed : int
        Contrast of which nobody says whether it is iodine or gadolinium.
    """

    injections: tuple[GivenInjection, ...]
    unplaced: int = 0
    unnamed: int = 0

    @property
    def without_exam(self) -> int:
        """How many no examination in the ledger is known for."""
        return sum(one.study_key is None for one in self.injections)


@dataclass(slots=True)
class _Gathered:
    found: list[GivenInjection] = field(default_factory=list)
    unplaced: int = 0
    unnamed: int = 0

    def take(
        self,
        kind: str | None,
        patient: str | None,
        at: datetime | None,
        *,
        study: str | None,
        record: str | None = None,
    ) -> None:
        """One injection, or one more of which too little is known."""
        if kind is None:
            self.unnamed += 1
        elif kind in AGENTS and (patient is None or at is None):
            self.unplaced += 1
        elif kind in AGENTS and patient is not None and at is not None:
            self.found.append(GivenInjection(patient, study, kind, at, record))


def given_injections(ledger: Ledger) -> GivenInjections:
    """Injections of iodine and gadolinium, each once, whoever tells of it.

    The time is that of the injection where it is written, else that of the examination's first enhanced image.
    """
    administered = ledger.columns("administration", ["study_key", "kind", "started_utc"])
    study = ledger.columns("study", ["study_key", "patient_key"])
    patient_of = dict(zip(study["study_key"], study["patient_key"], strict=True))
    first = _first_enhanced(ledger)
    gathered, told = _Gathered(), set()
    unnamed: set[str] = set()
    for key, kind, started in zip(*(administered[n] for n in ("study_key", "kind", "started_utc")), strict=True):
        if kind is None:
            unnamed.add(key)
            continue
        at = first.get(key) if np.isnat(started) else _moment(started)
        gathered.take(kind, patient_of.get(key), at, study=key)
        told.add((key, kind))
    alone = _Gathered()
    for row in _records(ledger):
        known = row["exam"]
        if (known, row["kind"]) in told:
            continue
        at = row["at"] or first.get(known)
        target = alone if known is None else gathered
        if row["kind"] is not None:
            unnamed.discard(known)
        target.take(row["kind"], patient_of.get(known) or row["patient_key"], at, study=known, record=row["record_key"])
    return GivenInjections(
        (*gathered.found, *_apart(alone.found, gathered.found)),
        gathered.unplaced + alone.unplaced,
        gathered.unnamed + alone.unnamed + len(unnamed),
    )


def _moment(stamp: Any) -> datetime:
    return to_datetime(int(stamp.astype("datetime64[us]").astype(np.int64)))


def _first_enhanced(ledger: Ledger) -> dict[str, datetime]:
    rows = ledger.rows(
        """SELECT study_key, epoch_us(min(start_utc)) AS us FROM instance
           WHERE contrast_kind IS NOT NULL AND start_utc IS NOT NULL GROUP BY study_key"""
    )
    return {row["study_key"]: to_datetime(row["us"]) for row in rows}


def _records(ledger: Ledger) -> list[Mapping[str, Any]]:
    """Medication records of what was given or begun, each with the examination in the ledger that it belongs to.

    A record without a volume is in no total, so that nothing joined it: the examination it names is looked up here.
    """
    names = ["record_key", "patient_key", "study_key", "accession_key", "filler_key", "status", "kind", "started_utc"]
    medication = ledger.columns("medication", names)
    if not len(medication["record_key"]):
        return []
    link = ledger.columns("medication_link", ["record_key", "study_key"])
    joined = dict(zip(link["record_key"], link["study_key"], strict=True))
    studies = frozenset(ledger.columns("study", ["study_key"])["study_key"])
    orders = ledger.rows(
        """SELECT accession_key AS number, min(study_key) AS study FROM instance
           WHERE accession_key IS NOT NULL GROUP BY accession_key HAVING min(study_key) = max(study_key)"""
    )
    study_of = {row["number"]: row["study"] for row in orders}
    found: list[Mapping[str, Any]] = []
    for values in zip(*(medication[name] for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        if row["status"] in _NEVER_GIVEN:
            continue
        named = row["study_key"] if row["study_key"] in studies else None
        ordered = study_of.get(row["accession_key"]) or study_of.get(row["filler_key"])
        row["exam"] = joined.get(row["record_key"]) or named or ordered
        row["at"] = None if np.isnat(row["started_utc"]) else _moment(row["started_utc"])
        found.append(row)
    return found


def _apart(records: Iterable[GivenInjection], of_exams: Iterable[GivenInjection]) -> list[GivenInjection]:
    """Records without an examination that are no second telling of an injection, nor a part of the same procedure."""
    times: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in of_exams:
        times[one.patient_key, one.agent].append(one.at)
    kept = []
    for one in sorted(records, key=lambda one: (one.at, one.record_key or "")):
        others = times[one.patient_key, one.agent]
        if all(abs(one.at - at) > _ONE_PROCEDURE for at in others):
            others.append(one.at)
            kept.append(one)
    return kept
