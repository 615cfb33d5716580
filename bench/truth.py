"""Simulated departments with their truth, and how far a result is from it: states, runs, energies, clocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import book
from ecorad.footprint import DepartmentEnergy, DepartmentInput
from ecorad.footprint.energy.states import SCAN_NOT_SEEN, STATES, StateRuns
from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger, pseudonymiser_of
from ecorad.ledger import Workspace
from ecorad.reporting.audit import period_of_records
from ecorad.reporting.records import gather
from ecorad.reporting.statement.method import choices
from ecorad.simulation import Settings, simulate
from ecorad.simulation.truth import read_summary, read_table

Floats = NDArray[np.float64]
NAMES = tuple(state.value for state in STATES)


@dataclass(frozen=True)
class TrueDevice:
    """What really happened at one scanner; times in UTC microseconds, offsets by local date."""

    modality: str
    kwh: float
    state: NDArray[np.int64]
    bounds_us: NDArray[np.int64]
    kwh_by_state: Mapping[str, float]
    offset_s: Mapping[str, float]


@dataclass(frozen=True)
class Case:
    """One simulated department as the footprint takes it, and its truth."""

    department: DepartmentInput
    devices: Mapping[str, TrueDevice]
    exams: Mapping[str, tuple[str, float, float]]
    total_kwh: float


def simulated(
    folder: Path,
    *,
    seed: int,
    days: int,
    scanners: int = 5,
    resolution_s: int | None = None,
    settings: Settings | None = None,
) -> Case:
    """Simulate into ``folder``, read the records back as any site's, and keep the truth beside them."""
    simulate(folder, days=days, scanners=scanners, seed=seed, meter_resolution_s=resolution_s, settings=settings)
    workspace = Workspace.open(folder)
    ingest(workspace, [folder / "incoming"], workers=1)
    with open_ledger(workspace) as ledger:
        period = period_of_records(ledger, workspace.site.timezone)
        chosen = choices(workspace.site, period, book())
        department = gather(ledger, workspace, period).department(workspace.site, period, chosen)
    pseudonyms = pseudonymiser_of(workspace)
    exams = {
        pseudonyms.key("study", row["study_instance_uid"]): (
            row["modality"],
            float(row["active_kwh"]),
            float(row["marginal_kwh"]),
        )
        for row in read_table(folder, "exams")
        if row["is_exam"] == "true"
    }
    summary = read_summary(folder)
    return Case(department, dict(_devices(folder, summary["scanners"])), exams, summary["total_kwh"])


