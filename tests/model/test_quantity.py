"""A quantity keeps unit, interval and origin together, and refuses what would mix them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.model import InputError, Origin, Quantity, UnitError, unknown

numbers = st.floats(min_value=0, max_value=1e9)


@st.composite
def quantities(draw: st.DrawFn) -> Quantity:
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    factors = tuple(sorted(draw(st.sets(st.sampled_from("abc")))))
    return Quantity(value, "kW.h", low, high, draw(st.sampled_from(list(Origin))), factors)


def test_heye_2020_scanners_and_cooling():
    # Heye et al. 2020: scanners 614,825 kWh and cooling 492,624 kWh a year.
    total = Quantity(614_825.0, "kW.h") + Quantity(492_624.0, "kW.h", origin=Origin.MODELLED)
    assert total.value == 1_107_449.0
    assert total.origin is Origin.MODELLED


@given(quantities(), quantities())
def test_addition_does_not_depend_on_order(left, right):
    assert left + right == right + left


@given(quantities(), quantities())
def test_the_worst_origin_wins_and_no_factor_is_lost(left, right):
    total = left + right
    assert total.origin.rank == max(left.origin.rank, right.origin.rank)
    assert set(total.factors) == {*left.factors, *right.factors}
    assert total.low <= total.value <= total.high


def test_unknown_stays_unknown_in_a_sum():
    assert (Quantity(1.0, "kW.h", 0.5, 2.0) + unknown("kW.h")).as_dict()["value"] is None


def test_different_units_are_refused():
    with pytest.raises(UnitError):
        Quantity(1.0, "kW.h") + Quantity(1.0, "kg{CO2e}")


@pytest.mark.parametrize("unit", ["kWh", "kg CO2e", "", "KW.H"])
def test_a_unit_that_is_not_ucum_is_refused(unit):
    with pytest.raises(UnitError):
        Quantity(1.0, unit)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(math.nan, None, None), (math.inf, None, None), (1.0, 2.0, 3.0), (1.0, 0.5, None), (1.0, None, 2.0)],
)
def test_an_impossible_quantity_is_refused(value, low, high):
    with pytest.raises(InputError):
        Quantity(value, "kW.h", low, high)
