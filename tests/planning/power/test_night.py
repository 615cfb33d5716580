"""Nights: slots over clock changes, what was before, who came unbooked, and the saving from it."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ecorad.factors import marginal_or_average
from ecorad.model import PowerState
from ecorad.model.clock import to_us
from ecorad.planning.power.afterwards import kept
from ecorad.planning.power.learned import DeviceHistory, learn_modes
from ecorad.planning.power.night import Night, before, booked_slots, nights_alike, open_slots
from ecorad.planning.power.replay import replayed
from ecorad.planning.power.savings import Compared, all_saved, saved

ZONE = "Europe/Amsterdam"
OPEN = {day: (time(8), time(18)) for day in ("mon", "tue", "wed", "thu", "fri")}
OFF, IDLE = PowerState.OFF, PowerState.IDLE


def us(day: int, hour: float) -> int:
    moment = datetime(2026, 3, day, int(hour), round(hour % 1 * 60), tzinfo=ZoneInfo(ZONE))
    return to_us(moment)


def device(left_on=(), exams=(), days=range(2, 14)):
    """Idle (4 kW) 08-18 on every day, off (1 kW) at night unless the evening is in ``left_on``."""
    rows = []
    for day in days:
        rows += [("idle", us(day, 8), us(day, 18)), ("idle" if day in left_on else "off", us(day, 18), us(day + 1, 8))]
    state, start, end = zip(*rows, strict=True)
    start, end = np.array(start), np.array(end)
    kw = np.where(np.array(state) == "idle", 4.0, 1.0)
    return DeviceHistory(
        key="k",
        name="CT 1",
        modality=None,
        state=np.array(state, dtype=object),
        start_us=start,
        end_us=end,
        energy_kwh=kw * (end - start) / 3.6e9,
        exam_start_us=np.array([one for one, _ in exams], dtype=np.int64),
        exam_end_us=np.array([one for _, one in exams], dtype=np.int64),
    )


def test_a_night_has_as_many_slots_as_it_has_quarters():
    assert Night.of(date(2026, 3, 28), 1, ZONE).slots == 92
    assert Night.of(date(2026, 10, 24), 1, ZONE).slots == 100
    assert Night.of(date(2026, 3, 2), 3, ZONE).slots == 288


def test_open_and_booked_slots():
    night = Night.of(date(2026, 3, 6), 1, ZONE)  # a Friday
    is_open = open_slots(night, OPEN)
    assert np.flatnonzero(is_open).tolist() == list(range(24))  # 12:00 to 18:00, and nothing on Saturday
    booked = booked_slots(night, [(us(6, 20), us(6, 20.5))])
    assert np.flatnonzero(booked).tolist() == [32, 33]


def test_nights_between_the_same_kinds_of_day():
    night = Night.of(date(2026, 3, 16), 1, ZONE)  # Monday to Tuesday, both open
    found = nights_alike(device(), night, OPEN)
    assert [one.first.day for one in found] == [2, 3, 4, 5, 9, 10, 11, 12]
    friday = nights_alike(device(days=range(2, 21)), Night.of(date(2026, 3, 20), 1, ZONE), OPEN)
    assert [one.first.day for one in friday] == [6, 13]


def test_power_before_and_arrivals_by_hand():
    one = device(left_on=(3, 10), exams=((us(4, 22), us(4, 22.5)), (us(4, 10), us(4, 10.5))))
    learned = learn_modes(one, {}, {})
    found = before(one, learned, Night.of(date(2026, 3, 16), 1, ZONE), OPEN)
    assert found.nights == 8
    # 6 h idle, 14 h off or idle, 4 h idle.
    hours = found.power_kw.sum(axis=1) / 4
    assert hours.round(6).tolist() == [40 + 14 * kw for kw in (1, 4, 1, 1, 1, 4, 1, 1)]
    # One unbooked exam at 22:00 in eight nights; that at 10:00 lies in opening hours.
    assert found.arrivals.sum() == pytest.approx(1 / 8)
    assert np.flatnonzero(found.arrivals).tolist() == [40]
    # Each morning it woke from off: once a night, but not after the two nights it was left on.
    assert (found.switches > 0).tolist() == [True, False, True, True, True, False, True, True]


def compared(before_kw, plan_kw=1.0, **more):
    nights = np.array(before_kw, dtype=float)[:, None] * np.ones(4)
    plan = np.full(4, plan_kw)
    given = {
        "name": "k",
        "before_kw": nights,
        "before_switches_kwh": np.zeros(len(nights)),
        "plan_kw": plan,
        "plan_switches_kwh": 0.0,
        "woken_kwh": 0.0,
        "slot_h": 0.25,
        "source": "measured",
        "accuracy_percent": 1.0,
    }
    return Compared(**(given | more))


def test_a_saving_by_hand():
    found = saved(compared([4.0, 4.0, 4.0]), "EUR", np.full(4, 0.2))
    assert found.kwh.value == pytest.approx(3.0)
    assert found.money.value == pytest.approx(0.6)
    assert found.is_sure
    # No spread: what is left is the meter, 1 %, and the levels, 5 %.
    assert found.kwh.high - found.kwh.value == pytest.approx(3.0 * np.hypot(0.01, 0.05), rel=0.05)


def test_a_night_that_was_left_on_once_proves_nothing():
    assert not saved(compared([1.0, 1.0, 1.0, 4.0]), "EUR").is_sure
    assert saved(compared([1.0, 4.0]), "EUR").kwh.low < 0


def test_one_night_says_nothing():
    found = saved(compared([4.0]), "EUR")
    assert found.kwh.value is None and not found.is_sure


def test_dear_hours_count_more():
    price = np.array([0.0, 0.0, 0.0, 1.0])
    assert saved(compared([4.0, 4.0]), "EUR", price).money.value == pytest.approx(0.75)


def test_the_grid_is_shared_by_all_devices():
    grid = marginal_or_average("NL", 2024).intensity
    one = saved(compared([4.0, 4.0, 4.0]), "EUR", None, grid)
    two = saved(compared([4.0, 4.0, 4.0], name="other"), "EUR", None, grid)
    _, _, both = all_saved([one, two], "EUR", grid)
    assert both.value == pytest.approx(2 * one.co2e_kg.value)
    # What is common does not average away: relative width stays.
    assert both.high / both.value == pytest.approx(one.co2e_kg.high / one.co2e_kg.value, rel=0.02)


def test_a_plan_replayed_over_its_nights():
    one = device()
    learned = learn_modes(one, {}, {})
    night = Night.of(date(2026, 3, 16), 1, ZONE)
    nights = nights_alike(one, night, OPEN)
    modes = [IDLE if is_open else OFF for is_open in open_slots(night, OPEN)]
    found = replayed(modes, nights, one, learned, OPEN)
    trip = learned.round_trip_kwh[OFF]
    # Eight nights of 14 h: 1 kW and one switch each, or 4 kW.
    assert found["plan"] == pytest.approx(8 * (14 + trip))
    assert found["offline"] == pytest.approx(found["plan"])
    assert found["never"] == pytest.approx(8 * 14 * 4)
    assert found["offline"] <= found["wait"] <= 2 * found["offline"]


def test_the_morning_after():
    one = device(left_on=(3,))
    rows = [("CT 1", OFF, us(day, 18), us(day + 1, 8)) for day in (2, 3)] + [("gone", OFF, us(2, 18), us(3, 8))]
    first, second, gone = kept(rows, {"CT 1": one}, {"CT 1": {OFF: 1.0}})
    assert (first.as_planned_h, first.awake_h, first.missed_kwh) == (pytest.approx(14), 0.0, 0.0)
    assert (second.as_planned_h, second.awake_h) == (0.0, pytest.approx(14))
    assert second.missed_kwh == pytest.approx(14 * 3.0)
    assert (gone.seen_h, gone.missed_kwh) == (0.0, None)
