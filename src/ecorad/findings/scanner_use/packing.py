"""Whether the exams of one day fit on fewer scanners: exactly, with change-over and with what each scanner can do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from ecorad.footprint.energy.spans import count_covering, merged

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
# A day that is not settled by then is taken not to fit.
_LIMIT_S = 2.0


@dataclass(frozen=True, eq=False)
class DayList:
    """The exams of one day on scanners of one kind.

    Parameters
    ----------
    start_us, end_us : ndarray of int64, shape (exams,)
        UTC microseconds.
    scanner : ndarray of int64, shape (exams,)
        On which scanner each was done.
    can : ndarray of bool, shape (exams, scanners)
        On which scanners each could be done.
    open_us : ndarray of int64, shape (scanners,)
        How long each was open that day. [us]
    changeover_us : int
        From the end of one patient's exam to the start of the next one's. [us]
    """

    start_us: Ints
    end_us: Ints
    scanner: Ints
    can: Bools
    open_us: Ints
    changeover_us: int

    def __len__(self) -> int:
        return len(self.start_us)


def fits_as_timed(day: DayList, closed: int) -> bool:
    """Whether every exam could have been done at its own time with one scanner closed.

    Two exams of one scanner that lie as they were done do not disturb each other; others need a change-over between
    them. Settled by a first try, then by a bound on how many run at once, then by an exact assignment (HiGHS).

    Examples
    --------
    Two scanners, two exams apart, ten minutes of change-over; the second list overlaps:

    >>> minute = 60_000_000
    >>> both = np.ones((2, 2), dtype=bool)
    >>> at = lambda start: DayList(np.array([0, start]) * minute, np.array([20, start + 20]) * minute, np.array([0, 1]),
    ...     both, np.array([600, 600]) * minute, 10 * minute)
    >>> fits_as_timed(at(30), closed=1), fits_as_timed(at(25), closed=1)
    (True, False)
    """
    can = _without(day, closed)
    if not can.any(axis=1).all():
        return False
    clash = _clashes(day)
    if _greedy(day, can, clash, closed):
        return True
    left = int(can.any(axis=0).sum())
    return left > 1 and _most_at_once(day) <= left and _assign(can, _pairs(day, can, clash))


def fits_if_moved(day: DayList, closed: int) -> bool:
    """Whether the exams' lengths and change-overs fit into the open hours of the others, at any time of the day.

    Bin packing, settled by the sum, then by first fit with the longest first, then by an exact assignment (HiGHS).

    >>> minute = 60_000_000
    >>> start = np.array([0, 5, 10]) * minute
    >>> day = DayList(start, start + 20 * minute, np.array([0, 0, 1]), np.ones((3, 2), dtype=bool),
    ...     np.array([90, 90]) * minute, 10 * minute)
    >>> fits_if_moved(day, closed=1)
    True
    """
    can = _without(day, closed)
    load = day.end_us - day.start_us + day.changeover_us
    room = np.where(can.any(axis=0), day.open_us, 0)
    if not can.any(axis=1).all() or load.sum() > room.sum():
        return False
    if _first_fit(load, room.copy(), can):
        return True
    return bool(can.any(axis=0).sum() > 1) and _assign(can, (load[:, None] * can, room))


def _without(day: DayList, closed: int) -> Bools:
    can = day.can.copy()
    can[:, closed] = False
    return can


def _clashes(day: DayList) -> Bools:
    """Which exams overlap, or lie closer than a change-over, shape (exams, exams)."""
    gap = np.maximum(day.start_us[:, None] - day.end_us[None, :], day.start_us[None, :] - day.end_us[:, None])
    found: Bools = gap < day.changeover_us
    np.fill_diagonal(found, val=False)
    return found


def _greedy(day: DayList, can: Bools, clash: Bools, closed: int) -> bool:
    """Leave every exam where it was, and place those of the closed scanner one after the other."""
    place = day.scanner.copy()
    for exam in np.flatnonzero(day.scanner == closed):
        free = [s for s in np.flatnonzero(can[exam]) if not clash[exam][place == s].any()]
        if not free:
            return False
        place[exam] = free[0]
    return True


def _most_at_once(day: DayList) -> int:
    """Most scanners that examine or change over at one moment: no assignment does with fewer.

    Exams of different scanners whose spans with the change-over meet at a moment disturb each other two by two.
    """
    own = [day.scanner == s for s in range(day.can.shape[1])]
    busy = [merged(day.start_us[mine], day.end_us[mine] + day.changeover_us) for mine in own]
    starts, ends = (np.concatenate([one[side] for one in busy]) for side in (0, 1))
    return int(count_covering(starts, starts, ends).max(initial=0))


def _pairs(day: DayList, can: Bools, clash: Bools) -> list[tuple[int, int, int]]:
    """Exams that cannot both be on a scanner: (exam, exam, scanner)."""
    first, second = np.nonzero(np.triu(clash))
    return [
        (int(i), int(j), int(s))
        for i, j in zip(first, second, strict=True)
        for s in np.flatnonzero(can[i] & can[j])
        if not day.scanner[i] == day.scanner[j] == s
    ]


def _first_fit(load: Ints, room: Ints, can: Bools) -> bool:
    for exam in np.argsort(-load, kind="stable"):
        fitting = np.flatnonzero(can[exam] & (room >= load[exam]))
        if not len(fitting):
            return False
        room[fitting[0]] -= load[exam]
    return True


def _assign(can: Bools, limits: tuple[NDArray[np.int64], Ints] | list[tuple[int, int, int]]) -> bool:
    """Whether each exam gets one scanner; ``limits`` are clashing (exam, exam, scanner), or loads and rooms."""
    exams, scanners = can.shape
    one_each = csr_array(np.kron(np.eye(exams), np.ones(scanners)))
    rules = [LinearConstraint(one_each, lb=1.0, ub=1.0)]
    if isinstance(limits, list):
        rows = np.repeat(np.arange(len(limits)), 2)
        columns = [exam * scanners + s for i, j, s in limits for exam in (i, j)]
        if limits:
            pairs = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(limits), exams * scanners))
            rules.append(LinearConstraint(pairs, ub=1.0))
    else:
        load, room = limits
        scale = 1.0 / 60e6
        loads = np.zeros((scanners, exams * scanners))
        for s in range(scanners):
            loads[s, s::scanners] = load[:, s] * scale
        rules.append(LinearConstraint(csr_array(loads), ub=room * scale + 1e-6))
    answer = milp(
        np.zeros(exams * scanners),
        constraints=rules,
        integrality=np.ones(exams * scanners),
        bounds=Bounds(0, can.ravel().astype(float)),
        options={"time_limit": _LIMIT_S},
    )
    return answer.x is not None
