"""The time a device is known to have been there: around the days on which it acquired something.

Records may be a sample: a folder with one study a year says nothing of how the scanner stood in between. Energy of
standing by is modelled only where the records show that the device was in use.
"""

from __future__ import annotations

import numpy as np

from ecorad.model.clock import MICROSECONDS_PER_DAY, utc_offset_us

from .spans import Spans, clipped
from .trace import Ints

# A pause up to this long (a weekend, a holiday, a repair) is bridged; a longer one is not known to be standing by.
BRIDGED_DAYS = 10
_FEWEST_DAYS = 3


def in_use(start_us: Ints, zone: str, first_us: int, last_us: int) -> Spans:
    """Spans of local days with acquisitions, pauses bridged, inside a period.

    A span of at least three used days reaches to the edge of the period where that is no further than a pause.

    Parameters
    ----------
    start_us : ndarray of int64, shape (n,)
        When something was acquired, UTC.
    zone : str
        IANA zone.
    first_us, last_us : int
        Period, UTC microseconds.

    Examples
    --------
    >>> days = np.array([0, 3, 40]) * MICROSECONDS_PER_DAY
    >>> starts, ends = in_use(days, "UTC", 0, 60 * MICROSECONDS_PER_DAY)
    >>> (starts // MICROSECONDS_PER_DAY).tolist(), (ends // MICROSECONDS_PER_DAY).tolist()
    ([0, 40], [4, 41])
    """
    if not len(start_us):
        none = np.zeros(0, dtype=np.int64)
        return none, none
    offset = utc_offset_us(start_us, zone)
    day = np.unique((start_us + offset) // MICROSECONDS_PER_DAY)
    breaks = np.flatnonzero(np.diff(day) > BRIDGED_DAYS + 1)
    first, last = day[np.concatenate(([0], breaks + 1))], day[np.concatenate((breaks, [len(day) - 1]))]
    used = np.diff(np.concatenate(([0], breaks + 1, [len(day)])))
    begin, end = _utc(first, zone), _utc(last + 1, zone)
    pause_us = BRIDGED_DAYS * MICROSECONDS_PER_DAY
    many = used >= _FEWEST_DAYS
    begin = np.where(many & (begin - first_us <= pause_us), np.minimum(begin, first_us), begin)
    end = np.where(many & (last_us - end <= pause_us), np.maximum(end, last_us), end)
    return clipped(begin, end, first_us, last_us)


def _utc(day: Ints, zone: str) -> Ints:
    """Start of local days in UTC; the offset is that of the day's first hours."""
    wall = day * MICROSECONDS_PER_DAY
    guess = wall - utc_offset_us(wall, zone)
    return wall - utc_offset_us(guess, zone)
