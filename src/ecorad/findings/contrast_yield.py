"""Examinations where contrast changed nothing, by kind of examination, with how often it did: never without its yield.

Whether it changed something is read from the report by a person or a coded finding; where nobody said, it is not known
and not counted. Leaving contrast out must not cost a finding, so a kind of examination is named only when even the
upper end of its yield is low, and the decision stays with those who justify it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ecorad.model import InputError, Origin, Quantity

_NORMAL_95 = 1.959963984540054
# A rate from fewer examinations says too little.
LEAST_EXAMS = 20
METHOD = "contrast.need"
# A mean volume from fewer injections says too little.
_LEAST_VOLUMES = 10


@dataclass(frozen=True, slots=True)
class EnhancedExam:
    """One examination with contrast; ``changed`` is whether contrast changed the report, ``None`` when nobody said."""

    group: str
    changed: bool | None
    volume_ml: float | None = None


@dataclass(frozen=True, slots=True)
class ContrastYield:
    """One kind of examination.

    ``low`` and ``high`` are the 95 % interval of the yield (Wilson, J Am Stat Assoc 1927;22:209). ``unchanged_ml`` is
    the volume given where nothing changed, ``None`` as soon as one of those volumes is unknown. [mL] ``mean_ml`` is the
    mean volume of all enhanced examinations of the kind with its 95 % interval (Student's t), ``None`` below ten. [mL]
    """

    group: str
    exams: int
    unknown: int
    changed: int
    low: float
    high: float
    unchanged_ml: float | None
    mean_ml: tuple[float, float, float] | None = None

    @property
    def share(self) -> float:
        """Share of the examinations in which contrast changed something. [1]"""
        return self.changed / self.exams


def contrast_yields(exams: Iterable[EnhancedExam]) -> tuple[ContrastYield, ...]:
    """Yield of contrast of every kind of examination about which anything is known, the lowest upper end first.

    >>> exams = [EnhancedExam("MR head", n == 0, 15.0) for n in range(40)]
    >>> (one,) = contrast_yields(exams)
    >>> one.exams, one.changed, one.unchanged_ml, round(one.high, 3)
    (40, 1, 585.0, 0.129)
    """
    groups: dict[str, list[EnhancedExam]] = defaultdict(list)
    for exam in exams:
        groups[exam.group].append(exam)
    found = [_yield(group, members) for group, members in groups.items()]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.high, one.group)))


def find_needless_contrast(exams: Iterable[EnhancedExam], *, at_most: float) -> tuple[ContrastYield, ...]:
    """Kinds of examination whose yield is surely at most ``at_most``, over enough examinations.

    Parameters
    ----------
    at_most : float
        Yield below which a site wants to look again; a site's own choice, there is no default. [1]
    """
    if not 0.0 <= at_most <= 1.0:
        raise InputError("a share lies between 0 and 1", code="ecorad.contrast.share")
    return tuple(one for one in contrast_yields(exams) if one.exams >= LEAST_EXAMS and one.high <= at_most)


def avoidable_ml(one: ContrastYield) -> Quantity:
    """Volume that giving contrast only where it changes something would have avoided, in all examinations of the kind.

    ``(exams + unknown) * (1 - share) * mean volume``, those about which nobody said taken like the others. Its ends are
    those of yield and mean volume together, so the interval is wider than 95 %. It is an upper bound of what can be
    done: nobody knows beforehand in which examination contrast will change nothing.

    Examples
    --------
    >>> exams = [EnhancedExam("MR head", False, 15.0) for n in range(80)]
    >>> found = avoidable_ml(contrast_yields(exams)[0])
    >>> found.value, round(found.low), found.high
    (1200.0, 1145, 1200.0)
    """
    if one.mean_ml is None:
        return Quantity(None, "mL", method=METHOD)
    count = one.exams + one.unknown
    mean, low, high = one.mean_ml
    return Quantity(
        count * (1.0 - one.share) * mean,
        "mL",
        low=count * (1.0 - one.high) * max(0.0, low),
        high=count * (1.0 - one.low) * high,
        origin=Origin.MODELLED,
        method=METHOD,
    )


def _mean_ml(members: list[EnhancedExam]) -> tuple[float, float, float] | None:
    volumes = np.array([exam.volume_ml for exam in members if exam.volume_ml is not None], dtype=np.float64)
    if len(volumes) < _LEAST_VOLUMES:
        return None
    mean = float(volumes.mean())
    error = float(volumes.std(ddof=1)) / math.sqrt(len(volumes))
    half = float(stats.t.ppf(0.975, len(volumes) - 1)) * error
    return mean, mean - half, mean + half


def _yield(group: str, members: list[EnhancedExam]) -> ContrastYield | None:
    known = [exam for exam in members if exam.changed is not None]
    if not known:
        return None
    changed = sum(exam.changed is True for exam in known)
    volumes = [exam.volume_ml for exam in known if exam.changed is False]
    low, high = _wilson(changed, len(known))
    complete = [ml for ml in volumes if ml is not None]
    unchanged_ml = math.fsum(complete) if len(complete) == len(volumes) else None
    return ContrastYield(
        group, len(known), len(members) - len(known), changed, low, high, unchanged_ml, _mean_ml(members)
    )


def _wilson(hits: int, count: int) -> tuple[float, float]:
    share, square = hits / count, _NORMAL_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _NORMAL_95 / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
