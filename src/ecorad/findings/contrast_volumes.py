"""Injected volumes beside what is usual: by kind of examination, and injections far from the others of their protocol.

What is usual is one journal's habit and no limit, and says neither strength nor weight: so a department's median is
shown beside it with its grams, and no single injection is judged by it. An injection is far off when it lies more than
3.5 robust standard deviations from the median of its own protocol (modified z-score: Iglewicz and Hoaglin 1993, How to
detect and handle outliers, section 3.3).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeGroup:
    """One kind of examination; ``outliers`` are studies far from the median of their own protocol. [mL, g]"""

    examination: str
    exams: int
    volume_ml: Median | None
    grams: Median | None
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
        above=int((volumes > high).sum()),
        below=int((volumes < low).sum()),
        outliers=tuple(sorted(one.study_key for one in exams if one.study_key in far)),
    )


def _far_off(exams: Sequence[Injected]) -> frozenset[str]:
    protocols: dict[tuple[str, str, str], list[Injected]] = defaultdict(list)
    for exam in exams:
        if exam.protocol is not None:
            protocols[exam.modality, exam.kind, exam.protocol].append(exam)
    found: set[str] = set()
    for members in protocols.values():
        if len(members) < LEAST_INJECTIONS:
            continue
        volumes = np.array([one.volume_ml for one in members], dtype=np.float64)
        middle = float(np.median(volumes))
        spread = max(_MAD_TO_SD * float(np.median(np.abs(volumes - middle))), _LEAST_SPREAD * middle)
        apart = np.abs(volumes - middle) > _FAR * spread
        found |= {one.study_key for one, is_far in zip(members, apart, strict=True) if is_far}
    return frozenset(found)
