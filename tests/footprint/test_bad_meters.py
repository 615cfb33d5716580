"""Meters that are wrong: each gets a name, and a result that says less instead of something false."""

from dataclasses import replace

import numpy as np
import pytest

from ecorad.footprint import MeterInput, assess
from ecorad.footprint.energy.trace import Trace
from ecorad.model import Origin
from tests.footprint.made import DAY, MONDAY, SECOND, department, device, scanner
from tests.footprint.test_department import CHOICES, codes

DAYS = 5


@pytest.fixture(scope="module")
def made():
    return scanner(days=DAYS, seed=3)


@pytest.fixture(scope="module")
def other():
    return scanner(days=DAYS, seed=9)


def meter(trace, key="m", feeds=("mr",), **more):
    return MeterInput(meter_key=key, trace=trace, feeds=feeds, **more)


def scaled(trace, factor):
    return Trace(trace.start_us, trace.end_us, trace.energy_kwh * factor)


def with_energy(trace, energy):
    return Trace(trace.start_us, trace.end_us, energy)


def truth(made):
    return made.power_kw.sum() / 3600


def test_the_meter_of_a_device_elsewhere_explains_nothing(made, other):
    found = assess(department([device(made)], [meter(other.trace(10))], **CHOICES))
    assert "ecorad.energy.unrelated_meter" in codes(found)
    assert np.isnan(found.exam_energy["active_kwh"]).all()
    one = found.devices[0]
    # All of it is unexplained: no share of it is known, and none is 0.
    assert one.non_imaging_share.value is None
    assert one.overnight_share.value is None
    assert found.non_imaging_share.value is None
    assert found.overnight_share.value is None
    assert found.unexplained_share.value == pytest.approx(1.0)


def test_swapped_meters_are_told_with_the_one_that_fits(made, other):
    devices = [device(made, "one"), device(other, "two")]
    meters = [meter(other.trace(10), "a", ("one",)), meter(made.trace(10), "b", ("two",))]
    found = assess(department(devices, meters, **CHOICES))
    fits = {(issue.where, issue.detail) for issue in found.issues if issue.code == "ecorad.energy.fits_other_meter"}
    assert fits == {("ONE", "b"), ("TWO", "a")}
    assert np.isnan(found.exam_energy["active_kwh"]).all()
    # Neither meter speaks for the device it is written down for, and both were read.
    assert dict(found.not_included) == {"one": "meter_swapped", "two": "meter_swapped"}
    assert all(one.energy.value is None and one.runs is None and one.floor.value is None for one in found.devices)
    both = sum(one.trace.known_kwh for one in meters)
    assert found.energy.value == pytest.approx(both, rel=0.02)
    assert found.energy.low < both < found.energy.high


def test_swapped_meters_of_which_one_is_absurd_for_its_device_are_not_modelled(made, other):
    # A meter of a hundredth of an MR's power is no MR's; the other device's acquisitions are what it follows.
    small = scaled(made.trace(10), 0.01)
    devices = [device(made, "one"), device(other, "two")]
    meters = [meter(other.trace(10), "a", ("one",)), meter(small, "b", ("two",))]
    found = assess(department(devices, meters, **CHOICES))
    assert {"ecorad.energy.implausible_power", "ecorad.energy.fits_other_meter"} <= set(codes(found))
    assert dict(found.not_included) == {"one": "meter_swapped", "two": "meter_swapped"}
    assert found.energy.value == pytest.approx(sum(one.trace.known_kwh for one in meters), rel=0.02)


def test_meters_in_their_place_are_not_called_swapped(made, other):
    devices = [device(made, "one"), device(other, "two")]
    meters = [meter(made.trace(10), "a", ("one",)), meter(other.trace(10), "b", ("two",))]
    assert not codes(assess(department(devices, meters, **CHOICES))) & {
        "ecorad.energy.fits_other_meter",
        "ecorad.energy.unrelated_meter",
        "ecorad.energy.unlike_class",
    }


@pytest.mark.parametrize("factor", [0.4, 0.5, 3.0])
def test_a_wrong_transformer_ratio_is_doubted_and_the_interval_reaches_the_truth(made, factor):
    found = assess(department([device(made)], [meter(scaled(made.trace(10), factor))], **CHOICES))
    assert "ecorad.energy.unlike_class" in codes(found)
    assert found.energy.low < truth(made) < found.energy.high
    assert found.energy.origin is Origin.MODELLED
    per_exam = found.devices[0].kwh_per_exam["active"]
    assert per_exam.low < made.active_kwh().mean() < per_exam.high


@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_watts_for_kilowatts_are_not_believed(made, factor):
    found = assess(department([device(made)], [meter(scaled(made.trace(10), factor))], **CHOICES))
    assert "ecorad.energy.implausible_power" in codes(found)
    assert found.devices[0].tier == 2
    assert found.energy.value < 4 * truth(made)
    assert found.energy.low < truth(made) < found.energy.high
    assert found.meters[0].split.unexplained_kwh == pytest.approx(factor * truth(made))


