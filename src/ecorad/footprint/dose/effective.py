"""Effective dose of CT from dose-length product, by region, age, sex and phantom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ecorad.factors import Factor, FactorBook
from ecorad.model import FactorNotFoundError, Issue, Origin, Quantity, unknown, worst_origin

from .columns import Columns, texts

METHOD = "ct_effective_dose"
NO_FACTOR, PHANTOM, AGE = "ecorad.dose.no_factor", "ecorad.dose.phantom", "ecorad.dose.age_assumed"
# Our regions that the published factors call otherwise.
_SAME = {"heart": "chest"}
_CHILD_SAME = {"abdomen": "abdomen_pelvis", "pelvis": "abdomen_pelvis"}
# Factors of the head are for the 16 cm phantom at any age, those of the body for 32 cm in adults and 16 in children.
_HEAD = frozenset({"head", "neck", "head_neck"})


def effective_dose_msv(dlp_mgy_cm: float, k_msv_per_mgy_cm: float) -> float:
    r"""Effective dose :math:`E = k\,\mathrm{DLP}` (AAPM Report 96, equation 4). [mSv]

    Parameters
    ----------
    dlp_mgy_cm : float
        Dose-length product. [mGy.cm]
    k_msv_per_mgy_cm : float
        Factor of the region and age. [mSv/(mGy.cm)]

    Notes
    -----
    For comparing examinations and for populations; it says nothing of one patient's risk.

    >>> effective_dose_msv(500.0, 0.014)
    7.0
    """
    return dlp_mgy_cm * k_msv_per_mgy_cm


@dataclass(frozen=True, slots=True)
class EffectiveDoses:
    """Effective dose by study key, and what kept others from being known."""

    by_study: Mapping[str, Quantity]
    issues: tuple[Issue, ...]


def factor_of(region: str, age: str, sex: str, book: FactorBook) -> Factor | None:
    """The factor of a region, an age band and a sex; of both sexes where there is none of one.

    >>> from ecorad.factors import book
    >>> factor_of("heart", "adult", "F", book()).factor_id
    'dose.k.chest.adult'
    >>> factor_of("lower_limb", "adult", "", book()) is None
    True
    """
    name = _SAME.get(region, region)
    if age != "adult":
        name = _CHILD_SAME.get(name, name)
    for factor_id in (f"dose.k.{name}.{age}.{sex}", f"dose.k.{name}.{age}"):
        try:
            return book.get(factor_id)
        except FactorNotFoundError:
            continue
    return None


def suits(region: str, age: str, phantom: str) -> bool:
    """Whether a dose index for this phantom is what the factor of region and age takes.

    A child's body is reported for 32 cm by many consoles; the published factors take 16 cm. Which it was must be said.

    >>> suits("chest", "adult", ""), suits("chest", "5y", ""), suits("chest", "5y", "head_16cm")
    (True, False, True)
    """
    if region in _HEAD:
        return phantom in {"", "head_16cm"}
    if age == "adult":
        return phantom in {"", "body_32cm"}
    return phantom == "head_16cm"


def effective_doses(events: Columns, book: FactorBook) -> EffectiveDoses:
    """Effective dose of each study with CT events.

    Parameters
    ----------
    events : Columns
        Of ``irradiation_event``, current.
    book : FactorBook
        Where the factors are.

    Returns
    -------
    EffectiveDoses
        Known for a study when it is known for all of its CT events that have a dose; an age that is not told is taken
        as adult, with an issue.
    """
    notes: dict[str, int] = {}
    parts: dict[str, list[Quantity]] = {}
    names = ("study_key", "body_region", "age_band", "patient_sex", "phantom", "modality")
    columns = [texts(events[name]) for name in names]
    for row, (study, region, age, sex, phantom, modality) in enumerate(zip(*columns, strict=True)):
        dlp = float(events["dlp_mgy_cm"][row])
        if modality != "CT" or np.isnan(dlp) or dlp == 0.0:
            continue
        parts.setdefault(study, []).append(_one(dlp, (region, age, sex, phantom), book, notes))
    issues = tuple(Issue(code, count=count) for code, count in sorted(notes.items()))
    return EffectiveDoses({study: _sum(found) for study, found in parts.items()}, issues)


def _one(dlp: float, what: tuple[str, str, str, str], book: FactorBook, notes: dict[str, int]) -> Quantity:
    region, age, sex, phantom = what
    if not age:
        notes[AGE] = notes.get(AGE, 0) + 1
        age = "adult"
    if not suits(region, age, phantom):
        notes[PHANTOM] = notes.get(PHANTOM, 0) + 1
        return unknown("mSv", METHOD)
    factor = factor_of(region, age, sex, book)
    if factor is None:
        notes[NO_FACTOR] = notes.get(NO_FACTOR, 0) + 1
        return unknown("mSv", METHOD)
    low, high = factor.interval95
    return Quantity(
        effective_dose_msv(dlp, factor.value),
        "mSv",
        low=effective_dose_msv(dlp, low),
        high=effective_dose_msv(dlp, high),
        origin=worst_origin([Origin.MODELLED, factor.origin]),
        factors=(factor.factor_id,),
        method=METHOD,
    )


def _sum(parts: list[Quantity]) -> Quantity:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
