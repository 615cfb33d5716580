from __future__ import annotations

import numpy as np
import pytest

from ecorad.model.site_change import CLAIMABLE
from ecorad.verification.measures import MEASURES, NEEDS_FIT, NEEDS_QUALITY, UNITS, Days, Exams, Window, samples

MONDAY = 20514  # 2026-03-02


def days(count, **other):
    day = MONDAY + np.arange(count)
    ones = np.ones(count)
    values = {"kwh": ones, "off_hours_kwh": ones, "read_share": ones, "exams": 10 * ones, "minutes": 300 * ones}
    return Days(day=day, **{**values, **other})


def exams(day, region, minutes):
    nothing = np.full(len(day), np.nan)
    return Exams(
        day=MONDAY + np.asarray(day),
        region=np.array(region, dtype=object),
        minutes=np.asarray(minutes, float),
        kwh=nothing,
        contrast_ml=nothing,
        dose_msv=nothing,
    )


NO_EXAMS = exams([], [], [])
WINDOW = Window(first=MONDAY, change=MONDAY + 14, begins=MONDAY + 14, last=MONDAY + 27)


def test_names_are_those_of_site_toml():
    assert MEASURES == CLAIMABLE and set(UNITS) == set(MEASURES)
    assert set(MEASURES) > NEEDS_FIT and set(MEASURES) > NEEDS_QUALITY


def test_weekends_are_a_column_of_their_own():
    before, after = samples("kwh_per_day", days(28), NO_EXAMS, WINDOW)
    # Exams never change before, so that column says nothing and goes.
    assert before.work.shape == (14, 1) and after.work.shape == (14, 1)
    assert before.work[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 1] * 2


def test_days_read_in_part_are_no_days():
    share = np.ones(28)
    share[3] = 0.9
    assert len(samples("kwh_per_day", days(28, read_share=share), NO_EXAMS, WINDOW)[0]) == 13
    assert len(samples("exams_per_day", days(28, read_share=share), NO_EXAMS, WINDOW)[0]) == 14


def test_unknown_stays_out():
    kwh, exam = np.ones(28), np.full(28, 10.0)
    kwh[0], exam[1] = np.nan, np.nan
    assert len(samples("kwh_per_day", days(28, kwh=kwh, exams=exam), NO_EXAMS, WINDOW)[0]) == 12
    nothing = days(28, off_hours_kwh=np.full(28, np.nan))
    assert [len(one) for one in samples("off_hours_kwh_per_day", nothing, NO_EXAMS, WINDOW)] == [0, 0]


def test_ramp_and_days_left_out_count_for_neither_side():
    window = Window(
        first=MONDAY, change=MONDAY + 14, begins=MONDAY + 21, last=MONDAY + 27, left_out=frozenset({MONDAY + 1})
    )
    before, after = samples("kwh_per_day", days(28), NO_EXAMS, window)
    assert (len(before), len(after)) == (13, 7)


def test_minutes_instead_of_exams_only_when_asked():
    work = days(28, exams=np.arange(28.0), minutes=np.arange(28.0)[::-1] ** 2)
    assert samples("kwh_per_day", work, NO_EXAMS, WINDOW)[0].work[:2, 1].tolist() == [0, 1]
    assert samples("kwh_per_day", work, NO_EXAMS, WINDOW, by_minutes=True)[0].work[0, 1] == 27**2


def test_regions_that_one_side_does_not_know_are_left_out():
    rows = exams([0] * 6 + [20] * 6, ["head"] * 3 + ["knee"] * 3 + ["head"] * 3 + ["foot"] * 3, range(1, 13))
    before, after = samples("minutes_per_exam", NO_DAYS, rows, WINDOW)
    assert before.value.tolist() == [1, 2, 3] and after.value.tolist() == [7, 8, 9]


def test_a_region_is_a_column_beside_the_first():
    rows = exams([0] * 6 + [20] * 2, ["head", "knee"] * 4, range(8))
    before, _ = samples("minutes_per_exam", NO_DAYS, rows, WINDOW)
    assert before.work[:, 0].tolist() == [0, 1, 0, 1, 0, 1]


def test_exams_of_unknown_length_are_left_out():
    rows = exams([0] * 4 + [20] * 3, ["head"] * 7, [1, 2, 3, np.nan, 4, 5, 6])
    assert len(samples("minutes_per_exam", NO_DAYS, rows, WINDOW)[0]) == 3


NO_DAYS = days(0)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_gives_nothing(measure):
    assert [len(one) for one in samples(measure, NO_DAYS, NO_EXAMS, WINDOW)] == [0, 0]
