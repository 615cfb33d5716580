from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint import MeterInput, assess
from ecorad.footprint.energy.allocation import split
from ecorad.footprint.energy.trace import EMPTY, Trace
from ecorad.footprint.reconciliation import (
    CLASSES,
    NOTHING_KNOWN,
    Bill,
    Uses,
    bill_balance,
    by_day,
    feeder_balance,
    unread_days,
)
from ecorad.model.clock import to_us
from tests.footprint.made import DAY, HOUR, MONDAY, department, device, scanner
from tests.footprint.test_department import CHOICES, codes


def hourly_trace(kwh, first_us=MONDAY):
    starts = first_us + np.arange(len(kwh), dtype=np.int64) * HOUR
    return Trace(starts, starts + HOUR, np.asarray(kwh, dtype=np.float64))


def spans(*pairs):
    moments = np.array(pairs, dtype=np.float64).reshape(-1, 2) * HOUR + MONDAY
    return moments[:, 0].astype(np.int64), moments[:, 1].astype(np.int64)


pairs = st.lists(st.tuples(st.floats(0, 71), st.floats(0, 8)).map(lambda p: (p[0], p[0] + p[1])), max_size=6)
readings = st.lists(st.one_of(st.just(float("nan")), st.floats(0, 30)), min_size=1, max_size=72)


@given(readings, pairs, pairs, pairs, st.one_of(st.none(), pairs))
def test_the_classes_add_up_to_the_meter(kwh, exams, qc, warm_up, opening):
    trace = hourly_trace(kwh)
    uses = Uses(
        exams=spans(*exams),
        qc=spans(*qc),
        warm_up=spans(*warm_up),
        opening=None if opening is None else spans(*opening),
    )
    table = by_day(trace, uses, "Europe/Amsterdam")
    total = sum(table[f"{name}_kwh"] for name in CLASSES)
    assert total == pytest.approx(table["meter_kwh"])
    assert table["meter_kwh"].sum() == pytest.approx(trace.known_kwh)
    assert table["read_h"].sum() == pytest.approx(trace.known_h)


@given(readings, pairs, pairs, pairs)
def test_the_days_agree_with_the_split(kwh, exams, qc, opening):
    trace = hourly_trace(kwh)
    table = by_day(trace, Uses(exams=spans(*exams), qc=spans(*qc), opening=spans(*opening)), "UTC")
    qc_start, qc_end = spans(*qc)
    parts = split(trace, *spans(*exams), spans(*opening), qc_start_us=qc_start, qc_end_us=qc_end)
    assert table["exams_kwh"].sum() == pytest.approx(parts.exams_kwh)
    assert table["qc_kwh"].sum() == pytest.approx(parts.qc_kwh)
    assert table["gaps_kwh"].sum() + table["qc_kwh"].sum() == pytest.approx(parts.gaps_kwh)
    assert table["off_hours_kwh"].sum() == pytest.approx(parts.off_hours_kwh)


def test_warm_up_gives_way_to_use_and_not_to_opening():
    uses = Uses(exams=spans((9, 10)), qc=spans((8, 9)), warm_up=spans((6, 9.5)), opening=spans((7, 18)))
    table = by_day(hourly_trace(np.ones(24)), uses, "UTC")
    found = {name: float(table[f"{name}_kwh"][0]) for name in CLASSES}
    assert found == {
        "exams": 1.0,
        "qc": 1.0,
        "warm_up": 2.0,
        "gaps": 8.0,
        "off_hours": 12.0,
        "cooling": 0.0,
        "unexplained": 0.0,
    }


def test_a_day_of_the_clock_change_has_25_hours():
    first = to_us(datetime(2026, 10, 24, 22, tzinfo=UTC))
    table = by_day(hourly_trace(np.ones(72), first), NOTHING_KNOWN, "Europe/Amsterdam")
    assert table["meter_kwh"].tolist() == [25.0, 24.0, 23.0]
    assert table["unexplained_kwh"].sum() == 72.0


def test_the_floor_is_a_part_and_never_more_than_the_day():
    trace = hourly_trace([3.0] * 24 + [1.0] * 24 + [np.nan] * 12 + [3.0] * 12)
    table = by_day(trace, Uses(opening=spans((8, 18))), "UTC", floor_kw=2.0)
    assert table["floor_kwh"].tolist() == [48.0, 24.0, 24.0]
    assert np.isnan(by_day(trace, NOTHING_KNOWN, "UTC")["floor_kwh"]).all()


def test_cooling_is_a_class_of_its_own():
    table = by_day(hourly_trace(np.ones(24)), Uses(is_cooling=True, exams=spans((9, 10))), "UTC")
    assert table["cooling_kwh"].tolist() == [24.0]
    assert table["exams_kwh"].tolist() == [0.0]


def test_nothing_read_is_no_day():
    assert len(by_day(EMPTY, NOTHING_KNOWN, "UTC")["day"]) == 0


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10), st.floats(0, 5)), min_size=1, max_size=60))
def test_a_feeder_is_its_meters_and_the_rest(rows):
    one, two, rest = (np.array(part) for part in zip(*rows, strict=True))
    table = feeder_balance(hourly_trace(one + two + rest), [hourly_trace(one), hourly_trace(two)], "Asia/Kolkata")
    assert table["residual_kwh"].sum() == pytest.approx(rest.sum(), abs=1e-9)
    assert table["feeder_kwh"] == pytest.approx(table["meters_kwh"] + table["residual_kwh"])


def test_hours_without_one_of_the_meters_are_not_compared():
    feeder = hourly_trace([10.0, 10.0, 10.0])
    table = feeder_balance(feeder, [hourly_trace([4.0, np.nan, 4.0]), hourly_trace([5.0, 5.0, 5.0])], "UTC")
    assert table["compared_h"].tolist() == [2.0]
    assert table["residual_kwh"].tolist() == pytest.approx([2.0])


