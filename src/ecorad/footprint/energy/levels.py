"""Levels of a device's power states and their slow drift, learnt without labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecorad.model import PowerState

from .drift import Drift, no_drift, smoothed
from .emission import Learnt, Use, emission, switch_cost
from .modes import CLOSEST, Prior, modes, named, renamed
from .sharpen import touched
from .spans import is_inside, merged
from .trace import MICROSECONDS_PER_SECOND, Floats, Ints, Trace
from .viterbi import best_path

__all__ = ["Learnt", "learn"]

BLOCK_S = 60.0
# Where fluoroscopy leaves no series, minutes would mix beams and pauses.
SHORT_BLOCK_S = 10.0
NEAR_S = 720.0
# Before and after a live scan somebody comes and goes for about so long.
BESIDE_S = 120.0
# Two levels below idle that change places more often are one level of a compressor that cycles.
MOST_CHANGES_PER_H = 1.0
# Width of the kernel that follows the drift, round by round: a wide one first, as names may still be wrong. [h]
_WIDTHS_H = (2.5, 2.5, 1.2)
_MOST = 500_000
# So many readings say how they scatter, and so many what power is rarely passed.
_ENOUGH = 100_000
_MANY = 1_000_000
# Readings taken together at a time.
_PART = 300_000
_FEWEST = 10
_LARGEST_SD = 0.15
# Beside live scans power that far above idle is somebody there, in logarithms.
_ABOVE_IDLE = 0.07
# Levels that end up closer than this are one.
_ONE_LEVEL = 0.10
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class _Blocks:
    """Means over about a minute of what is not acquisition, and where they lie relative to exams."""

    trace: Trace
    log_kw: Floats
    hours: Floats
    middle_us: Ints
    in_exam: NDArray[np.bool_]
    is_near: NDArray[np.bool_]


def learn(trace: Trace, use: Use, prior: Prior | None) -> Learnt | None:
    """Levels, noise and drift of one device; ``None`` when no plateau can be named.

    Exam times tell ready (inside an exam, between acquisitions) and idle (within 12 minutes of an exam, below ready);
    whatever else there is gets its name from what is published of the class. Then levels, noise and drift are refined
    in turn: states by the most probable path, levels by medians, drift by what is left.
    """
    floor_kw = 0.02 * float(np.quantile(trace.thinned(_MANY).known().power_kw, 0.9))
    if not floor_kw > 0:
        return None
    blocks = _blocks(trace, use, floor_kw)
    if len(blocks.log_kw) < 10:
        return None
    first, last = int(trace.start_us[0]), int(trace.end_us[-1])
    drift = _drift_from_exams(blocks, use, first, last)
    start = Learnt(floor_kw, {}, {}, drift, sees_scan=use.sees_scan)
    learnt = _levels_and_drift(blocks, start, use, prior, above=_ABOVE_IDLE)
    if learnt is not None and use.is_live and _is_idle_twice(learnt):
        # What lay beside exams was idle, a little up with its drift.
        learnt = _levels_and_drift(blocks, start, use, prior, above=CLOSEST)
    if learnt is None:
        return None
    learnt = _renamed(learnt, prior)
    learnt = _with_noise(trace, learnt, use)
    return learnt if use.all_scans_known or not use.sees_scan else _with_scan(trace, learnt, use)


def _levels_and_drift(blocks: _Blocks, start: Learnt, use: Use, prior: Prior | None, *, above: float) -> Learnt | None:
    """Levels by the load-duration curve, then levels, noise and drift in turn."""
    log_kw = blocks.log_kw - start.drift.at(blocks.middle_us)
    levels = _first_levels(blocks, log_kw, use, prior, start.floor_kw, above=above)
    if not levels:
        return None
    learnt = replace(start, log_level=levels).with_defaults()
    for width_h in _WIDTHS_H:
        learnt = _refined(blocks, learnt, use, width_h)
    return learnt


def _is_idle_twice(learnt: Learnt) -> bool:
    idle, ready = (learnt.log_level.get(state, np.nan) for state in (PowerState.IDLE, PowerState.READY))
    return bool(ready - idle < _ONE_LEVEL)


def _blocks(trace: Trace, use: Use, floor_kw: float) -> _Blocks:
    block_s = BLOCK_S if use.all_scans_known else SHORT_BLOCK_S
    blocks = _joined(tuple(_taken_together(part, use, block_s) for part in _parts(trace, block_s)))
    middle = (blocks.start_us + blocks.end_us) // 2
    near = merged(use.exams[0] - int(NEAR_S * 1e6), use.exams[1] + int(NEAR_S * 1e6))
    in_exam = is_inside(middle, use.exams)
    return _Blocks(
        trace=blocks,
        log_kw=np.log(np.maximum(blocks.power_kw, 0.0) + floor_kw),
        hours=blocks.duration_h,
        middle_us=middle,
        in_exam=in_exam,
        is_near=is_inside(middle, near) & ~in_exam,
    )


def _parts(trace: Trace, block_s: float) -> Iterator[Trace]:
    """The trace in parts that no block reaches across, to bound memory."""
    step_us, first = int(block_s * MICROSECONDS_PER_SECOND), 0
    while first < len(trace):
        last = len(trace)
        if first + _PART < last:
            begins = trace.part(first + _PART, first + _PART + 1).start_us // step_us * step_us
            last = max(first + 1, int(trace.place_of(begins - 1)[0]) + 1)
        yield trace.part(first, last)
        first = last


def _taken_together(trace: Trace, use: Use, block_s: float) -> Trace:
    """Known readings outside acquisitions, those of seconds as blocks of ``block_s``."""
    pad = 2 * MICROSECONDS_PER_SECOND
    keep = trace.is_known & (touched(trace, merged(use.scans[0] - pad, use.scans[1] + pad)) == 0)
    starts, ends, energy = trace.start_us[keep], trace.end_us[keep], trace.energy_kwh[keep]
    if trace.resolution_s < block_s and len(starts):
        number = starts // int(block_s * MICROSECONDS_PER_SECOND)
        first = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))
        length = np.add.reduceat(ends - starts, first)
        energy = np.add.reduceat(energy, first)
        starts = starts[first]
        ends = starts + length
        full = length >= 0.3 * block_s * MICROSECONDS_PER_SECOND
        starts, ends, energy = starts[full], ends[full], energy[full]
        overlap = ends[:-1] > starts[1:]
        ends[:-1][overlap] = starts[1:][overlap]
    return Trace(starts, ends, energy)


def _joined(parts: Sequence[Trace]) -> Trace:
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("start_us", "end_us", "energy_kwh")]
    return Trace(*columns)


def _drift_from_exams(blocks: _Blocks, use: Use, first_us: int, last_us: int) -> Drift:
    """Day-by-day drift out of the level inside exams, before any level is known."""
    if use.is_live or np.count_nonzero(blocks.in_exam) < 30:
        return no_drift(first_us, last_us)
    level, day = blocks.log_kw[blocks.in_exam], blocks.middle_us[blocks.in_exam] // _DAY_US
    days, first = np.unique(day, return_index=True)
    low = np.array([_low_plateau(part) for part in np.split(level, first[1:])])
    return smoothed(
        first_us,
        last_us,
        days * _DAY_US + _DAY_US // 2,
        np.clip(low - np.median(low), -0.2, 0.2),
        weight=np.diff(np.append(first, len(level))) / 60.0,
        width_h=18.0,
    )


def _low_plateau(values: Floats) -> float:
    """Middle of the lower part, which fluoroscopy without images does not reach."""
    return float(np.quantile(values, 0.35))


def _first_levels(
    blocks: _Blocks, log_kw: Floats, use: Use, prior: Prior | None, floor_kw: float, *, above: float
) -> dict[PowerState, float]:
    found = modes(log_kw[~blocks.in_exam], blocks.hours[~blocks.in_exam])
    idle, ready = _day_levels(blocks, log_kw, use, above)
    levels = named(found, prior, idle=idle, ready=ready, floor_kw=floor_kw)
    levels = {state: level for state, level in levels.items() if state is not PowerState.SCAN}
    return _without_cycling(blocks, log_kw, levels)


def _without_cycling(blocks: _Blocks, log_kw: Floats, levels: dict[PowerState, float]) -> dict[PowerState, float]:
    """Off and power save as one level, power save, where power goes from one to the other every few minutes.

    A compressor cycles; nobody switches a scanner off and on again all night.
    """
    night = [state for state in (PowerState.OFF, PowerState.POWER_SAVE) if state in levels]
    if len(night) < 2:
        return levels
    off, save = (levels[state] for state in night)
    limit = max(off, save) + 0.5 * abs(off - save)
    asleep = np.flatnonzero(log_kw < limit)
    is_off = np.abs(log_kw[asleep] - off) < np.abs(log_kw[asleep] - save)
    next_to = np.diff(asleep) == 1
    changes = int(np.count_nonzero((is_off[1:] != is_off[:-1]) & next_to))
    if changes <= MOST_CHANGES_PER_H * float(blocks.hours[asleep].sum()):
        return levels
    middle = float(np.mean([off, save]))
    return {state: level for state, level in levels.items() if state not in night} | {PowerState.POWER_SAVE: middle}


def _day_levels(blocks: _Blocks, log_kw: Floats, use: Use, above: float) -> tuple[float | None, float | None]:
    """Idle and ready as the times of the exams tell them, ``None`` where they do not."""
    near, inside = blocks.is_near, blocks.in_exam
    if np.count_nonzero(near) < _FEWEST:
        return None, None
    around = modes(log_kw[near], blocks.hours[near])
    if use.is_live:
        idle = max(around, key=lambda mode: mode.share).log_kw
        return idle, _level_beside(blocks, log_kw, use, idle, above)
    if np.count_nonzero(inside) < _FEWEST or (not use.sees_scan and len(around) > 1):
        # Around exams a device is idle or ready; what lies between is readings that hold some of both. Inside exams
        # readings that are longer than beams hold ready and scan.
        two = sorted(mode.log_kw for mode in sorted(around, key=lambda mode: -mode.share)[:2])
        return (two[0], two[1]) if len(two) == 2 else (two[0], None)
    plateaus = modes(log_kw[inside], blocks.hours[inside])
    heaviest = max(mode.share for mode in plateaus)
    ready = next(mode.log_kw for mode in plateaus if mode.share > 0.3 * heaviest)
    below = near & (log_kw < ready - 0.07)
    if np.count_nonzero(below) < _FEWEST:
        return None, ready
    return max(modes(log_kw[below], blocks.hours[below]), key=lambda mode: mode.share).log_kw, ready


def _level_beside(blocks: _Blocks, log_kw: Floats, use: Use, idle: float, above: float) -> float | None:
    """The level just before and after exams, where somebody is there and nothing is scanned, if it is above idle."""
    beside = _beside(blocks, use) & (log_kw > idle + _ABOVE_IDLE)
    if np.count_nonzero(beside) < _FEWEST:
        return None
    found = [
        mode for mode in modes(log_kw[beside], blocks.hours[beside]) if mode.share > 0.2 and mode.log_kw > idle + above
    ]
    return found[0].log_kw if found else None


def _beside(blocks: _Blocks, use: Use) -> NDArray[np.bool_]:
    """Just before and after exams."""
    reach = int(BESIDE_S * 1e6)
    return blocks.is_near & is_inside(blocks.middle_us, merged(use.exams[0] - reach, use.exams[1] + reach))


def _refined(blocks: _Blocks, learnt: Learnt, use: Use, width_h: float) -> Learnt:
    cost = switch_cost(learnt.states, blocks.trace.resolution_s, beam_s=use.pulsing_s)
    path = best_path(emission(blocks.trace, learnt, use), cost)
    flat = blocks.log_kw - learnt.drift.at(blocks.middle_us)
    levels, sds = dict(learnt.log_level), dict(learnt.sd)
    expected = np.full(len(path), np.nan)
    for n, state in enumerate(learnt.states):
        mine = path == n
        if state is PowerState.SCAN or state not in levels or np.count_nonzero(mine) < 5:
            continue
        levels[state] = float(np.median(flat[mine]))
        apart = flat[mine] - levels[state]
        sds[state] = max(0.015, 1.4826 * _median_size(apart, one_sided=levels[state] == max(levels.values())))
        expected[mine] = levels[state]
    residual = blocks.log_kw - expected
    used = ~np.isnan(residual) & (np.abs(residual) < 0.35)
    # A level close to the floor says nothing about a relative change.
    used &= blocks.log_kw > np.log(4 * learnt.floor_kw)
    span = (int(blocks.trace.start_us[0]), int(blocks.trace.end_us[-1]))
    drift = smoothed(*span, blocks.middle_us[used], residual[used], weight=blocks.hours[used], width_h=width_h)
    return replace(learnt, log_level=levels, sd=sds, drift=drift).with_defaults()


def _renamed(learnt: Learnt, prior: Prior | None) -> Learnt:
    """Names of the levels below idle anew: drift between night and day has been followed since they were given."""
    levels = renamed(learnt.log_level, prior, floor_kw=learnt.floor_kw)
    of = {level: state for state, level in learnt.log_level.items()}
    return replace(learnt, log_level=levels, sd={state: learnt.sd[of[level]] for state, level in levels.items()})


def _with_noise(trace: Trace, learnt: Learnt, use: Use) -> Learnt:
    """Spread of single readings around the levels, which for readings of seconds is more than that of minutes."""
    part = trace.thinned(_ENOUGH).known()
    middle = (part.start_us + part.end_us) // 2
    flat = np.log(np.maximum(part.power_kw, 0.0) + learnt.floor_kw) - learnt.drift.at(middle)
    free = ~is_inside(middle, use.scans)
    states = [state for state in learnt.log_level if state is not PowerState.SCAN]
    apart = np.abs(flat[:, None] - np.array([learnt.log_level[state] for state in states]))
    nearest = apart.argmin(axis=1)
    sd = dict(learnt.sd)
    for n, state in enumerate(states):
        mine = free & (nearest == n)
        if np.count_nonzero(mine) >= 20:
            signed = flat[mine] - learnt.log_level[state]
            one_sided = learnt.log_level[state] == max(learnt.log_level.values())
            sd[state] = max(
                min(sd.get(state, 0.0), _LARGEST_SD),
                (1.4826 if one_sided else 1.2) * _median_size(signed, one_sided=one_sided),
                0.015,
            )
    return replace(learnt, sd=sd).with_defaults()


def _median_size(apart: Floats, *, one_sided: bool) -> float:
    """Median absolute deviation; of the highest level from below only, as scans lie above it."""
    below = apart[apart <= 0]
    return float(np.median(np.abs(below if one_sided and len(below) else apart)))


def _with_scan(trace: Trace, learnt: Learnt, use: Use) -> Learnt:
    """Level and spread of scan power, from readings inside exams that lie above ready.

    The acquisitions that left images start it; two rounds of the most probable path add the beams that left none.
    """
    part = trace.picked(trace.touching(*use.exams))
    inside = np.flatnonzero(part.is_known & is_inside((part.start_us + part.end_us) // 2, use.exams))[:_MOST]
    if len(inside) < 50:
        return learnt
    part = part.picked(inside)
    middle = (part.start_us + part.end_us) // 2
    flat = np.log(np.maximum(part.power_kw, 0.0) + learnt.floor_kw) - learnt.drift.at(middle)
    top = max(learnt.log_level.values())
    chosen = is_inside(middle, use.scans) & (flat > top)
    for _ in range(3):
        if np.count_nonzero(chosen) < 20:
            break
        level = max(float(np.median(flat[chosen])), top + 0.05)
        learnt = replace(learnt, scan=(level, max(0.05, float(np.std(flat[chosen])))))
        path = best_path(
            emission(part, learnt, use),
            switch_cost(learnt.states, trace.resolution_s, beam_s=use.pulsing_s),
        )
        chosen = path == len(learnt.states) - 1
    return learnt
