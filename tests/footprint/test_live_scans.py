"""Ultrasound whose headers tell one moment of an exam: what the power adds, and what nobody can know."""

import numpy as np
import pytest

from ecorad.footprint import MeterInput, assess
from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.inputs import DeviceInput
from ecorad.model import PowerState
from tests.footprint.made import MONDAY, SECOND, department

DAYS, OFFSET_S, LIVE_S = 6, 140, 600
KW = {"off": 0.003, "idle": 0.17, "ready": 0.27, "scan": 0.40}


@pytest.fixture(scope="module")
def seen():
    """Starts of exams as written, and the power: somebody comes, scans, writes the first image half a minute later."""
    rng = np.random.default_rng(5)
    power = np.full(DAYS * 86_400, KW["off"])
    starts = []
    for day in range(DAYS):
        opens = day * 86_400 + 8 * 3600
        power[opens : opens + 9 * 3600] = KW["idle"]
        for slot in range(16):
            comes = opens + slot * 1800 + int(rng.integers(120, 700))
            begins = comes + int(rng.integers(60, 120))
            ends = begins + LIVE_S
            power[comes : ends + int(rng.integers(40, 90))] = KW["ready"]
            power[begins:ends] = KW["scan"]
            starts.append(begins + int(rng.integers(15, 45)))
    return np.array(starts), power * (1 + 0.05 * rng.standard_normal(len(power)))


def assessed(seen, *, resolution_s, last_image_s=0):
    starts, power = seen
    at = MONDAY + (starts - OFFSET_S) * SECOND
    count = len(at)
    device = DeviceInput(
        device_key="us",
        alias="US",
        modality="US",
        study_key=np.array([f"us-{n}" for n in range(count)], dtype=object),
        study_start_us=at,
        study_end_us=at + last_image_s * SECOND,
        is_exam=np.ones(count, dtype=bool),
        body_region=np.full(count, None, dtype=object),
        acquisition_study=np.arange(count),
        acquisition_start_us=at,
        acquisition_end_us=at,
    )
    kwh = power.reshape(-1, resolution_s).sum(axis=1) / 3600
    moment = MONDAY + np.arange(len(kwh), dtype=np.int64) * resolution_s * SECOND
    trace = Trace(moment, moment + resolution_s * SECOND, kwh)
    return assess(department([device], [MeterInput(meter_key="m", trace=trace, feeds=("us",))], days=DAYS)).devices[0]


def test_one_moment_a_session_leaves_the_clock_open_by_half_a_minute(seen):
    device = assessed(seen, resolution_s=10)
    row = device.clock.rows()[0]
    assert abs(row.offset_s - OFFSET_S) < 2 * row.u_s
    assert row.u_s == pytest.approx(30, abs=1)
    # What is not sure is said, and on how many days.
    assert [issue.count for issue in device.issues if issue.code == "ecorad.energy.clock_unsure"] == [DAYS]


def test_both_ends_of_a_session_tell_more(seen):
    row = assessed(seen, resolution_s=10, last_image_s=LIVE_S - 40).clock.rows()[0]
    assert abs(row.offset_s - OFFSET_S) < 2 * row.u_s
    # Power outlasts the images by 40 s, seen in readings of 10 s: nobody knows on which side.
    assert row.u_s == pytest.approx(40 / np.sqrt(12), abs=10 / np.sqrt(12) + 0.2)


# Somebody is there for a minute or two before and after: readings of a minute hold little of it that is pure.
@pytest.mark.parametrize(("resolution_s", "within"), [(10, 0.05), (60, 0.15)])
def test_ready_is_named_beside_scans_whose_end_power_told(seen, resolution_s, within):
    runs = assessed(seen, resolution_s=resolution_s).runs
    hours = runs.hours_by_state()
    assert hours[PowerState.SCAN] == pytest.approx(DAYS * 16 * LIVE_S / 3600, rel=within)
    assert runs.level_kw[PowerState.READY] == pytest.approx(KW["ready"], rel=0.15)
    truth_h = np.count_nonzero(np.abs(seen[1] - KW["idle"]) < 0.05) / 3600
    assert hours[PowerState.IDLE] == pytest.approx(truth_h, rel=0.03)


def test_energy_of_exams_is_that_of_the_live_scan(seen):
    one = assessed(seen, resolution_s=10)
    found = one.exams.kwh("active")
    assert np.isfinite(found).all()
    assert np.median(found) == pytest.approx(KW["scan"] * LIVE_S / 3600, rel=0.06)


@pytest.mark.parametrize("seed", [2, 3])
def test_idle_that_drifts_is_not_taken_for_ready(seed):
    # Idle wanders by some percent from day to day; somebody is there for half a minute only, which minutes hardly show.
    rng = np.random.default_rng(seed)
    state = np.full(DAYS * 86_400, "off", dtype="U5")
    starts = []
    for day in range(DAYS):
        opens = day * 86_400 + 8 * 3600
        state[opens : opens + 9 * 3600] = "idle"
        for slot in range(16):
            comes = opens + slot * 1800 + int(rng.integers(120, 700))
            begins = comes + int(rng.integers(25, 60))
            state[comes : begins + LIVE_S + int(rng.integers(20, 45))] = "ready"
            state[begins : begins + LIVE_S] = "scan"
            starts.append(begins + int(rng.integers(15, 45)))
    power = np.select([state == name for name in KW], list(KW.values()))
    power *= 1 + 0.08 * np.sin(2 * np.pi * np.arange(len(power)) / (1.3 * 86_400) + seed)
    power *= 1 + 0.05 * rng.standard_normal(len(power))
    runs = assessed((np.array(starts), power), resolution_s=60).runs
    hours, kwh = runs.hours_by_state(), runs.energy_by_state()
    assert hours[PowerState.IDLE] == pytest.approx(np.count_nonzero(state == "idle") / 3600, rel=0.03)
    assert kwh[PowerState.IDLE] == pytest.approx(power[state == "idle"].sum() / 3600, rel=0.03)
    assert hours[PowerState.READY] < np.count_nonzero(state == "ready") / 3600
