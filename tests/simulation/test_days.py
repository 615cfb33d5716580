from __future__ import annotations

from datetime import date

from ecorad.simulation.days import Days

WEEK = Days.of(date(2026, 3, 2), 7, "Europe/Amsterdam")


def test_local_wall_time_across_the_change_of_the_clock():
    days = Days.of(date(2026, 3, 28), 2, "Europe/Amsterdam")
    assert days.bounds_s == (0, 86400, 86400 + 82800)
    assert days.at_s(1, 7.5) == 86400 + 6.5 * 3600
    assert days.opening_s(1, saturday=True) is None


def test_saturday_is_for_those_who_open_then():
    assert WEEK.opening_s(5, saturday=False) is None
    assert WEEK.opening_s(5, saturday=True) == (5 * 86400 + 8 * 3600, 5 * 86400 + 13 * 3600)
