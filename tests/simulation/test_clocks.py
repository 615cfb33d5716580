from __future__ import annotations

from datetime import date

from ecorad.simulation.clocks import ScannerClock, draw_clock
from ecorad.simulation.days import Days
from ecorad.simulation.scanners import draw_scanners
from ecorad.simulation.settings import Settings

WEEK = Days.of(date(2026, 3, 2), 7, "Europe/Amsterdam")


def test_a_clock_drifts_and_is_set_right_at_midnight():
    clock = ScannerClock(((0, 100.0), (86400, -1.0)), drift_s_per_day=4.0)
    assert clock.offset_s(43200) == 102.0
    assert clock.offset_s(86400 + 21600) == 0.0
    assert clock.written_s(43200) == 43200 - 102.0


def test_clocks_stay_within_their_skew():
    for scanner in draw_scanners(20, Settings(), 6):
        clock = draw_clock(scanner, WEEK, Settings(clock_skew_s=60.0, clock_drift_s_per_day=0.0), 6)
        assert abs(clock.offset_s(0)) <= 60.0
