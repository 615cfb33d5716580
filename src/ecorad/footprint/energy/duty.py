"""What can be said of readings too far apart for states: how much of the time a device was busy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .trace import Trace


@dataclass(frozen=True, slots=True)
class Duty:
    """Two levels and the share of time at the higher one, so that their mixture has the mean power."""

    low_kw: float
    high_kw: float
    share_high: float


def estimate_duty(trace: Trace) -> Duty | None:
    """Split readings into a low and a high level where the two groups differ most.

    The cut is that of Otsu (IEEE Trans Syst Man Cybern 1979;9:62-66, equation 18), weighted by time. ``None`` when
    there are fewer than ten readings or all are alike.

    Examples
    --------
    >>> hours = np.arange(25) * 3_600_000_000
    >>> duty = estimate_duty(Trace.of(hours[:-1], hours[1:], np.repeat([1.0, 5.0], [18, 6])))
    >>> duty.low_kw, duty.high_kw, duty.share_high
    (1.0, 5.0, 0.25)
    """
    known = trace.is_known
    if np.count_nonzero(known) < 10:
        return None
    order = np.argsort(trace.power_kw[known], kind="stable")
    power, hours = trace.power_kw[known][order], trace.duration_h[known][order]
    below_h, below_kwh = np.cumsum(hours)[:-1], np.cumsum(hours * power)[:-1]
    total_h, total_kwh = float(hours.sum()), float((hours * power).sum())
    low, high = below_kwh / below_h, (total_kwh - below_kwh) / (total_h - below_h)
    between = below_h * (total_h - below_h) * (high - low) ** 2
    cut = int(np.argmax(between))
    if between[cut] <= 0:
        return None
    return Duty(float(low[cut]), float(high[cut]), float(1 - below_h[cut] / total_h))
