"""The end of an exam whose last acquisition has no written length, found in the power."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .trace import MICROSECONDS_PER_SECOND, Floats, Ints, Trace

LONGEST_S = 1200.0
_PROBE_S = 30.0
_CLEARLY = 1.15


def ends_from_power(
    trace: Trace,
    last_start_us: Ints,
    limit_us: Ints,
    ready_kw: Floats,
    idle_kw: Floats,
) -> tuple[Ints, NDArray[np.bool_]]:
    """When power falls after the last acquisition began.

    Where the scanner draws clearly more than ready in the first half minute, the end is where power falls below the
    middle between that and ready: the beam is over. Otherwise it is where power falls below the middle of ready and
    idle: the patient has left. At most 20 minutes, and never past the next exam.

    Parameters
    ----------
    trace : Trace
        The scanner's meter.
    last_start_us : ndarray of int64, shape (e,)
        Start of the last acquisition of each exam, on the meter's clock.
    limit_us : ndarray of int64, shape (e,)
        Moment the end may not pass: the start of the next exam.
    ready_kw, idle_kw : ndarray, shape (e,)
        Levels at that time; NaN when they are not known.

    Returns
    -------
    end_us, is_found : ndarray, shape (e,)
        The end; where nothing was found (no readings, no levels) it is the start.
    """
    end = last_start_us.copy()
    found = np.zeros(len(end), dtype=bool)
    probe_us = int(max(_PROBE_S, 1.5 * trace.resolution_s) * MICROSECONDS_PER_SECOND) if len(trace) else 0
    for n, start in enumerate(last_start_us.tolist()):
        stop = min(start + int(LONGEST_S * MICROSECONDS_PER_SECOND), int(limit_us[n]))
        around = trace.part(*trace.touched_by(start, stop))
        power = around.power_kw
        if not np.isfinite(ready_kw[n] + idle_kw[n]) or not len(power) or np.isnan(power[0]):
            continue
        early = around.start_us < start + probe_us
        beam_kw = float(np.nanmedian(power[early])) if early.any() else float(power[0])
        middle = 0.5 * (beam_kw + ready_kw[n]) if beam_kw > _CLEARLY * ready_kw[n] else 0.5 * (ready_kw[n] + idle_kw[n])
        fallen = np.flatnonzero((power < middle) | np.isnan(power))
        fallen = fallen[fallen > 0]
        end[n] = max(start, min(stop, int(around.start_us[fallen[0]]) if len(fallen) else stop))
        found[n] = True
    return end, found
