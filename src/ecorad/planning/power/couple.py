"""Rules that tie devices together: some of a group awake within some minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecorad.model import InputError

from .arcs import solve_arcs
from .dynamic import NOT_POSSIBLE, Field, Ints, cheapest, path_costs
from .group import Group, is_kept, ready
from .joint import solve_joint
from .problem import Floats

_ROUNDS = 60
_PATIENCE = 4


@dataclass(frozen=True)
class Answer:
    """The ways of some devices, their cost, and a cost that no plan goes below."""

    paths: Ints
    cost: float
    bound: float


def solve_group(field: Field, group: Group, time_limit_s: float) -> Answer:
    """The cheapest ways of devices that rules tie together.

    Each slot's readiness is given a worth, and the dynamic programme a bonus for it; whatever the worths, this bounds
    the cost from below (Lagrange). With the worths that bound it best, a search over the devices together leaves out
    whatever cannot be part of a plan as cheap as the best one found on the way; what it finds is proved. A group too
    large for that is put to branch and cut.

    Raises
    ------
    InputError
        When the rules cannot be kept.
    """
    own = field.take(group.rows)
    found = _priced(own, group)
    if found.paths is not None and found.cost <= found.bound + _close(found.bound):
        return Answer(found.paths, found.cost, min(found.bound, found.cost))
    answer = solve_joint(own, group, found.worths, found.bound, _most(own, found))
    if answer is not None:
        return Answer(answer[0], answer[1], answer[1])
    exact = solve_arcs(own, group.counts, group.need, time_limit_s)
    best = [] if found.paths is None else [(found.cost, found.paths)]
    bound = found.bound
    if exact is not None:
        best.append((float(path_costs(own, exact[0]).sum()), exact[0]))
        bound = max(bound, exact[1])
    if not best:
        raise InputError("the rules of readiness cannot all be kept", code=NOT_POSSIBLE)
    cost, paths = min(best, key=lambda one: one[0])
    return Answer(paths, cost, min(bound, cost))


@dataclass(frozen=True)
class Priced:
    """The best worths found, their bound, and the cheapest plan that kept the rules on the way, if one did."""

    worths: Floats
    bound: float
    paths: Ints | None
    cost: float


def _priced(own: Field, group: Group) -> Priced:
    """Subgradient ascent over the worths, with the step of Polyak 1969."""
    on = group.need > 0
    calm, _ = cheapest(own)
    _, awake = cheapest(own, group.bonus(np.where(on, _overwhelming(own), 0.0)))
    paths, cost = _released(own, group, awake)
    extra = path_costs(own, awake) - calm
    worths = np.where(on, float(np.median(extra)) / max(int(on.sum()), 1), 0.0)
    best, bound, scale, stale = worths, -np.inf, 1.0, 0
    for _ in range(_ROUNDS):
        prices, tried = cheapest(own, group.bonus(worths))
        value = float(prices.sum() + (worths * group.need).sum())
        have = ready(group, tried)
        if np.all(have >= group.need):
            one = float(path_costs(own, tried).sum())
            paths, cost = (tried, one) if one < cost else (paths, cost)
        stale = 0 if value > bound else stale + 1
        best, bound = (worths, value) if value > bound else (best, bound)
        if stale == _PATIENCE:
            worths, scale, stale = best, scale / 2, 0
            continue
        missing = np.where(on, group.need - have, 0.0)
        missing[(worths <= 0) & (missing < 0)] = 0.0
        target = cost if np.isfinite(cost) else value + 0.05 * abs(value) + 1.0
        norm = float((missing**2).sum())
        if norm == 0 or target <= bound + _close(bound):
            break
        worths = np.maximum(worths + scale * max(target - value, 0.0) / norm * missing, 0.0)
    return Priced(best, bound, paths, cost)


def _most(own: Field, found: Priced) -> float:
    """A cost that a plan worth having does not pass."""
    return found.cost if np.isfinite(found.cost) else found.bound + _overwhelming(own)


def _released(own: Field, group: Group, awake: Ints) -> tuple[Ints | None, float]:
    """From everyone awake, devices go their own best way while the rules hold, those that save most first."""
    if not is_kept(group, awake):
        return None, np.inf
    calm, free = cheapest(own)
    paths = awake.copy()
    for d in np.argsort(calm - path_costs(own, awake), kind="stable"):
        trial = paths.copy()
        trial[d] = free[d]
        paths = trial if is_kept(group, trial) else paths
    return paths, float(path_costs(own, paths).sum())


def _overwhelming(own: Field) -> float:
    """A worth above anything that could be saved."""
    finite = np.where(np.isfinite(own.cost), np.abs(own.cost), 0.0)
    switches = np.where(np.isfinite(own.switch_kwh), np.abs(own.switch_kwh), 0.0)
    return 1.0 + 10.0 * float(finite.sum(axis=1).max() + own.cost.shape[1] * switches.max() * np.abs(own.price).max())


def _close(value: float) -> float:
    return 1e-7 * max(1.0, abs(value))
