"""Helium of a magnet: litres in, lost and in stock, and when the next top-up is due. A resource, never a carbon line.

An indicator is good to 5 % of full scale (80 L of a common magnet), so three readings say nothing about a trend. The
trend is the median of all slopes (Theil-Sen), which one wrong reading in four cannot move; its interval is the wider of
Sen's, from the readings' own scatter, and of what the indicator's error alone would give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import FactorBook, book
from ecorad.model import InputError, Origin, Quantity, worst_origin

METHOD = "helium.trend"
NOISE_ROW = "helium.level_error"
_NORMAL_95 = 1.959963984540054
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the helium sheet; ``day`` counts days. ``movement``: counted (a level), received, or discarded."""

    day: float
    movement: str
    litres: float


@dataclass(frozen=True, slots=True)
class TopUp:
    """Days from the last reading until the level reaches ``level_l``; an open end is ``None``."""

    level_l: float
    days: float | None
    earliest_days: float | None
    latest_days: float | None


@dataclass(frozen=True, slots=True)
class HeliumBalance:
    """One magnet over the days of its readings.

    Parameters
    ----------
    received_l : float
        Filled in. [L]
    stock_l : Quantity
        Level at the last reading, by the trend. [L]
    lost_l : Quantity
        Lost over ``days``: by the trend, never less than 0. [L]
    lost_l_per_week : tuple or None
        Value, low, high. [L/week]
    is_told : bool
        Whether the loss stands out of the indicator's error: its interval lies above zero.
    top_up : TopUp or None
        ``None`` without a level at which to fill up, or without a trend.
    reason : str
        Why something is unknown, as an id; empty when nothing is.
    """

    readings: int
    days: float
    received_l: float
    stock_l: Quantity
    lost_l: Quantity
    lost_l_per_week: tuple[float, float, float] | None
    is_told: bool
    top_up: TopUp | None
    reason: str


def helium_balance(
    movements: Sequence[Movement],
    *,
    top_up_level_l: float | None = None,
    noise_l: float | None = None,
    factor_book: FactorBook | None = None,
) -> HeliumBalance:
    """Balance, trend and forecast of one magnet from its sheet.

    Parameters
    ----------
    movements : sequence of Movement
        In any order; on one day the level counts as read before anything is filled in.
    top_up_level_l : float, optional
        Level at which the magnet is filled up; the mean level before past fillings unless given. [L]
    noise_l : float, optional
        Half width of 95 % of one reading; that of the factor book unless given. [L]
    factor_book : FactorBook, optional
        Whose error of a reading; the one that ships unless given.

    Raises
    ------
    InputError
        For a level or filling that is negative or not finite.

    Examples
    --------
    >>> weekly = [Movement(7.0 * n, "counted", 1500.0 - 20.0 * n) for n in range(52)]
    >>> found = helium_balance(weekly, top_up_level_l=400.0)
    >>> [round(value, 1) for value in found.lost_l_per_week], found.is_told, round(found.top_up.days)
    ([20.0, 19.3, 20.7], True, 28)
    """
    _refuse(movements)
    noise = _noise(noise_l, factor_book or book())
    readings, fillings, waste = (_of(movements, name) for name in ("counted", "received", "discarded"))
    received_l = math.fsum(one.litres for one in fillings)
    if not readings:
        return _nothing(received_l, 0, 0.0, "no_level")
    day = np.array([one.day for one in readings])
    level = np.array([one.litres for one in readings])
    # What the levels would have been without any filling: only losses are left in them.
    unfilled = level - np.array([_before(fillings, at) - _before(waste, at) for at in day])
    span = float(day[-1] - day[0])
    if len(np.unique(day)) < 3:
        return _nothing(received_l, len(readings), span, "too_few_levels")
    fit = _Fit.of(day, unfilled, noise / _NORMAL_95)
    filled_l = _before(fillings, math.inf) - _before(waste, math.inf)
    now, half = fit.at(float(day[-1])) + filled_l, fit.half_width(float(day[-1]))
    loss, low, high = -fit.slope, -fit.slope_high, -fit.slope_low
    level_l = _fill_level(fit, readings, fillings, waste) if top_up_level_l is None else top_up_level_l
    top_up = None if level_l is None else _forecast(fit, float(day[-1]), filled_l, level_l)
    return HeliumBalance(
        readings=len(readings),
        days=span,
        received_l=received_l,
        stock_l=Quantity(
            max(0.0, now),
            "L",
            low=max(0.0, now - half),
            high=max(0.0, now + half),
            factors=_rows(noise_l),
            method=METHOD,
        ),
        lost_l=_quantity(loss * span, low * span, high * span, _rows(noise_l)),
        lost_l_per_week=(loss * 7.0, low * 7.0, high * 7.0),
        is_told=low > 0.0,
        top_up=top_up,
        reason="" if level_l is not None else "no_top_up_level",
    )


