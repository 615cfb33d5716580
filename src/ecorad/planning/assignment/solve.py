"""One day: how many exams of each region go on which scanner; integer programs, solved by HiGHS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from ecorad.model import EcoradError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def cheapest(count: Ints, kwh: Floats, minutes: Floats, room_min: Floats, allowed: Bools) -> Ints | None:
    """Exams by region and scanner at least energy; ``None`` when they do not fit.

    Parameters
    ----------
    count : ndarray of int64, shape (regions,)
        Exams of each region.
    kwh, minutes : ndarray, shape (regions, scanners)
        Of one exam; whatever, where it is not allowed.
    room_min : ndarray, shape (scanners,)
        Minutes there are. [min]
    allowed : ndarray of bool, shape (regions, scanners)
        Which scanner may do which region.

    Examples
    --------
    Three heads; the thrifty scanner has room for two:

    >>> cheapest(np.array([3]), np.array([[1.0, 2.0]]), np.array([[30.0, 20.0]]), np.array([60.0, 60.0]),
    ...     np.array([[True, True]])).tolist()
    [[2, 1]]
    """
    return _solve(count, kwh, minutes, room_min, allowed)


def most_on(count: Ints, minutes: Floats, room_min: Floats, allowed: Bools, chosen: Bools) -> Ints | None:
    """Exams by region and scanner with as many as can be on the chosen scanners; ``None`` when they do not fit."""
    weight = np.broadcast_to(np.where(chosen, -1.0, 0.0), minutes.shape)
    return _solve(count, weight, minutes, room_min, allowed)


def _solve(count: Ints, weight: Floats, minutes: Floats, room_min: Floats, allowed: Bools) -> Ints | None:
    regions, scanners = allowed.shape
    if not count.sum():
        return np.zeros((regions, scanners), dtype=np.int64)
    all_done = np.kron(np.eye(regions), np.ones(scanners))
    load = np.zeros((scanners, regions * scanners))
    for s in range(scanners):
        load[s, s::scanners] = np.where(allowed[:, s], minutes[:, s], 0.0)
    answer = milp(
        np.where(allowed, weight, 0.0).ravel(),
        constraints=[
            LinearConstraint(all_done, lb=count, ub=count),
            LinearConstraint(load, ub=room_min + 1e-6),
        ],
        integrality=np.ones(regions * scanners),
        bounds=Bounds(0, np.where(allowed, count[:, None], 0).ravel().astype(float)),
        options={"mip_rel_gap": 0.0},
    )
    if answer.x is None:
        return None
    found = np.rint(answer.x).astype(np.int64).reshape(regions, scanners)
    kept = (found.sum(axis=1) == count).all() and (found[~allowed] == 0).all()
    if not kept or (load @ found.ravel() > room_min + 1e-3).any():
        raise EcoradError("a plan broke one of its own rules and was not given out", code="ecorad.assign.broken_plan")
    plan: Ints = found
    return plan
