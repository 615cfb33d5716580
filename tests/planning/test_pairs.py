from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.planning.packs.pairs import Pairs, best_allowed, half_joined
from ecorad.planning.packs.patterns import Pattern, Window

PAIR = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1])
SOME = st.frozensets(PAIR, max_size=3)


@given(
    st.lists(st.integers(1, 3), min_size=6, max_size=6),
    st.lists(st.floats(0, 10), min_size=6, max_size=6),
    st.integers(3, 12),
    st.builds(Pairs, SOME, SOME),
    st.sets(st.integers(0, 5), min_size=2),
)
def test_the_best_allowed_pattern_equals_trying_all(volumes, values, capacity, pairs, inside):
    window = Window(0, 1.0, capacity, tuple(sorted(inside)))
    found, chosen = best_allowed(window, np.array(volumes), np.array(values), pairs)
    ways = itertools.chain.from_iterable(itertools.combinations(sorted(inside), n) for n in range(len(inside) + 1))
    best = max(
        sum(values[j] for j in way)
        for way in ways
        if sum(volumes[j] for j in way) <= capacity and (not way or pairs.allows(way))
    )
    assert found == pytest.approx(best)
    assert sum(values[j] for j in chosen) == pytest.approx(found)
    assert sum(volumes[j] for j in chosen) <= capacity
    assert not chosen or pairs.allows(chosen)


def test_the_pair_to_decide_is_the_one_least_decided():
    patterns = [Pattern(1.0, (0, 1), 0), Pattern(1.0, (1, 2), 0), Pattern(1.0, (0, 2, 3), 0), Pattern(1.0, (1,), None)]
    assert half_joined(patterns, [0.5, 0.9, 1.0, 0.1]) == (0, 1)
    assert half_joined(patterns, [1.0, 0.0, 1.0, 0.0]) is None


def test_deciding_a_pair_keeps_what_was_decided():
    pairs = Pairs().with_pair((0, 1), together=True).with_pair((1, 2), together=False)
    assert pairs.allows((0, 1))
    assert not pairs.allows((0, 2))
    assert not pairs.allows((0, 1, 2))
