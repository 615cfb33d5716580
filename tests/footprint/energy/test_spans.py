import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint.energy.spans import clipped, count_covering, covered_us, is_inside, merged, place_of
from tests.footprint.made import NO_TIMES

PAIRS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 30)), max_size=20)


def arrays(pairs):
    start = np.array([a for a, _ in pairs], dtype=np.int64)
    return start, start + np.array([b for _, b in pairs], dtype=np.int64)


@given(PAIRS)
def test_a_union_covers_what_any_span_covers(pairs):
    start, end = arrays(pairs)
    moments = np.arange(140)
    expected = np.array([any(a <= m < b for a, b in zip(start, end, strict=True)) for m in moments])
    assert (is_inside(moments, merged(start, end)) == expected).all()


@given(PAIRS)
def test_counting_agrees_with_looking(pairs):
    start, end = arrays(pairs)
    moments = np.arange(140)
    expected = [sum(a <= m < b for a, b in zip(start, end, strict=True)) for m in moments]
    assert count_covering(moments, start, end).tolist() == expected


@given(PAIRS, st.integers(0, 120), st.integers(0, 40))
def test_covered_time_is_the_number_of_moments_inside(pairs, first, length):
    spans = merged(*arrays(pairs))
    found = covered_us(np.array([first]), np.array([first + length]), spans)[0]
    assert found == is_inside(np.arange(first, first + length), spans).sum()


def test_clipping_drops_what_lies_outside():
    starts, ends = clipped(np.array([0, 5, 20]), np.array([3, 9, 30]), 6, 25)
    assert starts.tolist() == [6, 20]
    assert ends.tolist() == [9, 25]


def test_no_spans_cover_nothing():
    assert covered_us(np.array([0]), np.array([9]), (NO_TIMES, NO_TIMES)).tolist() == [0]


@given(st.lists(st.integers(0, 300), max_size=400), PAIRS)
def test_many_moments_in_order_are_placed_like_each_alone(moments, pairs):
    starts = np.sort(arrays(pairs)[0])
    for some in (np.array(moments, dtype=np.int64), np.sort(np.array(moments, dtype=np.int64))):
        alone = [sum(start <= moment for start in starts.tolist()) - 1 for moment in some.tolist()]
        assert place_of(some, starts).tolist() == alone


@given(PAIRS, st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), min_size=1, max_size=100))
def test_many_windows_in_order_are_covered_like_each_alone(pairs, windows):
    spans = merged(*arrays(pairs))
    end = np.cumsum([gap + length for gap, length in windows])
    start = end - np.array([length for _, length in windows])
    alone = [covered_us(start[n : n + 1], end[n : n + 1], spans)[0] for n in range(len(start))]
    assert covered_us(start, end, spans).tolist() == alone


def test_many_moments_in_order_are_judged_as_single_ones_are():
    spans = (np.array([3, 10, 40]), np.array([5, 20, 41]))
    moments = np.sort(np.concatenate((np.arange(-2, 50), *spans)))
    alone = [bool(np.any((spans[0] <= moment) & (moment < spans[1]))) for moment in moments]
    assert is_inside(moments, spans).tolist() == alone
    assert is_inside(moments[::-1], spans).tolist() == alone[::-1]
