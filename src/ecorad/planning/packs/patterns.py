"""Patterns: which injections one shared pack may serve, priced by dynamic programming.

A pack opened at an injection serves every later one within its in-use life, up to its size. The best pattern for given
values of the injections is a 0/1 knapsack over the injections of one such window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from .problem import PackProblem, tenths


@dataclass(frozen=True, slots=True)
class Window:
    """Injections that one kind of pack may serve together in time; not contained in another window of that pack."""

    pack: int
    weight: float
    capacity: int
    injections: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One opened pack and the injections drawn from it; ``pack`` is ``None`` for a private set."""

    weight: float
    injections: tuple[int, ...]
    pack: int | None


@dataclass(frozen=True, slots=True)
class Windows:
    """All windows, with volumes and capacities in the largest common unit."""

    volumes: NDArray[np.int64]
    windows: tuple[Window, ...]


def windows_of(problem: PackProblem) -> Windows:
    """The windows of every multi-patient pack.

    An item larger than the pack never enters one of its windows.
    """
    volumes = np.array([tenths(injection.volume_ml) for injection in problem.injections], dtype=np.int64)
    shared = [k for k, pack in enumerate(problem.packs) if pack.multi_patient and problem.sharing]
    capacities = {k: math.floor(round(problem.packs[k].size_ml * 10, 6)) for k in shared}
    unit = reduce(math.gcd, [*volumes.tolist(), *capacities.values()], 0) or 1
    found: list[Window] = []
    for k in shared:
        for members in _maximal_members(problem, k):
            fitting = tuple(j for j in members if volumes[j] <= capacities[k])
            if len(fitting) > 1:
                found.append(Window(k, problem.weight(problem.packs[k]), capacities[k] // unit, fitting))
    return Windows(volumes // unit, tuple(found))


def _maximal_members(problem: PackProblem, k: int) -> Iterator[tuple[int, ...]]:
    life = timedelta(hours=problem.packs[k].in_use_life_h)
    times = [injection.at for injection in problem.injections]
    reached = -1
    for first, opened in enumerate(times):
        last = max(j for j in range(first, len(times)) if times[j] <= opened + life)
        if last > reached:
            reached = last
            yield tuple(range(first, last + 1))


def best_pattern(
    window: Window, volumes: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[float, tuple[int, ...]]:
    """Most valuable injections of a window that fit into one pack.

    Returns
    -------
    (value, injections)
        Exact optimum of the 0/1 knapsack.

    Examples
    --------
    >>> window = Window(0, 1.0, 10, (0, 1, 2))
    >>> best_pattern(window, np.array([6, 5, 4]), np.array([3.0, 4.0, 2.0]))
    (6.0, (1, 2))
    """
    worth = [j for j in window.injections if values[j] > 0]
    best = np.zeros(window.capacity + 1)
    taken = np.zeros((len(worth), window.capacity + 1), dtype=bool)
    for row, j in enumerate(worth):
        volume = int(volumes[j])
        with_it = best[: window.capacity + 1 - volume] + values[j]
        taken[row, volume:] = with_it > best[volume:] + 1e-12
        best[volume:] = np.maximum(best[volume:], with_it)
    room = window.capacity
    chosen = []
    for row in range(len(worth) - 1, -1, -1):
        if taken[row, room]:
            chosen.append(worth[row])
            room -= int(volumes[worth[row]])
    return float(best[-1]), tuple(sorted(chosen))
