from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import book
from ecorad.footprint.helium import Movement, captured_l, helium_balance, low_helium_difference_l
from ecorad.model import InputError, Quantity
from tests.factors.changed import with_values


def weekly(loss_l, weeks=104, start_l=1500.0, noise_l=0.0, seed=1):
    dice = random.Random(seed)
    return [Movement(7.0 * n, "counted", start_l - loss_l * n + dice.gauss(0.0, noise_l or 1e-9)) for n in range(weeks)]


def test_a_steady_loss_is_found_with_the_stock_and_the_day_of_the_next_filling():
    found = helium_balance(weekly(5.0), top_up_level_l=900.0)
    assert found.lost_l_per_week is not None
    assert found.lost_l_per_week[0] == pytest.approx(5.0)
    assert found.lost_l.value == pytest.approx(5.0 * 103)
    assert found.stock_l.value == pytest.approx(1500 - 515)
    assert found.top_up is not None
    assert found.top_up.days == pytest.approx(85 / 5 * 7, abs=1)
    assert found.top_up.earliest_days < found.top_up.days < found.top_up.latest_days  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(8))
def test_the_truth_lies_inside_the_interval_under_the_indicators_noise(seed):
    found = helium_balance(weekly(4.0, noise_l=40.0, seed=seed))
    assert found.lost_l_per_week is not None
    _, low, high = found.lost_l_per_week
    assert low <= 4.0 <= high
    assert found.stock_l.low <= 1500 - 4.0 * 103 <= found.stock_l.high  # type: ignore[operator]


def test_a_few_noisy_levels_tell_no_loss():
    found = helium_balance(weekly(4.0, weeks=4, noise_l=40.0))
    assert not found.is_told
    assert found.lost_l_per_week is not None
    assert found.lost_l_per_week[1] < 0


@pytest.mark.parametrize(
    "readings", [[], weekly(4.0, weeks=2), [Movement(1.0, "counted", 1000.0 + n) for n in range(9)]]
)
def test_too_little_is_unknown_and_says_why(readings):
    found = helium_balance([*readings, Movement(3.0, "received", 100.0)])
    assert found.lost_l.value is None
    assert found.stock_l.value is None
    assert found.reason in {"no_level", "too_few_levels"}
    assert found.received_l == 100.0


def test_a_filling_is_no_gain_and_gives_the_level_at_which_to_fill():
    levels = weekly(10.0, weeks=60)
    filled = [Movement(one.day, "counted", one.litres + (300.0 if one.day > 210 else 0.0)) for one in levels]
    found = helium_balance([*filled, Movement(210.0, "received", 300.0)])
    assert found.lost_l_per_week is not None
    assert found.lost_l_per_week[0] == pytest.approx(10.0)
    assert found.stock_l.value == pytest.approx(1500 - 590 + 300)
    assert found.top_up is not None
    assert found.top_up.level_l == pytest.approx(1200.0)
    assert found.top_up.days == pytest.approx(10 / 10 * 7, abs=1)


def test_one_wrong_reading_in_ten_does_not_move_the_trend():
    readings = [
        Movement(one.day, one.movement, 0.0 if n % 10 == 3 else one.litres) for n, one in enumerate(weekly(5.0))
    ]
    found = helium_balance(readings)
    assert found.lost_l_per_week is not None
    assert found.lost_l_per_week[0] == pytest.approx(5.0, abs=0.5)


def test_without_a_level_to_fill_at_there_is_no_forecast():
    found = helium_balance(weekly(5.0))
    assert (found.top_up, found.reason) == (None, "no_top_up_level")


@given(st.permutations(weekly(5.0, weeks=12, noise_l=20.0)))
def test_the_order_of_the_sheet_does_not_matter(readings):
    assert helium_balance(readings) == helium_balance(weekly(5.0, weeks=12, noise_l=20.0))


@given(st.floats(0, 1), st.floats(0, 5000))
def test_a_capture_unit_brings_back_at_most_what_is_lost(recovery, lost):
    back = captured_l(Quantity(lost, "L", low=lost * 0.9, high=lost * 1.1), recovery)
    assert back.value is not None
    assert 0 <= back.value <= lost


def test_low_helium_magnets_hold_seven_litres():
    found = low_helium_difference_l(2000.0)
    assert (found.value, found.origin.value, found.unit) == (1993.0, "claimed", "L")


@pytest.mark.parametrize("litres", [-1.0, float("nan"), float("inf")])
def test_impossible_litres_are_refused(litres):
    with pytest.raises(InputError):
        helium_balance([Movement(0.0, "counted", litres)])
    with pytest.raises(InputError):
        low_helium_difference_l(litres)
    with pytest.raises(InputError):
        captured_l(Quantity(1.0, "L"), litres)


def test_another_factor_set_has_another_error_and_another_magnet():
    levels = weekly(4.0, weeks=8)
    usual = helium_balance(levels)
    assert helium_balance(levels, factor_book=book()) == usual
    finer = helium_balance(levels, factor_book=with_values({"helium.level_error": 8.0}))
    assert finer.lost_l.high - finer.lost_l.low < (usual.lost_l.high - usual.lost_l.low) / 5  # type: ignore[operator]
    assert finer.lost_l.factors == ("helium.level_error",)
    larger = with_values({"helium.inventory.blueseal": 17.0})
    assert low_helium_difference_l(100.0, factor_book=larger).value == 83.0
