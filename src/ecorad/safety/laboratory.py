"""A laboratory sheet with renal function, read for one check and kept nowhere."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ecorad.model import InputError, Issue
from ecorad.rules.interval_table import DIALYSIS

from .renal import EGFR_UNIT, RenalFunction

CODE = "ecorad.safety.laboratory"
ROW = "ecorad.safety.laboratory_row"
_YES = {"1", "true", "yes", "y", "ja", "是"}


@dataclass(frozen=True, slots=True)
class RenalResult:
    """One result of one patient, under the identifier and issuer the images carry."""

    patient_id: str
    issuer: str | None
    renal: RenalFunction


def read_renal_sheet(path: Path) -> tuple[tuple[RenalResult, ...], tuple[Issue, ...]]:
    """Rows of a CSV with ``patient_id, taken_at`` (with UTC offset), ``egfr``; perhaps ``issuer, unit, dialysis, aki``.

    Without the latter the unit is mL/min/1.73m2, dialysis none and aki no.

    Returns
    -------
    rows, issues
        A row that cannot be used is an issue with its number, and nothing of its content.

    Raises
    ------
    InputError
        If a needed column is missing.
    """
    rows, issues = [], []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = {"patient_id", "taken_at", "egfr"} - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"the laboratory sheet has no column {', '.join(sorted(missing))}", code=CODE)
        for number, cells in enumerate(reader, 2):
            row = _row({name: (text or "").strip() for name, text in cells.items() if name in _COLUMNS})
            if row is None:
                issues.append(Issue(ROW, f"row {number}"))
            else:
                rows.append(row)
    return tuple(rows), tuple(issues)


_COLUMNS = frozenset({"patient_id", "issuer", "taken_at", "egfr", "unit", "dialysis", "aki"})


def _row(cells: dict[str, str]) -> RenalResult | None:
    try:
        taken_at = datetime.fromisoformat(cells["taken_at"])
        egfr = float(cells["egfr"].replace(",", ".")) if cells["egfr"] else None
    except ValueError:
        return None
    dialysis = cells.get("dialysis") or "none"
    is_usable = taken_at.tzinfo is not None and dialysis in DIALYSIS and cells["patient_id"]
    if not is_usable or (egfr is not None and not math.isfinite(egfr)):
        return None
    aki = cells.get("aki", "").casefold() in _YES
    renal = RenalFunction(egfr, taken_at, dialysis, aki, cells.get("unit") or EGFR_UNIT)
    return RenalResult(cells["patient_id"], cells.get("issuer") or None, renal)


class Laboratory:
    """Results by pseudonym; the newest one taken before an injection counts.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> known = Laboratory({"p": [RenalFunction(45.0, at)]})
    >>> known.before("p", at.replace(day=2)).egfr, known.before("p", at.replace(month=2)), known.before("q", at)
    (45.0, None, None)
    """

    def __init__(self, results: Mapping[str, Iterable[RenalFunction]]) -> None:
        self._results = {key: sorted(rows, key=_taken) for key, rows in results.items()}

    def before(self, patient_key: str, at: datetime) -> RenalFunction | None:
        """What was known of a patient's kidneys at a time."""
        known = [one for one in self._results.get(patient_key, ()) if one.egfr_at is not None and one.egfr_at <= at]
        return known[-1] if known else None


def _taken(renal: RenalFunction) -> float:
    return 0.0 if renal.egfr_at is None else renal.egfr_at.timestamp()
