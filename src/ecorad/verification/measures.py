"""What is compared before and after a change: the days of a scanner, and its exams."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .effect import Sample
from .long_run import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OF_DAYS = ("kwh_per_day", "off_hours_kwh_per_day", "exams_per_day")
OF_EXAMS = ("minutes_per_exam", "kwh_per_exam", "contrast_ml_per_exam", "dose_msv_per_exam")
MEASURES = (*OF_DAYS, *OF_EXAMS)
UNITS = {
    "kwh_per_day": "kW.h",
    "off_hours_kwh_per_day": "kW.h",
    "exams_per_day": "{exam}",
    "minutes_per_exam": "min",
    "kwh_per_exam": "kW.h",
    "contrast_ml_per_exam": "mL",
    "dose_msv_per_exam": "mSv",
}
# Less of these at the price of more rejects is no gain.
NEEDS_QUALITY = frozenset({"contrast_ml_per_exam", "dose_msv_per_exam", "minutes_per_exam", "kwh_per_exam"})
# Of these alone a baseline that misses by much is refused: exams differ by nature, and their number is a choice.
NEEDS_FIT = frozenset({"kwh_per_day", "off_hours_kwh_per_day"})
# A day that was read for less is no day.
WHOLE_DAY = 0.95
_FEW = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Days:
    """Local days of one scanner, arrays of shape (days,), not a number where not known.

    Parameters
    ----------
    day : ndarray of int64
        Since 1970-01-01, in order.
    kwh, off_hours_kwh : ndarray
        What its own meters read. [kWh]
    read_share : ndarray
        Share of the day that was read.
    exams, minutes : ndarray
        Number of exams, and their length together. [min]
    """

    day: Ints
    kwh: Floats
    off_hours_kwh: Floats
    read_share: Floats
    exams: Floats
    minutes: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Exams:
    """Exams of one scanner, arrays of shape (exams,), not a number where not known."""

    day: Ints
    region: NDArray[np.object_]
    minutes: Floats
    kwh: Floats
    contrast_ml: Floats
    dose_msv: Floats

    def only(self, rows: Bools) -> Exams:
        """Some of them."""
        return Exams(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Local days before and after a change: ``first <= day < change`` and ``begins <= day <= last``; some left out."""

    first: int
    change: int
    begins: int
    last: int
    left_out: frozenset[int] = frozenset()

    def sides(self, day: Ints) -> tuple[Bools, Bools]:
        """Which rows lie before, and which after."""
        kept = ~np.isin(day, sorted(self.left_out))
        return kept & (day >= self.first) & (day < self.change), kept & (day >= self.begins) & (day <= self.last)


def samples(
    measure: str, days: Days, exams: Exams, window: Window, *, by_minutes: bool = False
) -> tuple[Sample, Sample]:
    """Both sides of one measure, adjusted for its work.

    Energy of a day is adjusted for its exams and for weekends; with ``by_minutes`` for minutes instead of exams, which
    hides a change that made exams shorter. A measure of exams is adjusted for body region; regions that one side does
    not know are left out, for nothing says what they would have taken.

    Parameters
    ----------
    measure : str
        One of :data:`MEASURES`.

    Examples
    --------
    Monday to Thursday, the change on Wednesday:

    >>> day = np.arange(4, 8)
    >>> ones = np.ones(4)
    >>> days = Days(day=day, kwh=ones, off_hours_kwh=ones, read_share=ones, exams=ones * 9, minutes=ones)
    >>> none = np.zeros(0)
    >>> exams = Exams(day=none, region=none, minutes=none, kwh=none, contrast_ml=none, dose_msv=none)
    >>> before, after = samples("kwh_per_day", days, exams, Window(first=4, change=6, begins=6, last=7))
    >>> len(before), len(after)
    (2, 2)
    """
    if measure in OF_EXAMS:
        return _of_exams(getattr(exams, measure.removesuffix("_per_exam")), exams, window)
    value = getattr(days, measure.removesuffix("_per_day"))
    known = ~np.isnan(value)
    columns = [((days.day + 3) % 7 >= 5).astype(np.float64)]
    if measure != "exams_per_day":
        known &= days.read_share >= WHOLE_DAY
    if measure == "kwh_per_day":
        columns.append(days.minutes if by_minutes else days.exams)
    work = np.column_stack(columns)
    known &= ~np.isnan(work).any(axis=1)
    return _split(Sample(days.day, value, work), known, window)


def _of_exams(value: Floats, exams: Exams, window: Window) -> tuple[Sample, Sample]:
    known = ~np.isnan(value)
    early, late = window.sides(exams.day)
    names = [name for name in sorted(set(exams.region[known & early])) if _is_common(exams.region, name, known, early)]
    names = [name for name in names if (exams.region[known & late] == name).any()]
    known &= np.isin(exams.region, names)
    # One region is the constant; the others stand beside it.
    work = np.column_stack([np.zeros((len(value), 0)), *[exams.region == name for name in names[1:]]])
    return _split(Sample(exams.day, value, work.astype(np.float64)), known, window)


def _is_common(region: NDArray[np.object_], name: str, known: Bools, early: Bools) -> bool:
    return int(np.count_nonzero(region[known & early] == name)) >= _FEW


def _split(whole: Sample, known: Bools, window: Window) -> tuple[Sample, Sample]:
    """Rows of each side, without columns that never change before: nothing can be learnt from them."""
    early, late = window.sides(whole.day)
    before, after = whole.only(known & early), whole.only(known & late)
    if not len(before):
        return before, after
    moves = before.work.max(axis=0) > before.work.min(axis=0)
    # A constant column that moves afterwards is work the baseline never saw: those rows go.
    alike = (after.work[:, ~moves] == before.work[:1, ~moves]).all(axis=1)
    after = after.only(np.asarray(alike))
    return Sample(before.day, before.value, before.work[:, moves]), Sample(after.day, after.value, after.work[:, moves])
