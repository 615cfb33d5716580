"""The table in a meter's file, be it text or a sheet of a workbook: its first rows, and all of them in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import Block, head_rows, read_blocks, sniff
from ecorad.intake.workbook import is_old_excel, is_workbook, open_workbook, sheet_values
from ecorad.model import DecodeError

from .layout import Layout, Row, find_layout
from .stamps import stamp_kind
from .unfolding import find_unfolding

HEAD_BYTES = 1 << 16
_SAMPLE_ROWS = 1000
_BLOCK_CELLS = 20_000
# A minute of a day in each column, and some words about the day.
_MOST_COLUMNS = 1500
# Refusals of a sheet that does hold readings: what more lines of site.toml mend.
_NAMED_LATER = frozenset({"ecorad.meter.value_column", "ecorad.meter.no_header", "ecorad.meter.day_parts"})
# What is wrong with a workbook is told in the words of the room that it was opened for.
_CODES = {
    "ecorad.ledger.workbook_broken": "ecorad.meter.workbook_broken",
    "ecorad.ledger.workbook_too_large": "ecorad.meter.workbook_too_large",
    "ecorad.ledger.workbook_unsafe": "ecorad.meter.workbook_unsafe",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the first rows, all rows by blocks (once), and what parts its cells (``;`` in a workbook)."""

    sample: list[Row]
    blocks: Iterable[Block]
    delimiter: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that holds readings: cells of its longest row, its first rows, and how many of them do."""

    title: str
    width: int
    sample: list[Row]
    readings: int


def open_table(stream: BinaryIO, notes: Notes, title: str | None = None) -> Table:
    """The table of a file, unfolded where it is no list of readings yet.

    Of a workbook the sheet called ``title`` is taken; where there is none, the one that holds most readings among its
    first rows, and that there are more of them is told.

    Raises
    ------
    DecodeError
        ``ecorad.meter.empty``, ``ecorad.meter.no_table``, ``ecorad.meter.old_excel``, those of
        :func:`~.unfolding.find_unfolding`, and for a workbook ``ecorad.meter.workbook_broken``,
        ``ecorad.meter.workbook_too_large``, ``ecorad.meter.workbook_unsafe`` and ``ecorad.meter.no_readings``.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if is_workbook(head):
        return _unfolded(_of_workbook(stream, notes, title), notes)
    if not head.strip(b"\0 \r\n\t"):
        raise DecodeError("the file is empty", code="ecorad.meter.empty")
    if is_old_excel(head):
        raise DecodeError("this is an old Excel file; save it as XLSX or CSV", code="ecorad.meter.old_excel")
    dialect = sniff(head)
    if dialect is None:
        raise DecodeError("this is no table of text", code="ecorad.meter.no_table")
    sample = head_rows(head, dialect, is_whole=len(head) < HEAD_BYTES)
    return _unfolded(Table(sample, read_blocks(stream, dialect), dialect.delimiter), notes)


def holds_readings(stream: BinaryIO) -> bool:
    """Whether a sheet of a workbook looks like readings of a meter; a broken workbook does not."""
    try:
        return any(found.readings > 1 for found in _sheets(stream))
    except DecodeError:
        return False


def titles_of(stream: BinaryIO) -> tuple[str, ...]:
    """Names of the sheets of a workbook, without the space around them; none of any other file.

    Raises
    ------
    DecodeError
        As :func:`open_table` for a workbook.
    """
    stream.seek(0)
    if not is_workbook(stream.read(HEAD_BYTES)):
        return ()
    try:
        with open_workbook(stream) as book:
            return tuple(title.strip() for title in book.sheetnames)
    except DecodeError as error:
        raise _of_a_meter(error) from None


def titles_with_readings(stream: BinaryIO) -> tuple[str, ...]:
    """Names of the sheets of a workbook that look like readings."""
    return tuple(sheet.title.strip() for sheet in _sheets(stream) if sheet.readings > 1)


def _unfolded(table: Table, notes: Notes) -> Table:
    unfolding = find_unfolding(table.sample)
    if unfolding is None:
        return table
    return Table(unfolding.rows(table.sample), unfolding.blocks(table.blocks, notes), table.delimiter)


