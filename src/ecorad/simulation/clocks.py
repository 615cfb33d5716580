"""The clocks of the scanners, which are wrong in the ways real ones are."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass

from .days import Days
from .scanners import Scanner
from .settings import Settings


@dataclass(frozen=True, slots=True)
class ScannerClock:
    """A constant error, a drift, and corrections at midnight after which it drifts on.

    ``parts`` are (from second, offset at that second); ``offset_s`` is what must be added to the scanner's time to
    get the true time.
    """

    parts: tuple[tuple[int, float], ...]
    drift_s_per_day: float

    def offset_s(self, second: float) -> float:
        """Offset at a true moment. [s]

        >>> ScannerClock(((0, 10.0),), drift_s_per_day=2.0).offset_s(43200)
        11.0
        """
        since, offset = self.parts[bisect_right(self.parts, second, key=lambda part: part[0]) - 1]
        return offset + self.drift_s_per_day * (second - since) / 86400

    def written_s(self, second: float) -> float:
        """What the scanner's clock says at a true moment. [s]"""
        return second - self.offset_s(second)


def draw_clock(scanner: Scanner, days: Days, settings: Settings, seed: int) -> ScannerClock:
    """The clock of one scanner; a correction sets it to within 2 s of the truth."""
    rng = random.Random(f"{seed}/{scanner.index}/clock")
    skew, drift = settings.clock_skew_s, settings.clock_drift_s_per_day
    parts = [(0, round(rng.uniform(-skew, skew), 3))]
    chance = 1 - math.exp(-settings.clock_steps_per_month / 28)
    for day in range(1, len(days)):
        if rng.random() < chance:
            parts.append((days.bounds_s[day], round(rng.uniform(-2.0, 2.0), 3)))
    return ScannerClock(tuple(parts), round(rng.uniform(-drift, drift), 3))
