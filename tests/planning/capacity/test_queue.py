"""Textbook values, and a simulated department beside the approximation."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest

from ecorad.model import InputError
from ecorad.planning.capacity import Demand, mean_wait_h, smallest, waits_share


def demand(rate, length, *, arrivals=1.0, service=1.0):
    return Demand(arrivals_per_h=rate, arrivals_scv=arrivals, service_h=length, service_scv=service)


@pytest.mark.parametrize(
    ("load", "scanners", "expected"),
    # Hand-worked: C(2, a) = a^2 / (2 + a) at c = 2; C(1, a) = a; C(3, 2) = 4/9.
    [(0.5, 1, 0.5), (1.0, 2, 1 / 3), (1.5, 2, 1.5**2 / 3.5), (2.0, 3, 4 / 9)],
)
def test_erlang(load, scanners, expected):
    assert waits_share(demand(load, 1.0), scanners) == pytest.approx(expected)


def test_one_scanner_by_pollaczek_and_khinchine():
    # Wq = rho s (1 + cs2) / (2 (1 - rho)): deterministic lengths wait half as long.
    assert mean_wait_h(demand(1.6, 0.5, service=0.0), 1) == pytest.approx(0.8 * 0.5 / (2 * 0.2))
    assert mean_wait_h(demand(1.6, 0.5), 1) == pytest.approx(2 * mean_wait_h(demand(1.6, 0.5, service=0.0), 1))


def test_too_few_scanners_wait_for_ever():
    assert mean_wait_h(demand(4, 0.5), 2) == math.inf and waits_share(demand(4, 0.5), 2) == 1.0
    assert smallest(demand(4, 0.5), 0.25) == 3
    assert smallest(demand(4000, 0.5), 0.25) is None


def test_more_scanners_never_wait_longer():
    waits = [mean_wait_h(demand(5, 0.5), n) for n in range(3, 12)]
    assert waits == sorted(waits, reverse=True)


def test_shorter_exams_need_fewer_scanners():
    one = demand(4, 0.75, service=0.3)
    assert smallest(one, 0.2) == 5 and smallest(one.shorter(0.5, 0.15), 0.2) == 3
    # Nothing changes for nothing, and change-overs alone stay for all.
    assert one.shorter(0.0, 0.15) == one
    assert one.shorter(1.0, 0.15).service_h == pytest.approx(0.15) and one.shorter(1.0, 0.15).service_scv == 0


@pytest.mark.parametrize("bad", [{"rate": -1, "length": 1}, {"rate": 1, "length": 0}, {"rate": math.nan, "length": 1}])
def test_what_is_no_demand(bad):
    with pytest.raises(InputError, match="finite"):
        demand(**bad)


def simulated_wait_h(rate, scanners, lengths, gaps):
    """First come, first served: the mean wait of a long day, its beginning left out."""
    free = [0.0] * scanners
    at, waits = 0.0, []
    for gap, length in zip(gaps / rate, lengths, strict=True):
        at += gap
        start = max(at, heapq.heappop(free))
        heapq.heappush(free, start + length)
        waits.append(start - at)
    return float(np.mean(waits[len(waits) // 10 :]))


@pytest.mark.parametrize("scanners", [1, 2, 4])
@pytest.mark.parametrize("use", [0.7, 0.85])
@pytest.mark.parametrize("service", [0.2, 1.0])
def test_against_a_simulated_department(scanners, use, service):
    random = np.random.default_rng(5)
    count, length = 150_000, 0.5
    lengths = random.gamma(1 / service, service * length, count)
    rate = use * scanners / length
    seen = simulated_wait_h(rate, scanners, lengths, random.exponential(1.0, count))
    assert mean_wait_h(demand(rate, length, service=service), scanners) == pytest.approx(seen, rel=0.12)


def test_booked_patients_wait_less():
    # Arrivals by an Erlang law of order 4, as of a list that is kept: the approximation is a little cautious.
    random = np.random.default_rng(6)
    lengths = random.gamma(4.0, 0.125, 150_000)
    seen = simulated_wait_h(3.2, 2, lengths, random.gamma(4.0, 0.25, 150_000))
    found = mean_wait_h(demand(3.2, 0.5, arrivals=0.25, service=0.25), 2)
    assert seen < found < 1.3 * seen
    assert found < mean_wait_h(demand(3.2, 0.5, service=0.25), 2) / 2
