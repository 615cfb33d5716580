"""One line of time out of readings that overlap: the finer wins, nothing is invented."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.ledger.readings import Readings, without_overlap

NAN = float("nan")


def made(*intervals):
    """Readings of (start, end, energy)."""
    return Readings(
        np.array([one[0] for one in intervals], dtype=np.int64),
        np.array([one[1] for one in intervals], dtype=np.int64),
        np.array([one[2] for one in intervals], dtype=np.float64),
        np.array([""] * len(intervals), dtype=object),
    )


def told(readings):
    return list(
        zip(readings.start_us.tolist(), readings.end_us.tolist(), map(repr, readings.energy_kwh.tolist()), strict=True)
    )


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        # Nothing overlaps: all stay, in order; touching is not overlapping.
        ([(10, 20, 2.0), (0, 10, 1.0)], [(0, 10, 1.0), (10, 20, 2.0)]),
        # Two halves know more than the whole.
        ([(0, 10, 9.0), (0, 5, 4.0), (5, 10, 5.0)], [(0, 5, 4.0), (5, 10, 5.0)]),
        # Finer ones that cover exactly half give way to the whole: half a line says less.
        ([(0, 10, 9.0), (0, 5, 4.0)], [(0, 10, 9.0)]),
        # A little more than half, and they stay; the rest of the whole is not guessed.
        ([(0, 10, 9.0), (0, 6, 4.0)], [(0, 6, 4.0)]),
        # Three levels: seconds within a minute within an hour.
        ([(0, 60, 6.0), (0, 10, 1.0), (10, 20, 1.0), (0, 1, 0.1)], [(0, 60, 6.0)]),
        ([(0, 20, 6.0), (0, 8, 1.0), (8, 16, 1.0), (0, 1, 0.1)], [(0, 8, 1.0), (8, 16, 1.0)]),
        # Shifted against each other, equally long: the first of them.
        ([(0, 10, 1.0), (5, 15, 2.0), (10, 20, 3.0)], [(0, 10, 1.0), (10, 20, 3.0)]),
        # Not known never displaces known, however fine.
        ([(0, 10, 9.0), (0, 5, NAN), (5, 10, NAN)], [(0, 10, 9.0)]),
        # Where nothing is known, that is kept too: a gap is told.
        ([(0, 10, 9.0), (10, 20, NAN), (12, 14, NAN)], [(0, 10, 9.0), (10, 20, NAN)]),
        # The middle one displaces the last and is displaced by the first: the last is free again.
        ([(0, 5, 5.0), (3, 6, 3.0), (5, 6, 1.0)], [(0, 5, 5.0), (5, 6, 1.0)]),
        ([], []),
    ],
)
def test_hand_worked(given_, expected):
    assert told(without_overlap(made(*given_))) == told(made(*expected))


@st.composite
def intervals(draw):
    starts = st.integers(0, 40)
    lengths = st.sampled_from([1, 2, 3, 5, 10, 20])
    energies = st.one_of(st.just(NAN), st.floats(0.0, 5.0))
    return [(s, s + n, e) for s, n, e in draw(st.lists(st.tuples(starts, lengths, energies), max_size=25))]


@given(intervals())
def test_never_overlapping_never_inventing(found):
    line = without_overlap(made(*found))
    assert bool(np.all(line.start_us[1:] >= line.end_us[:-1]))
    left = told(made(*found))
    for one in told(line):
        left.remove(one)  # fails for what was not given, or given less often


@given(intervals(), st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(found, random):
    # Of readings alike in time the ledger keeps one; which, it says before it asks for a line.
    alone = list({(s, e): (s, e, kwh) for s, e, kwh in found}.values())
    shuffled = random.sample(alone, len(alone))
    assert told(without_overlap(made(*shuffled))) == told(without_overlap(made(*alone)))


@given(intervals())
def test_what_is_known_is_left_out_only_for_what_overlaps_it(found):
    line = without_overlap(made(*found))
    known = ~np.isnan(line.energy_kwh)
    for start, end, energy in found:
        if not np.isnan(energy):
            covered = np.minimum(line.end_us[known], end) - np.maximum(line.start_us[known], start)
            assert covered.max(initial=0) > 0
