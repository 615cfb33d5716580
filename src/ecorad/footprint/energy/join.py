"""Energy of each exam: its window on the meter, shared where windows overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .spans import merged
from .trace import MICROSECONDS_PER_HOUR, Floats, Ints, Trace

# Below this share of known readings an exam's energy is not given.
LEAST_KNOWN = 0.5
FULLY_KNOWN = 0.999


@dataclass(frozen=True)
class Joined:
    """Energy of exams, arrays of shape (e,).

    ``active_kwh`` and ``marginal_kwh`` hold the energy of the readings there are; NaN when there are none. ``flags``
    is empty, ``unread``, ``partly_read``, or the reason a join was refused for.
    """

    active_kwh: Floats
    marginal_kwh: Floats
    known_fraction: Floats
    flags: NDArray[np.object_]

    def without(self, which: NDArray[np.bool_], reason: str) -> Joined:
        """The same, but for exams whose join must not be believed: their energies are not known."""
        flags = self.flags.copy()
        flags[which] = reason
        active, marginal = (np.where(which, np.nan, part) for part in (self.active_kwh, self.marginal_kwh))
        return Joined(active, marginal, self.known_fraction, flags)


def above_idle(trace: Trace, idle_kw: Floats | float) -> Trace:
    """Energy above idle in each reading: ``max(P - P_idle, 0)`` times its length.

    >>> hour = 3_600_000_000
    >>> above_idle(Trace.of([0, hour], [hour, 2 * hour], [10.0, 2.0]), 4.0).energy_kwh.tolist()
    [6.0, 0.0]
    """
    excess = trace.energy_kwh - np.asarray(idle_kw) * trace.duration_h
    return Trace(trace.start_us, trace.end_us, np.maximum(excess, 0.0))


def shared_kwh(trace: Trace, start_us: Ints, end_us: Ints) -> Floats:
    """Energy of each window; where ``k`` windows overlap each gets a k-th, so that the sum is that of their union.

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> trace = Trace.of([0], [4 * hour], [4.0])
    >>> shared_kwh(trace, np.array([0, hour]), np.array([2 * hour, 3 * hour])).tolist()
    [1.5, 1.5]
    """
    end_us = np.maximum(start_us, end_us)
    edges = np.unique(np.concatenate((start_us, end_us)))
    if len(edges) < 2:
        return np.zeros(len(start_us))
    until = trace.kwh_until(edges)
    begun = np.searchsorted(np.sort(start_us), edges[:-1], side="right")
    over = np.searchsorted(np.sort(end_us), edges[:-1], side="right")
    share = np.diff(until) / np.maximum(begun - over, 1)
    cumulative = np.concatenate(([0.0], np.cumsum(np.where(begun > over, share, 0.0))))
    found: Floats = cumulative[np.searchsorted(edges, end_us)] - cumulative[np.searchsorted(edges, start_us)]
    return found


def join(trace: Trace, start_us: Ints, end_us: Ints, idle_kw: Floats | float) -> Joined:
    """Active and marginal energy of exams on one meter.

    Parameters
    ----------
    trace : Trace
        The meter; for a coarse one, :func:`~ecorad.footprint.energy.sharpen.sharpened` first.
    start_us, end_us : ndarray of int64, shape (e,)
        Exam windows on the meter's clock, of every device on this meter.
    idle_kw : float or ndarray, shape (n,)
        Idle level, of each reading when it drifts; NaN when it is not known. [kW]

    Notes
    -----
    ``active = ∫ P dt`` and ``marginal = ∫ max(P - P_idle, 0) dt`` over the window.
    """
    inside = trace.touching(*merged(start_us, end_us))
    if np.ndim(idle_kw):
        idle_kw = np.asarray(idle_kw)[inside]
    trace = trace.picked(inside)
    active = shared_kwh(trace, start_us, end_us)
    idle_is_known = np.any(np.isfinite(np.asarray(idle_kw, dtype=np.float64)))
    above = above_idle(trace, idle_kw)
    marginal = shared_kwh(above, start_us, end_us) if idle_is_known else np.full(len(start_us), np.nan)
    _, known = trace.energy_between(start_us, end_us)
    unread = known < LEAST_KNOWN
    # What was read of an exam that was mostly not read stays in the meter's split but says nothing of the exam.
    flags = np.full(len(start_us), "", dtype=object)
    flags[known < FULLY_KNOWN] = "partly_read"
    flags[unread] = "unread"
    return Joined(np.where(unread, np.nan, active), np.where(unread, np.nan, marginal), known, flags)


def duration_h(start_us: Ints, end_us: Ints) -> Floats:
    """Length of windows. [h]"""
    return (end_us - start_us) / MICROSECONDS_PER_HOUR
