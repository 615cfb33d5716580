"""Results held against departments whose truth is known: a small version of ``python -m bench.accuracy``."""

import numpy as np
import pytest
from bench.accuracy import coverage
from bench.truth import NAMES, comparable, macro_f1, scores, simulated

from ecorad.footprint import assess
from ecorad.footprint.energy.states import SCAN_NOT_SEEN
from ecorad.model import PowerState
from ecorad.simulation import Settings

SEED = 301


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """Three days of five scanners with hard settings, read every 10 s, and what was made of them."""
    folder = tmp_path_factory.mktemp("hard") / "site"
    case = simulated(folder, seed=SEED, days=3, resolution_s=10, settings=Settings.hard())
    found = assess(case.department)
    return case, found, {row.alias: row for row in scores(case, found)}


def test_total_energy_is_within_one_percent_and_inside_its_interval(hard):
    case, found, _ = hard
    assert found.energy.value == pytest.approx(case.total_kwh, rel=0.01)
    assert found.energy.low <= case.total_kwh <= found.energy.high


def test_energy_of_exams_is_within_five_percent(hard):
    case, found, rows = hard
    active = np.concatenate([one.exams.kwh("active") for one in found.devices])
    truth = np.array([case.exams[key][1] for one in found.devices for key in one.exams.study_key])
    known = ~np.isnan(active)
    assert known.mean() > 0.9
    assert np.median(np.abs(active[known] / truth[known] - 1)) < 0.05
    assert all(row.active < 0.05 for alias, row in rows.items() if alias in ("MR-1", "CT-1", "XA-1"))


def test_states_are_right(hard):
    rows = hard[-1]
    assert macro_f1(sum(row.hours for row in rows.values())) > 0.95
    # Fluoroscopy is hardly seen in readings of ten seconds.
    assert all(row.f1 > (0.9 if alias == "XA-1" else 0.95) for alias, row in rows.items())


def test_where_exposures_cannot_be_seen_they_are_ready_and_it_is_said(hard):
    case, found, _ = hard
    said = {one.device.alias for one in found.devices if any(i.code == SCAN_NOT_SEEN for i in one.runs.issues)}
    assert said == {"DX-1"}
    runs = next(one.runs for one in found.devices if one.device.alias == "DX-1")
    truth = comparable(case.devices["DX-1"], runs)
    assert NAMES.index("scan") not in truth.state
    assert (np.diff(truth.state) != 0).all()
    both = sum(case.devices["DX-1"].kwh_by_state[name] for name in ("ready", "scan"))
    assert truth.kwh_by_state["ready"] == both
    assert runs.energy_by_state()[PowerState.READY] == pytest.approx(both, rel=0.03)
    assert comparable(truth, found.devices[0].runs) is truth


def test_the_number_of_runs_is_right(hard):
    assert all(2 / 3 <= row.runs <= 1.5 for row in hard[-1].values())


def test_idle_energy_is_within_three_percent(hard):
    case, _, rows = hard
    truth = {alias: case.devices[alias].kwh_by_state["idle"] for alias in rows}
    off = sum(row.idle * truth[alias] for alias, row in rows.items()) / sum(truth.values())
    assert abs(off) < 0.03


def test_clocks_are_found(hard):
    case, found, rows = hard
    # When a live scan began before its first image, nobody wrote.
    assert all(row.clock_s < 2.0 for alias, row in rows.items() if alias != "US-1")
    for one in found.devices:
        for row in (row for row in one.clock.rows() if np.isfinite(row.offset_s)):
            truth = case.devices[one.device.alias].offset_s[row.date.isoformat()]
            assert abs(row.offset_s - truth) < 4 * row.u_s


@pytest.fixture(scope="module")
def by_the_minute(tmp_path_factory):
    """Six days of the same, read every minute."""
    case = simulated(
        tmp_path_factory.mktemp("minute") / "site", seed=SEED + 1, days=6, resolution_s=60, settings=Settings.hard()
    )
    found = assess(case.department)
    return case, found, {row.alias: row for row in scores(case, found)}


def test_readings_of_a_minute_still_tell_states(by_the_minute):
    rows = by_the_minute[-1]
    assert macro_f1(sum(row.hours for row in rows.values())) > 0.95
    assert all(2 / 3 <= row.runs <= 1.5 for alias, row in rows.items() if alias in ("MR-1", "CT-1"))
    assert all(abs(row.idle) < 0.03 for row in rows.values())


def test_readings_of_a_minute_still_tell_clocks_and_exams(by_the_minute):
    rows = by_the_minute[-1]
    # Runs of angiography are shorter than a reading: its clock is not known, and that is said.
    assert np.isnan(rows.pop("XA-1").clock_s)
    assert all(row.clock_s < 15.0 for row in rows.values())
    assert all(row.active < 0.05 for row in rows.values())


@pytest.mark.parametrize("unmetered", [0, 1])
def test_the_interval_of_a_total_holds_the_truth(unmetered):
    inside, devices = coverage(range(4000, 4010), unmetered=unmetered, days=28)
    assert inside >= 9
    assert devices > 0.85
