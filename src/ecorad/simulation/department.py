"""A department in memory, without files: cheap enough to draw a hundred years of it in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError

from .days import Days
from .exams import Exam
from .meters import SimMeter, draw_meter
from .plan import Plan, plan_scanner
from .power import Drift, draw_drift
from .scanners import STATES, Scanner, draw_scanners
from .settings import Settings
from .states import Runs, state_runs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK_DAYS = 14
MONDAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnDevice:
    """One scanner: its truth, and what its meter read.

    ``exam_*`` are arrays of shape (exams,), windows in s since the start of the department; ``reading_*`` of shape
    (readings,), UTC microseconds and kWh, NaN where nothing was delivered; no readings when it has no meter.
    """

    alias: str
    modality: str
    is_metered: bool
    accuracy_percent: float
    level_kw: Mapping[str, float]
    true_kwh: float
    true_kwh_by_state: Mapping[str, float]
    hours_by_state: Mapping[str, float]
    exam_start_s: Ints
    exam_end_s: Ints
    exam_active_kwh: Floats
    exam_marginal_kwh: Floats
    reading_start_us: Ints
    reading_end_us: Ints
    reading_kwh: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """All scanners of one draw, over the same ``length_s`` from ``start_utc``."""

    seed: int
    start_utc: datetime
    length_s: int
    devices: tuple[DrawnDevice, ...]

    @property
    def true_kwh(self) -> float:
        """Energy of all scanners. [kWh]"""
        return sum(device.true_kwh for device in self.devices)


def draw_department(
    seed: int, *, days: int = 365, scanners: int = 5, resolution_s: int = 60, settings: Settings | None = None
) -> Department:
    """Draw a department whose truth is known, as arrays.

    Two weeks are planned exam by exam and repeated; the slow drift goes on through the whole time, power from second
    to second is left out (at 60 s its noise is below 0.3 %). State powers are drawn within the published ranges, and
    the gain of each meter within its accuracy. Times are UTC, without daylight saving.

    Parameters
    ----------
    seed : int
        The same seed gives the same department.
    days, scanners : int
        Length; number of scanners, of which ``settings.unmetered`` have no meter.
    resolution_s : int
        Interval of the meters, a divisor of 3600. [s]

    Examples
    --------
    >>> department = draw_department(7, days=28, scanners=2)
    >>> len(department.devices[0].reading_kwh)
    40320
    """
    if 3600 % resolution_s:
        raise InputError("resolution_s must divide an hour")
    settings = settings or Settings()
    whole = Days.of(MONDAY, days, "UTC")
    block = Days.of(MONDAY, min(days, BLOCK_DAYS), "UTC")
    drawn: list[DrawnDevice] = []
    exams: list[Exam] = []
    for scanner in draw_scanners(scanners, settings, seed):
        plan = plan_scanner(scanner, block, settings, seed, exams)
        exams += plan.exams
        drift = draw_drift(scanner, settings, seed)
        meter = draw_meter(scanner, length_s=whole.length_s, resolution_s=resolution_s, settings=settings, seed=seed)
        drawn.append(_device(plan, block, whole, drift, meter, seed=seed))
    return Department(seed=seed, start_utc=whole.start_utc, length_s=whole.length_s, devices=tuple(drawn))


def _device(plan: Plan, block: Days, whole: Days, drift: Drift, meter: SimMeter, *, seed: int) -> DrawnDevice:
    scanner, runs = plan.scanner, state_runs(plan, block.length_s)
    factor = drift.factor(np.arange(len(whole)) * 86400 + 43200)
    repeats = -(-len(whole) // len(block))
    cells = _cells_kwh(runs, block.length_s, meter.resolution_s)
    true_cells = _over_days(np.tile(cells, repeats), factor, meter.resolution_s)
    by_state, hours = _states(runs, block, factor)
    exams = [exam for exam in plan.exams if exam.is_exam]
    windows, active, marginal = _exams(exams, runs, scanner)
    offsets = np.arange(repeats)[:, None] * block.length_s
    starts, ends = ((windows[:, side] + offsets).ravel() for side in (0, 1))
    inside = ends <= whole.length_s
    of_day = factor[np.minimum(starts // 86400, len(factor) - 1)]
    readings = _readings(true_cells, meter, whole, seed) if scanner.is_metered else (_NO_TIMES, _NO_TIMES, _NO_KWH)
    return DrawnDevice(
        alias=scanner.alias,
        modality=scanner.modality,
        is_metered=scanner.is_metered,
        accuracy_percent=meter.dialect.accuracy_percent,
        level_kw=scanner.level_kw,
        true_kwh=float(true_cells.sum()),
        true_kwh_by_state=by_state,
        hours_by_state=hours,
        exam_start_s=starts[inside],
        exam_end_s=ends[inside],
        exam_active_kwh=(np.tile(active, repeats) * of_day)[inside],
        exam_marginal_kwh=(np.tile(marginal, repeats) * of_day)[inside],
        reading_start_us=readings[0],
        reading_end_us=readings[1],
        reading_kwh=readings[2],
    )


_NO_TIMES: Ints = np.zeros(0, dtype=np.int64)
_NO_KWH: Floats = np.zeros(0)


def _cells_kwh(runs: Runs, length_s: int, resolution_s: int) -> Floats:
    """Energy of the runs in each meter interval, exactly. [kWh]"""
    edges = np.arange(0, length_s + 1, resolution_s)
    return np.diff(np.interp(edges, runs.bounds_s, runs.cumulative_kwh()))


def _over_days(cells: Floats, factor: Floats, resolution_s: int) -> Floats:
    """As many days of ``cells`` as ``factor`` has, each times its own. [kWh]"""
    per_day = 86400 // resolution_s
    found: Floats = (cells[: per_day * len(factor)].reshape(-1, per_day) * factor[:, None]).ravel()
    return found


def _states(runs: Runs, block: Days, factor: Floats) -> tuple[dict[str, float], dict[str, float]]:
    """Energy with drift and hours in each state over all days; runs are cut at midnight for it."""
    bounds = np.union1d(runs.bounds_s, block.bounds_s)
    which = np.searchsorted(runs.bounds_s, bounds[:-1], side="right") - 1
    hours = np.diff(bounds) / 3600.0
    day, state = bounds[:-1] // 86400, runs.state[which]
    times = np.bincount(np.arange(len(factor)) % len(block), minlength=len(block))
    weight = np.bincount(np.arange(len(factor)) % len(block), weights=factor, minlength=len(block))
    kwh = np.bincount(state, weights=hours * runs.level_kw[which] * weight[day], minlength=len(STATES))
    total_h = np.bincount(state, weights=hours * times[day], minlength=len(STATES))
    return dict(zip(STATES, map(float, kwh), strict=True)), dict(zip(STATES, map(float, total_h), strict=True))


def _exams(exams: list[Exam], runs: Runs, scanner: Scanner) -> tuple[Ints, Floats, Floats]:
    """Windows, and their energy and energy above idle before drift. [kWh]"""
    windows = np.array([(exam.start_s, exam.end_s) for exam in exams], dtype=np.int64).reshape(-1, 2)
    above_kw = np.maximum(runs.level_kw - scanner.level_kw["idle"], 0.0)
    above = np.concatenate(([0.0], np.cumsum(np.diff(runs.bounds_s) * above_kw) / 3600.0))
    energies = [
        np.diff(np.interp(windows, runs.bounds_s, cumulative), axis=1)[:, 0]
        for cumulative in (runs.cumulative_kwh(), above)
    ]
    return windows, energies[0], energies[1]


def _readings(true_kwh: Floats, meter: SimMeter, whole: Days, seed: int) -> tuple[Ints, Ints, Floats]:
    step_s = meter.resolution_s
    rng = np.random.default_rng([seed, meter.scanner.index, 3])
    noise = rng.standard_normal(len(true_kwh), dtype=np.float32)
    read_kwh = true_kwh * (meter.gain * (1.0 + 0.001 * noise))
    for start_s, end_s in meter.gaps_s:
        read_kwh[start_s // step_s : -(-end_s // step_s)] = np.nan
    first_us = int(whole.start_utc.timestamp()) * 1_000_000
    starts = first_us + np.arange(len(true_kwh), dtype=np.int64) * (step_s * 1_000_000)
    return starts, starts + step_s * 1_000_000, read_kwh
