"""Energy of the hours in which a meter was not read, from the same meter's other hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, hour_of_day, wall_us, weekday

from .trace import Floats, Ints, Trace
from .week import hourly

Flags = NDArray[np.bool_]
LEAST_KNOWN_H = 24.0
# The largest part of a period that its known part may speak for: a week for a quarter, four weeks for a year.
LEAST_SHARE = 1.0 / 14.0
# Between weeks nobody compared: a working assumption, half width of 95 %, for a meter read less than four weeks.
WEEK_TO_WEEK = 0.10
# An hour read for less than this says too little of its power. [h]
LEAST_OF_AN_HOUR = 0.25
# However alike neighbouring hours were, a gap of many hours is not known from its two ends.
MOST_ALIKE = 0.98
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
    """What the unread hours of a period would have shown.

    Each is expected to be the mean of the same hour of the week in other weeks; where that was never read, of the
    same hour of other days, and then of all hours. How far the hours read just before and after a gap lie from what
    would have been expected of them carries into it, less with every hour (a first-order autoregressive bridge, its
    correlation from the meter's own hours): a scanner left on before and after was on in between. Hours of one day
    are taken to err together and days apart; a meter that was read for less than four weeks carries
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
    read, read_kwh = np.zeros(len(hours)), np.zeros(len(hours))
    place = (start - hours[0]) // MICROSECONDS_PER_HOUR if len(hours) else start
    fits = (place >= 0) & (place < len(hours))
    read[place[fits]], read_kwh[place[fits]] = known_h[fits], energy[fits]
    absent = np.maximum(inside - read, 0.0)
    absent[absent < 1e-9] = 0.0
    total_h = float(absent.sum())
    if total_h <= 0.0:
        return Missing(0.0, 0.0, 0.0, 0.0)
    whole_h = float(inside.sum())
    if known_h.sum() < max(min(LEAST_KNOWN_H, 0.5 * whole_h), LEAST_SHARE * whole_h):
        return Missing(total_h, None, None, None)
    wall = wall_us(hours, zone)
    usual = _usual(wall, read_kwh, read)
    power, error = _bridged(usual)
    estimate = float((absent * power).sum())
    day = wall // MICROSECONDS_PER_DAY
    by_day = np.bincount(day - day.min(), weights=absent * error)
    own = float(np.sqrt((by_day**2).sum() + (absent * usual.standard_error_kw).sum() ** 2))
    weeks = WEEK_TO_WEEK / _Z95 * estimate if known_h.sum() < _FOUR_WEEKS_H else 0.0
    half = _Z95 * float(np.hypot(own, weeks))
    return Missing(total_h, estimate, max(0.0, estimate - half), estimate + half)


@dataclass(frozen=True, slots=True)
class _Usual:
    """For each hour of the period: what was read, and what the other hours like it lead one to expect. [kW]"""

    is_read: Flags
    power_kw: Floats
    expected_kw: Floats
    deviation_kw: Floats
    standard_error_kw: Floats


def _usual(wall: Ints, energy_kwh: Floats, known_h: Floats) -> _Usual:
    """Mean, spread between days and standard error of the hours like each one, itself left out."""
    use = known_h > LEAST_OF_AN_HOUR
    weight = np.where(use, known_h, 0.0)
    power = np.divide(energy_kwh, known_h, out=np.zeros(len(wall)), where=use)
    overall = float((power * weight).sum() / weight.sum())
    spread = float(np.sqrt((weight * (power - overall) ** 2).sum() / weight.sum()))
    mean, deviation, count = np.full(len(wall), overall), np.full(len(wall), spread), np.ones(len(wall))
    hour = hour_of_day(wall)
    for key, size in ((hour, 24), (weekday(wall) * 24 + hour, 168)):
        total = np.bincount(key, weights=weight, minlength=size)
        first = np.bincount(key, weights=weight * power, minlength=size)
        square = np.bincount(key, weights=weight * power**2, minlength=size)
        number = np.bincount(key[use], minlength=size)
        others = total[key] - weight
        seen = others > LEAST_OF_AN_HOUR
        mean = np.divide(first[key] - weight * power, others, out=mean, where=seen)
        # One or two days say little about how days differ.
        often = number[key] >= 3
        mean_of_all = np.divide(first, total, out=np.zeros(size), where=total > 0)
        within = np.divide(square, total, out=np.zeros(size), where=total > 0) - mean_of_all**2
        deviation = np.where(often, np.sqrt(np.maximum(within, 0.0))[key], deviation)
        count = np.where(seen, np.maximum(number[key] - use, 1), count)
    return _Usual(use, power, mean, deviation, deviation / np.sqrt(count))


def _bridged(usual: _Usual) -> tuple[Floats, Floats]:
    """Power of each hour given the hours read around it, and the error that leaves. [kW]"""
    residual = np.where(usual.is_read, usual.power_kw - usual.expected_kw, 0.0)
    places = np.flatnonzero(usual.is_read)
    both = usual.is_read[1:] & usual.is_read[:-1]
    square = float((residual[places] ** 2).sum())
    together = float((residual[1:] * residual[:-1])[both].sum())
    rho = min(max(together / square, 0.0), MOST_ALIKE) if square > 0 else 0.0
    every = np.arange(len(residual))
    after = np.searchsorted(places, every)
    before = np.searchsorted(places, every, side="right") - 1
    has_before, has_after = before >= 0, after < len(places)
    before_at = places[np.maximum(before, 0)]
    after_at = places[np.minimum(after, len(places) - 1)]
    # The unread part of an hour lies half an hour from its read part, and needs nobody beyond it.
    a = np.where(has_before, np.maximum(every - before_at, 0.5), np.inf)
    b = np.where(has_after & ~usual.is_read, np.maximum(after_at - every, 0.5), np.inf)
    far_a, far_b = rho**a, rho**b
    whole = 1.0 - (far_a * far_b) ** 2
    carried = (far_a * (1 - far_b**2) * residual[before_at] + far_b * (1 - far_a**2) * residual[after_at]) / whole
    left = np.sqrt((1 - far_a**2) * (1 - far_b**2) / whole)
    lowest = float(usual.power_kw[places].min())
    return np.maximum(usual.expected_kw + carried, lowest), usual.deviation_kw * left