def without_error(movements: Sequence[Movement], reason: str) -> HeliumBalance:
    """What a sheet says where nothing is known of the error of a reading: what was filled in, and no trend.

    >>> without_error([Movement(0.0, "received", 150.0)], "no_factor").received_l
    150.0
    """
    _refuse(movements)
    readings = _of(movements, "counted")
    span = readings[-1].day - readings[0].day if readings else 0.0
    received_l = math.fsum(one.litres for one in _of(movements, "received"))
    return _nothing(received_l, len(readings), span, reason)


def captured_l(lost_l: Quantity, recovery: float) -> Quantity:
    """Litres a capture unit would bring back of what is lost, at the recovery it is bought for.

    >>> captured_l(Quantity(400.0, "L", low=350.0, high=450.0), 0.9).value
    360.0
    """
    if not 0.0 <= recovery <= 1.0:
        raise InputError("a recovery lies between 0 and 1", code="ecorad.helium.share")
    return _scaled(lost_l, recovery, "helium.capture")


def captured_between_l(lost_l: Quantity, recovery: tuple[float, float]) -> Quantity:
    """The same for a recovery that is promised from and to; it is a promise until it was measured.

    >>> found = captured_between_l(Quantity(400.0, "L", low=350.0, high=450.0), (0.8, 0.9))
    >>> round(found.value, 9), found.low, found.high, found.origin.value
    (340.0, 280.0, 405.0, 'claimed')
    """
    least, most = (captured_l(lost_l, share) for share in recovery)
    middle = captured_l(lost_l, sum(recovery) / 2)
    origin = worst_origin([lost_l.origin, Origin.CLAIMED])
    return replace(middle, low=least.low, high=most.high, origin=origin)


def fewer_in_low_helium_l(stock_l: Quantity, *, factor_book: FactorBook | None = None) -> Quantity:
    """Litres fewer that a magnet with little helium would hold than this one does; unknown for an unknown stock.

    >>> fewer_in_low_helium_l(Quantity(1500.0, "L", low=1450.0, high=1550.0)).value
    1493.0
    """
    if stock_l.value is None or stock_l.low is None or stock_l.high is None:
        return Quantity(None, "L", method="helium.low")
    least, middle, most = (
        low_helium_difference_l(litres, factor_book=factor_book)
        for litres in (stock_l.low, stock_l.value, stock_l.high)
    )
    origin = worst_origin([stock_l.origin, middle.origin])
    factors = tuple(dict.fromkeys((*stock_l.factors, *middle.factors)))
    return replace(middle, low=least.low, high=most.high, origin=origin, factors=factors)


def low_helium_difference_l(
    inventory_l: float, kind: str = "blueseal", *, factor_book: FactorBook | None = None
) -> Quantity:
    """Litres fewer in a magnet that holds little helium, from the factor book.

    >>> low_helium_difference_l(1700.0).value
    1693.0
    """
    if not (math.isfinite(inventory_l) and inventory_l >= 0.0):
        raise InputError("an inventory is 0 or more litres", code="ecorad.helium.litres")
    row = (factor_book or book()).get(f"helium.inventory.{kind}")
    low, high = inventory_l - row.high, inventory_l - row.low
    return Quantity(
        inventory_l - row.value,
        "L",
        low=low,
        high=high,
        origin=row.origin,
        factors=(row.factor_id,),
        method="helium.low",
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """A line through noisy levels, and how sure it is; ``error`` is the SD of one reading. [L]"""

    middle_day: float
    middle_l: float
    slope: float
    slope_low: float
    slope_high: float
    error_l: float
    count: int

    @classmethod
    def of(cls, day: Floats, level: Floats, noise_sd_l: float) -> _Fit:
        slopes = _slopes(day, level)
        slope = float(np.median(slopes))
        middle = float(np.median(day))
        at_middle = float(np.median(level - slope * (day - middle)))
        scatter = 1.4826 * float(np.median(np.abs(level - at_middle - slope * (day - middle))))
        error = max(noise_sd_l, scatter)
        spread = float(np.sum((day - day.mean()) ** 2))
        half = _NORMAL_95 * error / math.sqrt(spread)
        sen_low, sen_high = _sen_interval(slopes, len(day))
        return cls(middle, at_middle, slope, min(sen_low, slope - half), max(sen_high, slope + half), error, len(day))

    def at(self, day: float) -> float:
        return self.middle_l + self.slope * (day - self.middle_day)

    def half_width(self, day: float) -> float:
        """95 % of the line at a day: its height in the middle, and its slope. [L]"""
        height = _NORMAL_95 * self.error_l * math.sqrt(math.pi / 2.0 / self.count)  # a median varies that much more
        lean = max(self.slope - self.slope_low, self.slope_high - self.slope) * abs(day - self.middle_day)
        return math.hypot(height, lean)


def _slopes(day: Floats, level: Floats) -> Floats:
    """Slopes between all pairs of days, in order of size. [L/d]"""
    first, second = np.triu_indices(len(day), 1)
    apart = day[second] - day[first]
    return np.sort((level[second] - level[first])[apart > 0] / apart[apart > 0])


def _sen_interval(slopes: Floats, count: int) -> tuple[float, float]:
    """95 % interval of the median slope by Kendall's score (Sen, J Am Stat Assoc 1968;63:1379)."""
    width = _NORMAL_95 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18.0)
    low = math.floor((len(slopes) - width) / 2.0)
    high = math.ceil((len(slopes) + width) / 2.0)
    if low < 0 or high >= len(slopes):
        return -math.inf if len(slopes) < 2 else float(slopes[0]), float(slopes[-1])
    return float(slopes[low]), float(slopes[high])


