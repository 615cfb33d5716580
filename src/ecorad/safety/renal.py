"""What is known of a patient's kidneys, and whether it may be used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecorad.model import InputError
from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.interval_table import DIALYSIS

from .advice import DataUsed
from .reason import Reason, reason

RENAL_RULES = "renal-function-1"
EGFR_UNIT = "mL/min/1.73m2"
# eGFR beyond this is a slip of the pen or of the unit (creatinine in umol/L).
_HIGHEST_EGFR = 200.0
# What laboratories write into the unit beside its letters: a decimal comma, a power, the braces of UCUM.
_WRITTEN = str.maketrans({"²": "2", ",": ".", "^": None, "{": None, "}": None, "_": None})
# A clock that runs a little ahead does not make a result one from the future.
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RenalFunction:
    """Kidneys of a patient; every field may be unknown, and what is unknown never helps.

    Parameters
    ----------
    egfr : float or None
        Estimated glomerular filtration rate. [mL/min/1.73 m2]
    egfr_at : datetime or None
        When its sample was taken, aware; its age is checked where this is given.
    dialysis : {"none", "residual", "anuric"}
        Dialysis, with or without residual renal function; decides over ``egfr``.
    aki : bool
        Acute kidney injury: no eGFR holds.
    unit : str
        As the laboratory wrote it; a rate that is not scaled to 1.73 m2 is not used.

    Raises
    ------
    InputError
        For a dialysis word that is not one of those above, or a naive time.
    """

    egfr: float | None
    egfr_at: datetime | None = None
    dialysis: str = "none"
    aki: bool = False
    unit: str = EGFR_UNIT

    def __post_init__(self) -> None:
        if self.dialysis not in DIALYSIS:
            raise InputError(f"dialysis is one of {', '.join(DIALYSIS)}", code="ecorad.safety.dialysis")
        if self.egfr_at is not None and self.egfr_at.tzinfo is None:
            raise InputError("a time needs its UTC offset", code="ecorad.safety.time")

    def data_used(self, at: datetime | None) -> tuple[DataUsed, ...]:
        """The facts as an answer shows them; the age is that at the planned injection."""
        age_h = None if at is None or self.egfr_at is None else (at - self.egfr_at).total_seconds() / 3600.0
        egfr = self.egfr if self.egfr is not None and math.isfinite(self.egfr) else None
        return (
            DataUsed("egfr", egfr, self.egfr_at, age_h),
            DataUsed("dialysis", self.dialysis),
            DataUsed("aki", self.aki),
        )


def missing_renal_data(renal: RenalFunction, at: datetime | None) -> list[Reason]:
    """Why nothing can be advised from these kidneys; empty when something can.

    >>> missing_renal_data(RenalFunction(None), None)
    ['the eGFR is not known']
    >>> missing_renal_data(RenalFunction(None, dialysis="anuric"), None)
    []
    """
    missing: list[Reason] = []
    if renal.aki:
        missing.append(reason("aki"))
    if renal.egfr is not None and not (math.isfinite(renal.egfr) and 0.0 <= renal.egfr <= _HIGHEST_EGFR):
        missing.append(reason("egfr_impossible", unit=EGFR_UNIT))
    if renal.dialysis != "none":
        return missing
    if renal.egfr is None:
        return [*missing, reason("egfr_unknown")]
    if _plain(renal.unit) != _plain(EGFR_UNIT):
        missing.append(reason("egfr_unit", unit=EGFR_UNIT))
    return [*missing, *_age(renal.egfr_at, at)]


def _age(egfr_at: datetime | None, at: datetime | None) -> list[Reason]:
    if egfr_at is None or at is None:
        return []
    limit_d = rule_in_force(RENAL_RULES).content["egfr_max_age_days"]
    if at - egfr_at > timedelta(days=limit_d):
        return [reason("egfr_old", days=limit_d, rules=RENAL_RULES)]
    if egfr_at - at > _CLOCKS_DIFFER:
        return [reason("egfr_future")]
    return []


def _plain(unit: str) -> str:
    return "".join(unit.lower().translate(_WRITTEN).split())
