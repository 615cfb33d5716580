import numpy as np
import pytest

from ecorad.footprint.energy.missing import estimate_missing
from ecorad.footprint.energy.trace import EMPTY, Trace
from ecorad.footprint.energy.week import floor_kw, hourly, week_matrix
from tests.footprint.made import DAY, HOUR, MONDAY


def weeks(count, keep=None, seed=0):
    """Hourly readings: 10 kW from 8 to 18 on working days, 2 kW else, a little noise."""
    number = np.arange(count * 168)
    busy = (number % 24 >= 8) & (number % 24 < 18) & (number // 24 % 7 < 5)
    energy = np.where(busy, 10.0, 2.0) * (1 + 0.05 * np.random.default_rng(seed).standard_normal(len(number)))
    starts = MONDAY + number.astype(np.int64) * HOUR
    chosen = np.ones(len(number), dtype=bool) if keep is None else keep(number)
    return Trace(starts[chosen], starts[chosen] + HOUR, energy[chosen]), energy[~chosen].sum()


def test_an_unread_day_is_estimated_from_the_same_hours():
    trace, truth = weeks(6, lambda n: n // 24 != 16)
    found = estimate_missing(trace, "UTC", MONDAY, MONDAY + 42 * DAY)
    assert found.hours == pytest.approx(24.0)
    assert found.energy_kwh == pytest.approx(truth, rel=0.05)
    assert found.low_kwh < truth < found.high_kwh


def test_a_borrowed_week_speaks_for_a_year_with_a_wide_interval():
    trace, truth = weeks(8, lambda n: n < 168)
    found = estimate_missing(trace, "UTC", MONDAY, MONDAY + 56 * DAY)
    assert found.low_kwh < truth < found.high_kwh
    assert (found.high_kwh - found.low_kwh) / found.energy_kwh > 0.19


def test_nothing_missing_is_zero():
    trace, _ = weeks(1)
    assert estimate_missing(trace, "UTC", MONDAY, MONDAY + 7 * DAY).energy_kwh == 0.0


def test_too_little_to_go_by_stays_unknown():
    trace, _ = weeks(2, lambda n: n < 5)
    found = estimate_missing(trace, "UTC", MONDAY, MONDAY + 14 * DAY)
    assert found.energy_kwh is None
    assert found.hours == pytest.approx(14 * 24 - 5)
    assert estimate_missing(EMPTY, "UTC", MONDAY, MONDAY + DAY).energy_kwh is None


def test_the_week_is_in_local_time():
    trace, _ = weeks(2)
    matrix = week_matrix(trace, "Europe/Amsterdam")
    assert matrix[0, 9] == pytest.approx(10.0, rel=0.15)
    assert matrix[0, 8] == pytest.approx(2.0, rel=0.15)
    assert matrix[6].max() < 3.0


def test_hours_share_a_long_reading():
    start, energy, known = hourly(Trace.of([MONDAY + HOUR // 2], [MONDAY + 5 * HOUR // 2], [4.0]))
    assert energy.tolist() == [1.0, 2.0, 1.0]
    assert known.tolist() == [0.5, 1.0, 0.5]
    assert start[0] == MONDAY


def test_the_floor_is_low_but_not_a_single_odd_hour():
    trace, _ = weeks(4)
    energy = trace.energy_kwh.copy()
    energy[3] = 0.0
    assert floor_kw(Trace(trace.start_us, trace.end_us, energy)) == pytest.approx(1.8, abs=0.1)
    assert np.isnan(floor_kw(EMPTY))


def left_on(hour, weeks_known=2):
    """Hourly readings of a scanner that is off at night, but for the one night before the hour ``hour`` is lost."""
    number = np.arange(weeks_known * 168)
    power = np.where((number % 24 >= 8) & (number % 24 < 18), 6.0, 0.8)
    power[(number >= 18) & (number < 32)] = 4.0  # left on from Monday 18:00 to Tuesday 8:00
    keep = number != hour
    starts = MONDAY + number.astype(np.int64) * HOUR
    return Trace(starts[keep], starts[keep] + HOUR, power[keep])


def test_an_hour_lost_in_a_night_left_on_is_like_its_neighbours():
    found = estimate_missing(left_on(27), "UTC", MONDAY, MONDAY + 14 * DAY)
    assert found.hours == pytest.approx(1.0)
    assert found.energy_kwh == pytest.approx(4.0, rel=0.1)
    assert found.low_kwh < 4.0 < found.high_kwh
    # The same hour of the next night, when it was off as ever.
    usual = estimate_missing(left_on(51), "UTC", MONDAY, MONDAY + 14 * DAY)
    assert usual.energy_kwh == pytest.approx(0.8, rel=0.1)


def test_the_ends_of_a_long_gap_do_not_speak_for_its_middle():
    trace, truth = weeks(6, lambda n: n // 168 != 2)
    found = estimate_missing(trace, "UTC", MONDAY, MONDAY + 42 * DAY)
    assert found.energy_kwh == pytest.approx(truth, rel=0.03)


def test_the_unread_half_of_an_hour_is_like_its_read_half():
    trace = left_on(27)
    late = Trace.of([MONDAY + 27 * HOUR + HOUR // 2], [MONDAY + 28 * HOUR], [2.0])
    order = np.argsort(np.concatenate((trace.start_us, late.start_us)))
    both = Trace(
        *(
            np.concatenate(pair)[order]
            for pair in (
                (trace.start_us, late.start_us),
                (trace.end_us, late.end_us),
                (trace.energy_kwh, late.energy_kwh),
            )
        )
    )
    found = estimate_missing(both, "UTC", MONDAY, MONDAY + 14 * DAY)
    assert found.hours == pytest.approx(0.5)
    assert found.energy_kwh == pytest.approx(2.0, rel=0.1)
