"""Straight pieces through daily clock offsets: a clock drifts, and is corrected now and then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Standard deviation of the drift before anything is known; quartz in a console is within a few seconds a day.
DRIFT_S_PER_DAY = 4.0
STEP_PENALTY = 14.0
_FLOOR_S = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """Offset from ``first_day`` to ``last_day``: ``offset_s + slope * (day - day0)``. [s], [s/d]"""

    first_day: float
    last_day: float
    day0: float
    offset_s: float
    slope: float
    u_s: float


def piecewise_lines(
    day: Floats, offset_s: Floats, u_s: Floats, is_weak: NDArray[np.bool_] | None = None
) -> tuple[tuple[Line, ...], NDArray[np.bool_]]:
    """The fewest straight pieces that explain the offsets within their uncertainty.

    Parameters
    ----------
    day : ndarray, shape (d,)
        Sorted.
    offset_s, u_s : ndarray, shape (d,)
        Offset and standard uncertainty, NaN where there is none. [s]
    is_weak : ndarray of bool, shape (d,), optional
        Days that rest on so little that they do not begin or end the track with a piece of their own.

    Returns
    -------
    lines : tuple of Line
        Empty when every offset is NaN.
    fits : ndarray of bool, shape (d,)
        Days that have an offset and lie on their piece.

    Notes
    -----
    Dynamic programme over the last break, cost of a piece = weighted sum of squares of its ridge regression (drift
    shrunk towards 0 with :data:`DRIFT_S_PER_DAY`) plus :data:`STEP_PENALTY`. A piece of a single day in the middle is
    an outlier, not two corrections in two nights; so is one of a single weak day at an end beside longer pieces.

    Examples
    --------
    >>> days = np.arange(8.0)
    >>> lines, fits = piecewise_lines(days, np.where(days < 4, 100.0, 2.0), np.full(8, 1.0))
    >>> [round(line.offset_s) for line in lines], bool(fits.all())
    ([100, 2], True)
    """
    has = ~np.isnan(offset_s)
    fits = has.copy()
    if not has.any():
        return (), fits
    index = np.flatnonzero(has)
    pieces = _pieces(day[index], offset_s[index], u_s[index])
    inner = {first for first, last in pieces[1:-1] if last == first}
    if is_weak is not None and any(last > first for first, last in pieces):
        inner |= {first for first, last in (pieces[0], pieces[-1]) if last == first and is_weak[index[first]]}
    if inner:
        keep = np.array([n not in inner for n in range(len(index))])
        index = index[keep]
        pieces = _pieces(day[index], offset_s[index], u_s[index])
    lines = tuple(_line(day[index[a : b + 1]], offset_s[index[a : b + 1]], u_s[index[a : b + 1]]) for a, b in pieces)
    which = np.searchsorted(np.array([line.first_day for line in lines]), day, side="right") - 1
    line_at = [lines[max(n, 0)] for n in which]
    expected = np.array([line.offset_s + line.slope * (d - line.day0) for line, d in zip(line_at, day, strict=True)])
    with np.errstate(invalid="ignore"):
        fits &= np.abs(offset_s - expected) <= 4.0 * np.hypot(u_s, 2.0)
    return lines, fits


def _pieces(x: Floats, y: Floats, u: Floats) -> list[tuple[int, int]]:
    weight = 1.0 / (u**2 + _FLOOR_S**2)
    x = x - x.mean()
    sums = [np.concatenate(([0.0], np.cumsum(weight * part))) for part in (x * 0 + 1, x, x * x, y, x * y, y * y)]
    count = len(x)
    best, origin = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=np.int64)
    best[0] = 0.0
    for last in range(1, count + 1):
        w, wx, wxx, wy, wxy, wyy = (total[last] - total[:last] for total in sums)
        sxx = wxx - wx**2 / w + DRIFT_S_PER_DAY**-2
        sxy = wxy - wx * wy / w
        cost = np.maximum(wyy - wy**2 / w - sxy**2 / sxx, 0.0)
        total_cost = best[:last] + cost + STEP_PENALTY
        origin[last] = int(np.argmin(total_cost))
        best[last] = total_cost[origin[last]]
    pieces = []
    last = count
    while last > 0:
        pieces.append((int(origin[last]), last - 1))
        last = int(origin[last])
    return pieces[::-1]


def _line(x: Floats, y: Floats, u: Floats) -> Line:
    weight = 1.0 / (u**2 + _FLOOR_S**2)
    total = weight.sum()
    day0 = float((weight * x).sum() / total)
    mean = float((weight * y).sum() / total)
    sxx = (weight * (x - day0) ** 2).sum() + DRIFT_S_PER_DAY**-2
    slope = float((weight * (x - day0) * (y - mean)).sum() / sxx)
    residual = y - mean - slope * (x - day0)
    scatter = float((weight * residual**2).sum() / max(len(x) - 2, 1))
    # At least what the days themselves say, more when they scatter more than that; averaged over the piece.
    u_s = float(np.sqrt(max(scatter, 1.0) * (1.0 / total + (x.max() - x.min()) ** 2 / 12.0 / sxx)))
    return Line(float(np.floor(x[0])), float(np.floor(x[-1])), day0, mean, slope, u_s)
