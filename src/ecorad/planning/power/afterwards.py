"""The next morning: what was planned, and what the meter saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecorad.model import PowerState

from .learned import DeviceHistory
from .night import Ints, sum_in_slots

_LOW = (PowerState.OFF, PowerState.POWER_SAVE)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one planned stretch.

    Parameters
    ----------
    planned_h, seen_h : float
        Length of the stretch, and how much of it the meter was read. [h]
    as_planned_h, other_low_h, awake_h : float
        In the mode planned, in another low mode, in none. [h]
    missed_kwh : float or None
        What it drew beyond the power of the planned mode, exams left out; ``None`` when that power is not known.
    """

    device: str
    mode: PowerState
    planned_h: float
    seen_h: float
    as_planned_h: float
    other_low_h: float
    awake_h: float
    missed_kwh: float | None


def kept(
    stretches: Sequence[tuple[str, PowerState, int, int]],
    devices: Mapping[str, DeviceHistory],
    power_kw: Mapping[str, Mapping[PowerState, float]],
) -> list[Kept]:
    """Each planned stretch against the states that were measured.

    Parameters
    ----------
    stretches : sequence of (device, mode, start, end)
        UTC microseconds.
    devices : mapping of name to DeviceHistory
        Records after the night; a device without any is left as not seen.
    power_kw : mapping of name to power by mode
        As planned. [kW]
    """
    return [
        _kept(name, mode, np.array([start, end]), devices.get(name), power_kw.get(name, {}).get(mode))
        for name, mode, start, end in stretches
    ]


def _kept(name: str, mode: PowerState, edges_us: Ints, device: DeviceHistory | None, kw: float | None) -> Kept:
    planned = float(edges_us[1] - edges_us[0]) / 3.6e9
    if device is None:
        return Kept(name, mode, planned, 0.0, 0.0, 0.0, 0.0, None)
    hours = {state: _inside(device, state, edges_us) for state in PowerState}
    other = sum(hours[state] for state in _LOW if state is not mode)
    awake = hours[PowerState.IDLE] + hours[PowerState.READY]
    missed = None
    if kw is not None:
        waiting = np.isin(device.state, [PowerState.IDLE.value, PowerState.READY.value])
        waiting |= np.isin(device.state, [state.value for state in _LOW if state is not mode])
        length = np.maximum((device.end_us - device.start_us) / 3.6e9, 1e-12)
        above = np.where(waiting, device.energy_kwh / length - kw, 0.0)
        missed = float(sum_in_slots(edges_us, device.start_us, device.end_us, above).sum())
    return Kept(name, mode, planned, sum(hours.values()), hours[mode], other, awake, missed)


def _inside(device: DeviceHistory, state: PowerState, edges_us: Ints) -> float:
    mine = device.state == state.value
    start, end = device.start_us[mine], device.end_us[mine]
    return float(sum_in_slots(edges_us, start, end, np.ones(len(start))).sum())
