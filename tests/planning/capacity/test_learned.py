from __future__ import annotations

import math

import numpy as np
import pytest

from ecorad.model import InputError
from ecorad.planning.capacity import Arrived, learn, mean_wait_h


def arrived(random, days, rate=3.0, minutes=20.0):
    starts = random.poisson(rate, size=(days, 8)).astype(float)
    day = np.repeat(np.arange(days), starts.sum(axis=1).astype(int))
    return Arrived(starts, random.gamma(4.0, minutes / 4.0, len(day)), day, 5.0)


def test_hand_worked():
    starts = np.array([[2.0, 4.0], [4.0, np.nan]])
    one = Arrived(starts, np.array([10.0, 30.0]), np.array([0, 1]), 10.0)
    found = one.demand()
    assert found.arrivals_per_h == pytest.approx(10 / 3)
    assert one.demand(busiest=True).arrivals_per_h == 4.0
    # Only the first hour was open twice: mean 3, variance 2.
    assert found.arrivals_scv == pytest.approx(2 / 3)
    # 20 and 40 min with the change-over: mean 30, variance 100.
    assert (found.service_h, found.service_scv) == (0.5, pytest.approx(1 / 9))


def test_arrivals_by_chance_vary_by_chance():
    found = arrived(np.random.default_rng(1), 400).demand()
    assert found.arrivals_scv == pytest.approx(1.0, abs=0.06)


def test_a_list_by_the_clock_does_not_vary():
    starts = np.tile([3.0, 3.0, 2.0], (20, 1))
    one = Arrived(starts, np.full(160, 20.0), np.repeat(np.arange(20), 8), 5.0)
    assert one.demand().arrivals_scv == 0


def test_intervals_hold_the_load():
    random = np.random.default_rng(2)
    hits = 0
    for _ in range(60):
        _, low, high = learn(arrived(random, 20), lambda demand: demand.offered)
        hits += low <= 3.0 * 25 / 60 <= high
    assert hits >= 52


def test_waits_that_may_be_endless_say_so():
    value, low, high = learn(arrived(np.random.default_rng(3), 15, rate=4.6), lambda one: mean_wait_h(one, 2))
    assert low < math.inf and high == math.inf and value >= low


def test_few_days_say_nothing():
    with pytest.raises(InputError, match="open days"):
        learn(arrived(np.random.default_rng(4), 9), lambda demand: demand.offered)
