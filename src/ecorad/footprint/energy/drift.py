"""The slow drift of all levels of one device, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .trace import MICROSECONDS_PER_HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LARGEST = 0.30


@dataclass(frozen=True)
class Drift:
    """Logarithm of level over mean level at hourly knots, straight in between, shape (hours,)."""

    first_us: int
    log_factor: Floats

    def at(self, moment_us: Ints) -> Floats:
        """Logarithm of the drift at each moment."""
        hours = (np.asarray(moment_us) - self.first_us) / MICROSECONDS_PER_HOUR
        return np.interp(hours, np.arange(len(self.log_factor)) + 0.5, self.log_factor)


def no_drift(first_us: int, last_us: int) -> Drift:
    """A device that never changes."""
    return Drift(first_us, np.zeros(max(1, -(-(last_us - first_us) // MICROSECONDS_PER_HOUR))))


def smoothed(
    first_us: int, last_us: int, moment_us: Ints, residual: Floats, *, weight: Floats, width_h: float
) -> Drift:
    """Drift out of what readings differ from their levels.

    A Gaussian kernel of standard deviation ``width_h`` over hourly sums; hours without evidence lean on their
    neighbours and, failing these, on 0.

    Parameters
    ----------
    moment_us : ndarray of int64, shape (n,)
        Middle of each reading.
    residual, weight : ndarray, shape (n,)
        Log of power over its level; hours it counts.
    """
    drift = no_drift(first_us, last_us)
    count = len(drift.log_factor)
    hour = np.clip((moment_us - first_us) // MICROSECONDS_PER_HOUR, 0, count - 1)
    total = np.bincount(hour, weights=weight, minlength=count)
    sums = np.bincount(hour, weights=weight * residual, minlength=count)
    reach = int(4 * width_h)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width_h) ** 2)
    top, bottom = (np.convolve(series, kernel, mode="full")[reach : reach + count] for series in (sums, total))
    return Drift(first_us, np.clip(top / (bottom + 0.02), -LARGEST, LARGEST))
