"""Numbers and dates as a reader writes them: few digits, and an interval at the same precision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\N{MINUS SIGN}"
MOST_DIGITS, FEWEST_DIGITS, RAW_DIGITS = 3, 2, 6


@dataclass(frozen=True, slots=True)
class Locale:
    """How one language writes numbers and dates; filled from its catalogue."""

    decimal: str
    group: str
    percent: str
    months: tuple[str, ...]
    patterns: Mapping[str, str]

    def integer(self, count: int) -> str:
        """A count with its thousands grouped, never rounded."""
        return _localised(f"{count:,}", self)

    def fixed(self, value: float, places: int) -> str:
        """A number with ``places`` decimals."""
        return _localised(f"{round_half_up(value, places):,.{places}f}", self)


@dataclass(frozen=True, slots=True)
class Figures:
    """A value and its interval as text, without a unit; ``value`` is empty when only an interval is known."""

    value: str
    low: str = ""
    high: str = ""

    @property
    def has_interval(self) -> bool:
        """Whether both ends are there."""
        return bool(self.low and self.high)


def figures(
    value: float | None, low: float | None, high: float | None, locale: Locale, finest: int | None = None
) -> Figures:
    """Value and interval at one precision: two or three significant digits, no more than the interval allows.

    The last digit shown is the first of the interval's half width, or the second when the first is a 1. An end
    that would round to 0 without being 0 keeps its own digit: zero means zero. Ends that would read alike get more
    digits, up to ``finest`` decimals where that is given: nobody reads the hundredths of a percent.

    >>> from ecorad.reporting.messages import messages
    >>> en = messages("en").locale
    >>> figures(41.234, 39.79, 42.66, en)
    Figures(value='41.2', low='39.8', high='42.7')
    >>> figures(0.91, 0.021, 3.1, messages("nl").locale)
    Figures(value='0,9', low='0,02', high='3,1')
    >>> figures(59.8812, 59.8811, 59.8897, en, finest=1)
    Figures(value='59.9', low='59.9', high='59.9')
    """
    if value is None:
        if low is None or high is None:
            return Figures("")
        places = _coarsened(_places((low + high) / 2, low, high), high, finest)
        return Figures("", _rounded(low, places, locale), _rounded(high, places, locale))
    if low is None or high is None:
        return Figures(_rounded(value, _places_of(value, MOST_DIGITS), locale))
    places = _coarsened(_places(value, low, high), value or high, finest)
    return Figures(*(_rounded(part, places, locale) for part in (value, low, high)))


def number(value: float, locale: Locale, digits: int = MOST_DIGITS) -> str:
    """A number without an interval, at most ``digits`` significant digits, no zeros behind the decimal sign.

    >>> from ecorad.reporting.messages import messages
    >>> number(20412.0, messages("nl").locale), number(0.26812, messages("en").locale)
    ('20.400', '0.268')
    >>> number(60.0, messages("en").locale)
    '60'
    """
    places = _places_of(value, digits)
    shown = round_half_up(value, places).normalize()
    exponent = shown.as_tuple().exponent
    return _rounded(value, min(places, -exponent) if isinstance(exponent, int) else places, locale)


def round_half_up(value: float, places: int) -> Decimal:
    """``value`` to ``places`` decimals (negative: to tens, hundreds, …), halves away from zero.

    >>> round_half_up(2.5, 0), round_half_up(1250.0, -2)
    (Decimal('3'), Decimal('1.3E+3'))
    """
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def period_text(first: date, last: date, locale: Locale) -> str:
    """Local days ``first`` to ``last`` in words.

    >>> from ecorad.reporting.messages import messages
    >>> period_text(date(2026, 3, 3), date(2026, 3, 30), messages("en").locale)
    '3 to 30 March 2026'
    >>> period_text(date(2026, 2, 28), date(2026, 3, 1), messages("zh").locale)
    '2026年2月28日至3月1日'
    """
    if first == last:
        key = "day"
    elif (first.year, first.month) == (last.year, last.month):
        key = "within_month"
    elif first.year == last.year:
        key = "within_year"
    else:
        key = "across_years"
    return locale.patterns[key].format(
        d1=first.day,
        m1=locale.months[first.month - 1],
        y1=first.year,
        d2=last.day,
        m2=locale.months[last.month - 1],
        y2=last.year,
    )


def _places(value: float, low: float, high: float) -> int:
    half_width = (high - low) / 2
    anchor = value or high or low
    most = _places_of(anchor, MOST_DIGITS)
    fewest = _places_of(anchor, FEWEST_DIGITS)
    if half_width > abs(anchor) / 2:  # such an interval may cost the value its second digit, never its first
        fewest = max(_places_of(high or low, FEWEST_DIGITS), _places_of(anchor, 1))
    if half_width <= 0:
        return most
    leading = math.floor(math.log10(half_width))
    wanted = -leading + (1 if round(half_width / 10.0**leading, 1) < 2 else 0)
    return _until_apart(low, high, min(most, max(fewest, wanted)))


def _coarsened(places: int, value: float, finest: int | None) -> int:
    """No more than ``finest`` decimals, unless the value itself needs more for two digits."""
    return places if finest is None else min(places, max(finest, _places_of(value, FEWEST_DIGITS)))


def _until_apart(low: float, high: float, places: int) -> int:
    """More digits while the two ends of an interval would read the same."""
    if low == high:
        return places
    for _ in range(RAW_DIGITS):
        if round_half_up(low, places) != round_half_up(high, places):
            return places
        places += 1
    return places


def _places_of(value: float, digits: int) -> int:
    """Decimal places that show ``digits`` significant digits of ``value``."""
    return digits - 1 - math.floor(math.log10(abs(value))) if value else 0


def _rounded(value: float, places: int, locale: Locale) -> str:
    shown = round_half_up(value, places)
    if value and not shown:
        places = _places_of(value, 1)
        shown = round_half_up(value, places)
    return _localised(f"{shown:,.{max(places, 0)}f}", locale)


def _localised(text: str, locale: Locale) -> str:
    signs = {",": locale.group, ".": locale.decimal, "-": MINUS}
    return "".join(signs.get(sign, sign) for sign in text)
