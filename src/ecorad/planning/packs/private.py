"""Packs opened for one patient alone: the cheapest set that holds the volume."""

from __future__ import annotations

import math

from .problem import PackProblem, tenths


def cheapest_sets(problem: PackProblem, largest_tenths: int) -> list[tuple[float, float, tuple[int, ...]]]:
    """For every volume 0 to ``largest_tenths`` the best packs to open for it.

    Unbounded covering knapsack by dynamic programming over volume: exact.

    Parameters
    ----------
    problem : PackProblem
        Packs and objective.
    largest_tenths : int
        Largest volume asked for. [0.1 mL]

    Returns
    -------
    list of (weight, other, packs)
        Weight in the objective, the other objective as tie-break, indices of the packs.

    Examples
    --------
    >>> from .problem import Pack
    >>> shelf = (Pack("50", 50, 20, False, 0), Pack("100", 100, 50, False, 0))
    >>> weight, _, packs = cheapest_sets(PackProblem((), shelf), 1000)[1000]
    >>> weight, packs  # two small ones are cheaper here
    (40.0, (0, 0))
    """
    packs = problem.packs
    sizes = [math.floor(round(pack.size_ml * 10, 6)) for pack in packs]
    by_cost = problem.objective == "cost"
    weights = [(problem.weight(pack), pack.size_ml if by_cost else pack.price) for pack in packs]
    best: list[tuple[float, float, tuple[int, ...]]] = [(0.0, 0.0, ())]
    for volume in range(1, largest_tenths + 1):
        options = []
        for index, (size, (weight, other)) in enumerate(zip(sizes, weights, strict=True)):
            rest = best[max(0, volume - size)]
            options.append((rest[0] + weight, rest[1] + other, tuple(sorted((*rest[2], index)))))
        best.append(min(options))
    return best


def private_sets(problem: PackProblem) -> list[tuple[float, tuple[int, ...]]]:
    """Weight and packs of the best private set of each injection, in the order of the problem."""
    volumes = [tenths(injection.volume_ml) for injection in problem.injections]
    best = cheapest_sets(problem, max(volumes, default=0))
    return [(best[volume][0], best[volume][2]) for volume in volumes]
