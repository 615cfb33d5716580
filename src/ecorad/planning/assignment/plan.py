"""Many days: chosen by one half of the records, judged by the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecorad.footprint.uncertainty import Term, deviation, meter_gain, total
from ecorad.model import Quantity

from .learned import Bools, Cells, Floats, Ints
from .solve import cheapest, most_on

METHOD = "assignment"
_Z95 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class DayDemand:
    """One day of one modality.

    Parameters
    ----------
    planned : ndarray of int64, shape (regions, scanners)
        Exams that could be moved, where they were done or are booked.
    fixed_min : ndarray, shape (scanners,)
        Minutes of exams that stay, with change-over. [min]
    open_min : ndarray, shape (scanners,)
        Minutes it is open. [min]
    half : {0, 1}
        Which half of the records the day belongs to: the other one chooses.
    """

    planned: Ints
    fixed_min: Floats
    open_min: Floats
    half: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Assigned:
    """What became of all days.

    Parameters
    ----------
    before, after : ndarray of int64, shape (regions, scanners)
        Exams where they were, and where they would take least.
    kwh : Quantity
        Saved, consequential: judged by records that did not choose.
    low_before, low_can, low_fit : int
        Exams on the chosen scanners; those they can do; those that also fit into their hours.
    days : int
        Days looked at.
    """

    before: Ints
    after: Ints
    kwh: Quantity
    low_before: int
    low_can: int
    low_fit: int
    days: int


def assigned(
    days: Sequence[DayDemand],
    halves: tuple[Cells, Cells],
    can: Bools,
    *,
    changeover_min: float,
    meters: Sequence[tuple[str, float]],
    low: Bools,
) -> Assigned:
    """Every day at least energy, and with as many exams as can be on the scanners of ``low``.

    Which scanner takes least is chosen by the means of one half of the days and judged by those of the other: the
    least of several means that are not sure is too low by itself. A scanner takes exams of a region only where both
    halves know what one takes on it. No list is longer than its scanner's day, or than it was where it was longer.

    Parameters
    ----------
    days : sequence of DayDemand
        In any order.
    halves : tuple of Cells
        Of both halves of the records.
    can : ndarray of bool, shape (regions, scanners)
        What each scanner can do.
    changeover_min : float
        Between two patients. [min]
    meters : sequence of (meter, accuracy_percent)
        Of each scanner.
    low : ndarray of bool, shape (scanners,)
        The scanners of low field.
    """
    allowed = can & halves[0].known & halves[1].known
    shape = can.shape
    before, after = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    moved = [np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)]
    fit = 0
    for day in days:
        chooser = halves[1 - day.half]
        minutes = np.where(allowed, chooser.minutes, 0.0) + changeover_min
        planned_min = day.fixed_min + (day.planned * minutes).sum(axis=0)
        room = np.maximum(day.open_min, planned_min) - day.fixed_min
        count = day.planned.sum(axis=1)
        best = cheapest(count, np.where(allowed, chooser.kwh, 0.0), minutes, room, allowed)
        most = most_on(count, minutes, room, allowed, low)
        # What was planned keeps every rule, so there is always a plan.
        best = day.planned if best is None else best
        fit += int((day.planned if most is None else most)[:, low].sum())
        before += day.planned
        after += best
        moved[day.half] += day.planned - best
    return Assigned(
        before=before,
        after=after,
        kwh=_saved(moved, halves, meters),
        low_before=int(before[:, low].sum()),
        low_can=int(before[can[:, low].any(axis=1)].sum()) if low.any() else 0,
        low_fit=fit,
        days=len(days),
    )


def _saved(moved: Sequence[Ints], halves: tuple[Cells, Cells], meters: Sequence[tuple[str, float]]) -> Quantity:
    """Exams moved away less those moved to, by the means of the half that did not choose; with the meters' errors."""
    terms = []
    error = 0.0
    for gone, judge in zip(moved, halves, strict=True):
        kwh = np.where(gone != 0, judge.kwh, 0.0) * gone
        # Each half chose by the errors that the other is judged with: their errors go together, and add up as they are.
        error += float(np.sqrt((np.where(gone != 0, judge.kwh_error, 0.0) ** 2 * gone.astype(np.float64) ** 2).sum()))
        terms += [Term(float(kwh[:, s].sum()), (meter_gain(*meter),)) for s, meter in enumerate(meters)]
    if not any(gone.any() for gone in moved):
        return Quantity(0.0, "kW.h", low=0.0, high=0.0, method=METHOD)
    terms.append(Term(1.0, (deviation("assignment", _Z95 * error),)))
    return total(terms, "kW.h", METHOD)
