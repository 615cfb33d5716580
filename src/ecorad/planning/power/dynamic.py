"""The cheapest way of each device through its places, all devices at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError

from .graph import Graph, expand, round_trip_kwh
from .problem import Floats, PowerDevice, PowerProblem

Ints = NDArray[np.int64]
NOT_POSSIBLE = "ecorad.power.not_possible"


@dataclass(frozen=True)
class Field:
    """The graphs of several devices side by side, padded to one size.

    Parameters
    ----------
    graphs : tuple of Graph
        One a device.
    before : ndarray of int, shape (devices, places, steps)
        From which places each place is reached; staying comes first, so that of equal plans the calmer one is taken.
    switch_kwh : ndarray, shape (devices, places, steps)
        Energy of each of these steps, infinite for padding. [kWh]
    cost : ndarray, shape (devices, slots, places)
        Cost of each place in each slot, infinite where it is not allowed.
    price : ndarray, shape (slots,)
        Cost of 1 kWh.
    """

    graphs: tuple[Graph, ...]
    before: Ints
    switch_kwh: Floats
    begin: Floats
    cost: Floats
    price: Floats

    def take(self, rows: Sequence[int]) -> Field:
        """The same for some of the devices."""
        one = np.asarray(rows, dtype=np.int64)
        graphs = tuple(self.graphs[n] for n in rows)
        return Field(graphs, self.before[one], self.switch_kwh[one], self.begin[one], self.cost[one], self.price)


def field_of(problem: PowerProblem) -> Field:
    """The places of every device of a problem, with what each costs in each slot."""
    graphs = tuple(expand(device, problem) for device in problem.devices)
    places = max(len(graph.places) for graph in graphs)
    incoming = [_incoming(graph) for graph in graphs]
    width = max(len(rows) for one in incoming for rows in one)
    shape = (len(graphs), places, width)
    before, switch = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf)
    begin = np.full((len(graphs), places), np.inf)
    cost = np.full((len(graphs), problem.slots, places), np.inf)
    for d, (graph, rows) in enumerate(zip(graphs, incoming, strict=True)):
        for n, steps in enumerate(rows):
            for p, (start, kwh) in enumerate(steps):
                before[d, n, p], switch[d, n, p] = start, kwh
        count = len(graph.places)
        begin[d, :count] = np.where(np.isnan(graph.begin), np.inf, graph.begin)
        cost[d, :, :count] = _place_cost(problem.devices[d], graph, problem)
    return Field(graphs, before, switch, begin, cost, problem.prices)


def _incoming(graph: Graph) -> list[list[tuple[int, float]]]:
    rows: list[list[tuple[int, float]]] = [[] for _ in graph.places]
    for start, end, kwh in graph.steps:
        rows[end].insert(0, (start, kwh)) if start == end else rows[end].append((start, kwh))
    return rows


def _place_cost(device: PowerDevice, graph: Graph, problem: PowerProblem) -> Floats:
    """Cost of each place in each slot, shape (slots, places)."""
    power_kw = np.array([place.power_kw for place in graph.places])
    awake = np.array([place.is_awake for place in graph.places])
    cost: Floats = problem.prices[:, None] * power_kw[None, :] * problem.slot_h
    if device.arrivals is not None:
        # Someone who arrives wakes the device, which goes back afterwards; while it switches anyway, half of it is new.
        again = round_trip_kwh(device)
        woken = np.array([again[place.mode] if not place.is_awake else 0.0 for place in graph.places])
        wait = np.array([place.wake_min for place in graph.places]) * problem.delay_cost_per_min
        # Nobody arrives: no cost, also where there is no way to wake.
        rate = np.asarray(device.arrivals, dtype=np.float64)[:, None]
        with np.errstate(invalid="ignore"):
            cost = cost + np.where(rate > 0, rate * (problem.prices[:, None] * woken[None, :] + wait[None, :]), 0.0)
    cost[np.ix_(np.asarray(device.required, dtype=bool), ~awake)] = np.inf
    return cost


def cheapest(field: Field, bonus: Floats | None = None) -> tuple[Floats, Ints]:
    """The cheapest way of every device.

    Parameters
    ----------
    bonus : ndarray, shape (devices, slots, places), optional
        Taken off the cost of each place.

    Returns
    -------
    cost : ndarray, shape (devices,)
        Infinite when a device cannot be where it must.
    path : ndarray of int, shape (devices, slots)
        Its places.
    """
    cost = field.cost if bonus is None else field.cost - bonus
    devices, slots, places = cost.shape
    rows = np.arange(devices)[:, None, None]
    reached = field.begin * field.price[0] + cost[:, 0]
    came = np.zeros((slots, devices, places), dtype=np.int64)
    for t in range(1, slots):
        steps = reached[rows, field.before] + field.switch_kwh * field.price[t]
        pick = np.argmin(steps, axis=2)
        came[t] = np.take_along_axis(field.before, pick[..., None], axis=2)[..., 0]
        reached = np.take_along_axis(steps, pick[..., None], axis=2)[..., 0] + cost[:, t]
    last = np.argmin(reached, axis=1)
    path = np.zeros((devices, slots), dtype=np.int64)
    path[:, -1] = last
    each = np.arange(devices)
    for t in range(slots - 1, 0, -1):
        path[:, t - 1] = came[t, each, path[:, t]]
    return reached[each, last], path


def cost_of(field: Field, device: int, path: Ints) -> float:
    """What one way costs, added up anew."""
    total = float(field.begin[device, path[0]] * field.price[0])
    for t, place in enumerate(path):
        total += float(field.cost[device, t, place])
        if t:
            steps = field.switch_kwh[device, place][field.before[device, place] == path[t - 1]]
            total += float(steps.min()) * float(field.price[t])
    return total


def refuse_impossible(cost: Floats, problem: PowerProblem) -> None:
    """Raise for the first device that cannot be awake where it must.

    Raises
    ------
    InputError
        Names the device by its place in the list.
    """
    bad = np.flatnonzero(~np.isfinite(cost))
    if len(bad):
        raise InputError(
            f"device {int(bad[0]) + 1} of {len(problem.devices)} cannot be awake where it must be", code=NOT_POSSIBLE
        )
