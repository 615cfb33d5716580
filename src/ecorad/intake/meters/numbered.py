"""Tables with one reading a row whose time of day is only the number of its hour, half hour or quarter.

The date and the number become a date with a time; from there on the table is read as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import Block
from ecorad.model import DecodeError

from .layout import Row
from .stamps import is_clock, stamp_kind
from .vocabulary import ROLES, role_words

_DAY_MINUTES = 24 * 60
_PARTS = (24, 48, 96)
_FEWEST = 12
_Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class NumberedRows:
    """Where date and number stand (``date``, ``part``), how many ``parts`` a day has and with which it begins."""

    line: int
    header: tuple[str, ...]
    date: int
    part: int
    parts: int
    first: int

    def rows(self, sample: Sequence[Row]) -> list[Row]:
        """The first rows with times, and their header."""
        body = [(line, cells) for line, cells in sample if line > self.line]
        days = (self._day(list(rows)) for _, rows in groupby(body, self._date_of))
        return [(self.line, list(self.header)), *(row for day, _ in days for row in day)]

    def blocks(self, blocks: Iterable[Block], notes: Notes) -> Iterator[Block]:
        """All rows with times; days on which the clock changed and the numbers do not say how are set aside."""
        held: list[_Numbered] = []
        for block in blocks:
            rows = [(line, row) for line, row in zip(block.numbers, block.rows, strict=True) if line > self.line]
            days = [list(day) for _, day in groupby(held + rows, self._date_of)]
            held = days.pop() if days else []
            yield self._read(days, notes, block)
        yield self._read([held] if held else [], notes, None)

    def _read(self, days: Iterable[list[_Numbered]], notes: Notes, block: Block | None) -> Block:
        kept: list[_Numbered] = []
        for rows in days:
            day, unclear = self._day(rows)
            kept += day
            notes.quarantine("ecorad.meter.day_of_change", unclear, "parts are numbered, and not as many as usual")
        overlong, has_nul = (block.overlong, block.has_nul) if block else ([], False)
        return Block([line for line, _ in kept], [cells for _, cells in kept], overlong, has_nul)

    def _day(self, rows: list[_Numbered]) -> tuple[list[_Numbered], list[int]]:
        """Rows of one date with their times, and lines that are set aside because it is not known which hour is out."""
        numbers = [_whole(_cell(cells, self.part)) for _, cells in rows]
        known = {number - self.first for number in numbers if number is not None}
        hour = self.parts // 24
        short = known == set(range(self.parts - hour))
        if short or any(number >= self.parts for number in known):
            return [], [line for line, _ in rows]
        return [(line, self._timed(cells, number)) for (line, cells), number in zip(rows, numbers, strict=True)], []

    def _timed(self, cells: list[str], number: int | None) -> list[str]:
        if number is None:  # a total, a remark, a header once more: for whoever reads the rows to judge
            return cells
        minute = (number - self.first) * (_DAY_MINUTES // self.parts)
        timed = list(cells)
        timed[self.date] = f"{_day_of(_cell(cells, self.date))} {minute // 60:02d}:{minute % 60:02d}"
        return timed

    def _date_of(self, row: _Numbered) -> str:
        return _day_of(_cell(row[1], self.date))


def find_numbered(sample: Sequence[Row]) -> NumberedRows | None:
    """Where the numbers of hours stand in a table that begins with these rows; ``None`` when there are none.

    Raises
    ------
    DecodeError
        ``ecorad.meter.day_parts`` when no day of the sample is whole, so that the length of a part is not known.

    Examples
    --------
    >>> rows = [(1, ["Fecha", "Hora", "kWh"])]
    >>> rows += [(hour + 1, ["01/03/2026", str(hour), "1.5"]) for hour in range(1, 25)]
    >>> find_numbered(rows).rows(rows)[2]
    (3, ['01/03/2026 01:00', '2', '1.5'])
    """
    for place, (line, cells) in enumerate(sample[:25]):
        words = [role_words(cell) for cell in cells]
        dates = [i for i, word in enumerate(words) if word in ROLES["date"] | ROLES["time"]]
        parts = [i for i, word in enumerate(words) if word in ROLES["hour"]]
        if not dates or not parts:
            continue
        body = [row for row in sample[place + 1 :] if _is_day(_day_of(_cell(row[1], dates[0])))]
        numbers = [_whole(_cell(row, parts[0])) for _, row in body]
        if len(body) < _FEWEST or None in numbers or any(is_clock(cell) for _, row in body for cell in row):
            return None
        header = tuple("start" if i == dates[0] else "" if i == parts[0] else cell for i, cell in enumerate(cells))
        first = 0 if 0 in numbers else 1
        return NumberedRows(line, header, dates[0], parts[0], _parts_of(body, dates[0], numbers, first), first)
    return None


def _parts_of(body: Sequence[Row], date: int, numbers: Sequence[int | None], first: int) -> int:
    days: dict[str, set[int]] = {}
    for (_, row), number in zip(body, numbers, strict=True):
        if number is not None:
            days.setdefault(_cell(row, date), set()).add(number - first)
    for parts in _PARTS:
        whole = any(day == set(range(parts)) for day in days.values())
        if whole and all(max(day) < parts + parts // 24 for day in days.values()):
            return parts
    raise DecodeError(
        "no day is whole, so the length of its numbered parts is not known", code="ecorad.meter.day_parts"
    )


def _is_day(cell: str) -> bool:
    return ":" not in cell and stamp_kind(cell) in {"text", "compact"}


def _day_of(cell: str) -> str:
    head, _, clock = cell.partition(" ")
    return head if clock.strip(" 0:.") == "" else cell


def _whole(cell: str) -> int | None:
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) <= 3 else None


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
