"""Two scanners over two weeks: which days fit on one, and what closing the other would have saved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecorad.findings.scanner_use.fewer import changeover_us, scanners_together
from ecorad.model import PowerState
from tests.findings.energy.made import at, device, runs, setting, weeks

WEEKDAYS = [day for day in range(2, 16) if (day - 2) % 7 < 5]


def scanner(key, hours, *, region="head", low="off", days=WEEKDAYS, rows=None, length=0.5):
    """A scanner with exams of half an hour at these hours of each weekday."""
    exams = [(at(day, hour), at(day, hour + length)) for day in days for hour in hours]
    one = device(runs(rows or weeks(night=low)), key=key, exams=exams)
    names = np.array([f"{key}{n}" for n in range(len(exams))], dtype=object)
    table = replace(one.exams, study_key=names, body_region=np.array([region] * len(exams), dtype=object))
    return replace(one, exams=table)


def together(*devices, regions=None, **more):
    return scanners_together(devices, setting(**more), regions or {})


def test_hand_worked():
    # CT 1 examines at 9, 9:45 and 15; CT 2 at 12 and 13: apart, so CT 2 could stay closed on all ten days.
    (found,) = together(scanner("a", [9, 9.75, 15]), scanner("b", [12, 13]))
    assert (found.days, found.as_timed, found.if_moved) == (10, 10, 10)
    # One gap of a quarter of an hour and one of half an hour a day.
    assert found.changeover_min == pytest.approx(22.5)
    # Awake ten hours a day at 4 kW, off at 1 kW, less the switch that counts against it; the same for either of them.
    row = found.saving
    assert found.closed == row.device_key and (row.days, row.times) == (10, 10)
    switch_kwh = (4.0 - 1.0) * (20 + 5) / 60
    assert row.kwh.value == pytest.approx(10 * (10 * (4 - 1) - switch_kwh))
    assert row.kwh.low > 0 and row.kwh.low < row.kwh.value < row.kwh.high
    # Both draw 10 h x 4 kW + 14 h x 1 kW on each of the ten days, for five exams.
    assert found.before.value == pytest.approx(2 * 54 / 5)
    assert found.after.value == pytest.approx((2 * 54 - row.kwh.value / 10) / 5)


def test_exams_at_one_time_do_not_fit_but_may_be_moved():
    (found,) = together(scanner("a", [9, 9.75]), scanner("b", [9, 9.75]))
    assert (found.as_timed, found.if_moved, found.saving) == (0, 10, None)
    assert found.before.value is None


def test_what_only_one_scanner_does_keeps_it_open():
    (found,) = together(scanner("a", [9, 9.75]), scanner("b", [12, 13], region="heart"))
    assert (found.as_timed, found.if_moved) == (0, 0)


def test_the_site_knows_better_than_the_records():
    told = {"a": ("head", "heart"), "b": ("heart",)}
    (found,) = together(scanner("a", [9, 9.75]), scanner("b", [12, 13], region="heart"), regions=told)
    assert (found.closed, found.as_timed) == ("b", 10)


def test_an_exam_of_unknown_length_makes_its_day_unknown():
    one = scanner("a", [9, 9.75, 15])
    end = one.exams.end_us.copy()
    end[0] = one.exams.start_us[0]
    (found,) = together(replace(one, exams=replace(one.exams, end_us=end)), scanner("b", [12, 13]))
    assert found.days == 9


def test_too_few_days_say_nothing():
    few = WEEKDAYS[:4]
    assert together(scanner("a", [9, 9.75, 15], days=few), scanner("b", [12, 13], days=few)) == ()


def test_one_scanner_is_no_group():
    assert together(scanner("a", [9, 9.75])) == ()


def test_without_a_lower_mode_days_are_told_and_no_saving():
    rows = weeks(night="idle")
    (found,) = together(scanner("a", [9, 9.75, 15], rows=rows), scanner("b", [12, 13], rows=rows))
    assert (found.as_timed, found.saving) == (10, None)


def test_a_scan_of_a_moved_exam_is_not_saved():
    # The same day with an hour of scans at 20 kW inside the exams: they move along.
    quiet = scanner("b", [12, 13])
    rows = []
    for state, start, end in weeks():
        if state == "idle":
            day = start // 86_400_000_000 * 86_400_000_000
            noon = day + 12 * 3_600_000_000
            rows += [("idle", start, noon), ("scan", noon, noon + 1_800_000_000), ("idle", noon + 1_800_000_000, end)]
        else:
            rows.append((state, start, end))
    busy = scanner("b", [12, 13], rows=rows)
    low = scanner("a", [9, 9.75, 15], region="neck")
    told = {"a": ("head", "neck"), "b": ("head",)}
    first, second = (together(low, one, regions=told)[0] for one in (quiet, busy))
    assert first.closed == second.closed == "b"
    assert second.saving.kwh.value == pytest.approx(first.saving.kwh.value)
    assert PowerState.SCAN in busy.runs.level_kw


def test_change_over_leaves_waits_out():
    assert changeover_us([scanner("a", [9, 12])]) is None
    assert changeover_us([scanner("a", [9, 9.75, 15])]) == 15 * 60_000_000


def test_an_exam_of_unknown_region_stays_where_it_is():
    # Nobody knows whether CT 1 "does" it, but there it was done; so CT 2 can close, and CT 1 cannot.
    told = {"a": ("head",), "b": ("head",)}
    unknown = scanner("a", [9, 9.75, 15], region=None)
    (found,) = together(unknown, scanner("b", [12, 13]), regions=told)
    assert (found.closed, found.as_timed) == ("b", 10)
