"""Do 95 % intervals hold the truth 95 times in 100? Small departments with factors drawn from their own distributions.

Each department is a world of its own: what an idle, ready or scanning magnet draws, the yearly energy of a CT, the gain
of a meter, the state at night, and the grid are drawn once, by their distributions; independently, but that a magnet
high in one state is mostly high in the others. The truth is durations times drawn powers; the records are exam times
and, for every other department, readings of a second magnet's meter that is wrong by its drawn gain. The audit's
arithmetic sees the records and the book.

``python -m bench.coverage`` draws 500 departments; between 93 and 97 % must hold.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ecorad.factors import AverageIntensity, Distribution, Factor, book, grid_average, power_states
from ecorad.factors.distribution import Shape
from ecorad.footprint import DepartmentInput, DeviceInput, MeterInput, assess
from ecorad.footprint.energy.standing import ALIKE, ORDER
from ecorad.footprint.energy.tiers import HOURS_PER_YEAR, NIGHT_ODDS
from ecorad.footprint.energy.trace import Trace
from ecorad.model import PowerState, Quantity

HOUR_US = 3_600_000_000
MONDAY_US = 20_514 * 24 * HOUR_US  # 2 March 2026, 00:00 UTC
DAYS = 7
OPENS, CLOSES = 8, 18
ZONES = ("NL", "DE", "FR", "GB", "CN", "US", "SE", "PL", "AU", "JP")
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """One drawn department: its records, and what is true of it."""

    department: DepartmentInput
    kwh: float
    kg: float


@dataclass(frozen=True)
class Held:
    """How many of the drawn truths lay inside."""

    departments: int
    energy: int
    carbon: int

    def shares(self) -> tuple[float, float]:
        """Of energy and of CO2e."""
        return self.energy / self.departments, self.carbon / self.departments


def coverage(departments: int, seed: int = 1) -> Held:
    """Draw departments and count in how many the interval holds the truth."""
    rng = np.random.default_rng(seed)
    energy = carbon = 0
    for number in range(departments):
        world = drawn_world(rng, f"{seed}-{number}")
        found = assess(world.department)
        energy += _holds(found.energy, world.kwh)
        carbon += _holds(found.attributional, world.kg)
    return Held(departments, energy, carbon)


def drawn_world(rng: np.random.Generator, name: str, *, is_central: bool = False) -> World:
    """One department; with ``is_central`` every factor has its central value, so that the truth is the estimate."""

    def draw(distribution: Distribution) -> float:
        return distribution.median if is_central else float(distribution.quantile(rng.random(1))[0])

    powers = power_states("MR")
    annual = max(book().find(quantity="annual_energy", scope="CT"), key=lambda row: row.high / row.low)
    grid = grid_average(ZONES[int(rng.integers(len(ZONES)))], 2024).intensity
    true_kw = {state: draw(row.distribution()) for state, row in powers.items()}
    if not is_central:
        true_kw |= _awake_kw(rng, powers)
    metered_kw = float(rng.uniform(8, 15))
    accuracy = float(rng.choice([1.0, 2.0, 5.0]))
    gain = draw(Distribution(Shape.NORMAL, 1.0, 1.0 - accuracy / 100, 1.0 + accuracy / 100))
    modelled, scan_h, ready_h = _device(f"{name}-mr", "MR", rng)
    hours = _hours(modelled)
    night = _night_kw(rng, powers, true_kw, is_central=is_central)
    kwh = scan_h * true_kw[PowerState.SCAN] + ready_h * true_kw[PowerState.READY]
    kwh += hours["gap"] * true_kw[PowerState.IDLE] + hours["off"] * night
    kwh += draw(annual.distribution()) * DAYS * 24 / HOURS_PER_YEAR
    devices = [modelled, _device(f"{name}-ct", "CT", rng)[0]]
    meters = []
    if rng.random() < 0.5:
        devices.append(_device(f"{name}-metered", "MR", rng)[0])
        trace = _trace(rng, metered_kw, gain)
        kwh += trace.energy_kwh.sum() * gain
        meters.append(
            MeterInput(meter_key=f"{name}-meter", trace=trace, feeds=(f"{name}-metered",), accuracy_percent=accuracy)
        )
    department = DepartmentInput(
        first_us=MONDAY_US,
        last_us=MONDAY_US + DAYS * 24 * HOUR_US,
        zone="UTC",
        devices=devices,
        meters=meters,
        opening_hours={day: (time(OPENS), time(CLOSES)) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        power_states={"MR": powers},
        annual_energy={"CT": annual},
        average=grid,
    )
    return World(department, float(kwh), float(kwh * draw(_of(grid))))


def _awake_kw(rng: np.random.Generator, powers: Mapping[PowerState, Factor]) -> dict[PowerState, float]:
    """Idle, ready and scan of one scanner: high in one, it is mostly high in the others."""
    place, own = rng.standard_normal(), rng.standard_normal(len(ORDER))
    odds = ndtr(np.sqrt(ALIKE) * place + np.sqrt(1.0 - ALIKE) * own)
    kw = [powers[state].distribution().quantile(odds[n : n + 1])[0] for n, state in enumerate(ORDER)]
    return dict(zip(ORDER, np.maximum.accumulate(kw).tolist(), strict=True))


def _of(grid: AverageIntensity) -> Distribution:
    return Distribution(Shape.LOGNORMAL, grid.value, grid.low, grid.high)


def _night_kw(
    rng: np.random.Generator,
    powers: Mapping[PowerState, Factor],
    true_kw: Mapping[PowerState, float],
    *,
    is_central: bool,
) -> float:
    states = [state for state in NIGHT_ODDS if state in powers]
    odds = np.array([NIGHT_ODDS[state] for state in states])
    if is_central:
        return float(sum(odds * [true_kw[state] for state in states]) / odds.sum())
    return true_kw[states[int(rng.choice(len(states), p=odds / odds.sum()))]]


def _device(key: str, modality: str, rng: np.random.Generator) -> tuple[DeviceInput, float, float]:
    """Exams of half an hour to an hour, each of which scans for a drawn part; hours of scanning and of being ready."""
    start: list[int] = []
    for day in range(DAYS):
        first = MONDAY_US + (day * 24 + OPENS) * HOUR_US
        start += [
            first + slot * HOUR_US
            for slot in range(CLOSES - OPENS)
            if slot in (0, CLOSES - OPENS - 1) or rng.random() < 0.7
        ]
    starts = np.array(start, dtype=np.int64)
    ends = starts + np.round(rng.uniform(0.5, 1.0, len(starts)) * HOUR_US).astype(np.int64)
    count = len(starts)
    sequence = np.round((ends - starts) * rng.uniform(0.2, 0.4, count)).astype(np.int64)
    device = DeviceInput(
        device_key=key,
        alias=key,
        modality=modality,
        study_key=np.array([f"{key}/{n}" for n in range(count)], dtype=object),
        study_start_us=starts,
        study_end_us=ends,
        is_exam=np.ones(count, dtype=bool),
        body_region=np.full(count, None, dtype=object),
        acquisition_study=np.repeat(np.arange(count), 2),
        acquisition_start_us=np.stack((starts, ends - sequence), axis=1).ravel(),
        acquisition_end_us=np.stack((starts + sequence, ends), axis=1).ravel(),
    )
    scan_h = float(2 * sequence.sum() / HOUR_US)
    return device, scan_h, float((ends - starts).sum() / HOUR_US) - scan_h


def _hours(device: DeviceInput) -> dict[str, float]:
    """Hours between exams while open, and of the nights."""
    busy = float((device.study_end_us - device.study_start_us).sum() / HOUR_US)
    opened = DAYS * (CLOSES - OPENS)
    return {"gap": opened - busy, "off": DAYS * 24.0 - opened}


def _trace(rng: np.random.Generator, mean_kw: float, gain: float) -> Trace:
    """A reading a quarter of an hour for the whole week."""
    starts = MONDAY_US + np.arange(DAYS * 96, dtype=np.int64) * (HOUR_US // 4)
    true_kwh = mean_kw * rng.uniform(0.5, 1.5, len(starts)) / 4
    return Trace(starts, starts + HOUR_US // 4, true_kwh / gain)


def _holds(found: Quantity, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def main(arguments: Sequence[str]) -> None:
    """Print the share of truths inside, for energy and CO2e."""
    departments = int(arguments[0]) if arguments else 500
    held = coverage(departments)
    energy, carbon = held.shares()
    print(f"{departments} departments: truth inside the 95 % interval, energy {energy:.1%}, CO2e {carbon:.1%}")


if __name__ == "__main__":
    main(sys.argv[1:])
