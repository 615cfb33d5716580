"""Demand out of the records: how many began an exam at which hour of which day, and how long exams were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError

from .queue import Demand

Floats = NDArray[np.float64]
LEAST_DAYS = 10
LEAST_EXAMS = 50
DRAWS = 1000
_SEED = 20260302


@dataclass(frozen=True, eq=False)
class Arrived:
    """Open days of one modality.

    Parameters
    ----------
    starts : ndarray, shape (days, hours)
        Exams that began in each open hour of each open day; NaN where closed.
    minutes : ndarray, shape (exams,)
        Known lengths. [min]
    day : ndarray of int64, shape (exams,)
        Row of ``starts`` that each belongs to.
    changeover_min : float
        Between two patients. [min]
    """

    starts: Floats
    minutes: Floats
    day: NDArray[np.int64]
    changeover_min: float

    def demand(self, busiest: bool = False) -> Demand:
        """The demand of a mean open hour, or of the busiest hour of the day.

        The variation of arrivals is that of counts around the usual count of their hour (index of dispersion), which is
        that of times between arrivals where both are long enough.
        """
        return _demand(self.starts, self.minutes, self.changeover_min, busiest=busiest)


def learn(arrived: Arrived, measure: Callable[[Demand], float], *, busiest: bool = False) -> tuple[float, float, float]:
    """Something that follows from the demand, with a 95 % interval: whole days drawn with replacement.

    Parameters
    ----------
    measure : callable
        From a demand to a number, which may be infinite.

    Raises
    ------
    InputError
        With fewer than 10 open days or 50 exams of known length.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> starts = random.poisson(3.0, size=(40, 8)).astype(float)
    >>> days = np.repeat(np.arange(40), starts.sum(axis=1).astype(int))
    >>> arrived = Arrived(starts, np.full(len(days), 20.0), days, 5.0)
    >>> value, low, high = learn(arrived, lambda demand: demand.offered)
    >>> low < 1.25 < high
    True
    """
    days = len(arrived.starts)
    if days < LEAST_DAYS or len(arrived.minutes) < LEAST_EXAMS:
        raise InputError(
            f"capacity needs {LEAST_DAYS} open days and {LEAST_EXAMS} exams of known length", code="ecorad.capacity.few"
        )
    random = np.random.default_rng(_SEED)
    order = np.argsort(arrived.day, kind="stable")
    minutes = arrived.minutes[order]
    edges = np.searchsorted(arrived.day[order], np.arange(days + 1))
    found = np.empty(DRAWS)
    for n in range(DRAWS):
        rows = random.integers(0, days, days)
        drawn = np.concatenate([minutes[edges[row] : edges[row + 1]] for row in rows])
        if not len(drawn):
            drawn = minutes
        found[n] = measure(_demand(arrived.starts[rows], drawn, arrived.changeover_min, busiest=busiest))
    # Ends of the sorted draws, without interpolating: between a number and infinity there is nothing.
    found.sort()
    low, high = found[int(0.025 * DRAWS)], found[int(0.975 * DRAWS)]
    value = measure(arrived.demand(busiest))
    return value, min(float(low), value), max(float(high), value)


def _demand(starts: Floats, minutes: Floats, changeover_min: float, *, busiest: bool) -> Demand:
    usual = _mean(starts, axis=0)
    count = np.sum(~np.isnan(starts), axis=0)
    known, several = count > 0, count > 1
    spread = np.nansum((starts - usual) ** 2, axis=0)[several] / (count[several] - 1)
    rate = float(np.max(usual[known])) if busiest else float(np.nanmean(starts))
    length_min = minutes + changeover_min
    return Demand(
        arrivals_per_h=rate,
        arrivals_scv=float(spread.sum() / usual[several].sum()) if usual[several].sum() > 0 else 1.0,
        service_h=float(length_min.mean()) / 60.0,
        service_scv=float(length_min.var() / length_min.mean() ** 2),
    )


def _mean(values: Floats, axis: int) -> Floats:
    """Mean of what is known; not a number where nothing is."""
    count = np.sum(~np.isnan(values), axis=axis)
    total = np.nansum(values, axis=axis)
    found: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found
