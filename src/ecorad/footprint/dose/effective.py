"""Effective dose of CT from dose-length product, by region, age, sex and phantom."""

from __future__ import annotations

from collections import Counter
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
    notes: Counter[str] = Counter()
    factors: dict[_What, _Known | None] = {}
    # Dose-length product by study and factor; a study with a part that has none is not known.
    parts: dict[str, dict[_What, float]] = {}
    unknown_studies: set[str] = set()
    names = ("study_key", "body_region", "age_band", "patient_sex", "phantom", "modality")
    columns = [texts(events[name]) for name in names]
    for row, (study, region, age, sex, phantom, modality) in enumerate(zip(*columns, strict=True)):
        dlp = float(events["dlp_mgy_cm"][row])
        if modality != "CT" or np.isnan(dlp) or dlp == 0.0:
            continue
        what = (region, age or "adult", sex)
        if what not in factors:
            factors[what] = _known(factor_of(*what, book))
        code = _doubt(factors[what], suits(region, what[1], phantom))
        notes.update([AGE] if not age else [])
        notes.update([code] if code else [])
        if code:
            unknown_studies.add(study)
        of_study = parts.setdefault(study, {})
        of_study[what] = of_study.get(what, 0.0) + dlp
    issues = tuple(Issue(code, count=count) for code, count in sorted(notes.items()))
    by_study = {
        study: unknown("mSv", METHOD) if study in unknown_studies else _total(dlps, factors)
        for study, dlps in parts.items()
    }
    return EffectiveDoses(by_study, issues)


_What = tuple[str, str, str]
_Known = tuple[Factor, float, float]


def _known(factor: Factor | None) -> _Known | None:
    return None if factor is None else (factor, *factor.interval95)


def _doubt(known: _Known | None, is_suited: bool) -> str | None:
    """Why an event has no effective dose."""
    if not is_suited:
        return PHANTOM
    return NO_FACTOR if known is None else None


def _total(dlps: Mapping[_What, float], factors: Mapping[_What, _Known | None]) -> Quantity:
    """Sum over the factors of a study; intervals add end to end, as for errors that are fully shared."""
    used = [(known, dlp) for what, dlp in dlps.items() if (known := factors[what]) is not None]
    return Quantity(
        sum(effective_dose_msv(dlp, factor.value) for (factor, _, _), dlp in used),
        "mSv",
        low=sum(effective_dose_msv(dlp, low) for (_, low, _), dlp in used),
        high=sum(effective_dose_msv(dlp, high) for (_, _, high), dlp in used),
        origin=worst_origin([Origin.MODELLED, *(factor.origin for (factor, _, _), _ in used)]),
        factors=tuple(sorted({factor.factor_id for (factor, _, _), _ in used})),
        method=METHOD,
    )
