"""One device as a graph of places it can be in during one slot, and the steps between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ecorad.model import InputError, PowerState

from .problem import AWAKE, MODES, Floats, Pair, PowerDevice, PowerProblem, Transition


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device is in one slot: ``stay`` slots into ``mode``, or ``step`` slots into a switch to ``mode``.

    ``wake_min`` is how long it takes from here to be awake, at worst.
    """

    mode: PowerState
    came_from: PowerState | None
    count: int
    power_kw: float
    wake_min: float

    @property
    def is_switch(self) -> bool:
        """Whether the device is between two modes."""
        return self.came_from is not None

    @property
    def is_awake(self) -> bool:
        """Whether it could examine at once."""
        return not self.is_switch and self.mode in AWAKE


@dataclass(frozen=True)
class Graph:
    """Places and steps; ``steps`` are (from, to, energy of the switch), staying first. ``begin`` is NaN where a device
    cannot begin, else the energy of beginning there. [kWh]"""

    places: tuple[Place, ...]
    steps: tuple[tuple[int, int, float], ...]
    begin: Floats


def wake_minutes(device: PowerDevice) -> dict[PowerState, float]:
    """From each mode to the nearest awake one; infinite where there is no way. [min]"""
    away = {mode: 0.0 if mode in AWAKE else math.inf for mode in device.power_kw}
    for _ in MODES:
        for (start, end), switch in device.transitions.items():
            if start in away and end in away:
                away[start] = min(away[start], switch.minutes + away[end])
    return away


def round_trip_kwh(device: PowerDevice) -> dict[PowerState, float]:
    """Energy of waking from each mode for one exam and going back; 0 for awake modes. [kWh]"""
    found = {}
    for mode in device.power_kw:
        up = _cheapest(device, mode, AWAKE)
        down = min((_cheapest(device, one, {mode}) for one in AWAKE if one in device.power_kw), default=math.inf)
        found[mode] = 0.0 if mode in AWAKE else up + down
    return found


def _cheapest(device: PowerDevice, start: PowerState, ends: frozenset[PowerState] | set[PowerState]) -> float:
    kwh = {mode: 0.0 if mode in ends else math.inf for mode in device.power_kw}
    for _ in MODES:
        for (one, other), switch in device.transitions.items():
            if one in kwh and other in kwh:
                kwh[one] = min(kwh[one], switch.energy_kwh + kwh[other])
    return kwh[start]


def expand(device: PowerDevice, problem: PowerProblem) -> Graph:
    """The places of a device.

    A switch takes its minutes in whole slots, rounded up, at the lower power of its two modes; what it draws beyond
    that is charged when it begins. A mode is left only after its shortest stay.

    Raises
    ------
    InputError
        For a switch between modes that the device does not have.
    """
    slot = problem.slot_min
    away = wake_minutes(device)
    places: list[Place] = []
    index: dict[tuple[PowerState | None, PowerState, int], int] = {}
    stays = {mode: max(1, math.ceil(device.least_min.get(mode, 0.0) / slot - 1e-9)) for mode in device.power_kw}
    for mode, kw in device.power_kw.items():
        for count in range(1, stays[mode] + 1):
            kept = 0.0 if mode in AWAKE else (stays[mode] - count) * slot
            index[None, mode, count] = len(places)
            places.append(Place(mode, None, count, kw, kept + away[mode]))
    for (start, end), switch in device.transitions.items():
        if start not in device.power_kw or end not in device.power_kw or start is end:
            raise InputError("a switch leads from one mode of a device to another", code="ecorad.power.switch")
        kept = 0.0 if end in AWAKE else (stays[end] - 1) * slot
        for count in range(1, _slots(switch, slot) + 1):
            left = max(switch.minutes - (count - 1) * slot, 0.0)
            index[start, end, count] = len(places)
            lower_kw = min(device.power_kw[start], device.power_kw[end])
            places.append(Place(end, start, count, lower_kw, left + kept + away[end]))
    return Graph(tuple(places), tuple(_steps(device, slot, stays, index)), _begin(device, stays, index, slot))


def _steps(
    device: PowerDevice,
    slot_min: float,
    stays: Mapping[PowerState, int],
    index: Mapping[tuple[PowerState | None, PowerState, int], int],
) -> list[tuple[int, int, float]]:
    steps = []
    for mode, longest in stays.items():
        for count in range(1, longest):
            steps.append((index[None, mode, count], index[None, mode, count + 1], 0.0))
        steps.append((index[None, mode, longest], index[None, mode, longest], 0.0))
    for (start, end), switch in device.transitions.items():
        leaves, arrives = index[None, start, stays[start]], index[None, end, 1]
        length = _slots(switch, slot_min)
        chain = [leaves, *(index[start, end, count] for count in range(1, length + 1)), arrives]
        for number, (one, other) in enumerate(pairwise(chain)):
            steps.append((one, other, switch.energy_kwh if number == 0 else 0.0))
    return steps


def _begin(
    device: PowerDevice,
    stays: Mapping[PowerState, int],
    index: Mapping[tuple[PowerState | None, PowerState, int], int],
    slot_min: float,
) -> Floats:
    begin = np.full(len(index), np.nan)
    for mode, longest in stays.items():
        if device.initial in (None, mode):
            begin[index[None, mode, longest]] = 0.0
    switches: Mapping[Pair, Transition] = device.transitions
    for (start, end), switch in switches.items():
        if start is device.initial:
            first = index[start, end, 1] if _slots(switch, slot_min) else index[None, end, 1]
            # The shortest stay may be 1 slot, so that beginning in a mode and switching to it are one place.
            begin[first] = np.nanmin([begin[first], switch.energy_kwh])
    return begin


def _slots(switch: Transition, slot_min: float) -> int:
    return math.ceil(switch.minutes / slot_min - 1e-9)
