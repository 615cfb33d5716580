"""Local wall clock of many UTC instants at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MICROSECONDS_PER_HOUR = 3_600_000_000
MICROSECONDS_PER_DAY = 24 * MICROSECONDS_PER_HOUR
# Every zone changes its offset on a quarter hour of UTC.
_QUARTER = MICROSECONDS_PER_HOUR // 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_offset_us(utc_us: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Offset of local time from UTC at each instant.

    Parameters
    ----------
    utc_us : ndarray of int64, shape (n,)
        Microseconds since 1970-01-01 UTC.
    zone : str
        IANA zone.

    Returns
    -------
    ndarray of int64, shape (n,)
        To be added to ``utc_us`` to get the wall clock. [us]

    Examples
    --------
    >>> winter_and_summer = np.array([1767225600, 1782864000]) * 1_000_000
    >>> (utc_offset_us(winter_and_summer, "Europe/Amsterdam") // MICROSECONDS_PER_HOUR).tolist()
    [1, 2]
    """
    quarters, place = np.unique(np.asarray(utc_us, dtype=np.int64) // _QUARTER, return_inverse=True)
    tz = ZoneInfo(zone)
    offsets = np.fromiter((_offset_us(int(quarter), tz) for quarter in quarters), dtype=np.int64, count=len(quarters))
    return offsets[place]


def wall_us(utc_us: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Local wall clock, as microseconds since 1970-01-01 00:00 on that clock, shape as given. [us]"""
    instants = np.asarray(utc_us, dtype=np.int64)
    return instants + utc_offset_us(instants, zone)


def weekday(wall: NDArray[np.int64]) -> NDArray[np.int64]:
    """Day of the week of wall-clock instants, Monday 0.

    >>> weekday(np.array([0])).tolist()  # 1 January 1970 was a Thursday
    [3]
    """
    return (wall // MICROSECONDS_PER_DAY + 3) % 7


def hour_of_day(wall: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hour 0 to 23 of wall-clock instants."""
    return wall % MICROSECONDS_PER_DAY // MICROSECONDS_PER_HOUR


def to_datetime(utc_us: int) -> datetime:
    """The aware UTC datetime of one instant.

    >>> to_datetime(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=int(utc_us))


def to_us(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware datetime, exactly.

    >>> to_us(datetime(1970, 1, 2, tzinfo=UTC)) == MICROSECONDS_PER_DAY
    True
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _offset_us(quarter: int, tz: ZoneInfo) -> int:
    local = (_EPOCH + timedelta(microseconds=quarter * _QUARTER)).astimezone(tz)
    offset = local.utcoffset() or timedelta(0)
    return offset // timedelta(microseconds=1)
