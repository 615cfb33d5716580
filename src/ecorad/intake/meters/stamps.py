"""Times as meters write them, gathered row by row and settled over the whole file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.written_dates import Order, WrittenDate, decide_order, read_date
from ecorad.intake.written_numbers import read_numbers
from ecorad.model.clock import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]
StampKind = Literal["text", "unusual", "compact", "epoch", "serial"]
NOT_A_TIME = np.iinfo(np.int64).min
_SECOND = 1_000_000
_SHORTEST_UNUSUAL = 10
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h时](?P<minute>\d{2})分?(?:[:.](?P<second>\d{2})(?:[.,:](?P<fraction>\d{1,9}))?)?)?\s*"
    r"(?:(?P<half>AM|PM|A\.M\.|P\.M\.)(?:\.\d{1,6})?)?\s*(?P<zone>[A-Z]{1,4}|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\d{8}([T ]?\d{4}(\d{2})?|[T ]?([01]\d|2[0-4]))?")
_HOURS_OF_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "BST": 1}
# Seconds since 1970 lie between 2000 and 2038; the number of digits tells s, ms, us and ns apart.
_EPOCH_DIGITS = {9: _SECOND, 10: _SECOND, 13: 1000, 16: 1, 19: 0}
_EXCEL_EPOCH_DAYS = (date(1970, 1, 1) - date(1899, 12, 30)).days


# "2026-03-02 00:00 - 2026-03-02 01:00": what a row stands for; its beginning counts.
_SPAN = re.compile(r"(?P<start>.*\d.*?)\s+(?:to|until|bis|tot|à|-|–|—)\s+(?P<end>.*\d.*)", re.IGNORECASE)
# "01.03.2026:00:15"
_COLON = re.compile(r"(\d{1,4}[./-]\d{1,2}[./-]\d{1,4}):(\d{1,2}:\d{2}.*)")
# "Mon 02.03.2026 00:15", "2026-03-02 星期一 00:15"
_WEEKDAY = re.compile(
    r"(?:(?:mo|tu|we|th|fr|sa|su|di|do|so|ma|wo|vr|zo|lu|me|je|ve|mi|mon|tue|wed|thu|fri|sat|sun|"
    r"\w+day|\w+tag|mittwoch|\w+dag|\w+di|dimanche)[.,]*\s+(?=\d))|(?:星期|周|礼拜)[一二三四五六日天]\s*",
    re.IGNORECASE,
)
# "02 March 2026 00:15"
_MONTH_SECOND = re.compile(r"(\d{1,2})\.? ([^\W\d_]{3,9})\.?,? (\d{4})(?:,? (?:at )?(\d.*))?")
# "Mar 02, 2026 12:15 AM"
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?:,? (?:at )?(\d.*))?")


def stamp_kind(text: str) -> StampKind | None:
    """How a cell writes a time, or ``None`` when it holds none.

    >>> [stamp_kind(text) for text in ("31/12/2011 00:00:02", "1767225600", "45292,25", "202603010015", "9")]
    ['text', 'epoch', 'serial', 'compact', None]
    >>> [stamp_kind(text) for text in ("2026-03-02 00:00 to 2026-03-02 01:00", "Mar 2, 2026 1:15 AM", "Room 1 - 2")]
    ['unusual', 'unusual', None]
    """
    cell = text.strip()
    whole, _, fraction = cell.replace(",", ".").partition(".")
    if whole.isdecimal() and (not fraction or fraction.isdecimal()):
        if _is_compact(cell):
            return "compact"
        if len(whole) in _EPOCH_DIGITS and 946_684_800 <= int(whole[:10]) < 2_147_483_648:
            return "epoch"
        return "serial" if len(whole) == 5 and 20_000 <= int(whole) < 80_000 else None
    if _is_date_and_clock(cell):
        return "text"
    return "unusual" if len(cell) >= _SHORTEST_UNUSUAL and _is_date_and_clock(usual(cell)) else None


def _is_compact(cell: str) -> bool:
    """Whether digits are a date, or one with its hour and perhaps minutes and seconds.

    Ten digits could also be seconds since 1970: those of May 2033 to June 2034 look like hours of 2000 to 2035.

    >>> [_is_compact(text) for text in ("2026030209", "20260302", "1772409600", "2026034409")]
    [True, True, False, False]
    """
    if len(cell) not in (8, 10, 12, 14) or not _COMPACT.fullmatch(cell):
        return False
    written = read_date(cell[:8])
    return "1990" <= cell[:4] <= "2099" and written is not None and written.day_number("dmy") is not None


def usual(text: str) -> str:
    """A time in the way that most tables write it, from a few others; any other text as it is.

    >>> usual("Mo 02.03.2026 00:15"), usual("Mon, 02 Mar 2026 00:15:00 +0100"), usual("2026-03-02 星期一 00:15")
    ('02.03.2026 00:15', '02-Mar-2026 00:15:00 +0100', '2026-03-02 00:15')
    >>> usual("2026-03-02 00:00 to 2026-03-02 01:00"), usual("01.03.2026:00:15"), usual("Mar 02, 2026 12:15 AM")
    ('2026-03-02 00:00', '01.03.2026 00:15', '02-Mar-2026 12:15 AM')
    """
    cell = _WEEKDAY.sub("", text.strip(), count=1)
    if (found := _SPAN.fullmatch(cell)) and (_clock(found["end"]) or _is_date_and_clock(found["end"])):
        cell = found["start"].strip()
    if found := _COLON.fullmatch(cell):
        return f"{found[1]} {found[2]}"
    if found := _MONTH_SECOND.fullmatch(cell):
        return f"{found[1]}-{found[2]}-{found[3]} {found[4] or ''}".strip()
    if found := _MONTH_FIRST.fullmatch(cell):
        return f"{found[2]}-{found[1]}-{found[3]} {found[4] or ''}".strip()
    return cell


def _is_date_and_clock(cell: str) -> bool:
    head, tail = _parts(cell)
    return read_date(head) is not None and (not tail or _clock(tail) is not None)


def is_clock(text: str) -> bool:
    """Whether a cell holds a time of day and nothing else (for tables with date and time in two columns)."""
    return ":" in text and _clock(text.strip()) is not None


@dataclass(slots=True)
class StampColumn:
    """Times of one file: the distinct dates and clock times, and two small numbers a row."""

    kind: StampKind
    heads: dict[str, int] = field(default_factory=dict)
    tails: dict[str, int] = field(default_factory=dict)
    parts: list[tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]] = field(default_factory=list)

    def add(self, texts: Sequence[str]) -> None:
        """Take the cells of some more rows."""
        if self.kind in ("epoch", "serial"):
            self.parts.append(self._numbers(texts))
            return
        if self.kind == "unusual":
            texts = [usual(text) for text in texts]
        heads, tails = self.heads, self.tails
        cut = _compact_parts if self.kind == "compact" else _parts
        pairs = [cut(text) for text in texts]
        head = [heads.setdefault(one, len(heads)) for one, _ in pairs]
        tail = [tails.setdefault(one, len(tails)) for _, one in pairs]
        self.parts.append((np.array(head, dtype=np.int32), np.array(tail, dtype=np.int32)))

    @property
    def counts_to_24(self) -> bool:
        """Whether whole days end at 24:00 and never begin at 00:00: then times are the ends of what they stamp."""
        clocks = {clock[0] for text in self.tails if text and (clock := _clock(text)) is not None}
        return len(clocks) >= 24 and MICROSECONDS_PER_DAY in clocks and 0 not in clocks and "" not in self.tails

    def settle(self, zone: str) -> Stamps:
        """All times, once the whole file is known; ``zone`` only decides between day and month first."""
        first = np.concatenate([part[0] for part in self.parts] or [np.empty(0, np.int64)])
        second = np.concatenate([part[1] for part in self.parts] or [np.empty(0, np.int64)])
        if self.kind in ("epoch", "serial"):
            return Stamps(first, second.astype(np.bool_), np.zeros(len(first), np.int64))
        dates = [read_date(text) for text in self.heads]
        clocks = [_clock(text) if text else (0, None) for text in self.tails]
        order, assumed = decide_order([one for one in dates if one is not None], zone)
        days = np.array([_day(one, order) for one in dates], dtype=np.int64)[first]
        time_us = np.array([NOT_A_TIME if clock is None else clock[0] for clock in clocks], dtype=np.int64)[second]
        has_offset = np.array([clock is not None and clock[1] is not None for clock in clocks], np.bool_)[second]
        offset = np.array([(clock[1] or 0) if clock else 0 for clock in clocks], dtype=np.int64)[second]
        good = (days != NOT_A_TIME) & (time_us != NOT_A_TIME)
        wall = np.where(good, np.where(good, days, 0) * MICROSECONDS_PER_DAY + np.where(good, time_us, 0), NOT_A_TIME)
        return Stamps(wall, has_offset, offset, assumed)

    def _numbers(self, texts: Sequence[str]) -> tuple[Ints, Ints]:
        if self.kind == "serial":
            days, _ = read_numbers(texts, "," if any("," in text for text in texts) else ".")
            # A serial day is a float64 count of days, good to about 1 us; meters write whole seconds.
            seconds = np.round((days - _EXCEL_EPOCH_DAYS) * 86400.0, 1)
            known = np.isfinite(seconds) & (np.abs(seconds) < 1e11)
            return np.where(known, np.where(known, seconds, 0.0) * _SECOND, NOT_A_TIME).astype(np.int64), _falses(texts)
        return np.array([_epoch_us(text) for text in texts], dtype=np.int64), np.ones(len(texts), np.int64)


@dataclass(frozen=True, slots=True)
class Stamps:
    """Times of all rows.

    ``wall_us`` is the written clock (:data:`NOT_A_TIME` where unreadable), ``has_offset`` says whether the row gives
    its own offset from UTC, and ``offset_us`` is that offset.
    """

    wall_us: Ints
    has_offset: Truths
    offset_us: Ints
    order_assumed: bool = False


def _falses(texts: Sequence[str]) -> Ints:
    return np.zeros(len(texts), np.int64)


def _parts(text: str) -> tuple[str, str]:
    head, space, tail = text.partition(" ")
    if not space:
        place = text.find("T")
        return (text[:place], text[place + 1 :]) if place > 0 and text[place - 1].isdecimal() else (text, "")
    if not head or tail.startswith(" ") or tail.endswith(" "):
        return _parts(" ".join(text.split())) if text.split() else ("", "")
    return head, tail


def _compact_parts(text: str) -> tuple[str, str]:
    cell = text.strip()
    digits = cell[8:].lstrip("T ")
    return cell[:8], ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _epoch_us(text: str) -> int:
    whole, _, fraction = text.strip().replace(",", ".").partition(".")
    if not whole.isdecimal() or len(whole) not in _EPOCH_DIGITS or (fraction and not fraction.isdecimal()):
        return NOT_A_TIME
    factor = _EPOCH_DIGITS[len(whole)]
    if factor == 0:
        return int(whole) // 1000
    return int(whole) * factor + (int(float(f"0.{fraction}") * factor) if fraction else 0)


def _day(written: WrittenDate | None, order: Order) -> int:
    number = None if written is None else written.day_number(order)
    return NOT_A_TIME if number is None else number


def _clock(text: str) -> tuple[int, int | None] | None:
    """Microseconds of the day, and the offset from UTC [us] if the text gives one."""
    if text[2:3] == text[5:6] == ":" and (len(text) == 8 or (len(text) == 9 and text[8] == "Z")):
        return _plain_clock(text)
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    half = (found["half"] or "").upper()[:1]
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    us = ((hour * 60 + minute) * 60 + second) * _SECOND + int((found["fraction"] or "0").ljust(9, "0")[:6])
    zone = found["zone"]
    if not zone:
        return us, None
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = int(digits[:2]) * MICROSECONDS_PER_HOUR + int(digits[2:]) * 60 * _SECOND
        return us, -offset if zone[0] == "-" else offset
    hours = _HOURS_OF_ZONES.get(zone.upper())
    return None if hours is None else (us, hours * MICROSECONDS_PER_HOUR)


def _plain_clock(text: str) -> tuple[int, int | None] | None:
    """``hh:mm:ss`` or ``hh:mm:ssZ``, which is nearly every clock time there is, without the pattern for the others."""
    digits = text[:2] + text[3:5] + text[6:8]
    if not (digits.isascii() and digits.isdecimal()):
        return None
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    return ((hour * 60 + minute) * 60 + second) * _SECOND, 0 if len(text) == 9 else None
