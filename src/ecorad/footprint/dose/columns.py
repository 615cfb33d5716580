"""Columns of records, and sums over groups of them that keep what is unknown apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]


def groups_of(keys: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """The different keys, sorted, and for each row the place of its key."""
    if not len(keys):
        return keys, np.zeros(0, dtype=np.intp)
    different, places = np.unique(keys.astype(str), return_inverse=True)
    return different.astype(object), places.astype(np.intp)


def known_sum(
    values: NDArray[np.float64], places: NDArray[np.intp], count: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sum of what is known in each group, not a number where nothing is; and how many values it holds.

    >>> sums, known = known_sum(np.array([1.0, np.nan, 2.0]), np.array([0, 0, 2]), 3)
    >>> sums.tolist(), known.tolist()
    ([1.0, nan, 2.0], [1, 0, 1])
    """
    is_known = ~np.isnan(values)
    known = np.bincount(places[is_known], minlength=count).astype(np.int64)
    sums = np.bincount(places[is_known], weights=values[is_known], minlength=count)
    return np.where(known > 0, sums, np.nan), known


# A name that so many exams of so many patients share is a protocol's and nobody's own.
_EXAMS, _PATIENTS = 10, 5


def is_shared(exams: int, patients: int) -> bool:
    """Whether a protocol's name may be shown: free text may hold a patient's name.

    >>> is_shared(10, 5), is_shared(10, 4), is_shared(9, 9)
    (True, False, False)
    """
    return exams >= _EXAMS and patients >= _PATIENTS


def texts(values: NDArray[Any]) -> list[str]:
    """Texts with ``""`` for what is missing."""
    return ["" if value is None else str(value) for value in values]
