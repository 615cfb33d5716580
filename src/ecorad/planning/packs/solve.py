"""Branch and price: relaxed plans give bounds, dives give plans, branching on counts of packs closes the gap.

A relaxed plan opens 5.84 bulk packs where a real one opens five or six. That is nearly all of its weakness, so the
search decides first how many packs of each kind are opened, then how many private sets of each weight, then who gets
them, and last which injections share a pack.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

import numpy as np
from scipy.optimize import LinearConstraint, milp

from .pairs import half_joined
from .patterns import Pattern, Windows
from .relaxation import Limits, Pool, Relaxed

_TOLERANCE = 1e-6
_WHOLE_LIMIT_S = 2.0
# A dive costs many times what a node does, and of neighbouring nodes it mostly finds the same plan.
_DIVE_EVERY = 8


@dataclass(frozen=True, slots=True)
class Solution:
    """Chosen patterns, their weight, and a weight no plan can go below."""

    patterns: tuple[Pattern, ...]
    weight: float
    bound: float

    @property
    def is_optimal(self) -> bool:
        """Whether the bound is met."""
        return self.weight <= self.bound + _TOLERANCE * max(1.0, abs(self.weight))


def solve(start: list[Pattern], windows: Windows, count: int, time_limit_s: float) -> Solution:
    """Cover injections 0 to ``count - 1`` at the least weight.

    Parameters
    ----------
    start : list of Pattern
        Patterns that cover every injection: the private sets.
    windows : Windows
        Where shared patterns may come from.
    count : int
        Number of injections.
    time_limit_s : float
        After this no new branch is opened; the answer is then the best plan found, with an honest bound. [s]
    """
    if not count:
        return Solution((), 0.0, 0.0)
    pool = Pool(start, windows, count)
    search = _Search(pool, _step(start, windows), tuple(start))
    return search.run(time.monotonic() + time_limit_s)


class _Search:
    """Best bound first; ``best`` is the best plan so far."""

    def __init__(self, pool: Pool, step: float, first: tuple[Pattern, ...]) -> None:
        self.pool = pool
        self.best = first
        self.weight = _weight(first)
        pool.step, pool.ceiling = step, self.weight
        self.stuck: list[float] = []

    def run(self, deadline: float) -> Solution:
        order = itertools.count()
        queue = [(0.0, next(order), Limits())]
        nodes = 0
        while queue and time.monotonic() < deadline:
            bound, _, limits = heapq.heappop(queue)
            if self._is_closed(bound):
                continue
            relaxed = self.pool.relax(limits)
            if relaxed is None or self._is_closed(self.pool.round_up(relaxed.weight)):
                continue
            bound = self.pool.round_up(relaxed.weight)
            if not relaxed.is_whole:
                self.stuck.append(bound)
                continue
            branches = self._branch(limits, relaxed)  # before diving, which adds patterns to the pool
            if nodes % _DIVE_EVERY == 0:
                self._dive(relaxed)
            nodes += 1
            if not branches and not self._is_closed(bound):
                self._whole()
                self.stuck.append(bound)
            for branch in branches:
                heapq.heappush(queue, (bound, next(order), branch))
        open_bounds = [bound for bound, _, _ in queue] + self.stuck
        return Solution(self.best, self.weight, min([self.weight, *open_bounds]))

    def _is_closed(self, bound: float) -> bool:
        return bound >= self.weight - _TOLERANCE * max(1.0, abs(self.weight))

    def _keep(self, plan: tuple[Pattern, ...]) -> None:
        if _weight(plan) < self.weight:
            self.best, self.weight = plan, _weight(plan)
            self.pool.ceiling = self.weight

    def _dive(self, relaxed: Relaxed) -> None:
        """Take the largest share of a relaxed plan whole, relax the rest, and so on: a good plan, fast."""
        left = frozenset(range(self.pool.count))
        chosen: list[Pattern] = []
        while left:
            order = np.argsort(-relaxed.shares, kind="stable")
            sure = [i for i in order.tolist() if relaxed.shares[i] > 1 - _TOLERANCE] or [int(order[0])]
            for pattern in (self.pool.patterns[i] for i in sure):
                mine = tuple(j for j in pattern.injections if j in left)
                if mine:
                    chosen.append(replace(pattern, injections=mine))
                    left -= set(mine)
            again = self.pool.relax(Limits(), left) if left else relaxed
            if again is None or _weight(chosen) >= self.weight:
                return
            relaxed = again
        self._keep(tuple(chosen))

    def _branch(self, limits: Limits, relaxed: Relaxed) -> list[Limits]:
        """Two branches that between them hold every whole plan of this one; none when nothing is left to decide."""
        taken = self.pool.taken(relaxed.shares)
        # Shared packs weigh most, so they are decided first; then how many private sets of each weight.
        for group in sorted(taken, key=lambda group: (group[0], -_fraction(taken[group]))):
            count = taken[group]
            if _fraction(count) > _TOLERANCE:
                fewer = replace(limits, most={**limits.most, group: math.floor(count)})
                return [fewer, replace(limits, least={**limits.least, group: math.ceil(count)})]
        pairs = zip(self.pool.patterns, relaxed.shares.tolist(), strict=True)
        private = {p.injections[0]: share for p, share in pairs if p.pack is None}
        j = max(private, key=lambda one: _fraction(private[one]), default=None)
        if j is not None and _fraction(private[j]) > _TOLERANCE:
            return [replace(limits, private={**limits.private, j: decided}) for decided in (1, 0)]
        pair = half_joined(self.pool.patterns, relaxed.shares.tolist())
        if pair is None:
            return []
        return [replace(limits, pairs=limits.pairs.with_pair(pair, together=decided)) for decided in (True, False)]

    def _whole(self) -> None:
        """The best whole plan from the patterns found so far."""
        answer = milp(
            self.pool.weights(),
            constraints=LinearConstraint(self.pool.cover(), lb=1.0),
            integrality=np.ones(len(self.pool.patterns)),
            bounds=(0, 1),
            options={"time_limit": _WHOLE_LIMIT_S, "mip_rel_gap": 0.0},
        )
        if answer.x is not None:
            self._keep(tuple(p for p, taken in zip(self.pool.patterns, answer.x, strict=True) if taken > 0.5))


def _weight(patterns: tuple[Pattern, ...] | list[Pattern]) -> float:
    return math.fsum(pattern.weight for pattern in patterns)


def _fraction(number: float) -> float:
    """Distance to the nearest whole number."""
    return abs(number - round(number))


def _step(start: list[Pattern], windows: Windows) -> float:
    """The largest number of which every weight is a multiple; every plan's weight is one, too. 0 when there is none."""
    weights = {pattern.weight for pattern in start} | {window.weight for window in windows.windows}
    parts = [Fraction(weight).limit_denominator(10_000) for weight in sorted(weights)]
    if any(abs(float(part) - weight) > 1e-12 for part, weight in zip(parts, sorted(weights), strict=True)):
        return 0.0
    denominator = math.lcm(*(part.denominator for part in parts))
    return float(Fraction(reduce(math.gcd, (int(part * denominator) for part in parts), 0), denominator))
