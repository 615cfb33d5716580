from __future__ import annotations

import numpy as np
import pytest

from ecorad.verification.long_run import cosine_terms, long_run_variance


def test_hand_worked():
    # T = 8: one cosine, cos(pi (t - 1/2) / 8); a step of +1 then -1.
    cosines = np.cos(np.pi * (np.arange(8) + 0.5) / 8)
    step = np.array([1, 1, 1, 1, -1, -1, -1, -1.0])
    assert cosine_terms(8) == 1
    assert long_run_variance(step) == pytest.approx(2 / 8 * (2 * cosines[:4].sum()) ** 2)


def test_a_constant_does_not_matter():
    noise = np.random.default_rng(1).normal(size=50)
    assert long_run_variance(noise + 1e3) == pytest.approx(long_run_variance(noise))


@pytest.mark.parametrize(("likeness", "expected"), [(0.0, 1.0), (0.5, 4.0)])
def test_it_is_the_long_run_variance_of_an_autoregression(likeness, expected):
    # Var = 1 / (1 - rho)^2 for unit shocks.
    random = np.random.default_rng(2)
    found = []
    for _ in range(300):
        shocks = random.normal(size=700)
        series = np.zeros(700)
        for t in range(1, 700):
            series[t] = likeness * series[t - 1] + shocks[t]
        found.append(long_run_variance(series[200:]))
    assert np.mean(found) == pytest.approx(expected, rel=0.1)


def test_one_day_says_nothing():
    assert np.isnan(long_run_variance(np.ones(1)))