def test_a_bill_is_compared_where_the_meter_was_read_throughout():
    bills = [Bill("m", MONDAY, MONDAY + DAY, 50.0), Bill("m", MONDAY + DAY, MONDAY + 2 * DAY, 30.0)]
    table = bill_balance(hourly_trace([2.0] * 24 + [1.0] * 23 + [np.nan]), bills)
    assert table["residual_kwh"][0] == pytest.approx(2.0)
    assert np.isnan(table["residual_kwh"][1])
    assert table["known_fraction"][1] == pytest.approx(23 / 24)


def test_days_without_readings_are_counted_between_the_first_and_the_last():
    kwh = np.ones(24 * 6)
    kwh[24:48] = np.nan
    assert unread_days(hourly_trace(kwh), "UTC") == 1
    assert unread_days(hourly_trace(np.ones(24)), "UTC") == 0


# Through the whole department.


@pytest.fixture(scope="module")
def pair():
    return scanner(days=5, seed=3), scanner(days=5, seed=8, levels_kw=(3.0, 2.5, 5.0, 8.0, 30.0))


def two(pair):
    return [device(pair[0], "one"), device(pair[1], "two")]


def both(pair, resolution_s, factor=1.0):
    traces = [made.trace(resolution_s) for made in pair]
    return Trace(traces[0].start_us, traces[0].end_us, factor * (traces[0].energy_kwh + traces[1].energy_kwh))


def test_e14_a_feeder_over_metered_devices_is_counted_once(pair):
    meters = [
        MeterInput(meter_key="a", trace=pair[0].trace(60), feeds=("one",)),
        MeterInput(meter_key="b", trace=pair[1].trace(60), feeds=("two",)),
        MeterInput(meter_key="feeder", trace=both(pair, 900), feeds=("one", "two")),
    ]
    found = assess(department(two(pair), meters, **CHOICES))
    truth = sum(made.power_kw.sum() for made in pair) / 3600
    assert found.energy.value == pytest.approx(truth, rel=1e-6)
    assert found.energy_by_class_kwh.total_kwh == pytest.approx(truth, rel=1e-6)
    assert "ecorad.energy.feeder" in codes(found)
    assert found.feeder_day["residual_kwh"] == pytest.approx(np.zeros(5), abs=1e-6)
    assert found.meters[2].split.total_kwh == pytest.approx(truth, rel=1e-6)
    assert found.meters[2].behind == ("a", "b")


def test_a_device_without_a_meter_gets_what_the_feeder_leaves(pair):
    meters = [
        MeterInput(meter_key="a", trace=pair[0].trace(10), feeds=("one",)),
        MeterInput(meter_key="feeder", trace=both(pair, 10), feeds=("one", "two")),
    ]
    found = assess(department(two(pair), meters, **CHOICES))
    assert found.energy.value == pytest.approx(sum(made.power_kw.sum() for made in pair) / 3600, rel=1e-6)
    mine = found.exam_energy["device_key"] == "two"
    error = np.abs(found.exam_energy["active_kwh"][mine] / pair[1].active_kwh() - 1)
    assert np.median(error) < 0.05


def test_e14_meters_that_read_more_than_their_feeder_are_named(pair):
    meters = [
        MeterInput(meter_key="a", trace=pair[0].trace(60), feeds=("one",)),
        MeterInput(meter_key="b", trace=pair[1].trace(60), feeds=("two",)),
        MeterInput(meter_key="feeder", trace=both(pair, 900, factor=0.8), feeds=("one", "two")),
    ]
    found = assess(department(two(pair), meters, **CHOICES))
    assert "ecorad.energy.meters_exceed_feeder" in codes(found)


def test_the_table_holds_every_meter_and_day(pair):
    made = pair[0]
    meters = [
        MeterInput(meter_key="m", trace=made.trace(60), feeds=("one",)),
        MeterInput(meter_key="chiller", trace=hourly_trace(np.full(120, 5.0)), feeds=("one",), cooling=True),
    ]
    bill = Bill("m", MONDAY, MONDAY + 5 * DAY, 1000.0)
    found = assess(department([device(made, "one")], meters, bills=[bill], **CHOICES))
    table = found.meter_day
    mine = table["meter_key"] == "m"
    assert mine.sum() == 5
    assert sum(table[f"{name}_kwh"][mine].sum() for name in CLASSES) == pytest.approx(made.power_kw.sum() / 3600)
    assert table["exams_kwh"][mine].sum() == pytest.approx(made.active_kwh().sum(), rel=0.01)
    # The scanner wakes at seven and the first patient comes half an hour later or more.
    assert (table["warm_up_kwh"][mine] > 0.4 * 12.0).all()
    assert table["cooling_kwh"][~mine].sum() == pytest.approx(600.0)
    assert found.bill["residual_kwh"][0] == pytest.approx(1000.0 - made.power_kw.sum() / 3600, rel=1e-6)


def test_a_device_never_seen_below_idle_has_no_floor(pair):
    always_on = scanner(days=5, seed=4, night=2)
    found = assess(
        department(
            [device(always_on)], [MeterInput(meter_key="m", trace=always_on.trace(60), feeds=("mr",))], **CHOICES
        )
    )
    assert found.devices[0].floor.value is None
    assert np.isnan(found.meter_day["floor_kwh"]).all()
    made = pair[0]
    asleep = assess(
        department([device(made)], [MeterInput(meter_key="m", trace=made.trace(60), feeds=("mr",))], **CHOICES)
    )
    assert asleep.devices[0].floor.value == pytest.approx(8.0 * 120, rel=0.12)
