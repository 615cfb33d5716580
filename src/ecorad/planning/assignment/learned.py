"""What an exam of a region takes on each scanner, from the scanner's own meter and headers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
LEAST = 8


@dataclass(frozen=True, eq=False)
class Done:
    """Exams that were done, arrays of shape (exams,); not a number where not known.

    Parameters
    ----------
    day : ndarray of int64
        Local day.
    region, scanner : ndarray of int64
        Index of each; a region that is not known is -1.
    kwh : ndarray
        Above idle, inside the exam. [kWh]
    minutes : ndarray
        Length. [min]
    """

    day: Ints
    region: Ints
    scanner: Ints
    kwh: Floats
    minutes: Floats

    def only(self, rows: Bools) -> Done:
        """Some of them."""
        return Done(self.day[rows], self.region[rows], self.scanner[rows], self.kwh[rows], self.minutes[rows])


@dataclass(frozen=True, eq=False)
class Cells:
    """Means by region and scanner, shape (regions, scanners); not a number for fewer than eight exams.

    ``kwh_error`` is the standard error of the mean, exams of one day summed first.
    """

    kwh: Floats
    kwh_error: Floats
    minutes: Floats

    @property
    def known(self) -> Bools:
        """Whether both energy and length are known."""
        found: Bools = ~np.isnan(self.kwh) & ~np.isnan(self.minutes)
        return found


def cells(done: Done, regions: int, scanners: int) -> Cells:
    """Means of every region on every scanner.

    Examples
    --------
    >>> none = np.zeros(8, dtype=int)
    >>> found = cells(Done(np.arange(8), none, none, np.tile([2.0, 4.0], 4), np.full(8, 20.0)), 1, 2)
    >>> found.kwh.tolist(), found.minutes[0, 0].item()
    ([[3.0, nan]], 20.0)
    """
    shape = (regions, scanners)
    kwh, error, minutes = (np.full(shape, np.nan) for _ in range(3))
    for r in range(regions):
        for s in range(scanners):
            mine = (done.region == r) & (done.scanner == s)
            metered, timed = mine & ~np.isnan(done.kwh), mine & ~np.isnan(done.minutes)
            if np.count_nonzero(metered) >= LEAST:
                kwh[r, s] = done.kwh[metered].mean()
                error[r, s] = _error(done.kwh[metered] - kwh[r, s], done.day[metered])
            if np.count_nonzero(timed) >= LEAST:
                minutes[r, s] = done.minutes[timed].mean()
    return Cells(kwh, error, minutes)


def _error(rest: Floats, day: Ints) -> float:
    _, place = np.unique(day, return_inverse=True)
    sums = np.bincount(place, weights=rest)
    return float(np.sqrt((sums**2).sum()) / len(rest))
