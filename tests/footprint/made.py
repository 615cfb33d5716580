"""Small synthetic scanners with known truth, second by second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.inputs import DepartmentInput, DeviceInput, MeterInput

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
MONDAY = 20_514 * DAY  # 2 March 2026, 00:00 UTC
NO_TIMES = np.zeros(0, dtype=np.int64)


def hours(*numbers: float) -> NDArray[np.int64]:
    """Moments in hours since 1970, as microseconds."""
    return np.round(np.array(numbers) * HOUR).astype(np.int64)


@dataclass(frozen=True)
class Scanner:
    """Truth at 1 s: state codes, power; windows on the true clock. [s] since Monday."""

    state: NDArray[np.int8]
    power_kw: NDArray[np.float64]
    exams: NDArray[np.int64]
    scans: NDArray[np.int64]
    exam_of_scan: NDArray[np.int64]

    def trace(self, resolution_s: int) -> Trace:
        count = len(self.power_kw) // resolution_s
        energy = self.power_kw[: count * resolution_s].reshape(count, resolution_s).sum(axis=1) / 3600.0
        starts = MONDAY + np.arange(count, dtype=np.int64) * resolution_s * SECOND
        return Trace(starts, starts + resolution_s * SECOND, energy)

    def written(
        self, seconds: NDArray[np.int64], offset_s: float = 0.0, drift_s_per_day: float = 0.0
    ) -> NDArray[np.int64]:
        """What a clock says that is behind by ``offset_s`` and loses ``drift_s_per_day``."""
        return MONDAY + np.round((seconds - offset_s - drift_s_per_day * seconds / 86400) * SECOND).astype(np.int64)

    def active_kwh(self) -> NDArray[np.float64]:
        cumulative = np.concatenate(([0.0], np.cumsum(self.power_kw))) / 3600.0
        return cumulative[self.exams[:, 1]] - cumulative[self.exams[:, 0]]


def scanner(
    *,
    days: int = 5,
    seed: int = 1,
    levels_kw: tuple[float, ...] = (8.0, 6.4, 12.0, 20.0, 36.0),
    night: int = 0,
    noise: float = 0.08,
    drift: float = 0.10,
    compressor_kw: float = 0.35,
    overlap: float = 0.15,
) -> Scanner:
    """An MR-like scanner: off at night, idle by day, ready with a patient, sequences of which some overlap ready."""
    rng = np.random.default_rng(seed)
    length = days * 86400
    state, level = np.full(length, night, dtype=np.int8), np.full(length, levels_kw[night])
    exams, scans, owner = [], [], []
    for day in range(days):
        opens, closes = day * 86400 + 7 * 3600, day * 86400 + 18 * 3600
        state[opens:closes], level[opens:closes] = 2, levels_kw[2]
        moment = opens + 1800
        while moment < closes - 3600:
            enters = moment + int(rng.integers(30, 600))
            begin = now = enters + int(rng.integers(120, 300))
            for _ in range(int(rng.integers(3, 6))):
                last = now + int(rng.integers(60, 240))
                scans.append((now, last))
                owner.append(len(exams))
                now = last + int(rng.integers(15, 60))
            end = scans[-1][1]
            exams.append((begin, end))
            leaves = end + int(rng.integers(60, 150))
            state[enters:leaves], level[enters:leaves] = 3, levels_kw[3]
            moment = leaves
    for first, last in scans:
        share = rng.uniform(-0.1, 0.2) if rng.random() < overlap else min(2.0, max(0.35, rng.gamma(2.8, 0.36)))
        state[first:last], level[first:last] = 4, levels_kw[3] + share * (levels_kw[4] - levels_kw[3])
    seconds = np.arange(length)
    slow = 1 + drift * (0.4 * np.sin(2 * np.pi * seconds / 86400 + seed) + 0.6 * np.sin(2 * np.pi * seconds / 604800))
    cycling = np.where(seconds / 700 % 1 < 0.5, compressor_kw, -compressor_kw)
    power = np.maximum(level * slow * (1 + noise * rng.standard_normal(length)) + cycling, 0.0)
    return Scanner(state, power, np.array(exams), np.array(scans), np.array(owner))


def device(
    made: Scanner, key: str = "mr", modality: str = "MR", *, offset_s: float = 0.0, drift_s: float = 0.0
) -> DeviceInput:
    """The scanner as its headers tell of it."""
    count = len(made.exams)
    exams, scans = (made.written(part, offset_s, drift_s) for part in (made.exams, made.scans))
    return DeviceInput(
        device_key=key,
        alias=key.upper(),
        modality=modality,
        study_key=np.array([f"{key}-{n}" for n in range(count)], dtype=object),
        study_start_us=exams[:, 0],
        study_end_us=exams[:, 1],
        is_exam=np.ones(count, dtype=bool),
        body_region=np.array(["head", "spine"] * count, dtype=object)[:count],
        acquisition_study=made.exam_of_scan,
        acquisition_start_us=scans[:, 0],
        acquisition_end_us=scans[:, 1],
    )


def department(
    devices: list[DeviceInput], meters: list[MeterInput], days: int = 5, **choices: object
) -> DepartmentInput:
    return DepartmentInput(
        first_us=MONDAY, last_us=MONDAY + days * DAY, zone="UTC", devices=devices, meters=meters, **choices
    )
