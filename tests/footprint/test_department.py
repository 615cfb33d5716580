from dataclasses import replace
from datetime import time

import numpy as np
import pytest

from ecorad.factors import book, grid_average, marginal_or_average, power_states
from ecorad.footprint import MeterInput, assess
from ecorad.footprint.energy.allocation import RULES
from ecorad.footprint.energy.trace import EMPTY, Trace, added
from ecorad.model import Origin, PowerState
from ecorad.model import table as spec
from tests.footprint.made import department, device, scanner

HOURS = {day: (time(7), time(18)) for day in ("mon", "tue", "wed", "thu", "fri")}
CHOICES = {
    "opening_hours": HOURS,
    "power_states": {"MR": power_states("MR"), "CT": power_states("CT")},
    "annual_energy": {"CT": book().get("annual.ct.heye")},
    "average": grid_average("NL", 2024).intensity,
    "marginal": marginal_or_average("NL", 2024).intensity,
}


def codes(found):
    return {issue.code for issue in found.issues}


@pytest.fixture(scope="module")
def made():
    return scanner(days=5, seed=3)


@pytest.fixture(scope="module")
def found(made):
    meter = MeterInput(meter_key="m", trace=made.trace(10), feeds=("mr",), accuracy_percent=1.0)
    return assess(department([device(made, offset_s=140.0, drift_s=3.0)], [meter], **CHOICES))


def test_energy_of_exams_is_within_five_percent_of_the_truth(found, made):
    error = np.abs(found.exam_energy["active_kwh"] / made.active_kwh() - 1)
    assert np.median(error) < 0.01
    assert error.max() < 0.05


def test_the_meter_is_conserved(found, made):
    parts = found.meters[0].split
    assert parts.total_kwh == pytest.approx(made.power_kw.sum() / 3600, rel=1e-9)
    for rule in RULES:
        allocated = found.devices[0].exams.kwh("allocated", rule)
        assert allocated.sum() == pytest.approx(parts.total_kwh, rel=1e-9)
    assert sum(found.energy_by_state_kwh.values()) == pytest.approx(parts.total_kwh, rel=1e-9)


def test_the_truth_lies_in_the_interval(found, made):
    truth = made.power_kw.sum() / 3600
    assert found.energy.low < truth < found.energy.high
    assert found.energy.origin is Origin.MEASURED


def test_the_two_answers_use_two_energies(found):
    marginal = np.nansum(found.exam_energy["marginal_kwh"])
    assert found.attributional.value == pytest.approx(found.energy.value * CHOICES["average"].value)
    assert found.consequential.value == pytest.approx(marginal * CHOICES["marginal"].value)
    assert found.consequential.value < found.attributional.value


def test_shares_and_floor(found, made):
    parts = found.meters[0].split
    share = found.devices[0].non_imaging_share
    assert share.value == pytest.approx((parts.gaps_kwh + parts.off_hours_kwh) / parts.total_kwh)
    assert share.low <= share.value <= share.high
    assert found.floor.value == pytest.approx(8.0 * 120, rel=0.12)
    assert found.devices[0].idle_kw.value == pytest.approx(12.0, rel=0.06)


def test_result_tables_have_the_columns_of_the_dictionary(found):
    for name in ("exam_energy", "state_run", "clock_offset"):
        columns = [column.name for column in spec(name).columns]
        own = getattr(found, name)
        assert [column for column in columns if column in own] == list(own)
        assert len({len(values) for values in own.values()}) == 1
    assert set(found.state_run["state"]) <= {state.value for state in PowerState}


def test_modalities_and_regions_add_up(found, made):
    row = found.modalities[0]
    assert (row.name, row.exams) == ("MR", len(made.exams))
    assert sum(region.exams for region in row.regions) == row.exams
    assert row.tiers[3][0] == row.exams
    kinds = row.kwh_per_exam
    assert kinds["marginal"].value < kinds["active"].value < kinds["allocated"].value


def test_the_same_input_gives_the_same_result(found, made):
    meter = MeterInput(meter_key="m", trace=made.trace(10), feeds=("mr",), accuracy_percent=1.0)
    again = assess(department([device(made, offset_s=140.0, drift_s=3.0)], [meter], **CHOICES))
    assert again.energy == found.energy
    assert again.consequential == found.consequential
    assert again.contributions == found.contributions


def test_a_device_without_a_meter_is_modelled(made):
    found = assess(department([device(made)], [], **CHOICES))
    assert found.devices[0].tier == 2
    assert found.energy.value > 0
    assert found.energy_by_class_kwh is None
    assert found.energy.origin is not Origin.MEASURED


def test_a_ct_without_a_meter_has_a_published_year(made):
    found = assess(department([device(made, "ct", "CT")], [], **CHOICES))
    assert found.devices[0].tier == 1
    assert found.energy.value == pytest.approx(26226 * 120 / 8766)
    assert found.devices[0].kwh_per_exam["active"].value is None
    assert found.devices[0].kwh_per_exam["allocated"].value is not None


def test_a_class_nobody_published_is_named_and_not_zero(made):
    found = assess(department([device(made, "us", "US")], [], **CHOICES))
    assert found.energy.value is None
    assert found.not_included == (("us", "no_factor"),)
    assert "ecorad.energy.no_model" in codes(found)


