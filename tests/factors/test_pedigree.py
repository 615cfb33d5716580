"""How much wider a factor gets."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import adapted, book, exam_footprint
from ecorad.factors.distribution import Z95
from ecorad.factors.pedigree import assumed_bounds, grid_log_sd, log_sd_of, widen
from ecorad.model import InputError


def test_years_apart_add_as_independent_steps() -> None:
    assert grid_log_sd(4) == pytest.approx(2 * grid_log_sd(1)) == pytest.approx(2 * grid_log_sd(-1))


def test_a_width_by_hand() -> None:
    """ln 1.25 and ln 2 as 95 % factors: the hypotenuse is 0.7282, so 2.071 each way."""
    low, high = widen(1.0, 1 / 1.25, 1.25, log_sd_of(2.0))
    assert high == pytest.approx(math.exp(math.hypot(math.log(1.25), math.log(2)))) == pytest.approx(2.071, abs=5e-4)
    assert low == pytest.approx(1 / high)


@given(st.floats(0.01, 100), st.floats(1, 5), st.floats(1, 5), st.floats(0, 1))
def test_widening_never_narrows(value: float, down: float, up: float, log_sd: float) -> None:
    low, high = widen(value, value / down, value * up, log_sd)
    assert low <= value / down * (1 + 1e-9) and high >= value * up * (1 - 1e-9)
    assert high >= value * math.exp(Z95 * log_sd) * (1 - 1e-9)


@pytest.mark.parametrize("bounds", [(0.0, 2.0), (1.5, 2.0), (-1.0, 2.0)])
def test_only_a_positive_factor_is_widened(bounds: tuple[float, float]) -> None:
    with pytest.raises(InputError):
        widen(1.0, *bounds, 0.1)


def test_a_default_width_needs_a_value() -> None:
    with pytest.raises(InputError):
        assumed_bounds(0.0, "secondary")


def test_year_country_and_technology_add_in_square() -> None:
    """McAlister's CT, declared ×1.5: in the Netherlands ×2, for an abdomen ×1.5, nine years at 3 % a root year."""
    row = exam_footprint("CT")
    use = adapted(row, region="NL", year=2031, technology="CT abdomen")
    logs = [math.log(row.high / row.value), math.log(2.0), math.log(1.5), Z95 * 0.03 * 3]
    assert use.factor.high / use.factor.value == pytest.approx(math.exp(math.hypot(*logs)))
    assert [issue.code.rpartition(".")[2] for issue in use.issues] == [
        "other_year",
        "other_country",
        "other_technology",
    ]


def test_the_technology_it_was_made_for_widens_nothing() -> None:
    row = book().get("exam.cxr.mcalister")
    assert adapted(row, technology="CR").factor == row and adapted(row, technology="CR").issues == ()
