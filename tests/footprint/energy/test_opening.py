from datetime import time

import numpy as np
import pytest

from ecorad.footprint.energy.opening import from_exams, from_site
from tests.footprint.made import DAY, HOUR, MONDAY, hours

HOURS = {"mon": (time(8), time(17, 30))}


def test_hours_follow_the_local_clock_through_the_change():
    # Monday 23 and Monday 30 March 2026, before and after the clocks of Amsterdam went forward.
    spans = from_site(HOURS, "Europe/Amsterdam", MONDAY + 21 * DAY, MONDAY + 29 * DAY).spans
    assert [(int(start) - MONDAY) / HOUR for start in spans[0]] == [21 * 24 + 7, 28 * 24 + 6]
    assert (spans[1] - spans[0]).tolist() == [int(9.5 * HOUR)] * 2


def test_hours_end_with_the_period():
    spans = from_site(HOURS, "UTC", MONDAY + 9 * HOUR, MONDAY + 10 * HOUR).spans
    assert (spans[1] - spans[0]).tolist() == [HOUR]


def exams(days, first_h, last_h, each_h=0.5):
    starts = np.concatenate([hours(*np.arange(first_h, last_h - each_h + 0.01, each_h)) + day * DAY for day in days])
    return MONDAY + starts, MONDAY + starts + int(0.8 * each_h * HOUR)


def test_hours_are_inferred_from_exams():
    start, end = exams([0, 1, 2, 3, 4, 7, 8, 9, 10, 11], 8, 18)
    found = from_exams(start, end, "UTC", MONDAY, MONDAY + 14 * DAY)
    assert found.is_inferred
    assert set(found.hours) == {"mon", "tue", "wed", "thu", "fri"}
    opens, closes = found.hours["mon"]
    assert abs(opens.hour * 60 + opens.minute - 8 * 60) <= 30
    assert abs(closes.hour * 60 + closes.minute - 18 * 60) <= 30


def test_an_emergency_opens_neither_night_nor_sunday():
    start, end = exams([0, 1, 2, 3, 4], 8, 18)
    extra = MONDAY + hours(3.0, 22.5, 6 * 24 + 11.0)
    found = from_exams(np.append(start, extra), np.append(end, extra + HOUR // 2), "UTC", MONDAY, MONDAY + 7 * DAY)
    assert "sun" not in found.hours
    assert found.hours["mon"][0] >= time(7, 30)
    assert found.hours["mon"][1] <= time(18, 30)


def test_few_exams_say_nothing():
    start, end = exams([0], 8, 11)
    assert from_exams(start, end, "UTC", MONDAY, MONDAY + 7 * DAY) is None


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York"])
def test_hours_are_local(zone):
    start, end = exams([0, 1, 2, 3, 4], 8, 18)
    spans = from_exams(start, end, zone, MONDAY, MONDAY + 7 * DAY).spans
    inside = [bool(((spans[0] <= moment) & (moment < spans[1])).any()) for moment in start[3:-3]]
    assert np.mean(inside) > 0.9
