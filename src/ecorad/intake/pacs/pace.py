"""When and how often an archive is asked: night windows and a most per second."""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Sequence
from datetime import datetime, time


def is_open(windows: Sequence[tuple[time, time]], now: datetime) -> bool:
    """Whether a local moment lies in one of the windows; a window that ends before it begins passes midnight.

    >>> from datetime import datetime, time
    >>> night = [(time(20), time(6))]
    >>> [is_open(night, datetime(2026, 3, 1, hour)) for hour in (5, 12, 23)]
    [True, False, True]
    >>> is_open([], datetime(2026, 3, 1, 12))
    True
    """
    moment = now.time().replace(tzinfo=None)
    return not windows or any(
        start <= moment < end if start <= end else moment >= start or moment < end for start, end in windows
    )


class Closed(Exception):  # noqa: N818 (nothing is wrong: it is day)
    """The window has closed; what was fetched is kept, the rest waits for the next one."""


class Pace:
    """Lets requests through no faster than agreed, and only inside the windows.

    Parameters
    ----------
    per_second : float
        Most requests a second. [1/s]
    windows : sequence of (time, time)
        Local times of day; always when empty.
    now : callable
        Gives the local time.
    monotonic, sleep : callable, optional
        The clock that never goes back, and how to wait for it.
    """

    def __init__(
        self,
        per_second: float,
        windows: Sequence[tuple[time, time]],
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = clock.monotonic,
        sleep: Callable[[float], None] = clock.sleep,
    ) -> None:
        self._gap_s, self._windows, self._now = 1.0 / per_second, tuple(windows), now
        self._monotonic, self._sleep = monotonic, sleep
        self._next = monotonic()
        self.requests = 0

    def wait(self) -> None:
        """Return when the next request may go.

        Raises
        ------
        Closed
            Outside of the windows.
        """
        if not is_open(self._windows, self._now()):
            raise Closed
        left = self._next - self._monotonic()
        if left > 0:
            self._sleep(left)
        self._next = max(self._next, self._monotonic()) + self._gap_s
        self.requests += 1
