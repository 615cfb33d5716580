"""True power second by second, and what it adds up to."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .scanners import STATES, Scanner
from .settings import Settings
from .states import Runs

Floats = NDArray[np.float64]
COMPRESSOR_KW = 0.35
WEEK_S = 7 * 86400


@dataclass(frozen=True, slots=True)
class Drift:
    """Slow change of all levels: a daily and a weekly wave, and for MR the compressor of the cold head.

    ``factor`` stays within 1 ± ``amplitude``.
    """

    amplitude: float
    daily_phase: float
    weekly_phase: float
    compressor_kw: float
    compressor_s: float

    def factor(self, seconds: Floats | NDArray[np.int64]) -> Floats:
        """Relative level at ``seconds``. [1]"""
        turn = 2 * np.pi * np.asarray(seconds, dtype=np.float64)
        daily = np.sin(turn / 86400 + self.daily_phase)
        weekly = np.sin(turn / WEEK_S + self.weekly_phase)
        wave: Floats = 1.0 + self.amplitude * (0.4 * daily + 0.6 * weekly)
        return wave

    def compressor(self, seconds: NDArray[np.int64]) -> Floats:
        """Cycling of the cold head's compressor around zero, half the time above. [kW]"""
        if not self.compressor_kw:
            return np.zeros(len(seconds))
        phase = seconds / self.compressor_s + 0.15 * np.sin(2 * np.pi * seconds / 5003.0)
        return np.where(phase % 1.0 < 0.5, self.compressor_kw, -self.compressor_kw)


def draw_drift(scanner: Scanner, settings: Settings, seed: int) -> Drift:
    """The drift of one scanner; MR alone has a compressor."""
    rng = random.Random(f"{seed}/{scanner.index}/drift")
    return Drift(
        amplitude=settings.drift,
        daily_phase=rng.uniform(0, 2 * np.pi),
        weekly_phase=rng.uniform(0, 2 * np.pi),
        compressor_kw=COMPRESSOR_KW if scanner.modality == "MR" else 0.0,
        compressor_s=rng.uniform(500, 900),
    )


@dataclass(frozen=True, slots=True)
class DayOfPower:
    """One chunk from ``start_s``: power and the idle level of the same second, both at 1 s. [kW]"""

    start_s: int
    power_kw: Floats
    idle_kw: Floats

    def cumulative_kwh(self) -> Floats:
        """Energy from the start of the chunk to each second, one longer than the chunk. [kWh]"""
        return np.concatenate(([0.0], np.cumsum(self.power_kw))) / 3600.0

    def cumulative_marginal_kwh(self) -> Floats:
        """Energy above idle from the start of the chunk to each second. [kWh]"""
        return np.concatenate(([0.0], np.cumsum(np.maximum(self.power_kw - self.idle_kw, 0.0)))) / 3600.0


def render(
    scanner: Scanner, runs: Runs, drift: Drift, span_s: tuple[int, int], *, noise: float, seed: int
) -> DayOfPower:
    """True power from second ``span_s[0]`` up to ``span_s[1]``: level x drift x (1 + noise), never negative."""
    start_s, end_s = span_s
    first = int(np.searchsorted(runs.bounds_s, start_s, side="right")) - 1
    last = int(np.searchsorted(runs.bounds_s, end_s, side="left"))
    bounds = np.clip(runs.bounds_s[first : last + 1], start_s, end_s)
    level = np.repeat(runs.level_kw[first:last], np.diff(bounds))
    seconds = np.arange(start_s, end_s)
    factor, compressor = drift.factor(seconds), drift.compressor(seconds)
    rng = np.random.default_rng([seed, scanner.index, start_s, 1])
    relative = 1.0 + noise * rng.standard_normal(len(seconds))
    power = np.maximum(level * factor * relative + compressor, 0.0)
    return DayOfPower(start_s, power, scanner.level_kw["idle"] * factor + compressor)


class Tally:
    """Adds chunks up: energy by run, and energy and energy above idle of any windows."""

    def __init__(self, runs: Runs, windows: NDArray[np.int64]) -> None:
        self.runs, self.windows = runs, windows
        self.run_kwh = np.zeros(len(runs))
        self.window_kwh = np.zeros(len(windows))
        self.window_marginal_kwh = np.zeros(len(windows))

    def add(self, chunk: DayOfPower) -> None:
        """Count one chunk; chunks come in any order, each once."""
        energy, marginal = chunk.cumulative_kwh(), chunk.cumulative_marginal_kwh()
        self.run_kwh += _shares(energy, chunk.start_s, self.runs.bounds_s[:-1], self.runs.bounds_s[1:])
        begins, ends = self.windows[:, 0], self.windows[:, 1]
        self.window_kwh += _shares(energy, chunk.start_s, begins, ends)
        self.window_marginal_kwh += _shares(marginal, chunk.start_s, begins, ends)

    def by_state_kwh(self) -> Floats:
        """Energy in each state. [kWh]"""
        found: Floats = np.bincount(self.runs.state, weights=self.run_kwh, minlength=len(STATES)).astype(np.float64)
        return found


def _shares(cumulative: Floats, start_s: int, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> Floats:
    last = len(cumulative) - 1
    found: Floats = cumulative[np.clip(ends - start_s, 0, last)] - cumulative[np.clip(begins - start_s, 0, last)]
    return found
