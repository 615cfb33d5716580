"""Devices that rules tie together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecorad.model import InputError

from .dynamic import NOT_POSSIBLE, Field, Ints
from .problem import Bools, Floats, PowerProblem


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

    def bonus(self, worths: Floats) -> Floats:
        """What each place is worth to the rules, shape (devices, slots, places)."""
        return np.asarray(np.einsum("rt,rdn->dtn", worths, self.counts.astype(np.float64)))


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
