"""Clocks known only from somebody's presence: how far power outlasts the images, and what that leaves open."""

from __future__ import annotations

import numpy as np

from .trace import MICROSECONDS_PER_SECOND, Floats, Ints, Trace

# Power within so long of a session is taken to belong to it; the same on both sides again tells what there is without.
FLANK_S = 120.0
_STEP_S = 5.0
_FEWEST = 10
_LEAST_RISE = 0.1


def outlasting_s(trace: Trace, start_us: Ints, end_us: Ints) -> float:
    """By how much power outlasts a session of images, both sides together: the median over sessions.

    Parameters
    ----------
    trace : Trace
        The scanner's meter.
    start_us, end_us : ndarray of int64, shape (n,)
        First and last image of each session, on the meter's clock.

    Returns
    -------
    float
        NaN where fewer than 10 sessions tell it. [s]

    Notes
    -----
    It is the time within two minutes of a session at which power is above the middle between that of the session's
    middle half and that of the quieter side two to four minutes away (the median over sessions). An error of the clock
    moves such time from one side to the other and leaves the sum.

    Examples
    --------
    >>> moments = np.arange(0, 60_000, 10) * 1_000_000
    >>> is_live = (moments // 1_000_000) % 1200 < 450  # 450 s of each 20 minutes, images from 50 s to 420 s
    >>> trace = Trace(moments, moments + 10_000_000, np.where(is_live, 0.4, 0.1) / 360)
    >>> first = np.arange(2400, 48_000, 1200) * 1_000_000
    >>> round(outlasting_s(trace, first + 50_000_000, first + 420_000_000))
    80
    """
    flank = int(FLANK_S * MICROSECONDS_PER_SECOND)
    quarter = (end_us - start_us) // 4
    within = _mean_kw(trace, start_us + quarter, end_us - quarter)
    before = _mean_kw(trace, start_us - 2 * flank, start_us - flank)
    away = np.fmin(before, _mean_kw(trace, end_us + flank, end_us + 2 * flank))
    quiet = float(np.nanmedian(away)) if np.isfinite(away).any() else float("nan")
    tells = np.flatnonzero(within > (1 + _LEAST_RISE) * quiet)
    if len(tells) < _FEWEST:
        return float("nan")
    step = int(_STEP_S * MICROSECONDS_PER_SECOND)
    after = np.arange(0, flank, step)
    begins = np.concatenate(((start_us[tells, None] - flank) + after, end_us[tells, None] + after), axis=1)
    is_high = _mean_kw(trace, begins, begins + step) > (0.5 * (within[tells] + quiet))[:, None]
    return float(np.median(is_high.sum(axis=1))) * _STEP_S


def left_open_s(outlasting: float, resolution_s: float) -> float:
    """Standard uncertainty of a clock whose sessions power outlasts by so much, with the middle taken.

    Of two durations that sum to ``outlasting`` and of which nothing else is known (independent, with the same
    exponential law), each is even between nothing and the sum; half of their difference is then even over the sum. Half
    a reading more may have been overlooked.

    >>> round(left_open_s(40.0, 10.0), 1), round(left_open_s(0.0, 60.0), 1)
    (11.6, 8.7)
    """
    return float(np.hypot(outlasting, 0.5 * resolution_s) / np.sqrt(12.0))


def _mean_kw(trace: Trace, start_us: Ints, end_us: Ints) -> Floats:
    """Mean power; NaN where less than nine tenths are known, or where there is no time at all."""
    energy_kwh, known = trace.energy_between(start_us, end_us)
    hours = (end_us - start_us) / (3600.0 * MICROSECONDS_PER_SECOND)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((known > 0.9) & (hours > 0), energy_kwh / hours, np.nan)
