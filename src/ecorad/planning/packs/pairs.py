"""Two injections from one pack, or not: the last thing a search decides, when every count is whole and plans are not.

Of a real plan, in which each injection is drawn from one place, two injections share a pack or they do not (Ryan and
Foster 1981). "Together" lets no pattern have one of them without the other, "apart" none have both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .patterns import Pattern, Window, best_pattern

Pair = tuple[int, int]
_FRACTION = 1e-6


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was decided about pairs of injections, the smaller number first."""

    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()

    def allows(self, injections: Sequence[int]) -> bool:
        """Whether one pack may serve exactly these.

        >>> Pairs(together=frozenset({(1, 2)})).allows((1, 3)), Pairs(apart=frozenset({(1, 2)})).allows((1, 3))
        (False, True)
        """
        mine = set(injections)
        return all((i in mine) == (j in mine) for i, j in self.together) and not any(
            i in mine and j in mine for i, j in self.apart
        )

    def with_pair(self, pair: Pair, *, together: bool) -> Pairs:
        """The same with one more decision."""
        if together:
            return Pairs(self.together | {pair}, self.apart)
        return Pairs(self.together, self.apart | {pair})


def best_allowed(
    window: Window, volumes: NDArray[np.int64], values: NDArray[np.float64], pairs: Pairs
) -> tuple[float, tuple[int, ...]]:
    """Most valuable injections of a window that fit into one pack and that ``pairs`` allow. Exact.

    >>> window = Window(0, 1.0, 10, (0, 1, 2))
    >>> volumes, values = np.array([6, 4, 3]), np.array([3.0, 4.0, 2.0])
    >>> best_allowed(window, volumes, values, Pairs())
    (7.0, (0, 1))
    >>> best_allowed(window, volumes, values, Pairs(apart=frozenset({(0, 1)})))
    (6.0, (1, 2))
    >>> best_allowed(window, volumes, values, Pairs(together=frozenset({(0, 2)})))
    (5.0, (0, 2))
    """
    if not pairs.together and not pairs.apart:
        return best_pattern(window, volumes, values)
    blocks = _blocks(window.injections, pairs.together)
    joint_volumes, joint_values = volumes.copy(), values.copy()
    for first, members in blocks.items():
        joint_volumes[first] = volumes[list(members)].sum()
        joint_values[first] = values[list(members)].sum()
    inside = [first for first, members in blocks.items() if joint_volumes[first] <= window.capacity and members]
    block_of = {j: first for first, members in blocks.items() for j in members}
    clashes = [(block_of[i], block_of[j]) for i, j in pairs.apart if i in block_of and j in block_of]
    free = [first for first in inside if (first, first) not in clashes]
    value, chosen = _without_clash(window, joint_volumes, joint_values, clashes, free)
    return value, tuple(sorted(j for first in chosen for j in blocks[first]))


def half_joined(patterns: Sequence[Pattern], shares: Iterable[float]) -> Pair | None:
    """The pair of injections whose time together in shared packs is furthest from whole; ``None`` without any."""
    joined: dict[Pair, float] = {}
    for pattern, share in zip(patterns, shares, strict=True):
        if pattern.pack is not None and share > _FRACTION:
            for n, i in enumerate(pattern.injections):
                for j in pattern.injections[n + 1 :]:
                    joined[i, j] = joined.get((i, j), 0.0) + share
    pair = min(joined, key=lambda one: (abs(joined[one] - 0.5), one), default=None)
    return pair if pair is not None and _FRACTION < joined[pair] < 1.0 - _FRACTION else None


def _without_clash(
    window: Window,
    volumes: NDArray[np.int64],
    values: NDArray[np.float64],
    clashes: Sequence[Pair],
    free: Sequence[int],
) -> tuple[float, tuple[int, ...]]:
    """The knapsack; where two that may not meet do, the better of leaving out the one or the other."""
    value, chosen = best_pattern(Window(window.pack, window.weight, window.capacity, tuple(free)), volumes, values)
    met = next(((i, j) for i, j in clashes if i in chosen and j in chosen), None)
    if met is None:
        return value, chosen
    ways = (_without_clash(window, volumes, values, clashes, [one for one in free if one != leave]) for leave in met)
    return max(ways)


def _blocks(injections: Sequence[int], together: frozenset[Pair]) -> dict[int, tuple[int, ...]]:
    """Injections that only come together, by their first; a block that is not wholly in the window is left out."""
    block: dict[int, set[int]] = {}
    for i, j in together:
        joint = block.get(i, {i}) | block.get(j, {j})
        for one in joint:
            block[one] = joint
    inside = set(injections)
    found = {}
    for j in injections:
        members = block.get(j, {j})
        if j == min(members) and members <= inside:
            found[j] = tuple(sorted(members))
    return found
