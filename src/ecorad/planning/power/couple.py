"""Rules that tie devices together: some of a group awake within some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecorad.model import InputError

from .arcs import solve_arcs
from .dynamic import NOT_POSSIBLE, Field, Ints, cheapest, path_costs
from .joint import solve_joint
from .problem import Bools, Floats, PowerProblem

_ROUNDS = 60
_PATIENCE = 4


@dataclass(frozen=True)
class Group:
    """Devices that rules tie together, and which places count for which rule.

    Parameters
    ----------
    rows : tuple of int
        Devices, as numbers in the problem.
    counts : ndarray of bool, shape (rules, devices, places)
        Whether a device in a place is ready soon enough for a rule.
    need : ndarray, shape (rules, slots)
        How many must be; 0 where a rule does not hold.
    """

    rows: tuple[int, ...]
    counts: Bools
    need: Floats


@dataclass(frozen=True)
class Answer:
    """The ways of some devices, their cost, and a cost that no plan goes below."""

    paths: Ints
    cost: float
    bound: float


def groups_of(problem: PowerProblem, field: Field) -> list[Group]:
    """The devices of each set of rules that share devices."""
    number = {device.name: n for n, device in enumerate(problem.devices)}
    sets: list[tuple[set[int], list[int]]] = []
    for r, rule in enumerate(problem.rules):
        mine, rules = {number[name] for name in rule.devices}, [r]
        apart = [one for one in sets if not one[0] & mine]
        for members, theirs in (one for one in sets if one[0] & mine):
            mine, rules = mine | members, theirs + rules
        sets = [*apart, (mine, rules)]
    return [_group(problem, field, tuple(sorted(members)), sorted(rules)) for members, rules in sets]


def _group(problem: PowerProblem, field: Field, rows: tuple[int, ...], rules: Sequence[int]) -> Group:
    places = field.cost.shape[2]
    counts = np.zeros((len(rules), len(rows), places), dtype=bool)
    need = np.zeros((len(rules), problem.slots))
    for r, rule in enumerate(problem.rules[n] for n in rules):
        if rule.at_least > len(set(rule.devices)):
            raise InputError(f"rule {rules[r] + 1} asks for more devices than it names", code=NOT_POSSIBLE)
        need[r, np.asarray(rule.slots, dtype=bool)] = rule.at_least
        for d, row in enumerate(rows):
            if problem.devices[row].name in rule.devices:
                soon = [place.wake_min <= rule.within_min + 1e-9 for place in field.graphs[row].places]
                counts[r, d, : len(soon)] = soon
    return Group(rows, counts, need)


def ready(group: Group, paths: Ints) -> Floats:
    """How many devices are ready soon enough, shape (rules, slots)."""
    each = [group.counts[:, d, path] for d, path in enumerate(paths)]
    return np.asarray(sum(one.astype(np.float64) for one in each))


def is_kept(group: Group, paths: Ints) -> bool:
    """Whether every rule holds in every slot."""
    return bool(np.all(ready(group, paths) >= group.need))


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
    answer = solve_joint(own, group.counts, group.need, found.worths, found.bound, _most(own, found))
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
    _, awake = cheapest(own, _bonus(group, np.where(on, _overwhelming(own), 0.0)))
    paths, cost = _released(own, group, awake)
    extra = path_costs(own, awake) - calm
    worths = np.where(on, float(np.median(extra)) / max(int(on.sum()), 1), 0.0)
    best, bound, scale, stale = worths, -np.inf, 1.0, 0
    for _ in range(_ROUNDS):
        prices, tried = cheapest(own, _bonus(group, worths))
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


def _bonus(group: Group, worths: Floats) -> Floats:
    """What each place is worth to the rules, shape (devices, slots, places)."""
    return np.asarray(np.einsum("rt,rdn->dtn", worths, group.counts.astype(np.float64)))
