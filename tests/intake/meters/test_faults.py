"""Faults of meters, one test for each row E1 to E11 of the fault model and more where a row has several sides."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.meters.files import START, codes, energy, flagged, hours, meter, only, read, rows, table

REGISTER = {"kind": "register", "unit": "kWh"}


def test_e1_watts_sent_as_kilowatts_are_kept_out_and_the_factor_only_suggested():
    found = read(table([9.5, 9.6, 9500, 9600, 9700, 9.4]), meter(plausible_kw=(0, 40)))
    assert energy(found) == [2.375, 2.4, None, None, None, 2.35]
    assert flagged(found, "unit_suspect") == [2, 3, 4] == flagged(found, "implausible")
    detail = next(issue.detail for issue in found.issues if issue.code == "ecorad.meter.unit_suspect")
    assert "0.001" in detail


def test_e1_a_little_outside_the_range_is_flagged_and_kept():
    found = read(table([10, 45, 10]), meter(plausible_kw=(0, 40)))
    assert energy(found) == [2.5, 11.25, 2.5]
    assert flagged(found, "implausible") == [1]


def test_e1_kilowatts_sent_as_watts():
    found = read(table([9.5 + i / 100 for i in range(20)]), meter(unit="W", plausible_kw=(0, 40)))
    assert "unit_suspect" in codes(found)


def test_e1_the_unit_in_the_file_disagrees_with_the_register():
    found = read(table([9500, 9600], header="time,power [W]"), meter(unit="kW"))
    assert flagged(found, "unit_suspect") == [0, 1]


@pytest.mark.parametrize(
    ("width", "last", "next_value"),
    [(2**16, 65530, 4), (2**32, 4294967290, 4), (100_000, 99999.9, 9.9), (1000, 990, 0)],
)
def test_e2_a_register_rolls_over_at_its_width(width, last, next_value):
    found = read(table([last - 20, last - 10, last, next_value, next_value + 10], 3600), meter(**REGISTER))
    assert energy(found) == pytest.approx([10, 10, width - last + next_value, 10])
    assert flagged(found, "roll_over") == [2]


def test_e2_the_declared_width_rules():
    found = read(table([4980, 4990, 5, 15], 3600), meter(**REGISTER, register_max=5000))
    assert energy(found) == [10, 15, 10]


def test_e2_a_reset_is_unknown_energy_not_use():
    found = read(table([5000, 5010, 0, 10], 3600), meter(**REGISTER))
    assert energy(found) == [10, None, 10]
    assert flagged(found, "reset") == [1]


def test_e2_a_reset_far_from_the_declared_width_is_no_roll_over():
    found = read(table([50_000, 50_010, 2, 12], 3600), meter(**REGISTER, register_max=100_000))
    assert energy(found) == [10, None, 10]


def test_e2_a_single_zero_of_a_meter_coming_back_is_quarantined():
    found = read(table([5000, 5010, 0, 5030, 5040], 3600), meter(**REGISTER))
    assert energy(found) == [10, 20, 10]
    assert codes(found)["register_slip"] == "row 4"
    assert found.rows_quarantined == 1


def test_e3_a_step_back_of_a_tenth_books_nothing_twice():
    found = read(table([215.4, 215.6, 215.5, 215.7, 215.9], 3600), meter(**REGISTER))
    assert energy(found) == pytest.approx([0.2, 0.0, 0.1, 0.2])
    assert flagged(found, "step_back") == [1]
    assert np.nansum(only(found).energy_kwh) == pytest.approx(215.9 - 215.4)


def test_e4_a_swapped_meter_keeps_both_parts_and_an_unknown_interval_between():
    swap = START + timedelta(hours=3)
    entries = (
        meter(**REGISTER, until=swap),
        meter(kind="register", unit="Wh", since=swap, scale=2.0),
    )
    found = read(table([100, 110, 120, 0, 5000, 10_000], 3600), entries=entries)
    assert energy(found) == [10, 10, None, 10, 10]
    assert flagged(found, "meter_change") == [2]


def test_e4_rows_outside_every_entry_are_quarantined():
    found = read(table([1, 2, 3], 3600), meter(since=START + timedelta(hours=1)))
    assert codes(found)["no_epoch"] == "row 2"


def test_e5_late_rows_are_sorted_and_flagged():
    lines = table([1, 2, 3, 4, 5]).splitlines()
    lines[2], lines[5] = lines[5], lines[2]
    in_order = read(table([1, 2, 3, 4, 5]), meter())
    found = read("\n".join(lines), meter())
    assert energy(found) == energy(in_order)
    assert flagged(found, "late")
    assert not flagged(in_order, "late")


def test_e5_a_file_written_newest_first_is_not_late():
    header, *lines = table([1, 2, 3, 4, 5]).splitlines()
    found = read("\n".join([header, *reversed(lines)]), meter())
    assert energy(found) == [0.25, 0.5, 0.75, 1.0, 1.25]
    assert not flagged(found, "late")


def test_e6_of_two_values_for_one_moment_the_one_written_last_counts_and_is_flagged():
    text = table([4, 4, 4]) + table([..., 8])[len("time,value\n") :]
    found = read(text, meter())
    assert energy(found) == [1, 2, 1]
    assert flagged(found, "conflict") == [1]
    assert codes(found)["conflict"] == "row 3"


def test_e6_the_same_row_twice_counts_once():
    lines = table([4, 5, 6]).splitlines()
    found = read("\n".join([*lines[:3], lines[2], lines[3]]), meter())
    assert energy(found) == [1, 1.25, 1.5]
    assert not flagged(found, "conflict")


def test_e6_an_unknown_value_never_replaces_a_known_one():
    text = table([4, 4, 4]) + table([..., "NaN"])[len("time,value\n") :]
    assert energy(read(text, meter())) == [1, 1, 1]


def local_rows(day: datetime, step_min: int, stamp: str = "start") -> tuple[list[str], int]:
    """Naive Amsterdam times of one local day at even UTC steps, as a meter with summer time writes them."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Amsterdam")
    end = (day + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    at, lines = day.replace(tzinfo=zone).astimezone(UTC), []
    while at < end:
        written = at + (timedelta(minutes=step_min) if stamp == "end" else timedelta(0))
        lines.append(written.astimezone(zone).strftime("%d.%m.%Y %H:%M"))
        at += timedelta(minutes=step_min)
    return lines, len(lines)


@pytest.mark.parametrize("stamp", ["start", "end"])
@pytest.mark.parametrize("step_min", [1, 5, 15, 30, 60])
@pytest.mark.parametrize(("day", "length_h"), [((2026, 10, 25), 25), ((2026, 3, 29), 23), ((2026, 6, 1), 24)])
def test_e7_naive_local_time_over_the_change_of_clocks(day, length_h, step_min, stamp):
    lines, count = local_rows(datetime(*day), step_min, stamp)  # noqa: DTZ001 - a wall clock
    text = rows("Zeit;Leistung [kW]", *(f"{line};6" for line in lines))
    found = read(text, meter(stamp=stamp), zone="Europe/Amsterdam")
    columns = only(found)
    assert len(columns.start_us) == count
    assert hours(columns).sum() == pytest.approx(length_h)
    assert columns.energy_kwh.sum() == pytest.approx(6 * length_h)
    assert (columns.start_us[1:] == columns.end_us[:-1]).all()
    assert columns.zone_source == "site"


def test_e7_the_energy_of_the_long_day_equals_the_difference_of_the_counter():
    lines, count = local_rows(datetime(2026, 10, 25), 15)  # noqa: DTZ001
    text = rows("time,register", *(f"{line},{1000 + 1.5 * i}" for i, line in enumerate(lines)))
    found = read(text, meter(**REGISTER), zone="Europe/Amsterdam")
    assert only(found).energy_kwh.sum() == pytest.approx(1.5 * (count - 1))
    assert set(only(found).flags) == {""}


def test_e7_a_meter_that_keeps_standard_time_all_year():
    text = table([6] * 4, 3600, start=datetime(2026, 7, 1, 12, tzinfo=UTC)).replace("+00:00", "")
    found = read(text, meter(timezone="Etc/GMT-1"), zone="Europe/Amsterdam")
    assert only(found).start_us[0] == int(datetime(2026, 7, 1, 11, tzinfo=UTC).timestamp()) * 10**6
    assert only(found).zone_source == "dataset"


def test_e7_times_that_do_not_exist_are_moved_on_and_flagged():
    text = rows("time,kW", "2026-03-29T01:30,6", "2026-03-29T02:30,6", "2026-03-29T04:30,6")
    found = read(text, meter(), zone="Europe/Amsterdam")
    assert flagged(found, "dst_shifted") == [1]
    assert only(found).start_us[1] - only(found).start_us[0] == 3600 * 10**6


def test_e7_one_pass_of_the_repeated_hour_is_ambiguous_and_says_so():
    text = rows("time,kW", *(f"2026-10-25T0{hour}:{minute:02d},6" for hour in (1, 2, 3) for minute in (0, 15, 30, 45)))
    found = read(text, meter(), zone="Europe/Amsterdam")
    assert len(flagged(found, "dst_ambiguous")) == 4
    assert flagged(found, "gap") == [8]


@pytest.mark.parametrize("wrong", ["1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z", "2036-02-07T06:28:16Z"])
def test_e8_a_clock_that_was_never_set_is_quarantined(wrong):
    text = table([1, 2, 3]) + f"{wrong},4\n"
    found = read(text, meter())
    assert codes(found)["clock"] == "row 5"
    assert energy(found) == [0.25, 0.5, 0.75]


def test_e8_a_jump_of_a_day_and_back_is_quarantined_and_leaves_a_gap():
    lines = table(range(12)).splitlines()
    for i in (5, 6):
        lines[i] = lines[i].replace("2026-03-02", "2026-03-03")
    found = read("\n".join(lines), meter())
    assert codes(found)["clock"] == "rows 6-7"
    assert energy(found)[4] is None
    assert flagged(found, "gap") == [4]
    assert hours(only(found)).sum() == pytest.approx(3.0)


def test_e9_a_gap_has_no_energy_and_is_never_filled():
    found = read(table([4, 4, *[...] * 12, 4, 4]), meter())
    assert energy(found) == [1, 1, None, 1, 1]
    assert flagged(found, "gap") == [2]
    assert hours(only(found))[2] == pytest.approx(3.0)


def test_e9_a_gap_between_registers_has_energy_but_no_shape():
    found = read(table([10, 11, *[...] * 12, 24, 25]), meter(**REGISTER))
    assert energy(found) == [1, 13, 1]
    assert flagged(found, "long_interval") == [1]


def wobbling(n: int, level: float = 9.513) -> list[str]:
    random = np.random.default_rng(7)
    return [f"{value:.3f}" for value in level + random.normal(0, 0.05, n)]


def test_e10_a_value_stuck_for_six_hours_at_full_resolution():
    values = wobbling(48)
    values[10:35] = ["9.513"] * 25
    found = read(table(values), meter())
    assert flagged(found, "stuck") == list(range(10, 35))
    assert not np.isnan(only(found).energy_kwh).any()


@pytest.mark.parametrize("level", ["0", "0.000", "90", "0.02"])
def test_e10_a_steady_idle_load_in_coarse_steps_is_not_stuck(level):
    values = [level] * 40 + ["140", "95", "120", "0.5"]
    assert "stuck" not in codes(read(table(values), meter(unit="W")))


def test_e10_a_register_that_stands_still_for_six_hours():
    counted = [f"{1000 + 2.345 * i:.3f}" for i in range(40)]
    counted[20:48] = [counted[20]] * 28 + [f"{1100 + 2.345 * i:.3f}" for i in range(20)]
    assert "stuck" in codes(read(table(counted), meter(**REGISTER)))


def test_e10_a_single_spike_is_flagged_and_kept():
    values = wobbling(300)
    values[100] = "400.0"
    found = read(table(values), meter())
    assert flagged(found, "spike") == [100]
    assert energy(found)[100] == 100.0


def test_e10_negative_power_is_unknown_unless_feed_in_is_declared():
    text = table([5, -5, 5])
    assert energy(read(text, meter())) == [1.25, None, 1.25]
    assert flagged(read(text, meter()), "negative") == [1]
    assert energy(read(text, meter(plausible_kw=(-10, 40)))) == [1.25, -1.25, 1.25]


def test_e11_a_line_of_many_megabytes_costs_its_own_row_only():
    long = b"2026-03-02T00:30:00Z," + b"7" * 30_000_000 + b"\n"
    text = b"time,value\n2026-03-02T00:00:00Z,4\n2026-03-02T00:15:00Z,4\n" + long + b"2026-03-02T00:45:00Z,4\n"
    tracemalloc.start()
    found = read(text, meter())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(found)["line_too_long"] == "row 4"
    assert energy(found) == [1, 1, None, 1]
    assert peak < 20_000_000


@given(st.lists(st.floats(0, 30), min_size=2, max_size=60), st.integers(1, 59))
def test_energy_is_the_counter_difference_however_the_register_steps(increments, cut):
    """Reading a register less often changes the intervals and not the sum."""
    counted = np.round(1000 + np.concatenate(([0.0], np.cumsum(increments))), 3)
    sparse = [value if i % cut == 0 or i in (0, len(counted) - 1) else ... for i, value in enumerate(counted)]
    total = counted[-1] - counted[0]
    entry = meter(**REGISTER, plausible_kw=(0, 1000), interval_s=900)
    for values in (list(counted), sparse):
        found = read(table(values), entry)
        assert np.nansum(only(found).energy_kwh) == pytest.approx(total, abs=1e-6)


def test_e2_far_from_every_width_it_is_a_reset_even_where_the_energy_would_fit():
    found = read(table([200, 400, 600, 5, 205], 3600), meter(**REGISTER))
    assert energy(found) == [200, 200, None, 200]


def test_e2_without_any_limit_a_declared_width_is_believed_only_near_it():
    assert energy(read(table([50_000, 2], 3600), meter(**REGISTER, register_max=100_000))) == [None]
    assert energy(read(table([99_999, 2], 3600), meter(**REGISTER, register_max=100_000))) == [3]


def test_e3_a_step_back_just_before_a_roll_over_books_nothing_twice():
    found = read(table([99_990, 99_995, 99_994.5, 3, 8], 3600), meter(**REGISTER, register_max=100_000))
    assert np.nansum(only(found).energy_kwh) == pytest.approx(10 + 8)


def test_e5_one_row_ahead_of_its_time_is_flagged_and_not_all_those_it_overtook():
    lines = table([1, 2, 3, 4, 5]).splitlines()
    found = read("\n".join([lines[0], lines[1], lines[5], *lines[2:5]]), meter())
    assert energy(found) == [0.25, 0.5, 0.75, 1.0, 1.25]
    assert flagged(found, "late") == [4]


def test_e7_ends_of_intervals_written_as_three_o_clock_after_either_pass():
    clocks = ["01:45", "02:00", *["02:15", "02:30", "02:45", "03:00"] * 2, "03:15"]
    found = read(
        rows("time,kW", *(f"2026-10-25T{one},4" for one in clocks)), meter(stamp="end"), zone="Europe/Amsterdam"
    )
    assert energy(found) == [1] * 11
    assert set(only(found).flags) == {""}


def test_e10_a_meter_that_often_repeats_itself_is_not_stuck():
    values = [f"{9.5 + 0.011 * (i // 4 % 7):.3f}" for i in range(96)]
    values[10:35] = ["9.513"] * 25
    assert "stuck" not in codes(read(table(values), meter()))