def test_a_day_without_readings_is_named(made):
    trace = made.trace(60)
    energy = trace.energy_kwh.copy()
    energy[2 * 1440 : 3 * 1440] = np.nan
    found = assess(department([device(made)], [meter(with_energy(trace, energy))], **CHOICES))
    assert [issue.count for issue in found.issues if issue.code == "ecorad.energy.days_unread"] == [1]
    assert next(issue.count for issue in found.issues if issue.code == "ecorad.energy.exams_unread") > 5
    lost = np.array(["unread" in flag for flag in found.exam_energy["flags"]])
    assert (found.exam_energy["tier"][lost] == 2).all()


def test_a_clock_set_back_overnight_is_followed(made):
    moved = device(made)
    late = 200 * SECOND
    before = moved.acquisition_start_us < MONDAY + 2 * DAY
    studies = moved.study_start_us < MONDAY + 2 * DAY
    moved = replace(
        moved,
        study_start_us=moved.study_start_us + late * studies,
        study_end_us=moved.study_end_us + late * studies,
        acquisition_start_us=moved.acquisition_start_us + late * before,
        acquisition_end_us=moved.acquisition_end_us + late * before,
    )
    found = assess(department([moved], [meter(made.trace(10))], **CHOICES))
    assert {"ecorad.energy.clock_step", "ecorad.energy.clock_far"} <= codes(found)
    assert "ecorad.energy.clock_unsure" not in codes(found)
    assert found.clock_offset["offset_s"] == pytest.approx([-200, -200, 0, 0, 0], abs=2)
    assert np.median(np.abs(found.exam_energy["active_kwh"] / made.active_kwh() - 1)) < 0.01


def test_joins_of_a_day_that_does_not_fit_are_refused_and_counted(made):
    # One day of five has another clock, which no drift and no correction explains.
    odd = device(made)
    third = (odd.study_start_us - MONDAY) // DAY == 2
    of_third = third[odd.acquisition_study]
    shift = 300 * SECOND
    odd = replace(
        odd,
        study_start_us=odd.study_start_us + shift * third,
        study_end_us=odd.study_end_us + shift * third,
        acquisition_start_us=odd.acquisition_start_us + shift * of_third,
        acquisition_end_us=odd.acquisition_end_us + shift * of_third,
    )
    found = assess(department([odd], [meter(made.trace(10))], **CHOICES))
    assert [issue.count for issue in found.issues if issue.code == "ecorad.energy.join_refused"] == [int(third.sum())]
    refused = np.array(["join_refused" in flag for flag in found.exam_energy["flags"]])
    assert (refused == third).all()
    assert (found.exam_energy["tier"][refused] == 2).all()


def test_exams_without_a_meter_are_counted(made):
    found = assess(department([device(made)], [], **CHOICES))
    assert [issue.count for issue in found.issues if issue.code == "ecorad.energy.no_meter"] == [len(made.exams)]
    assert found.devices[0].tier == 2
    assert found.energy.origin is Origin.DEFAULT


def test_a_meter_without_exams_says_how_much_and_not_what_for(made):
    idle = device(made)
    idle = replace(
        idle,
        **{
            name: getattr(idle, name)[:0]
            for name in idle.__dataclass_fields__
            if name.startswith(("study", "acquisition")) or name in ("is_exam", "body_region")
        },
    )
    found = assess(department([idle], [meter(made.trace(10))], **{**CHOICES, "opening_hours": {}}))
    assert "ecorad.energy.meter_without_exams" in codes(found)
    assert found.energy.value == pytest.approx(truth(made))
    assert found.devices[0].non_imaging_share.value is None
    assert found.meters[0].split.unexplained_kwh == pytest.approx(truth(made))


def test_a_few_metered_days_do_not_speak_for_years(made):
    long = replace(department([device(made)], [meter(made.trace(60))], **CHOICES), last_us=MONDAY + 3 * 365 * DAY)
    found = assess(long)
    assert "ecorad.energy.meter_too_short" in codes(found)
    assert found.meters[0].missing.energy_kwh is None
    assert found.devices[0].tier == 2


def test_quarter_hours_name_no_state_and_no_exam(made):
    found = assess(department([device(made)], [meter(made.trace(900))], **CHOICES))
    one = found.devices[0]
    assert {"ecorad.energy.too_coarse", "ecorad.energy.exam_too_short"} <= codes(found)
    assert one.runs.energy_by_state() is None
    assert 0 < one.runs.duty.low_kw < one.runs.duty.high_kw
    assert np.isnan(found.exam_energy["active_kwh"]).all()
    assert np.isnan(found.exam_energy["tier"]).all()
    # What the whole device drew is known as before, and so is what each exam carries of it.
    assert found.energy.value == pytest.approx(truth(made), rel=0.001)
    assert found.exam_energy["allocated_kwh"].sum() == pytest.approx(truth(made), rel=0.001)


def test_exams_shorter_than_a_reading_are_not_read(made):
    brief = device(made, modality="DX")
    end = brief.study_start_us + 90 * SECOND
    brief = replace(
        brief,
        study_end_us=end,
        acquisition_study=np.arange(len(end)),
        acquisition_start_us=brief.study_start_us,
        acquisition_end_us=brief.study_start_us,
    )
    found = assess(department([brief], [meter(made.trace(300))], **CHOICES))
    assert [issue.count for issue in found.issues if issue.code == "ecorad.energy.exam_too_short"] == [len(end)]
    assert np.isnan(found.exam_energy["active_kwh"]).all()
    assert np.isnan(found.exam_energy["marginal_kwh"]).all()
    assert found.devices[0].kwh_per_exam["marginal"].value is None
