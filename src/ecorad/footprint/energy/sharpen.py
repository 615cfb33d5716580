"""Readings cut at the edges of acquisitions, with the surplus put where the beam was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .spans import Spans, covered_us, is_inside, merged
from .trace import Floats, Ints, Trace

NO_CUTS: Ints = np.zeros(0, dtype=np.int64)


def sharpened(
    trace: Trace, scan_start_us: Ints, scan_end_us: Ints, background_kw: float | Callable[[Ints], Floats]
) -> Trace:
    """The same readings, finer where an acquisition begins or ends inside one.

    A reading that is partly acquisition is split: outside it the scanner draws its background, at most what the
    reading allows, and the rest of the energy belongs to the acquisition. No energy is made or lost. Right only where
    every beam leaves a series with a known length (MR, CT).

    Parameters
    ----------
    trace : Trace
        Readings.
    scan_start_us, scan_end_us : ndarray of int64, shape (m,)
        Acquisitions on the meter's clock.
    background_kw : float or function
        What the scanner draws between acquisitions of an exam, or that at given moments. [kW]

    Examples
    --------
    >>> minute = Trace.of([0], [60_000_000], [0.1])
    >>> fine = sharpened(minute, np.array([50_000_000]), np.array([60_000_000]), 3.0)
    >>> [round(float(kwh), 4) for kwh in fine.energy_kwh]
    [0.0417, 0.0583]
    """
    spans = merged(np.asarray(scan_start_us, dtype=np.int64), np.asarray(scan_end_us, dtype=np.int64))
    if not len(spans[0]) or not len(trace):
        return trace
    edges = np.sort(np.concatenate(spans))
    place = trace.place_of(edges)
    at = np.maximum(place, 0)
    split = np.unique(at[(place >= 0) & (edges > trace.start_us[at]) & (edges < trace.end_us[at])])
    if not len(split):
        return trace
    whole = Trace(trace.start_us[split], trace.end_us[split], trace.energy_kwh[split])
    middle = (whole.start_us + whole.end_us) // 2
    background = background_kw(middle) if callable(background_kw) else np.full(len(whole), background_kw)
    return _replaced(trace, split, _cut(whole, edges, spans, background))


def _cut(whole: Trace, edges: Ints, spans: Spans, background: Floats) -> Trace:
    """Readings that each hold an edge, in pieces."""
    fine = whole.cut_at(edges)
    source = np.searchsorted(whole.start_us, fine.start_us, side="right") - 1
    energy = fine.energy_kwh.copy()
    scanning = is_inside(fine.start_us, spans)
    outside, beam = fine.is_known & ~scanning, fine.is_known & scanning
    energy[outside] = np.minimum(fine.energy_kwh, background[source] * fine.duration_h)[outside]
    kept = np.bincount(source[outside], weights=energy[outside], minlength=len(whole))
    inside_h = _by_source(fine, source, scanning, len(whole))
    rest = np.where(whole.is_known, whole.energy_kwh, 0.0) - kept
    energy[beam] = (rest * _inverse(inside_h))[source[beam]] * fine.duration_h[beam]
    return Trace(fine.start_us, fine.end_us, energy)


def _replaced(trace: Trace, split: Ints, pieces: Trace) -> Trace:
    """The trace with the readings ``split`` replaced by their pieces, at least two each."""
    is_first = np.isin(pieces.start_us, trace.start_us[split])
    more = np.diff(np.append(np.flatnonzero(is_first), len(pieces))) - 1
    after, moved = np.repeat(split, more) + 1, split + np.cumsum(more) - more
    columns = []
    for name in ("start_us", "end_us", "energy_kwh"):
        parts = getattr(pieces, name)
        column = np.insert(getattr(trace, name), after, parts[~is_first])
        column[moved] = parts[is_first]
        columns.append(column)
    return Trace(*columns)


def coarsened(trace: Trace, step_s: float, cuts_us: Ints = NO_CUTS) -> Trace:
    """The known readings taken together in steps of the clock, and cut at moments that matter to the reading.

    Holes stay holes; no energy is made or lost.

    Parameters
    ----------
    trace : Trace
        Readings finer than a step.
    step_s : float
        Length of a step. [s]
    cuts_us : ndarray of int64, shape (m,)
        Where steps are cut besides, in any order: edges of acquisitions and exams, whose energy stays that of the
        readings. UTC microseconds.

    Examples
    --------
    >>> second = 1_000_000
    >>> moments = np.arange(21) * second
    >>> fine = Trace(moments[:-1], moments[1:], np.array([1.0] * 12 + [np.nan] + [1.0] * 7))
    >>> coarsened(fine, 10.0).energy_kwh.tolist()
    [10.0, 2.0, 7.0]
    >>> coarsened(fine, 10.0, np.array([4 * second])).energy_kwh.tolist()
    [4.0, 6.0, 2.0, 7.0]
    """
    known = trace.known_spans()
    if not len(known[0]):
        return trace
    step_us = int(step_s * 1e6)
    ticks = np.arange(known[0][0] // step_us, known[1][-1] // step_us + 1, dtype=np.int64) * step_us
    cuts = np.asarray(cuts_us, dtype=np.int64)
    cuts = np.sort(cuts[(cuts > known[0][0]) & (cuts < known[1][-1])])
    # Nearly in order already: sorting costs little, a set of millions much.
    edges = np.sort(
        np.concatenate((ticks[is_inside(ticks, known)], cuts[is_inside(cuts, known)], *known)), kind="stable"
    )
    edges = edges[np.concatenate(([True], edges[1:] != edges[:-1]))]
    kept = is_inside(edges[:-1], known)
    return Trace(edges[:-1][kept], edges[1:][kept], trace.energy_in_steps(edges)[kept])


def shaped(trace: Trace, whole: Trace, fine: Trace) -> Trace:
    """One of several meters of a device, cut like their sum ``whole`` was cut into ``fine``.

    Inside each reading its energy follows the sum; no energy is made or lost.

    Examples
    --------
    >>> whole, half = (Trace.of([0], [60_000_000], [kwh]) for kwh in (0.1, 0.05))
    >>> fine = sharpened(whole, np.array([50_000_000]), np.array([60_000_000]), 3.0)
    >>> [round(float(kwh), 4) for kwh in shaped(half, whole, fine).energy_kwh]
    [0.0208, 0.0292]
    """
    cut = trace.cut_at(np.concatenate((whole.start_us, whole.end_us, fine.start_us)))
    even, uneven = _power_at(whole, cut.start_us), _power_at(fine, cut.start_us)
    usable = (even > 0) & ~np.isnan(uneven)
    factor = np.divide(uneven, even, out=np.ones_like(even), where=usable)
    return Trace(cut.start_us, cut.end_us, cut.energy_kwh * factor)


def _power_at(trace: Trace, moment_us: Ints) -> Floats:
    """Power of the reading each moment lies in, NaN where there is none. [kW]"""
    place = np.maximum(np.searchsorted(trace.start_us, moment_us, side="right") - 1, 0)
    inside = (moment_us >= trace.start_us[place]) & (moment_us < trace.end_us[place])
    return np.where(inside, trace.power_kw[place], np.nan)


def touched(trace: Trace, spans: Spans) -> Floats:
    """Share of each reading that lies inside merged ``spans``, shape (n,). [1]"""
    inside = covered_us(trace.start_us, trace.end_us, spans).astype(np.float64)
    return inside / (trace.end_us - trace.start_us)


def _by_source(fine: Trace, source: Ints, mask: NDArray[np.bool_], count: int) -> Floats:
    found: Floats = np.bincount(source[mask], weights=fine.duration_h[mask], minlength=count).astype(np.float64)
    return found


def _inverse(hours: Floats) -> Floats:
    return np.divide(1.0, hours, out=np.zeros_like(hours), where=hours > 0)
