"""Plateaus of a load-duration curve, and which power state each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise, permutations, product
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from ecorad.model import PowerState

Floats = NDArray[np.float64]
Prior = Mapping[PowerState, tuple[float, float, float]]

# What is assumed of a class of device that nobody has published, relative to its idle level, with the standard
# deviation of the logarithm; and of a state missing among published ones.
GENERIC: Mapping[PowerState, tuple[float, float]] = {
    PowerState.OFF: (0.06, 1.0),
    PowerState.POWER_SAVE: (0.45, 0.35),
    PowerState.IDLE: (1.0, 0.15),
    PowerState.READY: (1.6, 0.3),
    PowerState.SCAN: (4.0, 0.6),
}
SCALE_SD = 0.4
_NIGHT = (PowerState.OFF, PowerState.POWER_SAVE)
_BIN = 0.01
_LEAST_SD = 0.12
# Two states of one device are further apart than this, in the logarithm of power.
CLOSEST = 0.13
_DRIFTED = 0.15


@dataclass(frozen=True, slots=True)
class Mode:
    """One plateau: logarithm of its power, and the share of time around it."""

    log_kw: float
    share: float


def modes(log_kw: Floats, weight: Floats, *, width: float = 0.03) -> tuple[Mode, ...]:
    """Plateaus of the load-duration curve, lowest first: peaks of the smoothed density of the logarithm of power.

    Parameters
    ----------
    log_kw, weight : ndarray, shape (n,)
        Logarithm of power; time each value counts.
    width : float
        Standard deviation of the smoothing kernel.

    Notes
    -----
    A plateau of the sorted power is a peak of its density; Hernandez 2024 (doi 10.1002/mp.17327) differentiates the
    sorted curve, which is the same thing.

    Examples
    --------
    >>> power = np.log(np.repeat([6.4, 12.0, 20.0], [500, 300, 200]))
    >>> [round(float(np.exp(mode.log_kw))) for mode in modes(power, np.ones(1000))]
    [6, 12, 20]
    """
    if not len(log_kw):
        return ()
    low, high = float(log_kw.min()) - 5 * width, float(log_kw.max()) + 5 * width
    bins = int(np.ceil((high - low) / _BIN)) + 1
    heights = np.bincount(((log_kw - low) / _BIN).astype(np.int64), weights=weight, minlength=bins)
    reach = int(np.ceil(4 * width / _BIN))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _BIN / width) ** 2)
    density = np.convolve(heights, kernel, mode="full")[reach : reach + bins]
    rising = np.diff(np.concatenate(([0.0], density))) > 0
    falling = np.diff(np.concatenate((density, [0.0]))) <= 0
    peaks = [int(peak) for peak in np.flatnonzero(rising & falling) if density[peak] > 0.01 * density.max()]
    peaks = _prominent(density, peaks)
    if not peaks:
        return ()
    valleys = [0, *(a + int(np.argmin(density[a:b])) for a, b in pairwise(peaks)), bins]
    total = heights.sum()
    return tuple(
        Mode(low + (peak + 0.5) * _BIN, float(heights[a:b].sum() / total))
        for peak, a, b in zip(peaks, valleys, valleys[1:], strict=False)
    )


def _prominent(density: Floats, peaks: list[int]) -> list[int]:
    """Drop peaks that a shallow valley joins to a higher neighbour."""
    kept: list[int] = []
    for peak in peaks:
        while kept and density[kept[-1] : peak + 1].min() > 0.85 * min(density[kept[-1]], density[peak]):
            if density[kept[-1]] >= density[peak]:
                peak = kept.pop()  # noqa: PLW2901 - the higher of two that hang together goes on
            else:
                kept.pop()
        kept.append(peak)
    return kept


def expected_log_kw(prior: Prior | None) -> dict[PowerState, tuple[float, float]]:
    """Expected logarithm of power of each state and its standard deviation; generic where nothing was published.

    >>> expected = expected_log_kw({PowerState.IDLE: (2.6, 1.3, 3.9)})
    >>> round(float(np.exp(expected[PowerState.READY][0])), 2)
    4.16
    """
    idle = log(prior[PowerState.IDLE][0]) if prior and PowerState.IDLE in prior else 0.0
    found = {}
    for state, (ratio, sd) in GENERIC.items():
        if prior and state in prior:
            value, low, high = prior[state]
            spread = log(high / low) / 3.92 if 0 < low < high else 0.2
            found[state] = (log(value), max(_LEAST_SD, spread))
        else:
            found[state] = (idle + log(ratio), sd)
    return found


def named(
    found: tuple[Mode, ...],
    prior: Prior | None,
    *,
    idle: float | None = None,
    ready: float | None = None,
    floor_kw: float = 0.0,
) -> dict[PowerState, float]:
    """Give plateaus the names of states.

    Every assignment of plateaus to states is scored by how far it is from what is expected of the class of device,
    after the one scale that fits best, which is unknown; plateaus without a name cost what they weigh.

    Parameters
    ----------
    found : tuple of Mode
        Plateaus, lowest first; at most the four heaviest are considered.
    prior : mapping of PowerState to (kw, low, high), optional
        Published powers of this class of device.
    idle, ready : float, optional
        Logarithm of power of these states, when the times of the exams have told them.
    floor_kw : float
        What was added to power before its logarithm was taken. [kW]

    Returns
    -------
    dict
        Logarithm of power of each state that was found.
    """
    expected = expected_log_kw(prior)
    fixed = {state: level for state, level in ((PowerState.IDLE, idle), (PowerState.READY, ready)) if level is not None}
    free = [mode for mode in found if all(abs(mode.log_kw - level) > 0.06 for level in fixed.values())]
    if PowerState.IDLE in fixed:
        # A weekend that drifted is not a state of its own.
        free = [mode for mode in free if mode.log_kw < fixed[PowerState.IDLE] - _DRIFTED]
    free = _joined(free)
    free = sorted(sorted(free, key=lambda mode: -mode.share)[:4], key=lambda mode: mode.log_kw)
    states = [state for state in PowerState if state not in fixed]
    choices: list[PowerState | None] = [*states, None]
    scale_sd = SCALE_SD if prior else 10.0
    best: tuple[float, dict[PowerState, float]] = (np.inf, dict(fixed))
    for names in product(choices, repeat=len(free)):
        given = [name for name in names if name is not None]
        if len(set(given)) < len(given):
            continue
        levels = dict(fixed)
        levels.update({name: mode.log_kw for name, mode in zip(names, free, strict=True) if name is not None})
        if PowerState.IDLE not in levels or not _in_order(levels):
            continue
        lost = sum(1.0 + 25.0 * mode.share for name, mode in zip(names, free, strict=True) if name is None)
        score = lost + _misfit(_without_floor(levels, floor_kw), expected, scale_sd)
        if score < best[0]:
            best = (score, levels)
    if PowerState.IDLE not in best[1] and ready is not None:
        # One level for everything: a device that does not change when it is used is idle.
        return {PowerState.IDLE: ready}
    return best[1]


def renamed(levels: Mapping[PowerState, float], prior: Prior | None, *, floor_kw: float) -> dict[PowerState, float]:
    """The same levels, with off and power save given to the levels below idle as fits best what was published.

    For levels that moved since they were named.

    >>> levels = {PowerState.OFF: np.log(4.8), PowerState.IDLE: np.log(8.0)}
    >>> list(renamed(levels, {PowerState.OFF: (8.5, 7.3, 9.7), PowerState.POWER_SAVE: (6.4, 5.1, 8.0),
    ...                       PowerState.IDLE: (12.0, 9.5, 14.5)}, floor_kw=0.0))
    [<PowerState.POWER_SAVE: 'power_save'>, <PowerState.IDLE: 'idle'>]
    """
    day = {state: level for state, level in levels.items() if state not in _NIGHT}
    night = [level for state, level in levels.items() if state in _NIGHT]
    expected, scale_sd = expected_log_kw(prior), SCALE_SD if prior else 10.0
    choices = [dict(zip(names, night, strict=True)) | day for names in permutations(_NIGHT, len(night))]
    return min(choices, key=lambda one: _misfit(_without_floor(one, floor_kw), expected, scale_sd))


def _without_floor(levels: Mapping[PowerState, float], floor_kw: float) -> dict[PowerState, float]:
    if not floor_kw:
        return dict(levels)
    return {state: log(max(exp(level) - floor_kw, 0.1 * floor_kw)) for state, level in levels.items()}


def _joined(found: list[Mode]) -> list[Mode]:
    """Plateaus too close to be two states: a compressor that cycles makes two of one."""
    joined: list[Mode] = []
    for mode in found:
        if joined and mode.log_kw - joined[-1].log_kw < CLOSEST:
            last = joined.pop()
            share = last.share + mode.share
            mode = Mode((last.log_kw * last.share + mode.log_kw * mode.share) / share, share)  # noqa: PLW2901
        joined.append(mode)
    return joined


def _misfit(
    levels: Mapping[PowerState, float], expected: Mapping[PowerState, tuple[float, float]], scale_sd: float
) -> float:
    weight = np.array([expected[state][1] ** -2 for state in levels])
    apart = np.array([level - expected[state][0] for state, level in levels.items()])
    scale = float((weight * apart).sum() / (weight.sum() + scale_sd**-2))
    return float((weight * (apart - scale) ** 2).sum() + (scale / scale_sd) ** 2)


def _in_order(levels: Mapping[PowerState, float]) -> bool:
    """Off and power save lie below idle, in either order; idle below ready below scan."""
    night = [levels[state] for state in _NIGHT if state in levels]
    day = [levels[state] for state in (PowerState.IDLE, PowerState.READY, PowerState.SCAN) if state in levels]
    return day == sorted(day) and (not night or max(night) < levels[PowerState.IDLE])
