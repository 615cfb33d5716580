"""When a device is open: as the site says, or as its exams show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_DAY, to_us, wall_us, weekday
from ecorad.model.site import WEEKDAYS

from .spans import Spans, clipped, merged
from .trace import Ints

Hours = Mapping[str, tuple[time, time]]
FEWEST_EXAMS = 10
_SLOT_US = 15 * 60 * 1_000_000
_SLOTS = 96
_SHARE = 0.35
_BUSY_DAY = 0.2
_SEEN = 4
_APART = 6


@dataclass(frozen=True)
class Opening:
    """Opening windows in UTC, the weekly hours behind them, and whether they were inferred from exams."""

    spans: Spans
    hours: Hours
    is_inferred: bool


def from_site(hours: Hours, zone: str, first_us: int, last_us: int) -> Opening:
    """Opening windows from weekly local hours; a day has 23, 24 or 25 hours as the zone has it.

    Parameters
    ----------
    hours : mapping of weekday (``mon`` ...) to (open, close)
        Local times; a weekday that is not in it is closed.
    zone : str
        IANA zone.
    first_us, last_us : int
        Period, UTC microseconds.

    Examples
    --------
    >>> opening = from_site({"mon": (time(8), time(18))}, "UTC", 0, 7 * MICROSECONDS_PER_DAY)
    >>> [int(span - 4 * MICROSECONDS_PER_DAY) // 3_600_000_000 for span in (opening.spans[0][0], opening.spans[1][0])]
    [8, 18]
    """
    return Opening(_spans(hours, zone, first_us, last_us), dict(hours), is_inferred=False)


def from_exams(start_us: Ints, end_us: Ints, zone: str, first_us: int, last_us: int) -> Opening | None:
    """Opening windows from when exams happened, one span a weekday.

    For each weekday the number of days on which an exam was running is taken for every quarter of an hour and smoothed
    over one hour; quarters with at least 35 % of the largest number belong to opening hours. Of stretches more than an
    hour and a half apart the busiest counts, from its first to its last quarter, so that an emergency at night opens
    nothing. A weekday with less than a fifth of the exams of the busiest one is closed; one that was seen fewer than
    four times leans on the weekdays that are as busy.

    Returns
    -------
    Opening or None
        ``None`` with fewer than 10 exams.
    """
    if len(start_us) < FEWEST_EXAMS:
        return None
    begin, end = wall_us(start_us, zone), wall_us(np.maximum(start_us + 1, end_us), zone)
    day = weekday(begin)
    days = np.maximum(_days_of(zone, first_us, last_us), 1)
    counts = np.bincount(day, minlength=7) / days
    hours: dict[str, tuple[time, time]] = {}
    for n, name in enumerate(WEEKDAYS):
        if counts[n] < _BUSY_DAY * counts.max():
            continue
        alike = np.flatnonzero((counts > 0.6 * counts[n]) & (counts < counts[n] / 0.6)) if days[n] < _SEEN else [n]
        mine = np.isin(day, alike)
        first, last = _busiest(_busy(begin[mine], end[mine]))
        hours[name] = (_time(first), _time(last + 1))
    return Opening(_spans(hours, zone, first_us, last_us), hours, is_inferred=True)


def _busy(begin: Ints, end: Ints) -> NDArray[np.float64]:
    """Exams running in each quarter of an hour of the day, smoothed over an hour, shape (96,)."""
    first = begin % MICROSECONDS_PER_DAY // _SLOT_US
    last = np.minimum(first + (end - 1 - begin // _SLOT_US * _SLOT_US) // _SLOT_US, _SLOTS - 1)
    edges = np.zeros(_SLOTS + 1)
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
    running = np.cumsum(edges)[:_SLOTS]
    return np.convolve(running, np.full(5, 0.2), mode="same")


def _busiest(busy: NDArray[np.float64]) -> tuple[int, int]:
    """First and last quarter of the busiest stretch."""
    slots = np.flatnonzero(busy >= _SHARE * busy.max())
    stretches = np.split(slots, np.flatnonzero(np.diff(slots) > _APART) + 1)
    best = max(stretches, key=lambda stretch: float(busy[stretch].sum()))
    return int(best[0]), int(best[-1])


def _time(slot: int) -> time:
    minutes = min(slot * 15, 24 * 60 - 1)
    return time(minutes // 60, minutes % 60)


def _spans(hours: Hours, zone: str, first_us: int, last_us: int) -> Spans:
    tz = ZoneInfo(zone)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    day = (epoch + timedelta(microseconds=first_us)).astimezone(tz).date() - timedelta(days=1)
    end_day = (epoch + timedelta(microseconds=last_us)).astimezone(tz).date()
    starts, ends = [], []
    while day <= end_day:
        span = hours.get(WEEKDAYS[day.weekday()])
        if span is not None:
            starts.append(to_us(datetime.combine(day, span[0], tzinfo=tz)))
            ends.append(to_us(datetime.combine(day, span[1], tzinfo=tz)))
        day += timedelta(days=1)
    windows = merged(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64))
    return clipped(*windows, first_us, last_us)


def _days_of(zone: str, first_us: int, last_us: int) -> NDArray[np.int64]:
    """How often each weekday lies in the period, shape (7,)."""
    wall = wall_us(np.array([first_us, last_us - 1], dtype=np.int64), zone) // MICROSECONDS_PER_DAY
    days = np.arange(wall[0], wall[1] + 1, dtype=np.int64) * MICROSECONDS_PER_DAY
    return np.bincount(weekday(days), minlength=7)
