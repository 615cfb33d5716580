"""The relaxed plan over every pattern there could be, by column generation.

Each injection gets a value, each kind of pack a surcharge; the most valuable pattern of each window enters the plan if
it is worth more than its pack (Gilmore and Gomory, Oper Res 1961;9:849). When none is, the plan is the best relaxed
one, and its weight is one that no whole plan can go below.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array, eye_array, hstack, vstack

from .pairs import Pairs, best_allowed
from .patterns import Pattern, Windows

# Patterns are counted in groups: shared ones by kind of pack, (0, pack), private ones by weight, (1, weight).
Group = tuple[int, float]
_TOLERANCE = 1e-7
_ROUNDING = 1e-6


def group_of(pattern: Pattern) -> Group:
    """The group in which a pattern is counted.

    >>> group_of(Pattern(24.0, (3,), None)), group_of(Pattern(105.0, (1, 2), 4))
    ((1, 24.0), (0, 4))
    """
    return (1, pattern.weight) if pattern.pack is None else (0, pattern.pack)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a branch has decided: how many of each group, who gets private packs (1) or not (0), who shares a pack."""

    least: Mapping[Group, int] = field(default_factory=dict)
    most: Mapping[Group, int] = field(default_factory=dict)
    private: Mapping[int, int] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=Pairs)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A relaxed plan: its weight, and the share of each pattern taken, in the order of the pool.

    Where ``is_whole`` is false something stays unserved, at a weight beyond any plan's: no plan is in this branch, or
    none that could be better.
    """

    weight: float
    shares: NDArray[np.float64]
    is_whole: bool = True


class Pool:
    """Patterns found so far; grows while relaxed plans are made, and every pattern stays valid for every branch."""

    def __init__(self, start: list[Pattern], windows: Windows, count: int) -> None:
        self.patterns: list[Pattern] = []
        self.windows = windows
        self.count = count
        self._known: set[tuple[int | None, tuple[int, ...]]] = set()
        # What it weighs to serve an injection not at all: far more than every plan, so that a branch whose patterns
        # have not been found yet is priced until they are, and never closed for want of them.
        self.unserved = 10.0 * max(1.0, sum(pattern.weight for pattern in start))
        # Every plan's weight is a multiple of the step, and plans above the ceiling are of no interest.
        self.step = 0.0
        self.ceiling = math.inf
        for pattern in start:
            self.add(pattern)

    def add(self, pattern: Pattern) -> bool:
        """Whether the pattern was new."""
        key = (pattern.pack, pattern.injections)
        if key in self._known:
            return False
        self._known.add(key)
        self.patterns.append(pattern)
        return True

    def relax(self, limits: Limits, left: frozenset[int] | None = None) -> Relaxed | None:
        """The best relaxed plan within ``limits`` for the injections ``left``; ``None`` when the limits contradict."""
        wanted = np.ones(self.count)
        if left is not None:
            wanted[[j for j in range(self.count) if j not in left]] = 0.0
        while True:
            rows, sides = self._counts(limits)
            unserved = vstack([-eye_array(self.count), csc_array((len(rows), self.count))])
            answer = linprog(
                np.concatenate([self.weights(), np.full(self.count, self.unserved)]),
                A_ub=hstack([vstack([-self.cover(), *rows]), unserved]).tocsc(),
                b_ub=np.concatenate([-wanted, sides]),
                bounds=[*self._bounds(limits), *[(0.0, None)] * self.count],
                method="highs",
            )
            if answer.status != 0:
                return None
            count = len(self.patterns)
            weight = float(answer.fun)
            low = weight - self._price(answer.ineqlin.marginals, limits)
            if low == weight or self.round_up(low) == self.round_up(weight):
                # Patterns that pricing has just added, though the weight needs them no more, have no share.
                shares = np.concatenate([answer.x[:count], np.zeros(len(self.patterns) - count)])
                return Relaxed(low, shares, bool(answer.x[count:].max() < _TOLERANCE))

    def round_up(self, weight: float) -> float:
        """The least weight a whole plan can have that weighs no less."""
        return weight if self.step == 0 else math.ceil(weight / self.step - _ROUNDING) * self.step

    def cover(self) -> csc_array:
        """Which pattern (column) serves which injection (row)."""
        rows = np.array([j for pattern in self.patterns for j in pattern.injections], dtype=np.int32)
        ends = np.cumsum([0] + [len(pattern.injections) for pattern in self.patterns])
        return csc_array((np.ones(len(rows)), rows, ends), shape=(self.count, len(self.patterns)))

    def weights(self) -> NDArray[np.float64]:
        """Weight of each pattern."""
        return np.array([pattern.weight for pattern in self.patterns])

    def taken(self, shares: NDArray[np.float64]) -> dict[Group, float]:
        """How many patterns of each group a relaxed plan takes, shared packs first."""
        counts: dict[Group, float] = {}
        for pattern, share in zip(self.patterns, shares.tolist(), strict=True):
            counts[group_of(pattern)] = counts.get(group_of(pattern), 0.0) + share
        return dict(sorted(counts.items()))

    def _price(self, marginals: NDArray[np.float64], limits: Limits) -> float:
        """Add every window's best pattern that is worth more than its pack; how much lower the weight may get by all.

        A kind of pack cannot be opened more often than its limit, nor than the ceiling pays for (Farley, Oper Res
        1990;38:922).
        """
        values = np.maximum(0.0, -marginals[: self.count])
        surcharge = self._surcharges(marginals[self.count :], limits)
        gains: dict[int, float] = {}
        for window in self.windows.windows:
            value, injections = best_allowed(window, self.windows.volumes, values, limits.pairs)
            gain = value - window.weight - surcharge.get((0, window.pack), 0.0)
            if gain > _TOLERANCE and self.add(Pattern(window.weight, injections, window.pack)):
                paid = self.ceiling / window.weight if window.weight > 0 else math.inf
                most = min(limits.most.get((0, window.pack), math.inf), paid)
                gains[window.pack] = max(gains.get(window.pack, 0.0), gain * most)
        return math.fsum(gains.values())

    def _counts(self, limits: Limits) -> tuple[list[csc_array], NDArray[np.float64]]:
        """Rows and right-hand sides that hold the number of patterns of each group within its limits."""
        groups = [group_of(pattern) for pattern in self.patterns]

        def row(group: Group, sign: float) -> csc_array:
            return csc_array(np.array([sign if mine == group else 0.0 for mine in groups])[None, :])

        rows = [row(group, 1.0) for group in limits.most] + [row(group, -1.0) for group in limits.least]
        sides = np.array([*limits.most.values(), *(-count for count in limits.least.values())], dtype=float)
        return rows, sides

    def _surcharges(self, marginals: NDArray[np.float64], limits: Limits) -> dict[Group, float]:
        surcharge: dict[Group, float] = {}
        signs = [(group, -1.0) for group in limits.most] + [(group, 1.0) for group in limits.least]
        for (group, sign), marginal in zip(signs, marginals.tolist(), strict=True):
            surcharge[group] = surcharge.get(group, 0.0) + sign * marginal
        return surcharge

    def _bounds(self, limits: Limits) -> list[tuple[float, float | None]]:
        def bound(pattern: Pattern) -> tuple[float, float | None]:
            if not limits.pairs.allows(pattern.injections):
                return (0.0, 0.0)
            decided = limits.private.get(pattern.injections[0]) if pattern.pack is None else None
            return (0.0, None) if decided is None else (float(decided), float(decided))

        return [bound(pattern) for pattern in self.patterns]
