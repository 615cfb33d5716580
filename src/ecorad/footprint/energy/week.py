"""Mean power by local hour and weekday, and the floor a device never goes below."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_HOUR, hour_of_day, wall_us, weekday

from .trace import Floats, Ints, Trace


def hourly(trace: Trace) -> tuple[Ints, Floats, Floats]:
    """Known energy and known time of each UTC hour the trace touches.

    Returns
    -------
    start_us, energy_kwh, known_h : ndarray, shape (h,)
    """
    if not len(trace):
        none = np.zeros(0)
        return np.zeros(0, dtype=np.int64), none, none
    first = trace.start_us[0] // MICROSECONDS_PER_HOUR
    last = -(-trace.end_us[-1] // MICROSECONDS_PER_HOUR)
    edges = np.arange(first, last + 1, dtype=np.int64) * MICROSECONDS_PER_HOUR
    energy, known_us = trace.energy_until(edges)
    return edges[:-1], np.diff(energy), np.diff(known_us) / MICROSECONDS_PER_HOUR


def week_matrix(trace: Trace, zone: str) -> Floats:
    """Mean power by local weekday (Monday first) and hour, shape (7, 24), NaN where nothing was read. [kW]

    Zones whose offset is not a whole hour are cut at UTC hours.

    Examples
    --------
    >>> hour = MICROSECONDS_PER_HOUR  # 1 January 1970, a Thursday
    >>> matrix = week_matrix(Trace.of([0], [2 * hour], [3.0]), "Europe/Amsterdam")
    >>> float(matrix[3, 1]), float(matrix[3, 2]), bool(np.isnan(matrix[3, 3]))
    (1.5, 1.5, True)
    """
    start, energy, known_h = hourly(trace)
    wall = wall_us(start, zone)
    cell = weekday(wall) * 24 + hour_of_day(wall)
    total = np.bincount(cell, weights=energy, minlength=168)
    hours = np.bincount(cell, weights=known_h, minlength=168)
    mean: NDArray[np.float64] = np.divide(total, hours, out=np.full(168, np.nan), where=hours > 1e-9)
    return mean.reshape(7, 24)


def floor_kw(trace: Trace) -> float:
    """Lowest power a device was seen to draw for long: the 2 % quantile of its mean power by known hour. [kW]

    A quantile and not the minimum, so that one odd hour does not set it; NaN without a whole known hour.
    """
    _, energy, known_h = hourly(trace)
    whole = known_h > 0.9
    return float(np.quantile(energy[whole] / known_h[whole], 0.02)) if whole.any() else float("nan")
