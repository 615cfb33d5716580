"""``python -m bench.accuracy [--quick]``: how far results are from the truth of departments nobody tuned on."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ecorad.factors import Factor, book, power_states
from ecorad.footprint import DepartmentInput, DeviceInput, MeterInput, assess
from ecorad.footprint.energy.trace import Trace
from ecorad.model import FactorNotFoundError, PowerState
from ecorad.simulation import Department, DrawnDevice, Settings, draw_department

from .truth import Case, macro_f1, scores, simulated

SEEDS = (201, 202, 203)
YEAR = 365


def main(arguments: Sequence[str]) -> None:
    """Print the tables: plain and hard settings at several resolutions, then the coverage of yearly totals."""
    quick = "--quick" in arguments
    for label, settings in (("plain", Settings()), ("hard", Settings.hard())):
        for resolution_s in (1, 10, 60, 900):
            days = 4 if quick else 7 if resolution_s == 1 else 14
            for seed in SEEDS[: 1 if quick else 3]:
                with tempfile.TemporaryDirectory() as folder:
                    case = simulated(
                        Path(folder) / "site", seed=seed, days=days, resolution_s=resolution_s, settings=settings
                    )
                show(f"{label}, {resolution_s} s, seed {seed}", case)
    runs = 20 if quick else 100
    for unmetered in (0, 1):
        inside, devices = coverage(range(1000, 1000 + runs), unmetered=unmetered)
        print(f"\nyearly total inside its 95 % interval, {unmetered} of 5 unmetered: {inside} of {runs} departments")
        print(f"and of single metered devices {devices:.1%}")


def show(title: str, case: Case) -> None:
    """One table: the department, then its devices."""
    found = assess(case.department)
    rows = scores(case, found)
    truth = np.array([case.exams[key][1] for one in found.devices for key in one.exams.study_key])
    active = np.concatenate([one.exams.kwh("active") for one in found.devices])
    known = ~np.isnan(active)
    median = float(np.median(np.abs(active[known] / truth[known] - 1))) if known.any() else float("nan")
    total = (found.energy.value or float("nan")) / case.total_kwh - 1
    f1 = macro_f1(sum(row.hours for row in rows))
    print(f"\n{title}: total {total:+.2%}, exam energy off by {median:.1%} (median), macro F1 of states {f1:.3f}")
    heads = (("total", 8), ("idle", 8), ("exam", 8), ("marginal", 9), ("read", 7), ("F1", 7), ("runs", 6))
    print(" " * 6 + "".join(f"{name:>{width}}" for name, width in (*heads, ("clock s", 9), ("days", 5))))
    for row in rows:
        print(
            f"{row.alias:6}{row.total:8.2%}{row.idle:8.2%}{row.active:8.2%}{row.marginal:9.2%}{row.exams_known:7.0%}"
            f"{row.f1:7.3f}{row.runs:6.2f}{row.clock_s:9.2f}{row.clock_days:5d}"
        )


def coverage(seeds: Sequence[int], *, unmetered: int, days: int = YEAR) -> tuple[int, float]:
    """How many yearly totals lie inside their interval, and which share of those of metered devices."""
    inside, devices = 0, []
    settings = Settings(unmetered=unmetered)
    for seed in seeds:
        department = draw_department(seed, days=days, scanners=5, resolution_s=900, settings=settings)
        found = assess(drawn_input(department, seed))
        if found.energy.low is not None and found.energy.high is not None:
            inside += found.energy.low <= department.true_kwh <= found.energy.high
        devices += [
            low <= truth.true_kwh <= high
            for truth, one in zip(department.devices, found.devices, strict=True)
            if truth.is_metered
            for low, high in [(one.energy.low or 0.0, one.energy.high or 0.0)]
        ]
    return inside, float(np.mean(devices))


def drawn_input(department: Department, seed: int) -> DepartmentInput:
    """A drawn department as the footprint takes it, its exams written on a clock that is right."""
    first_us = int(department.start_utc.timestamp()) * 1_000_000
    devices, meters = [], []
    for drawn in department.devices:
        devices.append(_device(drawn, first_us))
        if drawn.is_metered:
            trace = Trace(drawn.reading_start_us, drawn.reading_end_us, drawn.reading_kwh)
            meters.append(
                MeterInput(
                    meter_key=f"{seed}-{drawn.alias}",
                    trace=trace,
                    feeds=(drawn.alias,),
                    accuracy_percent=drawn.accuracy_percent,
                )
            )
    modalities = {device.modality or "" for device in devices}
    return DepartmentInput(
        first_us=first_us,
        last_us=first_us + department.length_s * 1_000_000,
        zone="UTC",
        devices=devices,
        meters=meters,
        power_states=dict(_powers(modalities)),
        annual_energy=dict(_annual(modalities)),
    )


def _annual(modalities: set[str]) -> Iterator[tuple[str, Factor]]:
    """The published yearly energy of each modality, the widest where there are several."""
    for name in sorted(modalities):
        rows = book().find(quantity="annual_energy", scope=name)
        if rows:
            yield name, max(rows, key=lambda row: row.interval95[1] / row.interval95[0])


def _powers(modalities: set[str]) -> Iterator[tuple[str, Mapping[PowerState, Factor]]]:
    for name in sorted(modalities):
        try:
            yield name, power_states(name)
        except FactorNotFoundError:
            continue


def _device(drawn: DrawnDevice, first_us: int) -> DeviceInput:
    start, end = (first_us + side * 1_000_000 for side in (drawn.exam_start_s, drawn.exam_end_s))
    count = len(start)
    return DeviceInput(
        device_key=drawn.alias,
        alias=drawn.alias,
        modality=drawn.modality,
        study_key=np.array([f"{drawn.alias}/{n}" for n in range(count)], dtype=object),
        study_start_us=start,
        study_end_us=end,
        is_exam=np.ones(count, dtype=bool),
        body_region=np.full(count, None, dtype=object),
        acquisition_study=np.arange(count),
        acquisition_start_us=start,
        acquisition_end_us=end,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
