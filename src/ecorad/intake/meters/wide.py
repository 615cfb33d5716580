"""Tables with a day in each row and its hours side by side, as grid operators hand them out, unfolded.

A row of 96 quarters becomes 96 rows of a date with a time and one value, under the number of the line that they stand
in; from there on they are read as any other table. A cell that is empty is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import Block
from ecorad.intake.written_numbers import read_number
from ecorad.model import DecodeError

from .layout import Row
from .stamps import stamp_kind
from .vocabulary import ENERGY_UNITS, known_unit, name_and_unit

_DAY_MINUTES = 24 * 60
_HOUR_MINUTES = 60
_FEWEST = 24
_HEADER_WITHIN = 25
# "00:15", "0.15", "0h15", "0015", "00:15:00", "00:00-00:15" (its first time counts).
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::00)?|(\d{2}))(?:\s*(?:-|–|to|bis|tot)\s*\d.*)?", re.IGNORECASE)
# "1", "HH01", "P1", "T 96", "HE24", "kWh1": the how-manieth part of the day.
_NUMBERED = re.compile(
    r"(?:hh|he|hr|hour|h|p|period|t|q|int|interval|kwh|kw|uur|std|stunde)?\s*_?(\d{1,3})", re.IGNORECASE
)
_MIDNIGHT = re.compile(r"[T ]+0{1,2}[:.]00(?:[:.]00)?$")


@dataclass(frozen=True, slots=True)
class Fold:
    """Where a day stands in each row.

    ``slots`` are pairs of (column, time of day as it is written behind the date), ``more`` columns of numbered parts
    that only the longest day has, ``labels`` columns that say whose readings these are; ``header`` is that of the
    unfolded table, ``line`` the number of the line with the times.
    """

    line: int
    date: int
    labels: tuple[int, ...]
    slots: tuple[tuple[int, str], ...]
    more: tuple[int, ...]
    header: tuple[str, ...]
    is_numbered: bool

    def rows(self, sample: Sequence[Row]) -> list[Row]:
        """The first rows, unfolded, with their header."""
        body = [(line, cells) for line, cells in sample if line > self.line]
        found: list[Row] = [(self.line, list(self.header))]
        for line, cells in body:
            if not self._is_unclear(cells):
                found += ((line, unfolded) for unfolded in self._unfolded(cells))
        return found

    def blocks(self, blocks: Iterable[Block], notes: Notes) -> Iterator[Block]:
        """All rows, unfolded; numbered parts of a day on which the clock changed are set aside."""
        for block in blocks:
            numbers: list[int] = []
            rows: list[list[str]] = []
            unclear: list[int] = []
            for line, cells in zip(block.numbers, block.rows, strict=True):
                if line <= self.line:
                    continue
                if self._is_unclear(cells):
                    unclear.append(line)
                    continue
                unfolded = list(self._unfolded(cells))
                numbers += [line] * len(unfolded)
                rows += unfolded
            notes.quarantine("ecorad.meter.day_of_change", unclear, "parts are numbered, and not as many as usual")
            yield Block(numbers, rows, block.overlong, block.has_nul)

    def _unfolded(self, cells: Sequence[str]) -> Iterator[list[str]]:
        date = _MIDNIGHT.sub("", _cell(cells, self.date))
        labels = [_cell(cells, place) for place in self.labels]
        if not _is_day(date):  # a total, a remark, a header once more: for whoever reads the rows to judge
            yield [date, *labels, ""]
            return
        for place, clock in self.slots:
            value = _cell(cells, place)
            if value:
                yield [f"{date} {clock}", *labels, value]

    def _is_unclear(self, cells: Sequence[str]) -> bool:
        """Whether it is not known which parts of the day these are: numbers say nothing of an hour left out."""
        if not self.is_numbered:
            return False
        if any(_cell(cells, place) for place in self.more):
            return True
        hour = len(self.slots) // 24
        written = [bool(_cell(cells, place)) for place, _ in self.slots]
        return all(written[:-hour]) and not any(written[-hour:])


@dataclass(frozen=True, slots=True)
class _Day:
    """Columns and times of the parts of a day, whether these are their ends, whether they are only numbered."""

    slots: tuple[tuple[int, str], ...]
    more: tuple[int, ...]
    is_end: bool
    is_numbered: bool


def find_fold(sample: Sequence[Row]) -> Fold | None:
    """How to unfold a table that begins with these rows; ``None`` for one that is long already.

    Raises
    ------
    DecodeError
        ``ecorad.meter.value_column`` when one day stands in several rows, of several quantities perhaps, and no column
        tells whose they are.

    Examples
    --------
    >>> hours = [f"{hour:02d}:00" for hour in range(24)]
    >>> fold = find_fold([(1, ["Date", *hours]), (2, ["2026-03-01", *["1.5"] * 24])])
    >>> fold.rows([(2, ["2026-03-01", "1.5", "", "2.5"])])
    [(1, ['start', 'value']), (2, ['2026-03-01 00:00', '1.5']), (2, ['2026-03-01 02:00', '2.5'])]
    """
    for place, (line, cells) in enumerate(sample[:_HEADER_WITHIN]):
        found = _slots(cells)
        if found is not None:
            body = [row for _, row in sample[place + 1 :] if any(_is_day(_MIDNIGHT.sub("", cell)) for cell in row)]
            return _fold(line, cells, body, [row for _, row in sample[:place]], found)
    return None


def _fold(
    line: int, header: Sequence[str], body: Sequence[Sequence[str]], above: Sequence[Sequence[str]], day: _Day
) -> Fold | None:
    taken = {place for place, _ in day.slots} | set(day.more)
    others = [place for place in range(len(header)) if place not in taken]
    dates = [place for place in others if body and all(_is_day(_MIDNIGHT.sub("", _cell(row, place))) for row in body)]
    if not dates:
        return None
    labels = tuple(place for place in others if place not in dates and any(_is_word(_cell(row, place)) for row in body))
    days = [tuple(_cell(row, place) for place in (dates[0], *labels)) for row in body]
    if len(set(days)) < len(days):
        raise DecodeError("one day stands in several rows", code="ecorad.meter.value_column")
    named = [header[place].strip() or f"column {place + 1}" for place in labels]
    unit = _unit([*above, header, *body[:1]])
    return Fold(
        line=line,
        date=dates[0],
        labels=labels,
        slots=day.slots,
        more=day.more,
        header=("end" if day.is_end else "start", *named, _value_header(unit)),
        is_numbered=day.is_numbered,
    )


def _slots(cells: Sequence[str]) -> _Day | None:
    for read, is_numbered in ((_minutes, False), (_number, True)):
        for first, last in _runs([read(cell) for cell in cells]):
            found = [read(cell) or 0 for cell in cells[first:last]]
            times = _from_numbers(found) if is_numbered else _from_clocks(found)
            if times is not None:
                return _Day(
                    slots=tuple((first + n, f"{m // 60:02d}:{m % 60:02d}") for n, m in enumerate(times)),
                    more=tuple(range(first + len(times), last)),
                    is_end=times[-1] == _DAY_MINUTES,
                    is_numbered=is_numbered,
                )
    return None


def _runs(found: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    """Stretches of columns that were all read."""
    begin = None
    for place, one in enumerate([*found, None]):
        if one is not None and begin is None:
            begin = place
        elif one is None and begin is not None:
            if place - begin >= _FEWEST:
                yield begin, place
            begin = None


def _from_clocks(minutes: list[int]) -> list[int] | None:
    """Times of day in even steps over a whole day; the hour that is there twice a year may be twice among them."""
    if minutes[-1] == 0:
        minutes = [*minutes[:-1], _DAY_MINUTES]  # the end of the day, written as the next one's beginning
    steps = [after - before for before, after in pairwise(minutes)]
    step = steps[0]
    if step <= 0 or _DAY_MINUTES % step or sum(one != step for one in steps) > 1:
        return None
    if not set(steps) <= {step, step - _HOUR_MINUTES}:
        return None
    return minutes if (minutes[0], minutes[-1]) in ((0, _DAY_MINUTES - step), (step, _DAY_MINUTES)) else None


def _from_numbers(numbers: list[int]) -> list[int] | None:
    """Beginnings of numbered parts; two or four more for the hour that is there twice a year are left to the rows."""
    if numbers == list(range(24)):
        return [hour * _HOUR_MINUTES for hour in numbers]
    for parts in (96, 48, 24):
        if numbers[:parts] == list(range(1, parts + 1)) and len(numbers) <= parts + parts // 24:
            return [n * (_DAY_MINUTES // parts) for n in range(parts)]
    return None


def _minutes(cell: str) -> int | None:
    match = _CLOCK.fullmatch(cell.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or match[3])
    return hour * 60 + minute if (hour < 24 and minute < 60) or (hour, minute) == (24, 0) else None


def _number(cell: str) -> int | None:
    match = _NUMBERED.fullmatch(cell.strip())
    return int(match[1]) if match else None


def _unit(rows: Iterable[Sequence[str]]) -> str | None:
    found = {unit for row in rows for cell in row if (unit := known_unit(cell) or known_unit(name_and_unit(cell)[1]))}
    found = {unit for unit in found if len(unit) > 1}  # a W alone also means that a value is true, a J yes
    return found.pop() if len(found) == 1 else None


def _value_header(unit: str | None) -> str:
    if unit is None:
        return "value"
    return f"energy [{unit}]" if unit in ENERGY_UNITS else f"power [{unit}]"


def _is_day(cell: str) -> bool:
    return ":" not in cell and stamp_kind(cell) in {"text", "compact"}


def _is_word(cell: str) -> bool:
    return bool(cell) and all(read_number(cell, sign) is None for sign in (".", ","))


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
