"""Half-open spans of UTC time, over midnight and over the change of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.model import InputError, Period

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))  # noqa: DTZ001


@st.composite
def periods(draw: st.DrawFn) -> Period:
    return Period(*sorted((draw(moments), draw(moments))))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23.0), ("2026-10-25", 25.0), ("2026-06-01", 24.0)])
def test_a_local_day_is_as_long_as_the_clock_makes_it(day, hours):
    one = date.fromisoformat(day)
    assert Period.of_days(one, one, "Europe/Amsterdam").hours == hours


def test_days_of_a_year_meet_without_overlap_or_hole():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    each = [Period.of_days(day, day, "Europe/Amsterdam") for day in days]
    assert all(left.end == right.start for left, right in pairwise(each))
    assert sum(period.hours for period in each) == 365 * 24


def test_the_end_does_not_belong():
    period = Period(NOON, NOON + timedelta(hours=1))
    assert period.contains(period.start)
    assert not period.contains(period.end)


def test_local_days_of_an_exam_over_midnight():
    period = Period(datetime(2026, 3, 1, 22, 30, tzinfo=UTC), datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert list(period.local_days("Europe/Amsterdam")) == [date(2026, 3, 1), date(2026, 3, 2)]
    assert list(period.local_days("UTC")) == [date(2026, 3, 1)]


@given(periods(), periods())
def test_the_common_part_lies_in_both_and_does_not_depend_on_order(left, right):
    common = left.intersect(right)
    assert common == right.intersect(left)
    if common is not None:
        assert left.start <= common.start < common.end <= left.end


@given(periods(), moments)
def test_cutting_a_period_keeps_its_length(period, moment):
    cut = min(max(moment, period.start), period.end)
    parts = Period(period.start, cut).hours + Period(cut, period.end).hours
    assert parts == pytest.approx(period.hours)


def test_naive_times_and_reversed_ends_are_refused():
    with pytest.raises(InputError):
        Period(datetime(2026, 3, 1), NOON)  # noqa: DTZ001
    with pytest.raises(InputError):
        Period(NOON, NOON - timedelta(seconds=1))
