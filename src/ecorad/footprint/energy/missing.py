"""Energy of the hours in which a meter was not read, from the same meter's other hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecorad.model.clock import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, hour_of_day, wall_us, weekday

from .trace import Floats, Ints, Trace
from .week import hourly

LEAST_KNOWN_H = 24.0
# The largest part of a period that its known part may speak for: a week for a quarter, four weeks for a year.
LEAST_SHARE = 1.0 / 14.0
# Between weeks nobody compared: a working assumption, half width of 95 %, for a meter read less than four weeks.
WEEK_TO_WEEK = 0.10
_FOUR_WEEKS_H = 4 * 168.0
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Missing:
    """Hours not read inside a period, and what they would have shown; energies ``None`` when nobody can tell."""

    hours: float
    energy_kwh: float | None
    low_kwh: float | None
    high_kwh: float | None


def estimate_missing(trace: Trace, zone: str, first_us: int, last_us: int) -> Missing:
    """Fill the unread hours of a period with the mean of the same hour of the week.

    Where that hour of the week was never read, the mean of the hour of the day stands in, and then the overall mean.
    Hours of one day are taken to err together and days apart; a meter that was read for less than four weeks carries
    :data:`WEEK_TO_WEEK` besides.

    Parameters
    ----------
    trace : Trace
        Readings inside the period.
    zone : str
        IANA zone of the site.
    first_us, last_us : int
        Period, UTC microseconds.

    Returns
    -------
    Missing
        Without energies when fewer than 24 hours were read and less than half of the period, or less than
        :data:`LEAST_SHARE` of it.
    """
    start, energy, known_h = hourly(trace)
    first_hour = first_us // MICROSECONDS_PER_HOUR
    hours = np.arange(first_hour, -(-last_us // MICROSECONDS_PER_HOUR), dtype=np.int64) * MICROSECONDS_PER_HOUR
    inside = (np.minimum(hours + MICROSECONDS_PER_HOUR, last_us) - np.maximum(hours, first_us)) / MICROSECONDS_PER_HOUR
    read = np.zeros(len(hours))
    place = (start - hours[0]) // MICROSECONDS_PER_HOUR if len(hours) else start
    fits = (place >= 0) & (place < len(hours))
    read[place[fits]] = known_h[fits]
    absent = np.maximum(inside - read, 0.0)
    absent[absent < 1e-9] = 0.0
    total_h = float(absent.sum())
    if total_h <= 0.0:
        return Missing(0.0, 0.0, 0.0, 0.0)
    whole_h = float(inside.sum())
    if known_h.sum() < max(min(LEAST_KNOWN_H, 0.5 * whole_h), LEAST_SHARE * whole_h):
        return Missing(total_h, None, None, None)
    wall = wall_us(hours, zone)
    mean, sd, mean_se = _by_cell(wall_us(start, zone), energy, known_h, weekday(wall) * 24 + hour_of_day(wall))
    estimate = float((absent * mean).sum())
    day = wall // MICROSECONDS_PER_DAY
    by_day = np.bincount(day - day.min(), weights=absent * sd)
    own = float(np.sqrt((by_day**2).sum() + (absent * mean_se).sum() ** 2))
    weeks = WEEK_TO_WEEK / _Z95 * estimate if known_h.sum() < _FOUR_WEEKS_H else 0.0
    half = _Z95 * float(np.hypot(own, weeks))
    return Missing(total_h, estimate, max(0.0, estimate - half), estimate + half)


def _by_cell(wall: Ints, energy: Floats, known_h: Floats, wanted: Ints) -> tuple[Floats, Floats, Floats]:
    """Mean power, its spread between days and standard error for each wanted hour of the week. [kW]"""
    use = known_h > 0.25
    power, weight = energy[use] / known_h[use], known_h[use]
    hour, cell = hour_of_day(wall[use]), weekday(wall[use]) * 24 + hour_of_day(wall[use])
    overall = float((power * weight).sum() / weight.sum())
    spread = float(np.sqrt((weight * (power - overall) ** 2).sum() / weight.sum()))
    mean, sd, count = np.full(168, overall), np.full(168, spread), np.ones(168)
    for key, size in ((hour, 24), (cell, 168)):
        total = np.bincount(key, weights=weight, minlength=size)
        first = np.divide(np.bincount(key, weights=weight * power, minlength=size), np.maximum(total, 1e-12))
        square = np.divide(np.bincount(key, weights=weight * power**2, minlength=size), np.maximum(total, 1e-12))
        number = np.bincount(key, minlength=size)
        index = np.arange(168) % 24 if size == 24 else np.arange(168)
        seen = number[index] > 0
        mean = np.where(seen, first[index], mean)
        # One or two days say little about how days differ.
        often = number[index] >= 3
        deviation = np.sqrt(np.maximum(square - first**2, 0.0))[index]
        sd = np.where(often, deviation, sd)
        count = np.where(seen, number[index], count)
    return mean[wanted], sd[wanted], (sd / np.sqrt(count))[wanted]
