"""The most probable path through a few states, for millions of readings at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WARM_UP = 192
_CHUNKS = (256, 2048)
_BATCH = 2_000_000


def best_path(log_emission: NDArray[np.float32], switch_cost: NDArray[np.float32]) -> NDArray[np.int8]:
    """Viterbi path of a hidden Markov model.

    The readings are cut into overlapping chunks that are decoded side by side, so that the Python loop runs over the
    length of a chunk and not over the readings. Where chunks meet, each has seen :data:`WARM_UP` readings beyond its
    edge: a path forgets its beginning after a few sojourns.

    Parameters
    ----------
    log_emission : ndarray of float32, shape (n, k)
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
    >>> emission = np.log(np.array([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]], dtype=np.float32))
    >>> best_path(emission, np.array([[0, 2], [2, 0]], dtype=np.float32)).tolist()
    [0, 0, 0]
    """
    count = len(log_emission)
    path = np.empty(count, dtype=np.int8)
    for first in range(0, count, _BATCH):
        last = min(first + _BATCH, count)
        begin, end = max(0, first - WARM_UP), min(count, last + WARM_UP)
        found = _decode(log_emission[begin:end], switch_cost)
        path[first:last] = found[first - begin : last - begin]
    return path


def _decode(log_emission: NDArray[np.float32], switch_cost: NDArray[np.float32]) -> NDArray[np.int8]:
    count, states = log_emission.shape
    # About as many chunks as positions in a chunk keeps both the loop and its rows short.
    chunk = int(np.clip(2 * np.sqrt(count), *_CHUNKS))
    chunks = -(-count // chunk)
    padded = np.zeros((chunks * chunk + 2 * WARM_UP, states), dtype=np.float32)
    padded[WARM_UP : WARM_UP + count] = log_emission
    length = chunk + 2 * WARM_UP
    # Axes: position in the chunk, state, chunk; so that every step works on contiguous rows of all chunks.
    view = np.lib.stride_tricks.sliding_window_view(padded, length, axis=0)[::chunk]
    steps = np.array(view.transpose(2, 1, 0), order="C")
    cost = switch_cost[:, :, None]
    candidate = np.empty((states, states, chunks), dtype=np.float32)
    best = np.empty((states, chunks), dtype=np.float32)
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
    return state_at[WARM_UP : WARM_UP + chunk].T.reshape(-1)[:count]
