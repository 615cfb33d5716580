"""Shapes, bounds and draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.factors import Bounds, Distribution, Shape, book
from ecorad.factors.distribution import Z95, from_bounds
from ecorad.factors.draws import draws, seed_of, uniform_draws
from ecorad.model import InputError

TAILS = np.array([0.025, 0.5, 0.975])
positive = st.floats(1e-3, 1e3)


@settings(deadline=None)  # the first call imports scipy
@given(positive, st.floats(1.01, 10), st.floats(1.01, 10))
def test_lognormal_bounds_are_the_95_per_cent_points_even_when_lopsided(m: float, down: float, up: float) -> None:
    d = Distribution(Shape.LOGNORMAL, m, m / down, m * up)
    assert d.quantile(TAILS) == pytest.approx([m / down, m, m * up])


def test_symmetric_lognormal_is_the_ordinary_one() -> None:
    d = Distribution(Shape.LOGNORMAL, 2.0, 1.0, 4.0)
    below, above = d.log_sd
    assert below == pytest.approx(above) == pytest.approx(math.log(2) / Z95)


def test_normal_bounds_are_the_95_per_cent_points() -> None:
    assert Distribution(Shape.NORMAL, 10.0, 8.0, 13.0).quantile(TAILS) == pytest.approx([8.0, 10.0, 13.0])


def test_uniform_bounds_are_the_ends() -> None:
    d = Distribution(Shape.UNIFORM, 0.2, 0.0, 1.0)
    assert d.quantile(np.array([1e-9, 0.25, 0.5, 0.75, 1 - 1e-9])) == pytest.approx([0, 0.1, 0.2, 0.6, 1], abs=1e-6)
    assert d.interval95 == pytest.approx((0.01, 0.96))


def test_a_fixed_factor_does_not_spread() -> None:
    assert set(Distribution(Shape.FIXED, 7.0, 7.0, 7.0).quantile(TAILS)) == {7.0}


@given(positive, st.floats(0.01, 3))
def test_one_standard_deviation_becomes_a_positive_interval(value: float, cv: float) -> None:
    d = from_bounds(Shape.LOGNORMAL, value, value * (1 - cv), value * (1 + cv), Bounds.SD1)
    sigma = math.sqrt(math.log1p(cv * cv))
    assert 0 < d.low < value < d.high
    assert d.high == pytest.approx(value * math.exp(Z95 * sigma))


@pytest.mark.parametrize(
    ("shape", "median", "low", "high"),
    [
        (Shape.LOGNORMAL, 1.0, 0.0, 2.0),
        (Shape.LOGNORMAL, 3.0, 1.0, 2.0),
        (Shape.FIXED, 1.0, 0.5, 2.0),
    ],
)
def test_an_impossible_distribution_is_refused(shape: Shape, median: float, low: float, high: float) -> None:
    with pytest.raises(InputError):
        Distribution(shape, median, low, high)


def test_standard_deviations_need_a_bell() -> None:
    with pytest.raises(InputError, match="standard deviation"):
        from_bounds(Shape.UNIFORM, 1.0, 0.5, 1.5, Bounds.SD1)


def test_draws_are_the_same_every_time_and_cannot_be_changed() -> None:
    factor = book().get("power.mr.idle.woolen")
    assert np.array_equal(factor.draws(), factor.draws())
    with pytest.raises(ValueError, match="read-only"):
        uniform_draws("power.mr.idle.woolen")[0] = 0.5


def test_the_seed_is_the_same_on_every_machine() -> None:
    assert seed_of("power.mr.idle.woolen") == 14240005181685928760


def test_draws_of_two_factors_are_not_paired() -> None:
    a, b = uniform_draws("power.mr.idle.woolen"), uniform_draws("power.mr.off.woolen")
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.06


def test_draws_fill_the_interval_evenly() -> None:
    ordered = np.sort(uniform_draws("any factor"))
    assert np.abs(ordered - (np.arange(4096) + 0.5) / 4096).max() < 1 / 4096


def test_draws_have_the_bounds_of_the_row() -> None:
    factor = book().get("cooling.ratio.basel")
    low, median, high = np.quantile(factor.draws(), TAILS)
    assert (low, median, high) == pytest.approx((0.2, 0.8, 1.2), rel=5e-3)


def test_the_number_of_draws_is_a_power_of_two() -> None:
    with pytest.raises(InputError):
        uniform_draws("x", 1000)


def test_product_of_two_lognormals_is_the_closed_form() -> None:
    """Bounds of a product of independent lognormals: variances of the logarithm add."""
    a = Distribution(Shape.LOGNORMAL, 2.0, 1.0, 4.0)
    b = Distribution(Shape.LOGNORMAL, 5.0, 4.0, 6.25)
    n = 2**20
    product = draws("a", a, n) * draws("b", b, n)
    sigma = math.hypot(a.log_sd[0], b.log_sd[0])
    expected = [10 * math.exp(-Z95 * sigma), 10.0, 10 * math.exp(Z95 * sigma)]
    assert np.quantile(product, TAILS) == pytest.approx(expected, rel=1e-3)