def _forecast(fit: _Fit, last_day: float, filled_l: float, level_l: float) -> TopUp:
    """Days until the line, and the edges of its band, reach a level; looked for over ten years."""
    ahead = np.arange(0.0, 3653.0)
    line = np.array([fit.at(last_day + day) for day in ahead]) + filled_l
    half = np.array([fit.half_width(last_day + day) for day in ahead])

    def reached(levels: Floats) -> float | None:
        below = np.flatnonzero(levels <= level_l)
        return float(ahead[below[0]]) if len(below) else None

    return TopUp(level_l, reached(line), reached(line - half), reached(line + half))


def _fill_level(
    fit: _Fit, readings: Sequence[Movement], fillings: Sequence[Movement], waste: Sequence[Movement]
) -> float | None:
    """Mean level by the trend just before each filling that lies within the readings. [L]"""
    inside = [one for one in fillings if readings[0].day <= one.day <= readings[-1].day]
    if not inside:
        return None
    return math.fsum(fit.at(one.day) + _before(fillings, one.day) - _before(waste, one.day) for one in inside) / len(
        inside
    )


def _before(movements: Sequence[Movement], day: float) -> float:
    """Litres moved before a day. [L]"""
    return math.fsum(one.litres for one in movements if one.day < day)


def _of(movements: Sequence[Movement], name: str) -> list[Movement]:
    return sorted((one for one in movements if one.movement == name), key=lambda one: (one.day, one.litres))


def _noise(noise_l: float | None, factor_book: FactorBook) -> float:
    value = factor_book.get(NOISE_ROW).value if noise_l is None else noise_l
    if not (math.isfinite(value) and value > 0.0):
        raise InputError("the error of a reading is above 0 litres", code="ecorad.helium.litres")
    return value


def _rows(noise_l: float | None) -> tuple[str, ...]:
    return (NOISE_ROW,) if noise_l is None else ()


def _nothing(received_l: float, readings: int, days: float, reason: str) -> HeliumBalance:
    unknown = Quantity(None, "L", method=METHOD)
    return HeliumBalance(readings, days, received_l, unknown, unknown, None, False, None, reason)


def _quantity(value: float, low: float, high: float, factors: tuple[str, ...]) -> Quantity:
    return Quantity(max(0.0, value), "L", low=max(0.0, low), high=max(0.0, high), factors=factors, method=METHOD)


def _scaled(litres: Quantity, share: float, method: str) -> Quantity:
    if litres.value is None or litres.low is None or litres.high is None:
        return Quantity(None, "L", method=method)
    return Quantity(
        litres.value * share,
        "L",
        low=litres.low * share,
        high=litres.high * share,
        origin=litres.origin,
        factors=litres.factors,
        method=method,
    )


def _refuse(movements: Sequence[Movement]) -> None:
    for one in movements:
        if not (math.isfinite(one.day) and math.isfinite(one.litres) and one.litres >= 0.0):
            raise InputError("a level or a filling is 0 or more litres, on a day", code="ecorad.helium.litres")
