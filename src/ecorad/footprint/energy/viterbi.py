"""The most probable path through a few states, for millions of readings at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WARM_UP = 192
# Scores are whole numbers of this many to the nat: sums are exact, so that of two paths as good as each other the same
# one is taken on every machine, the one in the earlier state.
_PER_NAT = 1 << 14
# More than any path can gain by being elsewhere for one reading. [1 / _PER_NAT nat]
_PINNED = 1000 * _PER_NAT
_Scores = NDArray[np.int32]
_CHUNKS = (64, 2048)
_BATCH = 2_000_000


def best_path(log_emission: NDArray[np.float32], switch_cost: NDArray[np.float32]) -> NDArray[np.int8]:
    """Viterbi path of a hidden Markov model.

    Most readings need no decoding: :func:`certain` finds them. The others are cut into overlapping chunks that are
    decoded side by side, so that the Python loop runs over the length of a chunk and not over the readings. Where
    chunks meet, each has seen :data:`WARM_UP` readings beyond its edge: a path forgets its beginning after a few
    sojourns.

    Parameters
    ----------
    log_emission : ndarray of float32, shape (k, n)
        Log likelihood of each reading in each state.
    switch_cost : ndarray of float32, shape (k, k)
        Cost of going from row to column, 0 on the diagonal. [nat]

    Returns
    -------
    ndarray of int8, shape (n,)
        Index of the state of each reading.

    Notes
    -----
    Rabiner L. A tutorial on hidden Markov models. Proc IEEE 1989;77:257-286, equations 32-35, in logarithms.

    Examples
    --------
    >>> emission = np.log(np.array([[0.9, 0.4, 0.9], [0.1, 0.6, 0.1]], dtype=np.float32))
    >>> best_path(emission, np.array([[0, 2], [2, 0]], dtype=np.float32)).tolist()
    [0, 0, 0]
    """
    scores, cost = _whole(log_emission), _whole(switch_cost)
    path, is_certain = certain(scores, cost)
    # The certain readings next to others stay, so that each stretch of these begins and ends where it must.
    open_ = ~is_certain
    beside = open_.copy()
    beside[1:] |= open_[:-1]
    beside[:-1] |= open_[1:]
    kept = np.flatnonzero(beside)
    left = scores[:, kept]
    fixed = np.flatnonzero(is_certain[kept])
    left[:, fixed] -= _PINNED
    left[path[kept[fixed]], fixed] += _PINNED
    # Where a path is certain again it has forgotten all that was before.
    warm_up = min(WARM_UP, int(np.diff(fixed, prepend=0, append=len(kept)).max()))
    for first in range(0, len(kept), _BATCH):
        last = min(first + _BATCH, len(kept))
        begin, end = max(0, first - warm_up), min(len(kept), last + warm_up)
        found = _decode(left[:, begin:end], cost, warm_up)
        path[kept[first:last]] = found[first - begin : last - begin]
    return path


def _whole(nats: NDArray[np.float32]) -> _Scores:
    return np.asarray(np.rint(nats * np.float32(_PER_NAT)), dtype=np.int32)


def certain(score: _Scores, cost: _Scores) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """The likeliest state of each reading on its own, and whether the best path is sure to go through it.

    Where one state is the likeliest of many readings in a row, a path that never takes it there loses all of its leads
    over the second best, and saves at most the cost of entering and leaving it: once the leads are larger than that,
    the best path has been there. So it has before the readings in the middle, and after them, and to leave in between
    would cost and gain nothing.

    Returns
    -------
    state : ndarray of int8, shape (n,)
    is_certain : ndarray of bool, shape (n,)

    Examples
    --------
    >>> score = np.array([[0, 0, 0, 0, -9, 0, 0, 0, 0], [-9, -9, -9, -9, 0, -9, -9, -9, -9]], dtype=np.int32)
    >>> state, is_certain = certain(score, np.array([[0, 5], [5, 0]], dtype=np.int32))
    >>> is_certain.astype(int).tolist()
    [0, 1, 1, 0, 0, 0, 1, 1, 0]
    """
    top, second = score[0].copy(), np.full(score.shape[1], np.iinfo(np.int32).min)
    state = np.zeros(len(top), dtype=np.int8)
    for n, row in enumerate(score[1:], 1):
        np.maximum(second, np.minimum(top, row), out=second)
        state[row > top] = n
        np.maximum(top, row, out=top)
    if len(score) == 1 or not len(top):
        return state, np.ones(len(top), dtype=bool)
    lead = np.concatenate(([0], np.cumsum(top.astype(np.int64) - second)))
    first = np.flatnonzero(np.concatenate(([True], state[1:] != state[:-1])))
    last = np.append(first[1:], len(state))
    price = (cost.max(axis=0) + cost.max(axis=1))[state[first]]
    # After the reading ``begin - 1``, and from ``end`` on, the leads of the run are larger than the price.
    begin = np.searchsorted(lead, lead[first] + price, side="right")
    end = np.searchsorted(lead, lead[last] - price, side="left")
    sure = np.flatnonzero(begin <= end)
    edges = np.zeros(len(state) + 1, dtype=np.int8)
    edges[begin[sure] - 1] += 1
    edges[end[sure]] -= 1
    return state, np.cumsum(edges[:-1], dtype=np.int8) > 0


def _decode(score: _Scores, switch_cost: _Scores, warm_up: int) -> NDArray[np.int8]:
    states, count = score.shape
    # About as many chunks as positions in a chunk keeps both the loop and its rows short.
    chunk = int(np.clip(2 * np.sqrt(count), *_CHUNKS))
    chunks = -(-count // chunk)
    padded = np.zeros((states, chunks * chunk + 2 * warm_up), dtype=np.int32)
    padded[:, warm_up : warm_up + count] = score
    length = chunk + 2 * warm_up
    # Axes: position in the chunk, state, chunk; so that every step works on contiguous rows of all chunks.
    view = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, ::chunk]
    steps = np.array(view.transpose(2, 0, 1), order="C")
    cost = switch_cost[:, :, None]
    candidate = np.empty((states, states, chunks), dtype=np.int32)
    best = np.empty((states, chunks), dtype=np.int32)
    for n in range(1, length):
        np.subtract(steps[n - 1, :, None, :], cost, out=candidate)
        np.maximum.reduce(candidate, axis=0, out=best)
        steps[n] += best
    # The scores stand where the emissions stood, and tell again on the way back where each path came from.
    state_at = np.empty((length, chunks), dtype=np.int8)
    found = state_at[-1] = steps[-1].argmax(axis=0)
    for n in range(length - 1, 0, -1):
        np.subtract(steps[n - 1], switch_cost.take(found, axis=1), out=best)
        found = best.argmax(axis=0)
        state_at[n - 1] = found
    return state_at[warm_up : warm_up + chunk].T.reshape(-1)[:count]
