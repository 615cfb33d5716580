"""Injected volumes beside what is usual: by kind of examination, and injections far from the others of their protocol.

What is usual is one journal's habit and no limit, and says neither strength nor weight: so a department's median is
shown beside it with its grams, and no single injection is judged by it. An injection is far off when it lies more than
3.5 robust standard deviations from the median of its own protocol (modified z-score: Iglewicz and Hoaglin 1993, How to
detect and handle outliers, section 3.3). Where millilitres per kilogram of body weight lie closer together than
millilitres, the department doses by weight: those whose weight is known are then judged by millilitres per kilogram.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .protocol_variants import Median, median_of

Floats = NDArray[np.float64]
# A spread estimated from fewer injections says too little.
LEAST_INJECTIONS = 20
_FAR = 3.5
# 1 / 0.6745: from the median of absolute deviations to the standard deviation of a normal distribution.
_MAD_TO_SD = 1.4826
# Syringes are set in whole millilitres: below a tenth of the median nothing is far off. [1]
_LEAST_SPREAD = 0.1 / _FAR
_ANGIOGRAPHY = re.compile(r"angio|(?<![a-z])cta(?![a-z])|血管", re.IGNORECASE)
_PITUITARY = re.compile(r"pituit|sella|hypofys|hypophys|垂体", re.IGNORECASE)
_KIND_OF = {"CT": "iodine", "MR": "gadolinium"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """What one examination was given; volume and grams are of all its injections of that kind. [mL, g]"""

    study_key: str
    modality: str
    kind: str
    protocol: str | None
    volume_ml: float
    grams: float | None
    weight_kg: float | None = None

    @property
    def ml_per_kg(self) -> float:
        """Volume by body weight, not a number where that is not known. [mL/kg]"""
        return self.volume_ml / self.weight_kg if self.weight_kg else np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeGroup:
    """One kind of examination; ``outliers`` are studies far from the median of their own protocol. [mL, g, mL/kg]"""

    examination: str
    exams: int
    volume_ml: Median | None
    grams: Median | None
    ml_per_kg: Median | None
    above: int
    below: int
    outliers: tuple[str, ...]


def examination_of(modality: str, kind: str, protocol: str | None) -> str | None:
    """The kind of examination that a usual volume is known for, ``None`` for another.

    >>> examination_of("CT", "iodine", "Abdomen"), examination_of("CT", "iodine", "CTA carotids")
    ('ct', 'ct_angiography')
    >>> examination_of("MR", "gadolinium", "Sella + dynamic"), examination_of("XA", "iodine", None)
    ('mr_pituitary', None)
    """
    if _KIND_OF.get(modality) != kind:
        return None
    if modality == "CT":
        return "ct_angiography" if protocol and _ANGIOGRAPHY.search(protocol) else "ct"
    return "mr_pituitary" if protocol and _PITUITARY.search(protocol) else "mr"


def volume_groups(exams: Sequence[Injected], usual_ml: Mapping[str, tuple[float, float]]) -> tuple[VolumeGroup, ...]:
    """Every kind of examination with injections, in the order of their names.

    Parameters
    ----------
    usual_ml : mapping of examination to (low, high)
        What is usual; an examination that is not named is compared with nothing. [mL]

    Examples
    --------
    >>> given = [Injected(study_key=str(n), modality="CT", kind="iodine", protocol="a", volume_ml=70.0, grams=None)
    ...          for n in range(20)]
    >>> odd = Injected(study_key="odd", modality="CT", kind="iodine", protocol="a", volume_ml=140.0, grams=None)
    >>> (one,) = volume_groups([*given, odd], {"ct": (60.0, 70.0)})
    >>> one.exams, one.volume_ml.value, one.above, one.outliers
    (21, 70.0, 1, ('odd',))
    """
    groups: dict[str, list[Injected]] = defaultdict(list)
    for exam in exams:
        name = examination_of(exam.modality, exam.kind, exam.protocol)
        if name is not None:
            groups[name].append(exam)
    far = _far_off(exams)
    return tuple(_group(name, groups[name], usual_ml.get(name), far) for name in sorted(groups))


def _group(
    name: str, exams: Sequence[Injected], usual_ml: tuple[float, float] | None, far: frozenset[str]
) -> VolumeGroup:
    volumes = np.array([one.volume_ml for one in exams], dtype=np.float64)
    grams = np.array([np.nan if one.grams is None else one.grams for one in exams], dtype=np.float64)
    low, high = usual_ml or (-np.inf, np.inf)
    return VolumeGroup(
        examination=name,
        exams=len(exams),
        volume_ml=median_of(volumes),
        grams=median_of(grams),
        ml_per_kg=median_of(np.array([one.ml_per_kg for one in exams], dtype=np.float64)),
        above=int((volumes > high).sum()),
        below=int((volumes < low).sum()),
        outliers=tuple(sorted(one.study_key for one in exams if one.study_key in far)),
    )


def _far_off(exams: Sequence[Injected]) -> frozenset[str]:
    protocols: dict[tuple[str, str, str], list[Injected]] = defaultdict(list)
    for exam in exams:
        if exam.protocol is not None:
            protocols[exam.modality, exam.kind, exam.protocol].append(exam)
    return frozenset(study for members in protocols.values() for study in _far_in(members))


def _far_in(members: Sequence[Injected]) -> set[str]:
    """Those of one protocol that are far from its others; none where there are too few."""
    weighed = [one for one in members if one.weight_kg]
    if len(weighed) >= LEAST_INJECTIONS:
        by_weight, by_volume = (
            np.array([one.ml_per_kg for one in weighed]),
            np.array([one.volume_ml for one in weighed]),
        )
        if _spread(by_weight) < _spread(by_volume):
            rest = [one for one in members if not one.weight_kg]
            # Volumes of those without a weight stand beside all volumes of the protocol.
            return _named(weighed, by_weight) | (_named(members, _volumes(members)) & {one.study_key for one in rest})
    return _named(members, _volumes(members)) if len(members) >= LEAST_INJECTIONS else set()


def _volumes(members: Sequence[Injected]) -> Floats:
    return np.array([one.volume_ml for one in members], dtype=np.float64)


def _spread(values: Floats) -> float:
    """Robust standard deviation as a share of the median. [1]"""
    middle = float(np.median(values))
    return _MAD_TO_SD * float(np.median(np.abs(values - middle))) / middle if middle > 0 else np.inf


def _named(members: Sequence[Injected], values: Floats) -> set[str]:
    middle = float(np.median(values))
    apart = np.abs(values - middle) > _FAR * max(_spread(values), _LEAST_SPREAD) * middle
    return {one.study_key for one, is_far in zip(members, apart, strict=True) if is_far}
