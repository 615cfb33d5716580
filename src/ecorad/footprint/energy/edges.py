"""When a state began and ended, finer than the readings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .trace import MICROSECONDS_PER_HOUR, Floats, Ints

# Levels closer than this tell nothing of where between two readings power moved from one to the other. [1]
LEAST_STEP = 0.10
# So few readings well inside a state say nothing of its level.
FEWEST_INNER = 20


def placed(
    first: Ints,
    start_us: Ints,
    end_us: Ints,
    energy_kwh: Floats,
    level_kw: Floats,
    *,
    is_free: NDArray[np.bool_],
    unnamed_kw: float = float("nan"),
) -> tuple[Ints, Ints, Floats]:
    """Move the edge between two stretches to where the energy of the two readings around it says that it was.

    A reading in which power rose holds some of both levels, and would count as one of them whole. With levels ``a``
    before and ``b`` after, and the two readings next to the edge of energy ``E`` and length ``T``, power was at ``a``
    for ``(b T - E) / (b - a)``, which is taken to the second. No energy is made or lost.

    Parameters
    ----------
    first : ndarray of int64, shape (stretches,)
        First reading of each stretch.
    start_us, end_us, energy_kwh : ndarray, shape (readings,)
        Readings in order.
    level_kw : ndarray, shape (readings,)
        Level of the state each reading was given to; NaN of a state without one, for which its next reading away from
        the edge stands. [kW]
    is_free : ndarray of bool, shape (stretches,)
        Whether the edge before each stretch may be moved.
    unnamed_kw : float
        What a state without a level usually draws, for its stretches of two readings, which have none away from an
        edge; NaN: their edges stay. [kW]

    Returns
    -------
    start_us, end_us, energy_kwh : ndarray, shape (stretches,)
        Stretches; an edge next to one that lasts a single reading stays where it was.

    Examples
    --------
    >>> minute = 60_000_000
    >>> at = np.arange(5) * minute
    >>> kwh = np.array([1.0, 1.0, 2.5, 3.0, 3.0]) / 60
    >>> level = np.array([1.0, 1.0, 3.0, 3.0, 3.0])
    >>> start, end, energy = placed(np.array([0, 2]), at, at + minute, kwh, level, is_free=np.array([False, True]))
    >>> (end / minute).tolist(), (energy * 60).round(6).tolist()
    ([2.25, 5.0], [2.25, 8.25])
    """
    last = np.append(first[1:], len(start_us)) - 1
    starts, ends = start_us[first].copy(), end_us[last].copy()
    kwh = energy_kwh.copy()
    length = last - first + 1
    power = energy_kwh / ((end_us - start_us) / MICROSECONDS_PER_HOUR)
    edge = np.flatnonzero(is_free[1:] & (length[1:] > 1) & (length[:-1] > 1) & (ends[:-1] == starts[1:]))
    i, j = last[edge], first[edge + 1]
    own_before = np.where(length[edge] > 2, power[i - 1], np.maximum(unnamed_kw, power[i]))
    own_after = np.where(length[edge + 1] > 2, power[np.minimum(j + 1, last[-1])], np.maximum(unnamed_kw, power[j]))
    before = np.where(np.isnan(level_kw[i]), own_before, level_kw[i])
    after = np.where(np.isnan(level_kw[j]), own_after, level_kw[j])
    apart = np.abs(after - before) > LEAST_STEP * np.maximum(after, before)
    edge, i, j, before, after = (one[apart] for one in (edge, i, j, before, after))
    whole_h = (end_us[j] - start_us[i]) / MICROSECONDS_PER_HOUR
    energy = energy_kwh[i] + energy_kwh[j]
    before_h = np.round(3600 * np.clip((after * whole_h - energy) / (after - before), 0.0, whole_h)) / 3600
    moment = start_us[i] + np.round(before_h * MICROSECONDS_PER_HOUR).astype(np.int64)
    # An edge at the far end of its reading would leave the energy of that reading in no time.
    inner = (moment > start_us[i]) & (moment < end_us[j])
    edge, i, j, moment = (one[inner] for one in (edge, i, j, moment))
    kwh[i] = (before * before_h)[inner]
    kwh[j] = (energy - before * before_h)[inner]
    ends[edge], starts[edge + 1] = moment, moment
    return starts, ends, np.add.reduceat(kwh, first)


def inner_kw(mine: NDArray[np.bool_], power_kw: Floats) -> float:
    """Median power of a state's readings that have it on both sides; NaN where they are fewer than 20. [kW]

    >>> of_five, power = np.arange(100) % 5, np.full(100, 7.0)
    >>> inner_kw(of_five > 1, power), inner_kw(of_five > 2, power)
    (7.0, nan)
    """
    inner = np.flatnonzero(mine[1:-1] & mine[:-2] & mine[2:]) + 1
    return float(np.median(power_kw[inner])) if len(inner) >= FEWEST_INNER else float("nan")


def by_inner_readings(state: NDArray[np.int8], power_kw: Floats, level_kw: Floats) -> Floats:
    """Levels moved to where the readings lie that have their own state on both sides.

    The others hold some of two states, and where stretches are a few readings long they pull a level towards its
    neighbour, which is then taken to last too long.

    Parameters
    ----------
    state : ndarray of int8, shape (readings,)
        State of each reading, in order.
    power_kw, level_kw : ndarray, shape (readings,)
        Its power, and the level of its state; NaN of a state without one. [kW]

    Returns
    -------
    ndarray, shape (readings,)
        The level of each state times the median of power over level among its inner readings; as it was where there
        are fewer than 20 of them.

    Examples
    --------
    >>> state, power = np.repeat([2, 3], [30, 30]), np.repeat([1.0, 2.0], [30, 30])
    >>> by_inner_readings(state, power, np.repeat([1.0, 1.6], [30, 30]))[[0, -1]].tolist()
    [1.0, 2.0]
    """
    inner = np.zeros(len(state), dtype=bool)
    inner[1:-1] = (state[1:-1] == state[:-2]) & (state[1:-1] == state[2:])
    found = level_kw.copy()
    for one in np.unique(state):
        mine = inner & (state == one) & (level_kw > 0.0)
        if np.count_nonzero(mine) >= FEWEST_INNER:
            found[state == one] *= np.median(power_kw[mine] / level_kw[mine])
    return found
