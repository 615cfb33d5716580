"""Half-open spans of UTC time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .errors import InputError


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From ``start`` up to but not including ``end``, both aware and in UTC.

    >>> Period.of_days(date(2026, 3, 29), date(2026, 3, 29), "Europe/Amsterdam").hours  # the short day
    23.0
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment.tzinfo is None:
                raise InputError("a period needs aware datetimes")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end < self.start:
            raise InputError("a period cannot end before it starts")

    @classmethod
    def of_days(cls, first: date, last: date, zone: str) -> Period:
        """Local days ``first`` to ``last``, both included, in IANA zone ``zone``."""
        tz = ZoneInfo(zone)
        start = datetime(first.year, first.month, first.day, tzinfo=tz)
        after = last + timedelta(days=1)
        return cls(start, datetime(after.year, after.month, after.day, tzinfo=tz))

    @property
    def hours(self) -> float:
        """Length. [h]"""
        return (self.end - self.start).total_seconds() / 3600.0

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies inside; the end does not."""
        return self.start <= moment < self.end

    def intersect(self, other: Period) -> Period | None:
        """The common part, or ``None`` when there is none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None

    def local_days(self, zone: str) -> Iterator[date]:
        """Every local day the period touches, in order."""
        tz = ZoneInfo(zone)
        day = self.start.astimezone(tz).date()
        last = (self.end - timedelta(microseconds=1)).astimezone(tz).date()
        while day <= last:
            yield day
            day += timedelta(days=1)
