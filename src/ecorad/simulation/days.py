"""The days of a simulation: seconds since its first local midnight, and back to clock time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ecorad.model import InputError, Period

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OPENING_HOURS = {day: (time(7, 30), time(18, 0)) for day in WEEKDAYS[:5]} | {"sat": (time(8, 0), time(13, 0))}


@dataclass(frozen=True, slots=True)
class Days:
    """Local days in a row; every moment of the simulation is seconds since the first midnight.

    >>> spring = Days.of(date(2026, 3, 29), 1, "Europe/Amsterdam")  # the short day
    >>> spring.bounds_s
    (0, 82800)
    """

    first: date
    zone: ZoneInfo
    start_utc: datetime
    bounds_s: tuple[int, ...]

    @classmethod
    def of(cls, first: date, days: int, zone: str) -> Days:
        """``days`` local days from ``first`` in IANA zone ``zone``."""
        if days < 1:
            raise InputError("a simulation needs at least one day")
        dates = [first + timedelta(days=n) for n in range(days)]
        periods = [Period.of_days(day, day, zone) for day in dates]
        start = periods[0].start
        bounds = [int((period.start - start).total_seconds()) for period in periods]
        bounds.append(int((periods[-1].end - start).total_seconds()))
        return cls(first, ZoneInfo(zone), start, tuple(bounds))

    def __len__(self) -> int:
        return len(self.bounds_s) - 1

    @property
    def length_s(self) -> int:
        """Length of the whole. [s]"""
        return self.bounds_s[-1]

    def date(self, index: int) -> date:
        """The local date of day ``index``."""
        return self.first + timedelta(days=index)

    def at_s(self, index: int, hour: float) -> int:
        """Second of local wall time ``hour`` on day ``index``; hours from 24 on lie in the next day."""
        wall = datetime.combine(self.date(index), time()) + timedelta(seconds=round(hour * 3600))
        return int((wall.replace(tzinfo=self.zone).astimezone(UTC) - self.start_utc).total_seconds())

    def opening_s(self, index: int, *, saturday: bool) -> tuple[int, int] | None:
        """Opening and closing of day ``index``, or ``None`` when closed."""
        weekday = WEEKDAYS[self.date(index).weekday()]
        span = OPENING_HOURS.get(weekday)
        if span is None or (weekday == "sat" and not saturday):
            return None
        opens, closes = (moment.hour + moment.minute / 60 for moment in span)
        return self.at_s(index, opens), self.at_s(index, closes)

    def utc(self, second: float) -> datetime:
        """The moment in UTC."""
        return self.start_utc + timedelta(seconds=second)

    def local(self, second: float) -> datetime:
        """The moment on the local clock, aware."""
        return self.utc(second).astimezone(self.zone)
