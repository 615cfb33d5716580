"""Both questions against every possible assignment of small random lists."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ecorad.findings.scanner_use.packing import DayList, fits_as_timed, fits_if_moved

MINUTE = 60_000_000


def made(rows, *, scanners=2, opens=600, change=10, can=None):
    """A day out of (start, length, scanner) in minutes."""
    start, length, scanner = (np.array(column) for column in zip(*rows, strict=True))
    return DayList(
        start * MINUTE,
        (start + length) * MINUTE,
        scanner,
        np.ones((len(rows), scanners), dtype=bool) if can is None else np.array(can, dtype=bool),
        np.full(scanners, opens * MINUTE),
        change * MINUTE,
    )


def test_exams_that_were_done_closer_than_a_change_over_may_stay_so():
    day = made([(0, 20, 0), (22, 20, 0), (60, 20, 1)])
    assert fits_as_timed(day, 1)


def test_an_exam_from_another_scanner_needs_its_change_over():
    assert not fits_as_timed(made([(0, 20, 0), (60, 20, 0), (29, 22, 1)]), 1)
    assert fits_as_timed(made([(0, 20, 0), (60, 20, 0), (30, 20, 1)]), 1)


def test_a_scanner_that_cannot_do_it_does_not_take_it():
    rows = [(0, 20, 0), (60, 20, 1)]
    assert fits_as_timed(made(rows), 1)
    cannot = made(rows, can=[[1, 1], [0, 1]])
    assert not fits_as_timed(cannot, 1) and not fits_if_moved(cannot, 1)


def test_others_may_change_places_where_a_first_try_fails():
    # The exam of scanner 2 can go on 0 alone, where another lies that could as well be on 1.
    day = made([(0, 20, 0), (0, 20, 2)], scanners=3, can=[[1, 1, 0], [1, 0, 1]])
    assert fits_as_timed(day, 2)


def test_moving_in_time_lets_more_fit():
    day = made([(0, 20, 0), (0, 20, 1)])
    assert not fits_as_timed(day, 1) and fits_if_moved(day, 1)
    assert not fits_if_moved(made([(0, 20, 0), (0, 20, 1)], opens=59), 1)
    assert fits_if_moved(made([(0, 20, 0), (0, 20, 1)], opens=60), 1)


def test_packing_is_exact_where_first_fit_fails():
    # Loads 5 4 3 3 3 2 into two bins of 10: longest first leaves 5+4, 3+3+3 and a 2; 5+3+2 and 4+3+3 fit.
    rows = [(0, n, 2) for n in (5, 4, 3, 3, 3, 2)]
    assert fits_if_moved(made(rows, scanners=3, opens=10, change=0), 2)
    assert not fits_if_moved(made([*rows, (0, 1, 2)], scanners=3, opens=10, change=0), 2)


@pytest.mark.parametrize("seed", range(60))
def test_against_every_assignment(seed):
    random = np.random.default_rng(seed)
    count, scanners, change, opens = int(random.integers(2, 7)), 3, 10, 60
    rows = [
        (int(random.integers(0, 120)), int(random.integers(5, 30)), int(random.integers(0, 3))) for _ in range(count)
    ]
    can = random.random((count, scanners)) < 0.75
    can[np.arange(count), [row[2] for row in rows]] = True
    day = made(rows, scanners=scanners, opens=opens, change=change, can=can)
    timed = moved = False
    for place in itertools.product((0, 1), repeat=count):
        if not all(can[i, s] for i, s in enumerate(place)):
            continue
        timed |= all(
            place[i] != place[j]
            or rows[i][2] == rows[j][2] == place[i]
            or max(rows[j][0] - rows[i][0] - rows[i][1], rows[i][0] - rows[j][0] - rows[j][1]) >= change
            for i, j in itertools.combinations(range(count), 2)
        )
        loads = [sum(rows[i][1] + change for i in range(count) if place[i] == s) for s in (0, 1)]
        moved |= max(loads) <= opens
    assert (fits_as_timed(day, 2), fits_if_moved(day, 2)) == (timed, moved)
