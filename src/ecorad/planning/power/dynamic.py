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
    devices, slots, _ = cost.shape
    reached = _forward(field, cost)
    each = np.arange(devices)
    path = np.zeros((devices, slots), dtype=np.int64)
    path[:, -1] = np.argmin(reached[-1], axis=1)
    for t in range(slots - 1, 0, -1):
        here = each, path[:, t]
        before = field.before[here]
        steps = reached[t - 1][each[:, None], before] + field.switch_kwh[here] * field.price[t]
        path[:, t - 1] = before[each, steps.argmin(axis=1)]
    return reached[-1, each, path[:, -1]], path


def _forward(field: Field, cost: Floats) -> Floats:
    """Least cost up to each place in each slot, shape (slots, devices, places)."""
    devices, slots, places = cost.shape
    # Steps first, so that the least is taken over a few long rows.
    flat = np.ascontiguousarray((np.arange(devices)[:, None, None] * places + field.before).transpose(2, 0, 1))
    switch = np.ascontiguousarray(field.switch_kwh.transpose(2, 0, 1))
    reached = np.array(cost.transpose(1, 0, 2), order="C")
    reached[0] += field.begin * field.price[0]
    for t in range(1, slots):
        steps = switch * field.price[t]
        steps += reached[t - 1].ravel().take(flat)
        reached[t] += np.minimum.reduce(steps, axis=0)
    return reached


@dataclass(frozen=True)
class Moves:
    """What each step of each device adds to its least cost; 0 along its cheapest way, never less.

    Parameters
    ----------
    begin : ndarray, shape (devices, places)
        What beginning in a place adds.
    places : ndarray of int, shape (devices, places, steps)
        Where each place leads.
    adds : ndarray, shape (devices, slots, places, steps)
        What going there in a slot adds; infinite for padding and in the first slot.
    """

    begin: Floats
    places: Ints
    adds: Floats

    def after(self, slot: int, device: int, start: Ints) -> tuple[Ints, Floats]:
        """Where a device can be next and what that adds, both of shape (starts, steps)."""
        if slot == 0:
            every = np.broadcast_to(np.arange(self.begin.shape[1]), (len(start), self.begin.shape[1]))
            return every, np.broadcast_to(self.begin[device], every.shape)
        return self.places[device].take(start, axis=0), self.adds[device, slot].take(start, axis=0)


def moves_of(field: Field, bonus: Floats) -> Moves:
    """The steps of every device, ``bonus`` taken off the cost of each place."""
    cost = field.cost - bonus
    devices, slots, places = cost.shape
    leads: list[list[tuple[int, float]]] = [[] for _ in range(devices * places)]
    for d, graph in enumerate(field.graphs):
        for start, end, kwh in graph.steps:
            leads[d * places + start].append((end, kwh))
    width = max(len(one) for one in leads)
    after, switch = np.zeros((devices * places, width), dtype=np.int64), np.full((devices * places, width), np.inf)
    for row, one in enumerate(leads):
        for q, (end, kwh) in enumerate(one):
            after[row, q], switch[row, q] = end, kwh
    after, switch = after.reshape(devices, places, width), switch.reshape(devices, places, width)
    flat = np.arange(devices)[:, None, None] * places + after
    adds = np.full((devices, slots, places, width), np.inf)
    left = np.zeros((devices, places))  # least cost of everything after a slot
    for t in range(slots - 1, 0, -1):
        there = (cost[:, t] + left).ravel()[flat] + switch * field.price[t]
        least = there.min(axis=2)
        with np.errstate(invalid="ignore"):
            adds[:, t] = np.where(np.isfinite(there), there - least[:, :, None], np.inf)
        left = least
    begin = field.begin * field.price[0] + cost[:, 0] + left
    return Moves(begin - begin.min(axis=1)[:, None], after, adds)


def path_costs(field: Field, paths: Ints) -> Floats:
    """What given ways cost, shape (devices,)."""
    each = np.arange(len(paths))
    slots = np.arange(paths.shape[1])
    cost = field.cost[each[:, None], slots[None, :], paths] + switches_kwh(field, paths) * field.price[None, :]
    return np.asarray(cost.sum(axis=1))


def switches_kwh(field: Field, paths: Ints) -> Floats:
    """Energy of the switch that begins in each slot of given ways, shape (devices, slots). [kWh]"""
    each = np.arange(len(paths))
    found = np.empty(paths.shape)
    found[:, 0] = field.begin[each, paths[:, 0]]
    came, here = paths[:, :-1], paths[:, 1:]
    before = field.before[each[:, None], here]
    step = np.where(before == came[:, :, None], field.switch_kwh[each[:, None], here], np.inf)
    found[:, 1:] = step.min(axis=2)
    return found


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
