"""Local wall clock of many instants at once, against one at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.model.clock import hour_of_day, to_datetime, to_us, wall_us, weekday

ZONES = ("Europe/Amsterdam", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
instants = st.integers(min_value=0, max_value=to_us(datetime(2037, 1, 1, tzinfo=UTC)))


@given(st.lists(instants, min_size=1), st.sampled_from(ZONES))
def test_it_agrees_with_one_at_a_time(utc_us, zone):
    wall = wall_us(np.array(utc_us), zone)
    one_by_one = [to_datetime(moment).astimezone(ZoneInfo(zone)) for moment in utc_us]
    assert weekday(wall).tolist() == [local.weekday() for local in one_by_one]
    assert hour_of_day(wall).tolist() == [local.hour for local in one_by_one]


@given(instants)
def test_there_and_back_loses_nothing(utc_us):
    assert to_us(to_datetime(utc_us)) == utc_us


@pytest.mark.parametrize(
    ("moment", "hour"), [("2026-03-29T00:59", 1), ("2026-03-29T01:00", 3), ("2026-10-25T01:00", 2)]
)
def test_the_hours_around_a_change_of_the_clock(moment, hour):
    utc_us = to_us(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert hour_of_day(wall_us(np.array([utc_us]), "Europe/Amsterdam")).tolist() == [hour]


def test_microseconds_are_exact():
    assert to_us(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)) == 1
