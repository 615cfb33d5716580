"""The readings of one meter as one line of time: newest versions, no overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Readings:
    """Half-open intervals, sorted, without overlap. Energy not known is not a number. [us, kWh]"""

    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    flags: NDArray[Any]


def without_overlap(readings: Readings) -> Readings:
    """Of intervals that overlap keep the finer ones, unless they cover half of the coarser or less.

    Where two files tell of the same time, the one with shorter intervals knows more. A longer interval is dropped whole
    when shorter ones cover more than half of it, and replaces them otherwise: to cut it would be a guess. What is not
    known never displaces what is, and what is known is left out only for what overlaps it.

    >>> coarse_and_fine = Readings(np.array([0, 0, 5]), np.array([10, 5, 10]), np.array([9.0, 4.0, 5.0]),
    ...                            np.array(["", "", ""], dtype=object))
    >>> without_overlap(coarse_and_fine).energy_kwh.tolist()
    [4.0, 5.0]
    """
    start, end = readings.start_us, readings.end_us
    order = np.lexsort((end - start, start))
    if bool(np.all(start[order][1:] >= end[order][:-1])):
        return _taken(readings, order)
    is_known = ~np.isnan(readings.energy_kwh)
    kept = np.zeros(len(start), dtype=np.bool_)
    for length in np.unique((end - start)[is_known]):
        _add_level(readings, kept, order[(is_known & (end - start == length))[order]])
    # What gave way to a longer one that gave way itself is free again; then what is not known fills what is left.
    for length in np.unique((end - start)[is_known]):
        _fill(readings, kept, order[(is_known & (end - start == length))[order]])
    _fill(readings, kept, order[~is_known[order]])
    return _taken(readings, order[kept[order]])


def _add_level(readings: Readings, kept: NDArray[np.bool_], level: _Places) -> None:
    """Add intervals of one length, in order of start, to shorter ones; ``kept`` is changed in place."""
    start, end = readings.start_us, readings.end_us
    in_order = np.flatnonzero(kept)
    in_order = in_order[np.argsort(start[in_order], kind="stable")]
    taken = level[2 * _covered_us(readings, level, in_order) <= (end - start)[level]]
    taken = _greedy(start, end, taken)
    kept[in_order[_covered_us(readings, in_order, taken) > 0]] = False
    kept[taken] = True


def _fill(readings: Readings, kept: NDArray[np.bool_], places: _Places) -> None:
    """Add intervals, in order of start, where nothing is kept yet; ``kept`` is changed in place."""
    in_order = np.flatnonzero(kept)
    in_order = in_order[np.argsort(readings.start_us[in_order], kind="stable")]
    free = places[_covered_us(readings, places, in_order) == 0]
    kept[_greedy(readings.start_us, readings.end_us, free)] = True


def _covered_us(readings: Readings, places: _Places, others: _Places) -> NDArray[np.int64]:
    """How much of each interval others cover, which are in order and do not overlap. [us]"""
    if not len(others):
        return np.zeros(len(places), dtype=np.int64)
    start, end = readings.start_us[others], readings.end_us[others]
    before = np.concatenate(([0], np.cumsum(end - start)))

    def until(moment: NDArray[np.int64]) -> NDArray[np.int64]:
        """Length of all others before a moment."""
        last = np.searchsorted(start, moment, side="right")
        beyond = np.maximum(end[np.maximum(last - 1, 0)] - moment, 0) * (last > 0)
        found: NDArray[np.int64] = before[last] - beyond
        return found

    return until(readings.end_us[places]) - until(readings.start_us[places])


def _greedy(start: NDArray[np.int64], end: NDArray[np.int64], places: _Places) -> _Places:
    """Of intervals in order of start, those that do not overlap the one kept before."""
    if bool(np.all(start[places][1:] >= end[places][:-1])):
        return places
    kept: list[int] = []
    for place in places.tolist():
        if not kept or start[place] >= end[kept[-1]]:
            kept.append(place)
    return np.array(kept, dtype=np.intp)


def _taken(readings: Readings, places: _Places) -> Readings:
    return Readings(
        readings.start_us[places], readings.end_us[places], readings.energy_kwh[places], readings.flags[places]
    )