def _devices(folder: Path, summaries: list[dict[str, object]]) -> Iterator[tuple[str, TrueDevice]]:
    runs, clocks = read_table(folder, "state_runs"), read_table(folder, "clock_offsets")
    for one in summaries:
        alias = str(one["alias"])
        mine = [row for row in runs if row["device"] == alias]
        moments = [row["start_utc"] for row in mine] + [mine[-1]["end_utc"]]
        bounds = np.array([moment.removesuffix("Z") for moment in moments], dtype="datetime64[us]").astype(np.int64)
        state = np.array([NAMES.index(row["state"]) for row in mine])
        begins = np.concatenate(([True], state[1:] != state[:-1]))
        yield (
            alias,
            TrueDevice(
                modality=str(one["modality"]),
                kwh=float(str(one["kwh"])),
                state=state[begins],
                bounds_us=np.append(bounds[:-1][begins], bounds[-1]),
                kwh_by_state={name: float(kwh) for name, kwh in dict(one["kwh_by_state"]).items()},  # type: ignore[call-overload]
                offset_s={row["date"]: float(row["offset_s"]) for row in clocks if row["device"] == alias},
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Score:
    """How far one device is from the truth; NaN where nothing was said.

    ``hours`` is the time by true state (row) and found state (column). ``f1`` is the mean over states that are true or
    were found of the F1 of time; ``runs`` is found runs over true ones; energies are relative errors, those of exams
    medians of their size; ``clock_s`` the median size of the error of a day's offset over ``clock_days``.
    """

    alias: str
    hours: Floats
    f1: float
    runs: float
    total: float
    idle: float
    active: float
    marginal: float
    exams_known: float
    clock_s: float
    clock_days: int
    is_covered: bool


def macro_f1(hours: Floats) -> float:
    """Mean F1 over the states with any true or found time."""
    used = (hours.sum(axis=0) + hours.sum(axis=1)) > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = 2 * np.diag(hours) / (hours.sum(axis=0) + hours.sum(axis=1))
    return float(f1[used].mean()) if used.any() else float("nan")


def confusion(truth: TrueDevice, found: StateRuns) -> Floats:
    """Hours by true and found state, where a state was found. [h]"""
    hours = np.zeros((len(NAMES), len(NAMES)))
    if not found.is_named:
        return hours
    edges = np.unique(np.concatenate((truth.bounds_us, found.start_us, found.end_us)))
    at, length = edges[:-1], np.diff(edges) / 3.6e9
    mine = np.searchsorted(found.start_us, at, side="right") - 1
    inside = (mine >= 0) & (at < found.end_us[np.maximum(mine, 0)])
    theirs = np.searchsorted(truth.bounds_us, at, side="right") - 1
    inside &= (theirs >= 0) & (theirs < len(truth.state))
    np.add.at(hours, (truth.state[theirs[inside]], found.state[mine[inside]]), length[inside])
    return hours


def comparable(truth: TrueDevice, found: StateRuns) -> TrueDevice:
    """What happened, told as finely as the specification asks of readings like these.

    Where it is said that scan cannot be seen, true scans count as ready: their time and energy must be found there.
    """
    if all(issue.code != SCAN_NOT_SEEN for issue in found.issues):
        return truth
    state = np.where(truth.state == NAMES.index("scan"), NAMES.index("ready"), truth.state)
    begins = np.concatenate(([True], state[1:] != state[:-1]))
    kwh = dict(truth.kwh_by_state)
    kwh["ready"] = kwh.get("ready", 0.0) + kwh.pop("scan", 0.0)
    bounds = np.append(truth.bounds_us[:-1][begins], truth.bounds_us[-1])
    return replace(truth, state=state[begins], bounds_us=bounds, kwh_by_state=kwh)


def scores(case: Case, found: DepartmentEnergy) -> list[Score]:
    """One row a device."""
    return [_score(case, found, device.device.alias or "", number) for number, device in enumerate(found.devices)]


def _score(case: Case, found: DepartmentEnergy, alias: str, number: int) -> Score:
    device, truth = found.devices[number], case.devices[alias]
    runs = device.runs
    truth = truth if runs is None else comparable(truth, runs)
    hours = np.zeros((5, 5)) if runs is None else confusion(truth, runs)
    by_state = None if runs is None else runs.energy_by_state()
    idle_kwh = float("nan") if by_state is None else by_state[STATES[NAMES.index("idle")]]
    fill = device.energy.value / device.measured_kwh if device.energy.value and device.measured_kwh else 1.0
    exams = [case.exams[key] for key in device.exams.study_key]
    offsets = [] if device.clock is None else [(row.date.isoformat(), row.offset_s) for row in device.clock.rows()]
    apart = [
        abs(offset - truth.offset_s[day]) for day, offset in offsets if np.isfinite(offset) and day in truth.offset_s
    ]
    energy = device.energy
    return Score(
        alias=alias,
        hours=hours,
        f1=macro_f1(hours) if runs is not None and runs.is_named else float("nan"),
        runs=len(runs.state) / len(truth.state) if runs is not None and runs.is_named else float("nan"),
        total=float("nan") if energy.value is None else energy.value / truth.kwh - 1,
        idle=idle_kwh * fill / truth.kwh_by_state["idle"] - 1,
        active=_median_error(device.exams.kwh("active"), np.array([row[1] for row in exams])),
        marginal=_median_error(device.exams.kwh("marginal"), np.array([row[2] for row in exams])),
        exams_known=float(np.mean(~np.isnan(device.exams.kwh("active")))) if exams else float("nan"),
        clock_s=float(np.median(apart)) if apart else float("nan"),
        clock_days=len(apart),
        is_covered=energy.value is not None and (energy.low or 0.0) <= truth.kwh <= (energy.high or 0.0),
    )


def _median_error(found: Floats, truth: Floats) -> float:
    known = ~np.isnan(found) & (truth > 0)
    return float(np.median(np.abs(found[known] / truth[known] - 1))) if known.any() else float("nan")
