"""What the records of one device say about its modes: their power, their switches, what is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import Factor
from ecorad.model import Issue, PowerState
from ecorad.model.site_power import LOW_MODES, START_MIN, STOP_MIN, PowerEntry

from .break_even import transition_kwh
from .problem import Pair, Transition

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_STATES = "ecorad.power.no_states"
NO_LOW_MODE = "ecorad.power.no_low_mode"
BELOW_FLOOR = "ecorad.power.below_floor"
NOT_MEASURED = "ecorad.power.mode_not_measured"
ASSUMED_START = "ecorad.power.start_assumed"

# A mode seen for less than this has no level of its own yet.
LEAST_H = 2.0
_FLOOR_SLACK = 0.9


@dataclass(frozen=True, kw_only=True, eq=False)
class DeviceHistory:
    """One device as the last audit knows it; times are UTC microseconds.

    Parameters
    ----------
    key, name : str
        Pseudonym, and the name for the roster.
    modality : str, optional
        DICOM modality.
    state : ndarray of str, shape (runs,)
        Power state of each run.
    start_us, end_us, energy_kwh : ndarray, shape (runs,)
        Runs, in order.
    exam_start_us, exam_end_us : ndarray of int64, shape (exams,)
        Exams.
    floor_kw : float, optional
        Lowest power it was seen to draw for long: of a magnet, its cooling. [kW]
    entry : PowerEntry
        What the site says of its modes.
    """

    key: str
    name: str
    modality: str | None
    state: NDArray[np.object_]
    start_us: Ints
    end_us: Ints
    energy_kwh: Floats
    exam_start_us: Ints
    exam_end_us: Ints
    floor_kw: float | None = None
    accuracy_percent: float = 2.0
    entry: PowerEntry = field(default_factory=PowerEntry)


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """Modes of one device: power, where the figure comes from (``measured``, ``site``, ``published``), switches."""

    power_kw: Mapping[PowerState, float]
    source: Mapping[PowerState, str]
    factors: tuple[str, ...]
    transitions: Mapping[Pair, Transition]
    round_trip_kwh: Mapping[PowerState, float]
    issues: tuple[Issue, ...]


def measured_levels(device: DeviceHistory) -> dict[PowerState, float]:
    """Mean power of each state that was seen for long enough. [kW]"""
    found = {}
    hours = (device.end_us - device.start_us) / 3.6e9
    for state in PowerState:
        mine = device.state == state.value
        if hours[mine].sum() >= LEAST_H:
            found[state] = float(device.energy_kwh[mine].sum() / hours[mine].sum())
    return found


def learn_modes(
    device: DeviceHistory,
    published: Mapping[PowerState, Factor],
    break_even: Mapping[PowerState, Factor],
) -> Learned | None:
    """The modes a plan may use for one device, or ``None`` when its idle power is not known.

    Its own meter comes first; a mode that the meter has not seen is used only where the site says that the device has
    it, with the site's figure or the published power in proportion to its own idle. No order of modes is assumed. A
    mode below what the device was ever seen to draw is refused for a magnet: its cooling goes on in every mode.

    Parameters
    ----------
    published : mapping of PowerState to Factor
        Published powers of the class.
    break_even : mapping of PowerState to Factor
        Published break-even times of the class, from which a switch's energy follows. [min]
    """
    levels = measured_levels(device)
    idle_kw = levels.get(PowerState.IDLE)
    if idle_kw is None:
        return None
    power, source = {PowerState.IDLE: idle_kw}, {PowerState.IDLE: "measured"}
    factors: set[str] = set()
    issues: list[Issue] = []
    for mode in (one for one in LOW_MODES if one not in device.entry.never):
        found = _level(mode, device, levels, published)
        if found is None:
            continue
        kw, where, rows = found
        if device.modality == "MR" and device.floor_kw is not None and kw < _FLOOR_SLACK * device.floor_kw:
            issues.append(Issue(BELOW_FLOOR, where=device.name, detail=mode.value))
            continue
        issues += [] if where == "measured" else [Issue(NOT_MEASURED, where=device.name, detail=mode.value)]
        power[mode], source[mode] = kw, where
        factors |= rows
    transitions, trips, switch_rows, assumed = _all_switches(device, power, break_even)
    factors |= switch_rows
    issues += assumed if len(power) > 1 else [Issue(NO_LOW_MODE, where=device.name)]
    return Learned(
        power_kw=power,
        source=source,
        factors=tuple(sorted(factors)),
        transitions=transitions,
        round_trip_kwh=trips,
        issues=tuple(issues),
    )


def _all_switches(
    device: DeviceHistory, power: Mapping[PowerState, float], break_even: Mapping[PowerState, Factor]
) -> tuple[dict[Pair, Transition], dict[PowerState, float], set[str], list[Issue]]:
    """Switches between idle and each low mode, what a round trip draws, factor rows, and what was assumed."""
    transitions: dict[Pair, Transition] = {}
    trips: dict[PowerState, float] = {}
    factors: set[str] = set()
    issues = []
    for mode, kw in power.items():
        if mode is PowerState.IDLE:
            continue
        down, up, rows, is_assumed = _switches(device.entry, mode, power[PowerState.IDLE], kw, break_even)
        transitions[PowerState.IDLE, mode], transitions[mode, PowerState.IDLE] = down, up
        trips[mode] = down.energy_kwh + up.energy_kwh
        factors |= rows
        if is_assumed:
            issues.append(Issue(ASSUMED_START, where=device.name, detail=f"{mode.value}: {up.minutes:g} min"))
    return transitions, trips, factors, issues


def _level(
    mode: PowerState,
    device: DeviceHistory,
    levels: Mapping[PowerState, float],
    published: Mapping[PowerState, Factor],
) -> tuple[float, str, set[str]] | None:
    if mode in levels:
        return levels[mode], "measured", set()
    if mode in device.entry.kw:
        return device.entry.kw[mode], "site", set()
    if mode in device.entry.modes and mode in published and PowerState.IDLE in published:
        low, idle = published[mode], published[PowerState.IDLE]
        return levels[PowerState.IDLE] * low.value / idle.value, "published", {low.factor_id, idle.factor_id}
    return None


def _switches(
    entry: PowerEntry,
    mode: PowerState,
    idle_kw: float,
    low_kw: float,
    break_even: Mapping[PowerState, Factor],
) -> tuple[Transition, Transition, set[str], bool]:
    """Down and up. Unless better is known, a device draws its idle power while it switches."""
    above_kw = max(idle_kw - low_kw, 0.0)
    start_min, stop_min = entry.start_min.get(mode, START_MIN[mode]), entry.stop_min.get(mode, STOP_MIN)
    qa_min = entry.qa_min.get(mode, 0.0)
    rows: set[str] = set()
    down_kwh, up_kwh = above_kw * stop_min / 60.0, above_kw * start_min / 60.0
    if mode in entry.switch_kwh:
        down_kwh, up_kwh = 0.0, entry.switch_kwh[mode]
    elif mode in break_even:
        row = break_even[mode]
        down_kwh, up_kwh = 0.0, transition_kwh(idle_kw, low_kw, row.value) if above_kw else 0.0
        rows = {row.factor_id}
    up = Transition(minutes=start_min + qa_min, energy_kwh=up_kwh + above_kw * qa_min / 60.0)
    return Transition(minutes=stop_min, energy_kwh=down_kwh), up, rows, mode not in entry.start_min