def _of_workbook(stream: BinaryIO, notes: Notes, title: str | None) -> Table:
    found = _sheets(stream)
    if not found:
        raise DecodeError("no sheet of the workbook holds readings", code="ecorad.meter.no_readings")
    named = [sheet for sheet in found if title is not None and sheet.title.strip().lower() == title.lower()]
    if title is not None and not named and title.lower() in map(str.lower, titles_of(stream)):
        raise DecodeError("the sheet of this meter holds no readings", code="ecorad.meter.no_readings")
    chosen = named[0] if named else max(found, key=lambda sheet: sheet.readings)
    if not named and any(sheet is not chosen and sheet.readings > 1 for sheet in found):
        notes.tell(
            "ecorad.meter.sheet_assumed", detail="more sheets of the workbook hold readings; one of them is read"
        )
    return Table(chosen.sample, _blocks(stream, chosen), ";")


def _sheets(stream: BinaryIO) -> list[_Sheet]:
    """The sheets of a workbook that hold readings, by their first rows."""
    found = []
    try:
        with open_workbook(stream) as book:
            for title in book.sheetnames:
                values = list(sheet_values(book, title, _SAMPLE_ROWS, _MOST_COLUMNS))
                width = max((len(cells) for _, cells in values), default=0)
                sample = list(_texts(values, width))
                readings = _readings(sample)
                if readings:
                    _refuse_days_since_1904(sample, book.epoch)
                    found.append(_Sheet(title, width, sample, readings))
    except DecodeError as error:
        raise _of_a_meter(error) from None
    return found


def _of_a_meter(error: DecodeError) -> DecodeError:
    return DecodeError(str(error), code=_CODES.get(error.code, error.code))


def _refuse_days_since_1904(sample: Sequence[Row], epoch: datetime) -> None:
    """Days that stand as bare numbers are read as counted from 1899-12-30, as nearly every workbook does."""
    is_bare = any(stamp_kind(cell) == "serial" for _, cells in sample for cell in cells)
    if is_bare and epoch.year == 1904:
        raise DecodeError("times are bare numbers of days since 1904", code="ecorad.meter.no_readings")


def _readings(sample: Sequence[Row]) -> int:
    """How many of the first rows of a sheet hold a reading."""
    if not sample:
        return 0
    layout: Layout | None = None
    rows = list(sample)
    try:
        unfolding = find_unfolding(sample)
        rows = unfolding.rows(sample) if unfolding else rows
        layout = find_layout(rows)
    except DecodeError as error:
        return len(rows) if error.code in _NAMED_LATER else 0
    return sum(number >= layout.first_row for number, _ in rows)


def _blocks(stream: BinaryIO, sheet: _Sheet) -> Iterator[Block]:
    """All rows of a sheet; the workbook is open only while they are asked for, and a block at a time is held."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    cells = 0
    try:
        with open_workbook(stream) as book:
            values = sheet_values(book, sheet.title, most_columns=_MOST_COLUMNS)
            for number, texts in _texts(values, sheet.width):
                numbers.append(number)
                rows.append(texts)
                cells += len(texts)
                if cells >= _BLOCK_CELLS:
                    yield Block(numbers, rows, [])
                    numbers, rows, cells = [], [], 0
    except DecodeError as error:
        raise _of_a_meter(error) from None
    if rows:
        yield Block(numbers, rows, [])


def _texts(rows: Iterable[tuple[int, Sequence[object]]], width: int) -> Iterator[Row]:
    """Rows as those of a text file; one that ends in empty cells, which no workbook keeps, is as wide as the others."""
    for number, values in rows:
        if len(values) > _MOST_COLUMNS - 1 and values[_MOST_COLUMNS - 1] is not None:
            raise DecodeError("a sheet has too many columns", code="ecorad.meter.workbook_too_large")
        yield number, [_text(value) for value in values] + [""] * (width - len(values))


def _text(value: object) -> str:
    """A cell as a text file would write it.

    Excel keeps moments as fractions of days, so seconds are rounded; midnight is written as its day, because a column
    of days has midnights only and may have its time of day beside it. Of a number with three decimals a fourth is
    written, so that its point is not taken for one that parts thousands.

    >>> [_text(value) for value in (datetime(2026, 3, 2), datetime(2026, 3, 2, 0, 14, 59, 999_999), timedelta(days=1))]
    ['2026-03-02', '2026-03-02 00:15:00', '24:00:00']
    >>> [_text(value) for value in (1767225600000.0, 1.234, 1.5e-7, None)]
    ['1767225600000', '1.2340', '0.00000015', '']
    """
    if isinstance(value, datetime):
        rounded = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return rounded.isoformat(" ") if rounded.time() != time() else rounded.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, float):
        return _number(value)
    return "" if value is None else str(value)


def _number(value: float) -> str:
    written = f"{value:.15g}" if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
    if "e" in written and abs(value) < 1:
        written = f"{value:.18f}".rstrip("0").rstrip(".")
    return f"{written}0" if len(written.partition(".")[2]) == 3 else written
