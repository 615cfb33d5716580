"""Rules that tie devices together: some of a group awake within some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from ecorad.model import InputError

from .arcs import solve_arcs
from .dynamic import NOT_POSSIBLE, Field, Ints, cheapest, cost_of, refuse_impossible
from .problem import Bools, Floats, PowerProblem

_ROUNDS = 200
_TOLERANCE = 1e-9


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


def solve_group(problem: PowerProblem, field: Field, group: Group, time_limit_s: float) -> Answer:
    """The cheapest ways of devices that rules tie together.

    Ways are made one at a time by the dynamic programme, priced by what a slot's readiness is worth to the group (a
    Dantzig-Wolfe decomposition). The value of the relaxation is a bound; when the best whole choice among the ways
    meets it, that choice is proved. Otherwise the same problem is put to branch and cut over the steps themselves.

    Raises
    ------
    InputError
        When the rules cannot be kept.
    """
    own = field.take(group.rows)
    master = _Master(own, group)
    _, calm = cheapest(own)
    master.add(calm)
    worth = 1.0 + 1e3 * float(np.max(np.abs(np.where(np.isfinite(own.cost), own.cost, 0.0)), initial=1.0))
    _, awake = cheapest(own, _bonus(group, np.where(group.need > 0, worth, 0.0)))
    refuse_impossible(cheapest(own)[0], problem)
    master.add(awake)
    bound = -np.inf
    for _ in range(_ROUNDS):
        worths, shares = master.relaxed()
        cost, paths = cheapest(own, _bonus(group, worths))
        bound = max(bound, float(cost.sum() + (worths * group.need).sum()))
        fresh = cost < shares - _TOLERANCE
        if not fresh.any() or not master.add(paths, fresh):
            break
    answer = master.whole()
    if answer is not None and answer.cost <= bound + _close(bound):
        return Answer(answer.paths, answer.cost, min(bound, answer.cost))
    exact = solve_arcs(own, group.counts, group.need, time_limit_s)
    if exact is None and answer is None:
        raise InputError("the rules of readiness cannot all be kept", code=NOT_POSSIBLE)
    return _better(answer, exact, bound, own)


def _better(answer: Answer | None, exact: tuple[Ints, float] | None, bound: float, own: Field) -> Answer:
    """The cheaper of both, with the higher bound."""
    found = [] if answer is None else [answer]
    if exact is not None:
        paths, low = exact
        bound = max(bound, low)
        found.append(Answer(paths, sum(cost_of(own, d, path) for d, path in enumerate(paths)), low))
    best = min(found, key=lambda one: one.cost)
    return Answer(best.paths, best.cost, min(bound, best.cost))


def _close(value: float) -> float:
    return 1e-7 * max(1.0, abs(value))


def _bonus(group: Group, worths: Floats) -> Floats:
    """What each place is worth to the rules, shape (devices, slots, places)."""
    return np.asarray(np.einsum("rt,rdn->dtn", worths, group.counts.astype(np.float64)))


class _Master:
    """Ways found so far, and the best mixture or choice of them."""

    def __init__(self, own: Field, group: Group) -> None:
        self.own, self.group = own, group
        self.device: list[int] = []
        self.path: list[Ints] = []
        self.cost: list[float] = []
        self.cover: list[Floats] = []
        self.seen: set[tuple[int, bytes]] = set()
        self.active = group.need > 0

    def add(self, paths: Ints, wanted: Bools | None = None) -> int:
        """Keep new ways; how many there were."""
        before = len(self.path)
        for d, path in enumerate(paths):
            if (wanted is None or wanted[d]) and (d, path.tobytes()) not in self.seen:
                self.seen.add((d, path.tobytes()))
                self.device.append(d)
                self.path.append(path)
                self.cost.append(cost_of(self.own, d, path))
                self.cover.append(self.group.counts[:, d, path][self.active].astype(np.float64))
        return len(self.path) - before

    def relaxed(self) -> tuple[Floats, Floats]:
        """Worth of readiness in each rule and slot, and what each device's mixture costs after it."""
        rows = int(self.active.sum())
        need = self.group.need[self.active]
        big = 10.0 * (1.0 + sum(abs(cost) for cost in self.cost))
        cover = np.column_stack([*self.cover]) if self.cover else np.zeros((rows, 0))
        found = linprog(
            np.concatenate((self.cost, np.full(rows, big))),
            A_ub=csr_array(np.hstack((-cover, -np.eye(rows)))),
            b_ub=-need,
            A_eq=csr_array(np.hstack((self._once(), np.zeros((len(self.group.rows), rows))))),
            b_eq=np.ones(len(self.group.rows)),
            method="highs",
        )
        worths = np.zeros(self.group.need.shape)
        worths[self.active] = np.maximum(-found.ineqlin.marginals, 0.0)
        return worths, np.asarray(found.eqlin.marginals)

    def whole(self) -> Answer | None:
        """The cheapest choice of one way a device that keeps the rules, if there is one."""
        found = milp(
            np.array(self.cost),
            constraints=[
                LinearConstraint(csr_array(np.column_stack(self.cover)), lb=self.group.need[self.active]),
                LinearConstraint(csr_array(self._once()), lb=1.0, ub=1.0),
            ],
            integrality=np.ones(len(self.cost)),
            bounds=(0, 1),
            options={"mip_rel_gap": 0.0, "time_limit": 2.0},
        )
        if found.x is None:
            return None
        chosen = {self.device[n]: n for n in np.flatnonzero(found.x > 0.5)}
        paths = np.array([self.path[chosen[d]] for d in range(len(self.group.rows))])
        if not is_kept(self.group, paths):
            return None
        return Answer(paths, sum(self.cost[chosen[d]] for d in chosen), -np.inf)

    def _once(self) -> Floats:
        once = np.zeros((len(self.group.rows), len(self.device)))
        once[self.device, np.arange(len(self.device))] = 1.0
        return once
