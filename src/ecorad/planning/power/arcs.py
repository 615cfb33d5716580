"""The same question to branch and cut: one variable a step of a device in a slot."""

from __future__ import annotations

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_array

from .dynamic import Field, Ints
from .problem import Bools, Floats


def solve_arcs(own: Field, counts: Bools, need: Floats, time_limit_s: float) -> tuple[Ints, float] | None:
    """Ways of all devices, and a cost that no plan goes below; ``None`` when nothing was found.

    A device is one unit of flow through its places from slot to slot; the rules are rows over the places.

    Parameters
    ----------
    own : Field
        The devices of one group.
    counts : ndarray of bool, shape (rules, devices, places)
        Which place counts for which rule.
    need : ndarray, shape (rules, slots)
        How many must count.
    time_limit_s : float
        Seconds to search.
    """
    flow = _Flow(own)
    if not len(flow.cost):
        return None
    rules = flow.rules(counts, need)
    constraints = [LinearConstraint(flow.balance(), lb=flow.given, ub=flow.given)]
    if rules is not None:
        constraints.append(LinearConstraint(rules, lb=need[need > 0]))
    found = milp(
        flow.cost,
        constraints=constraints,
        integrality=np.ones(len(flow.cost)),
        bounds=(0, 1),
        options={"mip_rel_gap": 0.0, "time_limit": time_limit_s},
    )
    if found.x is None:
        return None
    bound = found.fun if found.status == 0 else found.mip_dual_bound
    return flow.paths(found.x), float(bound if bound is not None else -np.inf)


class _Flow:
    """Variables: device ``d`` is at ``place`` in slot ``t``, having come from ``start`` (-1 in the first slot)."""

    def __init__(self, own: Field) -> None:
        devices, slots, places = own.cost.shape
        width = own.before.shape[2]
        d, t, n, p = np.meshgrid(
            np.arange(devices), np.arange(1, slots), np.arange(places), np.arange(width), indexing="ij"
        )
        d, t, n, p = (one.ravel() for one in (d, t, n, p))
        later = own.switch_kwh[d, n, p] * own.price[t] + own.cost[d, t, n]
        d0, n0 = (one.ravel() for one in np.meshgrid(np.arange(devices), np.arange(places), indexing="ij"))
        first = own.begin[d0, n0] * own.price[0] + own.cost[d0, 0, n0]
        start = np.concatenate((np.full(len(d0), -1), own.before[d, n, p]))
        every = (
            np.concatenate((d0, d)),
            np.concatenate((np.zeros(len(d0), dtype=np.int64), t)),
            np.concatenate((n0, n)),
        )
        cost = np.concatenate((first, later))
        keep = np.isfinite(cost)
        self.cost = cost[keep]
        self.device, self.slot, self.place = (one[keep] for one in every)
        self.start = start[keep]
        self.shape = (devices, slots, places)
        # One row for the start of each device, one for each place and slot but the last.
        self.given = np.concatenate((np.ones(devices), np.zeros(devices * (slots - 1) * places)))

    def balance(self) -> coo_array:
        """Each device begins once; what comes to a place leaves it in the next slot."""
        devices, slots, places = self.shape
        columns = np.arange(len(self.cost))
        is_first = self.slot == 0
        inner = self.slot < slots - 1
        row = devices + (self.device * (slots - 1) + self.slot) * places
        rows = np.concatenate(
            (self.device[is_first], (row + self.place)[inner], (row - places + self.start)[~is_first])
        )
        sign = np.concatenate((np.ones(is_first.sum()), np.ones(inner.sum()), -np.ones((~is_first).sum())))
        column = np.concatenate((columns[is_first], columns[inner], columns[~is_first]))
        return coo_array((sign, (rows, column)), shape=(len(self.given), len(self.cost))).tocsr()

    def rules(self, counts: Bools, need: Floats) -> coo_array | None:
        """One row for each rule in each slot where it holds."""
        number = np.full(need.shape, -1)
        number[need > 0] = np.arange(int((need > 0).sum()))
        if not (need > 0).any():
            return None
        rows, columns = [], []
        for r in range(len(need)):
            mine = counts[r, self.device, self.place] & (number[r, self.slot] >= 0)
            rows.append(number[r, self.slot][mine])
            columns.append(np.flatnonzero(mine))
        row, column = np.concatenate(rows), np.concatenate(columns)
        shape = (int((need > 0).sum()), len(self.cost))
        return coo_array((np.ones(len(row)), (row, column)), shape=shape).tocsr()

    def paths(self, taken: Floats) -> Ints:
        """The place of each device in each slot."""
        devices, slots, _ = self.shape
        found = np.zeros((devices, slots), dtype=np.int64)
        on = taken > 0.5
        found[self.device[on], self.slot[on]] = self.place[on]
        return found
