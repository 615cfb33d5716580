"""From the wall clock of a meter to UTC, over the hours that summer time repeats and leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_DAY

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Instants:
    """UTC instants of wall-clock times [us], and which of them stood on an hour that is repeated or left out.

    ``ambiguous`` are times in a repeated hour of which the file holds only one pass, so that the order of rows could
    not tell which; ``shifted`` are times that do not exist, moved forward by the length of the hour left out.
    """

    utc_us: Ints
    ambiguous: Truths
    shifted: Truths


def to_utc(wall_us: Ints, zone: str) -> Instants:
    """UTC of wall-clock times given in the order in which they were written.

    In a repeated hour, rows before the clock steps back belong to the first pass and rows from there on to the second.
    A step back counts when it is at least half as long as a whole pass would give, so that a late row or two does not.

    Parameters
    ----------
    wall_us : ndarray of int64, shape (n,)
        Microseconds since 1970-01-01 00:00 on the wall clock, in the order of the rows.
    zone : str
        IANA zone.

    Examples
    --------
    The clock of Amsterdam goes back from 03:00 to 02:00 on 25 October 2026:

    >>> half_past_two = 1792895400 * 1_000_000
    >>> twice = to_utc(np.array([half_past_two, half_past_two]), "Europe/Amsterdam").utc_us
    >>> int(twice[1] - twice[0]) // 1_000_000
    3600
    """
    n = len(wall_us)
    ambiguous, shifted = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    if n == 0:
        return Instants(wall_us.copy(), ambiguous, shifted)
    tz = ZoneInfo(zone)
    low, high = int(wall_us.min()) - 2 * MICROSECONDS_PER_DAY, int(wall_us.max()) + 2 * MICROSECONDS_PER_DAY
    changes = _changes(low, high, tz)
    utc = wall_us - _offset_us(low, tz)
    for moment, before, after in changes:
        first, last = moment + min(before, after), moment + max(before, after)
        utc = np.where(wall_us >= last, wall_us - after, utc)
        inside = (wall_us >= first) & (wall_us < last)
        if not inside.any():
            continue
        if after > before:
            # The hour does not exist: the offset of before the change moves the row past it (PEP 495, fold 0).
            utc[inside], shifted = wall_us[inside] - before, shifted | inside
            continue
        # The end of the hour belongs to it: meters that stamp ends of intervals may write 03:00 after either pass.
        touching = (wall_us >= first) & (wall_us <= last)
        second = _second_pass(wall_us[touching], last - first)
        if second is None:
            ambiguous |= inside
            utc[inside] = wall_us[inside] - before
        else:
            utc[touching] = wall_us[touching] - np.where(second, after, before)
    return Instants(utc, ambiguous, shifted)


def is_zone(name: str) -> bool:
    """Whether a text is the name of a zone.

    >>> is_zone("Europe/Amsterdam"), is_zone("Main/Panel")
    (True, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _second_pass(wall_us: Ints, length_us: int) -> Truths | None:
    """Which rows of a repeated hour belong to its second pass, or ``None`` when there is no sign of one."""
    if len(wall_us) < 2:
        return None
    steps = np.diff(wall_us)
    forward = steps[steps > 0]
    step_us = min(int(np.median(forward)), length_us) if len(forward) else length_us
    back = int(np.argmin(steps))
    if -steps[back] < (length_us - step_us) / 2 or steps[back] > 0:
        return None
    return np.arange(len(wall_us)) > back


def _changes(low_us: int, high_us: int, tz: ZoneInfo) -> list[tuple[int, int, int]]:
    """Moments [us UTC] at which the offset changes, with the offsets before and after [us]."""
    found = []
    at = low_us
    before = _offset_us(at, tz)
    while at < high_us:
        following = at + MICROSECONDS_PER_DAY
        after = _offset_us(following, tz)
        if after != before:
            found.append((_bisect(at, following, tz), before, after))
        at, before = following, after
    return found


def _bisect(low_us: int, high_us: int, tz: ZoneInfo) -> int:
    offset = _offset_us(low_us, tz)
    low, high = low_us // _SECOND, -(-high_us // _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_us(middle * _SECOND, tz) == offset else (low, middle)
    return high * _SECOND


def _offset_us(utc_us: int, tz: ZoneInfo) -> int:
    offset = (_EPOCH + timedelta(microseconds=utc_us)).astimezone(tz).utcoffset() or timedelta(0)
    return offset // timedelta(microseconds=1)
