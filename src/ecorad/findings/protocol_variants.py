"""Variants of one examination beside each other: what a protocol costs in minutes, energy, dose and contrast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
MEASURES = ("kwh", "minutes", "dose_msv", "contrast_ml", "contrast_g")
# A name that so many exams of so many patients share is a protocol's and nobody's own.
LEAST = 10
LEAST_PATIENTS = 5


@dataclass(frozen=True, slots=True)
class Median:
    """Median of the exams that tell it, with a 95 % interval."""

    exams: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One protocol; ``apart`` says that it surely takes more than the first of its group, by the measure ranked by."""

    name: str
    exams: int
    days: int
    medians: Mapping[str, Median | None]
    apart: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Protocols of one modality and body region, the least first by ``ranked_by``."""

    modality: str
    region: str
    ranked_by: str
    variants: tuple[Variant, ...]


def median_of(values: Floats) -> Median | None:
    """Median with an interval of order statistics, which supposes no shape; ``None`` for fewer than ten known values.

    The ranks are those of the binomial distribution with one half (Conover 1999, Practical Nonparametric Statistics,
    3rd ed., section 3.2).

    Examples
    --------
    >>> median_of(np.arange(1.0, 21.0))
    Median(exams=20, value=10.5, low=6.0, high=15.0)
    """
    known = np.sort(values[~np.isnan(values)])
    count = len(known)
    if count < LEAST:
        return None
    below = int(stats.binom.ppf(0.025, count, 0.5))
    # ppf gives the first rank that reaches it; the one before keeps the interval at 95 % or more.
    first = max(below - 1, 0)
    return Median(count, float(np.median(known)), float(known[first]), float(known[count - 1 - first]))


def protocol_variants(
    *,
    modality: NDArray[np.object_],
    region: NDArray[np.object_],
    name: NDArray[np.object_],
    patient: NDArray[np.object_],
    day: NDArray[np.int64],
    amounts: Mapping[str, Floats],
) -> tuple[Variants, ...]:
    """Groups with at least two protocols of ten exams and five patients each.

    Ranked by energy where every variant tells it, else by minutes. Variants of one region may answer different
    questions: the order says what they cost, never which of them is enough.

    Parameters
    ----------
    modality, region, name : ndarray of object, shape (exams,)
        ``None`` where not known; such exams are left out. Names are compared without case and runs of blanks.
    patient : ndarray of object, shape (exams,)
        Pseudonyms; those who are not known count as one.
    day : ndarray of int64, shape (exams,)
        Local day of each exam.
    amounts : mapping of measure to ndarray of shape (exams,)
        By :data:`MEASURES`; not a number where not known.
    """
    tidy = [None if one is None else " ".join(str(one).split()).casefold() for one in name]
    groups: dict[tuple[str, str], dict[str, list[int]]] = {}
    for n, key in enumerate(zip(modality, region, tidy, strict=True)):
        if None not in key and key[2]:
            groups.setdefault((str(key[0]), str(key[1])), {}).setdefault(str(key[2]), []).append(n)
    found: list[Variants] = []
    for (kind, where), members in sorted(groups.items()):
        rows = {one: np.array(places) for one, places in members.items() if _is_shared(places, patient)}
        if len(rows) > 1:
            group = _ranked(rows, name, day, amounts)
            found += (
                [] if group is None else [Variants(modality=kind, region=where, ranked_by=group[0], variants=group[1])]
            )
    return tuple(found)


def _is_shared(places: list[int], patient: NDArray[np.object_]) -> bool:
    return len(places) >= LEAST and len({patient[n] for n in places}) >= LEAST_PATIENTS


def _ranked(
    rows: Mapping[str, NDArray[np.int64]],
    name: NDArray[np.object_],
    day: NDArray[np.int64],
    amounts: Mapping[str, Floats],
) -> tuple[str, tuple[Variant, ...]] | None:
    """What they are ranked by, and the variants in order; ``None`` when nothing is told by all."""
    medians = {
        one: {measure: median_of(amounts[measure][places]) for measure in MEASURES} for one, places in rows.items()
    }
    ranked_by = next((m for m in ("kwh", "minutes") if all(row[m] is not None for row in medians.values())), None)
    if ranked_by is None:
        return None

    def value(one: str) -> float:
        median = medians[one][ranked_by]
        return math.inf if median is None else median.value

    order = sorted(rows, key=lambda one: (value(one), one))
    best = medians[order[0]][ranked_by]
    variants = [
        Variant(
            name=" ".join(str(name[rows[one][0]]).split()),
            exams=len(rows[one]),
            days=len(np.unique(day[rows[one]])),
            medians=medians[one],
            apart=_is_above(medians[one][ranked_by], best),
        )
        for one in order
    ]
    return ranked_by, tuple(variants)


def _is_above(one: Median | None, best: Median | None) -> bool:
    """Whether two intervals do not touch: surer than 95 %, for both must miss."""
    return one is not None and best is not None and one.low > best.high
