"""The conformance set of ``docs/reference/meter-join.md``, run against this program."""

import csv
import json
from datetime import datetime, time
from pathlib import Path

import numpy as np
import pytest

from ecorad.factors import power_states
from ecorad.footprint import DepartmentInput, DeviceInput, MeterInput, assess
from ecorad.footprint.energy.trace import Trace
from ecorad.model.clock import to_us

CASES = sorted(path.parent for path in (Path(__file__).parent / "conformance").glob("*/case.json"))
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def rows(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def number(cell):
    return float(cell) if cell else float("nan")


@pytest.fixture(scope="module", params=CASES, ids=lambda path: path.name)
def joined(request):
    folder = request.param
    case = json.loads((folder / "case.json").read_text("utf-8"))
    origin = to_us(datetime.fromisoformat(case["origin_utc"]))

    def moments(table, name):
        return origin + np.array([round(float(row[name]) * 1e6) for row in table], dtype=np.int64)

    acquired, read = rows(folder / "acquisitions.csv"), rows(folder / "readings.csv")
    studies = list(dict.fromkeys(row["study"] for row in acquired))
    of_study = np.array([studies.index(row["study"]) for row in acquired])
    start, end = moments(acquired, "start_s"), moments(acquired, "end_s")
    device = DeviceInput(
        device_key="device",
        modality=case["modality"],
        study_key=np.array(studies, dtype=object),
        study_start_us=np.array([start[of_study == n].min() for n in range(len(studies))]),
        study_end_us=np.array([end[of_study == n].max() for n in range(len(studies))]),
        is_exam=np.ones(len(studies), dtype=bool),
        body_region=np.full(len(studies), None, dtype=object),
        acquisition_study=of_study,
        acquisition_start_us=start,
        acquisition_end_us=end,
    )
    energy = np.array([number(row["energy_kwh"]) for row in read])
    meter = MeterInput(
        meter_key="meter", trace=Trace(moments(read, "start_s"), moments(read, "end_s"), energy), feeds=("device",)
    )
    hours = tuple(time.fromisoformat(case["opening"][name]) for name in ("open", "close"))
    found = assess(
        DepartmentInput(
            first_us=origin,
            last_us=origin + case["days"] * 86_400_000_000,
            zone=case["zone"],
            devices=[device],
            meters=[meter],
            opening_hours=dict.fromkeys(WEEK, hours),
            power_states={case["modality"]: power_states(case["modality"])},
        )
    )
    return folder, case, found


def test_energy_of_exams(joined):
    folder, case, found = joined
    expected = {row["study"]: row for row in rows(folder / "expected.csv")}
    truth = np.array([number(expected[key]["active_kwh"]) for key in found.exam_energy["study_key"]])
    own = np.where(found.exam_energy["tier"] == 3, found.exam_energy["active_kwh"], np.nan)
    assert (np.isnan(own) == np.isnan(truth)).all()
    error = np.abs(own / truth - 1)[~np.isnan(truth)]
    if len(error):
        assert np.median(error) <= case["tolerance"]["active_median"]
        assert error.max() <= case["tolerance"]["active_worst"]


def test_known_fraction(joined):
    folder, case, found = joined
    if case["offset_s"]:
        expected = {row["study"]: float(row["known_fraction"]) for row in rows(folder / "expected.csv")}
        wanted = [expected[key] for key in found.exam_energy["study_key"]]
        assert found.exam_energy["known_fraction"] == pytest.approx(wanted, abs=0.02)


def test_clock_offsets(joined):
    _, case, found = joined
    offsets = found.clock_offset["offset_s"]
    for day, offset_s in case["offset_s"].items():
        # A day may give no offset of its own; then its exams tell whether the right one was used.
        assert np.isnan(offsets[int(day)]) or offsets[int(day)] == pytest.approx(
            offset_s, abs=case["tolerance"]["offset_s"]
        )
    assert not case["offset_s"] or np.isfinite(offsets).any()


def test_days(joined):
    folder, case, found = joined
    for row in rows(folder / "expected_days.csv") if (folder / "expected_days.csv").exists() else ():
        for name in ("exams", "warm_up", "gaps", "off_hours"):
            own = found.meter_day[f"{name}_kwh"][int(row["day"])]
            assert own == pytest.approx(float(row[f"{name}_kwh"]), abs=case["tolerance"]["days_kwh"])
        assert found.meter_day["meter_kwh"][int(row["day"])] == pytest.approx(float(row["meter_kwh"]), rel=1e-6)


def test_there_are_cases():
    assert {path.name for path in CASES} >= {"plain-60s", "late-clock", "quarter-hours", "foreign-meter"}
