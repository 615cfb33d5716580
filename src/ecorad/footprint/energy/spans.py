"""Arithmetic of half-open spans of time: unions, clipping, and how many cover each moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Spans = tuple[Ints, Ints]
# So many more moments than spans make it cheaper to look up the spans among the moments.
_MANY = 4


def merged(start_us: Ints, end_us: Ints) -> Spans:
    """The union of spans in any order, as spans in order that do not touch; spans without length vanish.

    >>> starts, ends = merged(np.array([20, 0, 5]), np.array([30, 10, 8]))
    >>> starts.tolist(), ends.tolist()
    ([0, 20], [10, 30])
    """
    keep = end_us > start_us
    start_us, end_us = start_us[keep], end_us[keep]
    if not len(start_us):
        return start_us, end_us
    order = np.argsort(start_us, kind="stable")
    start_us, reach = start_us[order], np.maximum.accumulate(end_us[order])
    begins = np.concatenate(([True], start_us[1:] > reach[:-1]))
    return start_us[begins], np.concatenate((reach[:-1][begins[1:]], reach[-1:]))


def clipped(start_us: Ints, end_us: Ints, first_us: int, last_us: int) -> Spans:
    """The parts of spans that lie inside one window; the others vanish."""
    starts, ends = np.maximum(start_us, first_us), np.minimum(end_us, last_us)
    keep = ends > starts
    return starts[keep], ends[keep]


def count_covering(moments_us: Ints, start_us: Ints, end_us: Ints) -> Ints:
    """How many spans cover each moment, shape as ``moments_us``.

    >>> count_covering(np.array([0, 5, 10]), np.array([0, 5]), np.array([10, 10])).tolist()
    [1, 2, 0]
    """
    begun = np.searchsorted(np.sort(start_us), moments_us, side="right")
    over = np.searchsorted(np.sort(end_us), moments_us, side="right")
    return begun - over


def covered_us(start_us: Ints, end_us: Ints, spans: Spans) -> Ints:
    """Time of each window that lies inside merged ``spans``, shape as ``start_us``. [us]

    >>> covered_us(np.array([0]), np.array([100]), (np.array([10, 50]), np.array([20, 55]))).tolist()
    [15]
    """
    if len(start_us) < _MANY * len(spans[0]) or np.any(start_us[1:] < end_us[:-1]) or np.any(end_us <= start_us):
        return covered_until(end_us, spans) - covered_until(start_us, spans)
    # Of many windows in order most lie inside a span or outside all; those that hold an edge are looked at.
    found = np.where(is_inside(start_us, spans), end_us - start_us, 0)
    holds = np.maximum(np.searchsorted(start_us, np.concatenate(spans), side="right") - 1, 0)
    found[holds] = covered_until(end_us[holds], spans) - covered_until(start_us[holds], spans)
    return found


def covered_until(moments_us: Ints, spans: Spans) -> Ints:
    """Time inside merged ``spans`` before each moment. [us]"""
    starts, ends = spans
    if not len(starts):
        return np.zeros(moments_us.shape, dtype=np.int64)
    before = np.concatenate(([0], np.cumsum(ends - starts)))
    place = place_of(moments_us, starts)
    at = np.maximum(place, 0)
    inside = np.minimum(moments_us - starts[at], (ends - starts)[at])
    found: Ints = np.where(place >= 0, before[at] + inside, 0)
    return found


def is_inside(moments_us: Ints, spans: Spans) -> NDArray[np.bool_]:
    """Whether each moment lies inside merged ``spans``."""
    starts, ends = spans
    if not len(starts):
        return np.zeros(np.shape(moments_us), dtype=bool)
    if _are_many_in_order(moments_us, len(starts)):
        # From the first moment at or after a start to the first at or after its end.
        turns = np.searchsorted(moments_us, np.stack(spans, axis=1).ravel())
        return np.repeat(np.arange(len(turns) + 1) % 2 == 1, np.diff(turns, prepend=0, append=len(moments_us)))
    place = place_of(moments_us, starts)
    # Before the first span the place is -1, the last end: later than any moment before the first start.
    inside: NDArray[np.bool_] = moments_us < ends[place]
    inside &= place >= 0
    return inside


def place_of(moments_us: Ints, starts_us: Ints) -> Ints:
    """Which of the sorted ``starts_us`` each moment follows or is, -1 before the first; shape as ``moments_us``.

    Of many moments in order only the places where the answer changes are looked up.

    >>> place_of(np.array([0, 10, 15, 25]), np.array([10, 20])).tolist()
    [-1, 0, 0, 1]
    """
    moments_us = np.asarray(moments_us)
    count = len(starts_us)
    if not _are_many_in_order(moments_us, count):
        return np.searchsorted(starts_us, moments_us, side="right") - 1
    first = np.searchsorted(moments_us, starts_us, side="left")
    return np.repeat(np.arange(-1, count), np.diff(first, prepend=0, append=len(moments_us)))


def _are_many_in_order(moments_us: Ints, spans: int) -> bool:
    moments_us = np.asarray(moments_us)
    return moments_us.ndim == 1 and len(moments_us) >= _MANY * spans and bool(np.all(moments_us[1:] >= moments_us[:-1]))


def span_us(spans: Spans) -> int:
    """Length of all spans together. [us]"""
    return int((spans[1] - spans[0]).sum())


def overlap_us(spans: Spans, others: Spans) -> int:
    """Time that two lists of disjoint, sorted spans have in common. [us]

    >>> overlap_us((np.array([0, 20]), np.array([10, 30])), (np.array([5]), np.array([25])))
    10
    """
    return int(covered_us(*spans, others).sum()) if len(spans[0]) and len(others[0]) else 0


def common(spans: Spans, others: Spans) -> Spans:
    """The spans that two lists of disjoint, sorted spans have in common.

    >>> [part.tolist() for part in common((np.array([0, 20]), np.array([10, 30])), (np.array([5]), np.array([25])))]
    [[5, 20], [10, 25]]
    """
    edges = np.unique(np.concatenate((*spans, *others)))
    start, end = edges[:-1], edges[1:]
    both = is_inside(start, spans) & is_inside(start, others)
    return merged(start[both], end[both])
