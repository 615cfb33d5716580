"""A day against every possible assignment; savings that are there, and none that are not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ecorad.planning.assignment import Cells, DayDemand, Done, assigned, cells, cheapest, most_on

METERS = (("a", 1.0), ("b", 1.0))


@pytest.mark.parametrize("seed", range(40))
def test_against_every_assignment(seed):
    random = np.random.default_rng(seed)
    count = random.integers(0, 4, 2)
    kwh, minutes = random.uniform(1, 9, (2, 3)), random.uniform(10, 40, (2, 3))
    room = random.uniform(20, 120, 3)
    allowed = random.random((2, 3)) < 0.8
    ways = [
        [tuple(np.bincount(place, minlength=3)) for place in itertools.product(range(3), repeat=int(n))] for n in count
    ]
    least = np.inf
    for plan in itertools.product(*[sorted(set(way)) for way in ways]):
        table = np.array(plan)
        if (table[~allowed] == 0).all() and ((table * minutes).sum(axis=0) <= room + 1e-6).all():
            least = min(least, float((table * kwh).sum()))
    found = cheapest(count, kwh, minutes, room, allowed)
    assert (found is None) == np.isinf(least)
    if found is not None:
        assert float((found * kwh).sum()) == pytest.approx(least)


def test_as_many_as_fit_go_to_the_chosen():
    minutes = np.array([[30.0, 20.0], [30.0, 20.0]])
    allowed = np.array([[True, True], [False, True]])
    found = most_on(np.array([3, 2]), minutes, np.array([60.0, 600.0]), allowed, np.array([True, False]))
    assert found.tolist() == [[2, 1], [0, 2]]


def table(kwh, minutes=20.0, error=0.1):
    values = np.array(kwh, dtype=float)
    known = np.where(np.isnan(values), np.nan, 1.0)
    return Cells(values, error * known, minutes * known)


def plan(days, halves, can=None, low=(False, False)):
    shape = halves[0].kwh.shape
    able = np.ones(shape, dtype=bool) if can is None else np.array(can)
    return assigned(days, halves, able, changeover_min=10.0, meters=METERS, low=np.array(low))


def day(planned, half=0, open_min=600.0):
    return DayDemand(np.array(planned), np.zeros(2), np.full(2, open_min), half)


def test_hand_worked():
    # Heads take 5 kWh on a and 3 on b. Four move from a: 8 kWh a day, by the half that did not choose 4 - 3 = 1 each.
    halves = (table([[4.0, 3.0]]), table([[5.0, 3.0]]))
    found = plan([day([[4, 0]], half=0), day([[4, 0]], half=1)], halves)
    assert found.after.tolist() == [[0, 8]]
    assert found.kwh.value == pytest.approx(4 * (4 - 3) + 4 * (5 - 3))
    # Error of the means: 4 exams each way, 0.1 each, twice; the meters add a little.
    half_width = 1.96 * 2 * np.sqrt(2 * (4 * 0.1) ** 2)
    assert found.kwh.high - found.kwh.value == pytest.approx(half_width, rel=0.1)


def test_hours_are_kept():
    # 30 min each with the change-over: b has room for two.
    found = plan([day([[4, 0]], open_min=60.0)], (table([[5.0, 3.0]]), table([[5.0, 3.0]])))
    assert found.after.tolist() == [[2, 2]]


def test_a_day_that_was_longer_than_its_hours_stays_possible():
    found = plan([day([[4, 4]], open_min=60.0)], (table([[5.0, 3.0]]), table([[5.0, 3.0]])))
    assert found.after.sum() == 8 and found.after[0, 1] <= 4


def test_what_a_scanner_cannot_do_stays_away():
    halves = (table([[5.0, 3.0], [5.0, 3.0]]), table([[5.0, 3.0], [5.0, 3.0]]))
    found = plan([day([[2, 0], [2, 0]])], halves, can=[[True, True], [True, False]])
    assert found.after.tolist() == [[0, 2], [2, 0]]


def test_what_nobody_measured_is_no_reason_to_move():
    found = plan([day([[4, 0]])], (table([[5.0, np.nan]]), table([[5.0, 3.0]])))
    assert found.after.tolist() == [[4, 0]] and found.kwh.value == 0.0


def test_share_that_could_move_to_low_field():
    halves = (table([[5.0, 3.0], [5.0, 3.0]]), table([[5.0, 3.0], [5.0, 3.0]]))
    found = plan([day([[3, 1], [2, 0]], open_min=90.0)], halves, can=[[True, True], [True, False]], low=(False, True))
    assert (found.low_before, found.low_can, found.low_fit) == (1, 4, 3)


def test_no_saving_is_claimed_where_there_is_none():
    # Both scanners take the same; ten regions of few exams. Chosen and judged by the same means it would look like one.
    random = np.random.default_rng(3)
    values = []
    for _ in range(60):
        count = 800
        done = Done(
            np.arange(count) // 40,
            random.integers(0, 10, count),
            random.integers(0, 2, count),
            random.lognormal(1.0, 0.4, count),
            np.full(count, 20.0),
        )
        halves = tuple(cells(done.only(done.day % 2 == half), 10, 2) for half in (0, 1))
        days = []
        for number in range(20):
            mine = done.only(done.day == number)
            planned = np.zeros((10, 2), dtype=int)
            np.add.at(planned, (mine.region, mine.scanner), 1)
            known = halves[0].known & halves[1].known
            days.append(day(np.where(known, planned, 0), half=number % 2, open_min=1200.0))
        values.append(plan(days, halves).kwh)
    assert abs(np.mean([one.value for one in values])) < 25  # of about 2,400 kWh in all
    assert np.mean([one.low > 0 for one in values]) <= 0.06


def test_cells_of_few_exams_are_unknown():
    done = Done(np.arange(7), np.zeros(7, int), np.zeros(7, int), np.ones(7), np.ones(7))
    assert not cells(done, 1, 1).known.any()
