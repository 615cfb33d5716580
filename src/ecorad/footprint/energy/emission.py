"""How likely a reading is in each power state, and how dear it is to change state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecorad.model import PowerState

from .drift import Drift
from .sharpen import touched
from .spans import Spans, is_inside, merged
from .trace import Floats, Ints, Trace

_LEAST_SD = 0.02
# No reading is worse than this many nats: spikes and switching are not of any state.
_WORST = -8.0
_BROAD = -1.0
_FAR_S = 1800.0
# What the records weigh that tell of no exam within half an hour, against a reading that looks like one. [nat]
_FAR = 3.0
# Mean stay in a state, for the cost of leaving it. [s]
_STAY_S = {
    PowerState.OFF: 14400.0,
    PowerState.POWER_SAVE: 14400.0,
    PowerState.IDLE: 900.0,
    PowerState.READY: 300.0,
    PowerState.SCAN: 120.0,
}
_PAUSE_S = 30.0
# What a written acquisition weighs: more than entering and leaving a state for a single reading. [nat]
_WRITTEN = 12.0
_TURNS = {PowerState.READY, PowerState.SCAN}
_NIGHT = (PowerState.OFF, PowerState.POWER_SAVE)


@dataclass(frozen=True)
class Use:
    """When a device was used, on its meter's clock: merged acquisitions of known length, and exam windows.

    ``all_scans_known``: every beam leaves an acquisition with a length, so that there is no scan outside them.
    ``beam_s``: how long a beam lasts where beams may come and go without an acquisition of known length, 0 where they
    do not; ``sees_scan``: whether readings are short enough to see one.
    """

    scans: Spans
    exams: Spans
    all_scans_known: bool
    is_live: bool = False
    beam_s: float = 0.0
    sees_scan: bool = True

    @property
    def pulsing_s(self) -> float:
        """Length of beams that may come and go unwritten, 0 where every one is known or none can be seen. [s]"""
        return self.beam_s if self.sees_scan and not self.all_scans_known and not self.is_live else 0.0

    @classmethod
    def of(
        cls,
        scan_start_us: Ints,
        scan_end_us: Ints,
        exam_start_us: Ints,
        exam_end_us: Ints,
        *,
        all_scans_known: bool,
        is_live: bool = False,
        beam_s: float = 0.0,
        sees_scan: bool = True,
    ) -> Use:
        """From windows in any order; without exam windows the acquisitions stand for them.

        ``is_live``: images are moments of one scan that lasts as long as the exam.
        """
        scans = merged(np.asarray(scan_start_us, dtype=np.int64), np.asarray(scan_end_us, dtype=np.int64))
        exams = merged(np.asarray(exam_start_us, dtype=np.int64), np.asarray(exam_end_us, dtype=np.int64))
        if not len(exams[0]):
            half = 5 * 60 * 1_000_000
            starts, ends = merged(scans[0] - half, scans[1] + half)
            exams = (starts + half, ends - half)
        if is_live:
            scans = exams
        complete = all_scans_known and not is_live and len(scans[0]) > 0
        return cls(scans, exams, complete, is_live, beam_s, sees_scan or complete)


@dataclass(frozen=True)
class Learnt:
    """Levels of one device: ``log(power + floor)`` of each state, its spread, and the drift of all of them.

    ``scan`` is the level and spread of scan power where it was learnt; it has no plateau. Without ``sees_scan`` beams
    are too short for the readings, and count as the highest level.
    """

    floor_kw: float
    log_level: Mapping[PowerState, float]
    sd: Mapping[PowerState, float]
    drift: Drift
    scan: tuple[float, float] | None = None
    sees_scan: bool = True

    @property
    def states(self) -> tuple[PowerState, ...]:
        """States that are told apart, in the order of the closed list; scan is the last where it can be seen."""
        also = (PowerState.SCAN,) if self.sees_scan else ()
        return tuple(state for state in PowerState if state in self.log_level or state in also)

    def with_defaults(self) -> Learnt:
        """Fill in what was not learnt: a ready level above idle, and a spread for each state."""
        levels = dict(self.log_level)
        levels.pop(PowerState.SCAN, None)
        sd = {state: max(_LEAST_SD, self.sd.get(state, 0.05)) for state in levels}
        return replace(self, log_level=levels, sd=sd)

    def kw(self, state: PowerState) -> float:
        """Level of a state before drift. [kW]"""
        return float(np.exp(self.log_level[state]) - self.floor_kw)

    def level_kw(self) -> dict[PowerState, float]:
        """Levels of all states with one. [kW]"""
        return {state: max(0.0, self.kw(state)) for state in self.log_level}

    def power_kw(self, state: PowerState, moment_us: Ints) -> Floats:
        """Level of a state at each moment, the highest known level below it when it was never seen. [kW]"""
        known = state if state in self.log_level else max(self.log_level, key=lambda name: self.log_level[name])
        return self.kw(known) * np.exp(self.drift.at(moment_us))


def emission(trace: Trace, learnt: Learnt, use: Use) -> NDArray[np.float32]:
    """Log likelihood of readings in each state.

    A state with a level is a normal density of the logarithm of power around it; scan is a broad density above the
    highest level. Inside an acquisition scan is taken wherever power is at least idle; where all acquisitions are
    known, scan outside them costs extra. Far from any exam ready and scan cost a little.

    Parameters
    ----------
    trace : Trace
        Known readings to judge.

    Returns
    -------
    ndarray of float32, shape (states, readings)
    """
    middle = (trace.start_us + trace.end_us) // 2
    flat = _flat(trace, middle, learnt)
    found = np.empty((len(learnt.states), len(trace)), dtype=np.float32)
    top = max(learnt.log_level, key=lambda state: learnt.log_level[state])
    for row, state in zip(found, learnt.states, strict=True):
        if state in learnt.log_level:
            sd = learnt.sd[state]
            np.subtract(flat, np.float32(learnt.log_level[state]), out=row)
            if state is top and not learnt.sees_scan:
                np.minimum(row, 0.0, out=row)
            _density(row, sd)
    if learnt.sees_scan:
        found[-1] = _scan_density(flat, top, learnt)
    _use_times(found, trace=trace, middle=middle, flat=flat, learnt=learnt, use=use)
    return found


def _flat(trace: Trace, middle: Ints, learnt: Learnt) -> NDArray[np.float32]:
    """Logarithm of power without its drift; single precision is finer than any level is known."""
    power = np.maximum(trace.power_kw, 0.0).astype(np.float32)
    power += np.float32(learnt.floor_kw)
    np.log(power, out=power)
    power -= learnt.drift.at(middle).astype(np.float32)
    return power


def _density(apart: NDArray[np.float32], sd: float) -> None:
    """Logarithm of a normal density, never below the worst, in place of the distance from its middle."""
    apart *= np.float32(np.sqrt(0.5) / sd)
    np.square(apart, out=apart)
    np.subtract(np.float32(-np.log(sd * 2.5066)), apart, out=apart)
    np.maximum(apart, np.float32(_WORST), out=apart)


def _scan_density(flat: NDArray[np.float32], top: PowerState, learnt: Learnt) -> NDArray[np.float32]:
    """Log likelihood of scan: broad above the highest level, and around its own level where that was learnt."""
    edge = learnt.log_level[top] + 1.5 * learnt.sd[top]
    short = np.maximum(np.float32(edge) - flat, 0.0)
    short *= np.float32(1.0 / learnt.sd[top])
    np.square(short, out=short)
    density: NDArray[np.float32] = np.maximum(np.float32(_BROAD) - np.float32(0.5) * short, np.float32(_WORST))
    if learnt.scan is not None:
        level, sd = learnt.scan
        own = flat - np.float32(level)
        _density(own, sd)
        np.maximum(density, own, out=density)
    return density


def _use_times(
    found: NDArray[np.float32],
    *,
    trace: Trace,
    middle: Ints,
    flat: NDArray[np.float32],
    learnt: Learnt,
    use: Use,
) -> None:
    """Add to ``found`` what the times of acquisitions and exams say."""
    if len(use.exams[0]):
        reach = int(_FAR_S * 1e6)
        near = is_inside(middle, merged(use.exams[0] - reach, use.exams[1] + reach))
        far = np.where(near, np.float32(0.0), np.float32(_FAR))
        for row, state in zip(found, learnt.states, strict=True):
            if state in (PowerState.READY, PowerState.SCAN):
                np.subtract(row, far, out=row)
    if not len(use.scans[0]) or not learnt.sees_scan:
        return
    inside = touched(trace, use.scans) > 0.5 if trace.resolution_s > 2.0 else is_inside(middle, use.scans)
    if use.all_scans_known:
        found[-1] -= np.where(inside, np.float32(0.0), np.float32(4.0))
    lowest = learnt.log_level.get(PowerState.IDLE, min(learnt.log_level.values()))
    awake = np.flatnonzero(inside & (flat > lowest - 4.0 * learnt.sd.get(PowerState.IDLE, 0.05)))
    found[-1, awake] = _WRITTEN + found[:, awake].max(axis=0)


def switch_cost(states: tuple[PowerState, ...], step_s: float, *, beam_s: float = 0.0) -> NDArray[np.float32]:
    """Cost of going from row to column between two readings, 0 on the diagonal. [nat]

    Minus the logarithm of the chance to leave within a step, from the mean stay; a device that is off or in power save
    wakes to idle first.

    Parameters
    ----------
    step_s : float
        Length of a reading. [s]
    beam_s : float
        Length of beams that come and go without an acquisition of known length; 0 where there are none. [s]
    """
    stay_s = dict(_STAY_S)
    if beam_s > 0:
        stay_s |= {PowerState.SCAN: beam_s, PowerState.READY: _PAUSE_S}
    cost = np.zeros((len(states), len(states)), dtype=np.float32)
    for a, origin in enumerate(states):
        leave = -np.log(min(0.5, step_s / stay_s[origin]))
        for b, target in enumerate(states):
            if a != b:
                skips = (origin in _NIGHT) != (target in _NIGHT) and PowerState.IDLE not in (origin, target)
                # Where beams are short, ready and scan take turns and nothing else is as likely.
                choice = 0.0 if beam_s > 0 and {origin, target} == _TURNS else 1.7
                cost[a, b] = leave + choice + (12.0 if skips and PowerState.IDLE in states else 0.0)
    return cost
