import pytest

from ecorad.factors import grid_average, grid_marginal
from ecorad.footprint.carbon import attributional_kg, consequential_kg, emitted_kg
from ecorad.footprint.uncertainty import Term, meter_gain
from ecorad.model import MixingError

AVERAGE, MARGINAL = grid_average("US", 2023).intensity, grid_marginal("US").intensity


def test_by_hand():
    assert emitted_kg(21_000.0, MARGINAL.value) / 1000 == pytest.approx(14.9, abs=0.05)  # Woolen 2023


def test_the_two_questions_have_two_answers():
    energy = [Term(1000.0, (meter_gain("m", 1.0),))]
    average, marginal = attributional_kg(energy, AVERAGE), consequential_kg(energy, MARGINAL)
    assert average.value == pytest.approx(1000.0 * AVERAGE.value)
    assert marginal.value == pytest.approx(1000.0 * MARGINAL.value)
    assert AVERAGE.factor_id in average.factors
    assert AVERAGE.factor_id not in marginal.factors


def test_the_wrong_intensity_is_refused():
    with pytest.raises(MixingError):
        attributional_kg([Term(1.0)], MARGINAL)
    with pytest.raises(MixingError):
        consequential_kg([Term(1.0)], AVERAGE)


def test_without_an_intensity_or_energy_it_is_unknown():
    assert attributional_kg([Term(1.0)], None).value is None
    assert consequential_kg([], MARGINAL).value is None


def test_the_interval_of_the_meter_and_of_the_grid_are_both_in_it():
    narrow = attributional_kg([Term(1000.0)], AVERAGE)
    wide = attributional_kg([Term(1000.0, (meter_gain("m", 20.0),))], AVERAGE)
    assert wide.high - wide.low > narrow.high - narrow.low
