"""Zone and year to intensity."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import (
    AverageIntensity,
    MarginalIntensity,
    book,
    emissions_kg_co2e,
    grid_average,
    grid_marginal,
    marginal_or_average,
)
from ecorad.factors.grid import MARGINAL_MISSING, OTHER_YEAR
from ecorad.factors.pedigree import GRID_LOG_SD_PER_YEAR
from ecorad.model import FactorNotFoundError, MixingError, Origin

ZONES = sorted({f.region for f in book().find(quantity="grid_intensity") if f.grid_kind == "average"})


def test_the_row_of_the_year_asked_is_used() -> None:
    answer = grid_average("NL", 2023)
    assert (answer.intensity.factor_id, answer.intensity.value) == ("grid.average.NL.2023.owid", 0.267622)
    assert answer.issues == ()


def test_another_year_is_an_issue_and_widens() -> None:
    near, far = grid_average("NL", 2024), grid_average("NL", 2026)
    assert [issue.code for issue in far.issues] == [OTHER_YEAR]
    assert far.issues[0].detail == "2026 asked, 2024 used"
    assert far.intensity.low < near.intensity.low < near.intensity.value < near.intensity.high < far.intensity.high


def test_an_earlier_row_is_preferred_to_a_later_one() -> None:
    assert grid_average("US-TX", 2020).intensity.year == 2016


def test_before_the_first_year_the_first_is_used() -> None:
    answer = grid_average("NL", 2015)
    assert answer.intensity.year == 2023 and answer.issues[0].code == OTHER_YEAR


def test_without_a_year_the_latest_is_used_without_issue() -> None:
    answer = grid_average("GB")
    assert answer.intensity.year == 2024 and answer.issues == ()


def test_the_interval_covers_the_other_sources() -> None:
    one = grid_average("GB", 2024).intensity
    others = [book().get(name).value for name in one.compared]
    assert len(others) == 3 and 0.20705 in others
    assert all(one.low <= value <= one.high for value in others)


@pytest.mark.parametrize("zone", ZONES[::7])
def test_the_interval_is_at_least_five_per_cent_each_way(zone: str) -> None:
    one = grid_average(zone).intensity
    assert one.low <= 0.95 * one.value and one.high >= 1.05 * one.value


def test_one_source_can_be_asked_for() -> None:
    assert grid_average("UK", 2024, source="grid_intensity_uk_official").intensity.value == 0.20705


def test_a_source_without_the_zone_is_refused_and_names_those_that_have_it() -> None:
    with pytest.raises(FactorNotFoundError, match="grid_intensity_ember"):
        grid_average("NL", source="grid_intensity_uk_official")


@pytest.mark.parametrize("spelling", ["NL", "nl", "NLD", "Netherlands", "  netherlands "])
def test_spellings_of_a_country(spelling: str) -> None:
    assert grid_average(spelling).intensity.zone == "NL"


@pytest.mark.parametrize("spelling", ["GB", "UK", "GBR", "United Kingdom", "Britain (UK)"])
def test_spellings_of_the_united_kingdom(spelling: str) -> None:
    assert grid_average(spelling).intensity.zone == "GB"


def test_part_of_a_country() -> None:
    assert grid_average("au-nsw", 2024).intensity.factor_id == "grid.average.AU-NSW.2024.electricity_maps"


def test_an_unknown_zone_names_the_nearest() -> None:
    with pytest.raises(FactorNotFoundError, match="Netherlands"):
        grid_average("Nederland")


def test_a_known_country_without_any_row_is_refused() -> None:
    with pytest.raises(FactorNotFoundError, match="zone AQ"):
        grid_average("Antarctica")


def test_a_missing_marginal_factor_is_refused_and_names_those_there_are() -> None:
    with pytest.raises(FactorNotFoundError, match="US-TEX-ERCO"):
        grid_marginal("NL")


def test_the_average_stands_in_only_with_an_issue_and_a_wide_interval() -> None:
    average = grid_average("SE", 2024).intensity
    answer = marginal_or_average("SE", 2024)
    assert [issue.code for issue in answer.issues] == [MARGINAL_MISSING]
    assert isinstance(answer.intensity, MarginalIntensity) and answer.intensity.origin is Origin.DEFAULT
    assert answer.intensity.value == average.value
    assert answer.intensity.low == average.value / 2 and answer.intensity.high == 0.743


def test_a_marginal_row_is_used_where_there_is_one() -> None:
    answer = marginal_or_average("US", 2023)
    assert (answer.intensity.value, answer.intensity.origin, answer.issues) == (0.709, Origin.MODELLED, ())


def test_woolen_both_ways() -> None:
    """21.0 MWh saved: 14.9 t by the study's marginal factor, about half by the average of the grid."""
    saved_kwh = 21_000.0
    marginal = emissions_kg_co2e(saved_kwh, grid_marginal("US").intensity)
    average = emissions_kg_co2e(saved_kwh, grid_average("US", 2023).intensity)
    assert marginal.value == pytest.approx(14_900, rel=2e-3)
    assert marginal.value / average.value == pytest.approx(1.92, rel=5e-3)


def test_average_and_marginal_refuse_to_mix() -> None:
    average, marginal = grid_average("US").intensity, grid_marginal("US").intensity
    with pytest.raises(MixingError):
        _ = average < marginal
    with pytest.raises(MixingError):
        _ = average + marginal
    with pytest.raises(MixingError):
        _ = emissions_kg_co2e(1.0, average) + emissions_kg_co2e(1.0, marginal)
    assert average != marginal


def test_emissions_of_one_kind_add() -> None:
    one = emissions_kg_co2e(10.0, grid_average("NL", 2024).intensity)
    two = emissions_kg_co2e(10.0, grid_average("FR", 2024).intensity)
    assert (one + two).value == one.value + two.value
    assert set((one + two).factors) == {*one.factors, *two.factors}


def test_something_else_is_no_intensity() -> None:
    with pytest.raises(MixingError):
        emissions_kg_co2e(1.0, 0.25)  # type: ignore[arg-type]


@given(st.floats(-1e6, 1e6))
def test_emissions_keep_their_order_for_savings_too(energy_kwh: float) -> None:
    result = emissions_kg_co2e(energy_kwh, grid_average("NL", 2024).intensity)
    assert result.low <= result.value <= result.high


def test_draws_of_an_intensity_are_its_interval() -> None:
    one = grid_average("GB", 2024).intensity
    draws = one.draws()
    assert draws.shape == (4096,) and (draws == one.draws()).all()
    assert sorted(draws)[102] == pytest.approx(one.low, rel=2e-3)


def test_an_intensity_becomes_a_quantity() -> None:
    quantity = grid_average("NL", 2024).intensity.as_quantity()
    assert quantity.unit == "kg{CO2e}/kW.h" and quantity.method == "average"
    assert isinstance(grid_average("NL").intensity, AverageIntensity)


def test_the_spread_of_a_year_is_that_of_the_shipped_zones() -> None:
    """Standard deviation of ln(2024 / 2023) over the zones of Electricity Maps."""
    rows = book().table("grid_intensity_electricity_maps").factors
    by_year = {year: {f.region: f.value for f in rows if f.year == year} for year in (2023, 2024)}
    steps = [math.log(by_year[2024][zone] / value) for zone, value in by_year[2023].items() if zone in by_year[2024]]
    assert len(steps) == 352
    assert statistics.pstdev(steps) == pytest.approx(GRID_LOG_SD_PER_YEAR, abs=5e-4)
