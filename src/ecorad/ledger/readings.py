"""The readings of one meter as one line of time: newest versions, no overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Readings:
    """Half-open intervals, sorted, without overlap. Energy not known is not a number. [us, kWh]"""

    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    flags: NDArray[Any]


def without_overlap(readings: Readings) -> Readings:
    """Keep the finer of intervals that overlap.

    Where two files tell of the same time, the one with shorter intervals knows more. An interval that shares time with
    shorter kept ones is dropped whole: half of it would be a guess.

    >>> coarse_and_fine = Readings(np.array([0, 0, 5]), np.array([10, 5, 10]), np.array([9.0, 4.0, 5.0]),
    ...                            np.array(["", "", ""], dtype=object))
    >>> without_overlap(coarse_and_fine).energy_kwh.tolist()
    [4.0, 5.0]
    """
    start, end = readings.start_us, readings.end_us
    order = np.lexsort((end - start, start))
    start, end = start[order], end[order]
    if len(start) < 2 or bool(np.all(start[1:] >= end[:-1])):
        return _taken(readings, order)
    kept: NDArray[np.bool_] = np.zeros(len(start), dtype=bool)
    by_length = np.argsort(end - start, kind="stable")
    lengths = (end - start)[by_length]
    for level in np.split(by_length, np.flatnonzero(np.diff(lengths)) + 1):
        candidates = np.sort(level)
        free = candidates[~_touches(start, end, candidates, np.flatnonzero(kept))]
        kept[_greedy(start, end, free)] = True
    return _taken(readings, order[kept])


def _touches(
    start: NDArray[np.int64], end: NDArray[np.int64], candidates: NDArray[np.intp], kept: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which candidates share time with any kept interval (those do not overlap each other)."""
    if not len(kept):
        return np.zeros(len(candidates), dtype=bool)
    before = np.searchsorted(start[kept], end[candidates], side="left") - 1
    touched: NDArray[np.bool_] = (before >= 0) & (end[kept][np.maximum(before, 0)] > start[candidates])
    return touched


def _greedy(start: NDArray[np.int64], end: NDArray[np.int64], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of intervals of one length, in order of start, those that do not overlap the one kept before."""
    if not len(places) or bool(np.all(start[places][1:] >= end[places][:-1])):
        return places
    kept, reach = [], None
    for place in places.tolist():
        if reach is None or start[place] >= reach:
            kept.append(place)
            reach = end[place]
    return np.array(kept, dtype=np.intp)


def _taken(readings: Readings, places: NDArray[np.intp]) -> Readings:
    return Readings(
        readings.start_us[places], readings.end_us[places], readings.energy_kwh[places], readings.flags[places]
    )