def test_a_meter_without_a_device_is_unexplained(made):
    found = assess(department([], [MeterInput(meter_key="m", trace=made.trace(60))], **CHOICES))
    assert found.unexplained_share.value == 1.0
    assert found.energy.value == pytest.approx(made.power_kw.sum() / 3600)
    assert "ecorad.energy.meter_without_device" in codes(found)


def test_two_scanners_on_one_meter_share_it(made):
    other = scanner(days=5, seed=4)
    both = added([made.trace(60), other.trace(60)])
    devices = [device(made, "a"), device(other, "b")]
    found = assess(department(devices, [MeterInput(meter_key="m", trace=both, feeds=("a", "b"))], **CHOICES))
    assert "ecorad.energy.shared_meter" in codes(found)
    assert found.energy_by_state_kwh is None
    total = sum(one.exams.kwh("allocated").sum() for one in found.devices)
    assert total == pytest.approx(both.known_kwh, rel=1e-9)
    assert sum(one.exams.kwh("active").sum() for one in found.devices) == pytest.approx(
        found.meters[0].split.exams_kwh, rel=1e-9
    )


def test_a_device_on_two_meters_is_their_sum(made):
    trace = made.trace(60)
    halves = [Trace(trace.start_us, trace.end_us, trace.energy_kwh * share) for share in (0.3, 0.7)]
    meters = [MeterInput(meter_key=str(n), trace=half, feeds=("mr",)) for n, half in enumerate(halves)]
    found = assess(department([device(made)], meters, **CHOICES))
    assert found.exam_energy["active_kwh"].sum() == pytest.approx(made.active_kwh().sum(), rel=0.01)
    assert sum(meter.split.exams_kwh for meter in found.meters) == pytest.approx(made.active_kwh().sum(), rel=0.01)


def test_cooling_stays_outside_the_total(made):
    chiller = MeterInput(meter_key="c", trace=made.trace(60), feeds=("mr",), cooling=True)
    found = assess(department([], [chiller], **CHOICES))
    assert found.energy.value is None
    assert found.cooling.value == pytest.approx(made.power_kw.sum() / 3600)


def test_the_meter_of_another_scanner_is_refused(made):
    other = scanner(days=5, seed=9)
    found = assess(
        department([device(made)], [MeterInput(meter_key="m", trace=other.trace(10), feeds=("mr",))], **CHOICES)
    )
    assert "ecorad.energy.unrelated_meter" in codes(found)
    assert np.isnan(found.exam_energy["active_kwh"]).all()
    assert found.meters[0].split.unexplained_kwh == pytest.approx(found.meters[0].split.total_kwh)
    assert found.devices[0].kwh_per_exam["allocated"].value is not None


def test_exams_in_a_gap_are_marked_and_the_gap_is_estimated(made):
    trace = made.trace(60)
    energy = trace.energy_kwh.copy()
    energy[2 * 1440 : 3 * 1440] = np.nan
    holed = Trace(trace.start_us, trace.end_us, energy)
    found = assess(department([device(made)], [MeterInput(meter_key="m", trace=holed, feeds=("mr",))], **CHOICES))
    flags = found.exam_energy["flags"]
    assert sum("unread" in flag for flag in flags) > 5
    assert found.energy.origin is Origin.MODELLED
    assert found.energy.low < made.power_kw.sum() / 3600 < found.energy.high
    assert found.meters[0].missing.hours == pytest.approx(24.0)


@pytest.mark.parametrize("trace", [EMPTY, Trace.of([0], [10], [float("nan")])])
def test_a_meter_that_was_not_read_gives_way_to_a_model(made, trace):
    found = assess(department([device(made)], [MeterInput(meter_key="m", trace=trace, feeds=("mr",))], **CHOICES))
    assert found.devices[0].tier == 2
    assert "ecorad.energy.meter_unread" in codes(found)


def test_a_meter_read_for_minutes_gives_way_to_a_model(made):
    short = made.trace(60)
    short = Trace(short.start_us[:30], short.end_us[:30], short.energy_kwh[:30])
    found = assess(department([device(made)], [MeterInput(meter_key="m", trace=short, feeds=("mr",))], **CHOICES))
    assert found.devices[0].tier == 2
    assert "ecorad.energy.meter_too_short" in codes(found)


def test_starts_alone_give_ends_from_the_power(made):
    lean = device(made)
    starts = lean.acquisition_start_us
    last = np.array([starts[lean.acquisition_study == n].max() for n in range(len(lean.study_key))])
    lean = replace(lean, acquisition_end_us=starts, study_end_us=last)
    found = assess(department([lean], [MeterInput(meter_key="m", trace=made.trace(10), feeds=("mr",))], **CHOICES))
    assert sum("end_from_power" in flag for flag in found.exam_energy["flags"]) == len(made.exams)
    assert np.median(np.abs(found.exam_energy["active_kwh"] / made.active_kwh() - 1)) < 0.05


def test_phantoms_use_the_scanner_and_are_no_exams(made):
    mixed = replace(device(made), is_exam=np.arange(len(made.exams)) > 3)
    found = assess(department([mixed], [MeterInput(meter_key="m", trace=made.trace(10), feeds=("mr",))], **CHOICES))
    parts = found.meters[0].split
    assert parts.qc_kwh == pytest.approx(made.active_kwh()[:4].sum(), rel=0.02)
    assert len(found.exam_energy["study_key"]) == len(made.exams) - 4


def test_nothing_at_all_is_unknown():
    found = assess(department([], []))
    assert found.energy.value is None
    assert found.attributional.value is None
    assert len(found.exam_energy["study_key"]) == 0
