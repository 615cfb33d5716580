import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import Bounds, Shape, book, power_states
from ecorad.footprint.uncertainty import (
    Source,
    Term,
    contributions,
    deviation,
    difference,
    draws_by_group,
    meter_gain,
    of_factor,
    one_of,
    ratio,
    relative_error,
    total,
)
from ecorad.model import Origin, PowerState

Z95 = 1.959963984540054


def lognormal(name, median, sigma):
    draws = median * np.exp(sigma * np.random.default_rng(abs(hash(name)) % 2**32).standard_normal(8192))
    return Source(name, median, draws, (name,), Origin.DEFAULT, sigma)


def test_a_product_of_lognormals_is_exact():
    found = total([Term(10.0, (lognormal("a", 2.0, 0.3), lognormal("b", 0.5, 0.4)))], "kW.h")
    assert found.value == pytest.approx(10.0)
    assert found.high == pytest.approx(10.0 * math.exp(Z95 * 0.5), rel=1e-3)
    assert found.low == pytest.approx(10.0 / math.exp(Z95 * 0.5), rel=1e-3)


def test_a_sum_of_multiples_of_one_product_is_exact():
    a, b = lognormal("a", 2.0, 0.3), lognormal("b", 0.5, 0.4)
    found = total([Term(10.0, (a, b)), Term(5.0, (b, a))], "kW.h")
    assert found.value == pytest.approx(15.0)
    assert (found.low, found.high) == pytest.approx((15.0 / math.exp(Z95 * 0.5), 15.0 * math.exp(Z95 * 0.5)), rel=1e-9)


def test_two_different_lognormals_are_not_taken_for_one():
    a, b = lognormal("a", 2.0, 0.4), lognormal("b", 2.0, 0.4)
    found = total([Term(1.0, (a,)), Term(1.0, (b,))], "kW.h")
    alike = total([Term(1.0, (a,)), Term(1.0, (a,))], "kW.h")
    assert found.high - found.low < 0.85 * (alike.high - alike.low)


def test_draws_meet_the_closed_form_to_a_thousandth():
    """The product of two factors of the book as lognormals, 2**21 scrambled Sobol points each."""
    widths = {"exam.ct.mcalister": 1.5, "annual.ct.heye": 1.2}
    rows = [
        replace(row, low=row.value / k, high=row.value * k, bounds=Bounds.CI95, shape=Shape.LOGNORMAL)
        for row, k in ((book().get(name), k) for name, k in widths.items())
    ]
    product = rows[0].draws(2**21) * rows[1].draws(2**21)
    sigma = math.sqrt(sum((math.log(k) / Z95) ** 2 for k in widths.values()))
    median = rows[0].value * rows[1].value
    expected = [median * math.exp(-Z95 * sigma), median, median * math.exp(Z95 * sigma)]
    assert np.quantile(product, [0.025, 0.5, 0.975]) == pytest.approx(expected, rel=1e-3)


def test_a_factor_brings_its_own_interval():
    row = book().get("annual.ct.heye")
    found = total([Term(1.0, (of_factor(row),))], "kW.h")
    assert (found.low, found.high) == pytest.approx(row.interval95, rel=2e-2)
    assert found.factors == ("annual.ct.heye",)


def test_the_gain_of_a_meter_is_the_half_width_of_its_interval():
    found = total([Term(1000.0, (meter_gain("m", 1.0),))], "kW.h")
    assert (found.low, found.high) == pytest.approx((990.0, 1010.0), abs=0.5)
    assert found.factors == ()
    assert found.origin is Origin.MEASURED


def test_shared_errors_add_and_own_errors_do_not():
    shared, own = meter_gain("a", 2.0), meter_gain("b", 2.0)
    together = total([Term(1.0, (shared,)), Term(1.0, (shared,))], "kW.h")
    apart = total([Term(1.0, (shared,)), Term(1.0, (own,))], "kW.h")
    assert together.high - together.low == pytest.approx(0.08, rel=0.02)
    assert apart.high - apart.low == pytest.approx(0.08 / math.sqrt(2), rel=0.05)


def test_what_two_results_share_cancels_in_their_difference():
    gain, idle = meter_gain("m", 5.0), of_factor(power_states("MR")[PowerState.IDLE])
    found = difference([Term(3.0, (gain, idle))], [Term(2.0, (gain, idle))], "kW.h")
    alone = total([Term(1.0, (gain, idle))], "kW.h")
    assert (found.value, found.low) == pytest.approx((alone.value, alone.low))


def test_a_share_does_not_know_the_gain():
    gain = meter_gain("m", 5.0)
    found = ratio([Term(2.0, (gain,))], [Term(8.0, (gain,))])
    assert (found.low, found.value, found.high) == pytest.approx((0.25, 0.25, 0.25))


def test_nothing_is_unknown_and_not_zero():
    assert total([], "kW.h").value is None
    assert ratio([], [Term(1.0)]).value is None
    assert ratio([Term(1.0)], [Term(0.0)]).value is None


def test_groups_times_factors_is_what_terms_give():
    sources = [meter_gain("a", 2.0), meter_gain("b", 3.0)]
    activity = np.array([[1.0, 2.0], [0.0, 5.0]])
    rows = draws_by_group(activity, sources)
    for row, weights in zip(rows, activity, strict=True):
        terms = [Term(w, (s,)) for w, s in zip(weights, sources, strict=True)]
        assert row == pytest.approx(sum(term.draws() for term in terms))


def test_the_widest_source_is_named_first():
    found = contributions([Term(100.0, (meter_gain("m", 1.0),)), Term(50.0, (relative_error("unread", 0.2),))])
    assert found[0][0] == "unread"
    assert sum(share for _, share in found) == pytest.approx(1.0)
    assert contributions([Term(1.0)]) == []


def test_one_of_several_spans_them():
    low, high = (Source(str(v), v, np.full(4096, v)) for v in (1.0, 3.0))
    found = one_of("night", [(1.0, low), (3.0, high)])
    assert found.value == 2.5
    assert set(np.unique(found.draws)) == {1.0, 3.0}
    assert np.mean(found.draws == 3.0) == pytest.approx(0.75, abs=0.01)


def test_a_deviation_widens_and_moves_nothing():
    found = total([Term(10.0), Term(10.0, (deviation("edge", 0.1),))], "kW.h")
    assert found.value == 10.0
    assert (found.low, found.high) == pytest.approx((9.0, 11.0), abs=0.02)


@given(st.floats(0.01, 1e6), st.floats(0.0, 50.0))
def test_the_value_lies_in_its_interval(energy_kwh, percent):
    found = total([Term(energy_kwh, (meter_gain("m", percent),))], "kW.h")
    assert found.low <= found.value <= found.high


def test_the_same_twice():
    assert total([Term(1.0, (meter_gain("m", 2.0),))], "kW.h") == total([Term(1.0, (meter_gain("m", 2.0),))], "kW.h")
