"""Dates as people write them, and which of day and month comes first when a file does not say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Order = Literal["dmy", "mdy"]
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_YEAR_FIRST = re.compile(r"(\d{4})([-/.年])(\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[-/. ]([A-Za-zäéûà]{3,})\.?[-/. ](\d{4}|\d{2})")
# Month names by their first letters: English, German, Dutch, French.
_MONTHS = {
    **{"jan": 1, "feb": 2, "fév": 2, "fev": 2, "mar": 3, "mär": 3, "mrt": 3, "maa": 3, "apr": 4, "avr": 4},
    **{"may": 5, "mai": 5, "mei": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7, "aug": 8, "aoû": 8, "aou": 8},
    **{"sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12, "déc": 12},
}
# Where people write the month first.
_MONTH_FIRST_ZONES = ("US/", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/")
_MONTH_FIRST_CITIES = frozenset(
    "America/New_York America/Chicago America/Denver America/Los_Angeles America/Phoenix America/Anchorage "
    "America/Detroit America/Boise America/Juneau America/Menominee America/Nome America/Sitka America/Adak "
    "America/Metlakatla America/Yakutat America/Indianapolis America/Louisville America/Puerto_Rico Pacific/Honolulu "
    "Pacific/Guam EST5EDT CST6CDT MST7MDT PST8PDT".split()
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as written: its numbers, and the order if the writing settles it (``None`` when it does not)."""

    first: int
    second: int
    year: int
    order: Order | None

    def day_number(self, order: Order) -> int | None:
        """Days since 1970-01-01, or ``None`` when there is no such day."""
        settled = self.order or order
        day, month = (self.first, self.second) if settled == "dmy" else (self.second, self.first)
        try:
            return date(self.year, month, day).toordinal() - EPOCH_ORDINAL
        except ValueError:
            return None


def read_date(text: str) -> WrittenDate | None:
    """A date without time of day; ``None`` when it is none.

    >>> read_date("2026-03-01").day_number("dmy") == read_date("1.3.2026").day_number("dmy")
    True
    >>> read_date("09/01/2012").order is None
    True
    """
    for pattern in (_YEAR_FIRST, _COMPACT):
        if found := pattern.fullmatch(text):
            year, month, day = (int(part) for part in (found[1], *found.groups()[-2:]))
            return WrittenDate(day, month, year, "dmy")
    if found := _YEAR_LAST.fullmatch(text):
        order: Order | None = "dmy" if found[2] == "." else None
        return WrittenDate(int(found[1]), int(found[3]), _year(found[4]), order)
    if found := _NAMED.fullmatch(text):
        name = found[2].lower()
        month_number = _MONTHS.get(name[:4], _MONTHS.get(name[:3]))
        return None if month_number is None else WrittenDate(int(found[1]), month_number, _year(found[3]), "dmy")
    return None


def decide_order(dates: Iterable[WrittenDate], zone: str) -> tuple[Order, bool]:
    """Whether day or month comes first in the dates of one file, and whether that had to be assumed.

    A number above 12 settles it. Otherwise the order is taken under which the dates lie at least ten times closer
    together; otherwise the custom of the zone: month first in the United States, day first elsewhere.

    >>> decide_order([read_date("13/01/2012"), read_date("12/01/2012")], "UTC")
    ('dmy', False)
    >>> decide_order([read_date("09/01/2012")], "America/New_York")
    ('mdy', True)
    """
    unclear = [written for written in dates if written.order is None]
    if not unclear:
        return "dmy", False
    day_first = sum(written.first > 12 for written in unclear)
    month_first = sum(written.second > 12 for written in unclear)
    if day_first != month_first:
        return ("dmy" if day_first > month_first else "mdy"), False
    custom: Order = "mdy" if _writes_month_first(zone) else "dmy"
    if all(written.first == written.second for written in unclear):
        return custom, False
    spans = {order: _span(unclear, order) for order in ("dmy", "mdy")}
    if spans["dmy"] * 10 <= spans["mdy"]:
        return "dmy", False
    if spans["mdy"] * 10 <= spans["dmy"]:
        return "mdy", False
    return custom, True


def _span(dates: list[WrittenDate], order: Literal["dmy", "mdy"]) -> int:
    days = [day for written in dates if (day := written.day_number(order)) is not None]
    return max(days) - min(days) + 1 if days else 0


def _writes_month_first(zone: str) -> bool:
    return zone in _MONTH_FIRST_CITIES or zone.startswith(_MONTH_FIRST_ZONES)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)
