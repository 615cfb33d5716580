"""The rows of one meter file as columns: nothing is decided about zone, unit or order here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import Block
from ecorad.intake.written_numbers import NumberStyle, decide_style, may_part_thousands, read_number, read_numbers
from ecorad.model import DecodeError

from .layout import Layout
from .stamps import StampColumn, stamp_kind
from .table import Table
from .vocabulary import POWER_UNITS, TOTAL_ROW, UNITS, known_unit

_QUANTUM_SAMPLE = 2000
# No meter counts this far in any unit; larger numbers are damage.
_LARGEST = 1e15
_RISING = 10
_MOST_FACTORS = 8


@dataclass(frozen=True, slots=True)
class RawTable:
    """All rows that have a time and a value cell, in the order of the file.

    ``value`` is in the written unit, NaN where not known or not a number (``is_number`` tells them apart); ``quantum``
    is one unit of the last decimal written; ``cell_unit`` is a unit that stands behind every number or in a column of
    its own. ``mixed`` are the headers of columns that say that these are rows of several series, ``factors`` the first
    texts of the column of factors.
    """

    line: NDArray[np.int64]
    time: StampColumn
    end: StampColumn | None
    value: NDArray[np.float64]
    is_number: NDArray[np.bool_]
    meter: NDArray[np.int32] | None
    meter_ids: tuple[str, ...]
    quantum: float
    cell_unit: str | None
    decimal_assumed: bool
    mixed: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    layout: Layout
    delimiter: str
    notes: Notes
    time: StampColumn
    end: StampColumn | None
    cell_unit: str | None
    style: NumberStyle | None = None
    lines: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    numeric: list[NDArray[np.bool_]] = field(default_factory=list)
    meters: list[NDArray[np.int32]] = field(default_factory=list)
    meter_ids: dict[str, int] = field(default_factory=dict)
    decimals: int = 0
    not_data: list[int] = field(default_factory=list)
    unit: str | None = None
    series: dict[int, dict[tuple[str, str], None]] = field(default_factory=dict)
    factors: set[str] = field(default_factory=set)

    def take(self, block: Block) -> None:
        """Take one block of rows."""
        self.notes.quarantine("ecorad.meter.line_too_long", block.overlong)
        numbers, rows = block.numbers, block.rows
        if numbers and numbers[0] < self.layout.first_row:
            skip = sum(number < self.layout.first_row for number in numbers)
            numbers, rows = numbers[skip:], rows[skip:]
        numbers, rows = self._even(numbers, rows)
        numbers, rows = self._without_headings(numbers, rows)
        numbers, rows = self._counting(numbers, rows)
        if not rows:
            return
        layout = self.layout
        for place in layout.series:
            found = self.series.setdefault(place, {})
            found |= dict.fromkeys((self._meter_of(row), row[place].strip()) for row in rows if place < len(row))
        if layout.factor is not None and len(self.factors) < _MOST_FACTORS:
            self.factors.update(row[layout.factor].strip() for row in rows if layout.factor < len(row))
        self.time.add(_moments(rows, layout.time, layout.clock))
        if self.end is not None and layout.end is not None:
            self.end.add(_moments(rows, layout.end, layout.end_clock))
        self._take_values([[row[place] for row in rows] for place in (layout.value, *layout.added)])
        self.lines.append(np.array(numbers, dtype=np.int64))
        if layout.meter_id is not None:
            ids = self.meter_ids
            codes = [ids.setdefault(row[layout.meter_id].strip(), len(ids)) for row in rows]
            self.meters.append(np.array(codes, dtype=np.int32))

    def _take_values(self, columns: list[list[str]]) -> None:
        factors = None
        if self.cell_unit is not None:
            parted = [_apart(text, self.cell_unit) for text in columns[0]]
            columns[0] = [text for text, _ in parted]
            factors = np.array([factor for _, factor in parted])
        if self.style is None:
            self.style = next((found for texts in columns if (found := decide_style(texts, self.delimiter))), None)
            if self.style is not None and self.style.decimal == "." and self.delimiter != ",":
                self.style = replace(self.style, assumed=may_part_thousands(columns[0]))
        decimal = self.style.decimal if self.style else "."
        values, is_number = read_numbers(columns[0], decimal)
        for texts in columns[1:]:
            more, are_numbers = read_numbers(texts, decimal)
            values, is_number = values + more, is_number & are_numbers
        values = values if factors is None else values * factors
        is_number &= ~(np.abs(values) > _LARGEST)
        self.values.append(values)
        self.numeric.append(is_number)
        texts = columns[0]
        sample = texts[:: max(1, len(texts) // _QUANTUM_SAMPLE)]
        written = (text.strip().rpartition(decimal) for text in sample)
        digits = sorted(len(tail) if sign and tail.isdecimal() else 0 for _, sign, tail in written)
        # Some meters leave out zeros at the end, so not the usual but nearly the most decimals tell the resolution.
        self.decimals = max(self.decimals, digits[len(digits) * 9 // 10])

    def _counting(self, numbers: list[int], rows: list[list[str]]) -> tuple[list[int], list[list[str]]]:
        """Rows that ``site.toml`` lets count, and that have the unit of the first of them."""
        for place, texts in self.layout.chosen:
            kept = [i for i, row in enumerate(rows) if place < len(row) and row[place].strip() in texts]
            numbers, rows = [numbers[i] for i in kept], [rows[i] for i in kept]
        place_of_unit = self.layout.unit
        if place_of_unit is None or not rows:
            return numbers, rows
        units = [known_unit(row[place_of_unit]) if place_of_unit < len(row) else None for row in rows]
        if self.unit is None:
            self.unit = next((unit for unit in units if unit), None)
        odd = {i for i, unit in enumerate(units) if unit != self.unit and rows[i][self.layout.value].strip()}
        if odd:
            self.notes.quarantine("ecorad.meter.row_unit", (numbers[i] for i in odd), "another unit than the first row")
            kept = [i for i in range(len(rows)) if i not in odd]
            numbers, rows = [numbers[i] for i in kept], [rows[i] for i in kept]
        return numbers, rows

    def _even(self, numbers: list[int], rows: list[list[str]]) -> tuple[list[int], list[list[str]]]:
        """Rows with as many cells as the first one; empty cells at the end may be more or fewer."""
        width = self.layout.width
        if all(len(row) == width for row in rows):
            return numbers, rows
        needed = max(place for place in self._places() if place is not None) + 1
        most = max(width, len(self.layout.header))
        good = [needed <= len(row) and (len(row) <= most or not any(map(str.strip, row[most:]))) for row in rows]
        odd = [i for i, is_good in enumerate(good) if not is_good]
        self.notes.quarantine("ecorad.meter.ragged_row", (numbers[i] for i in odd if not _is_remark(rows[i])))
        self.not_data += [numbers[i] for i in odd if _is_remark(rows[i])]
        kept = [i for i, is_good in enumerate(good) if is_good]
        return [numbers[i] for i in kept], [rows[i] for i in kept]

    def _places(self) -> tuple[int | None, ...]:
        layout = self.layout
        return layout.time, layout.value, layout.clock, layout.end, layout.end_clock, layout.meter_id, *layout.added

    def _without_headings(self, numbers: list[int], rows: list[list[str]]) -> tuple[list[int], list[list[str]]]:
        """Leave out comments, headers in the middle and rows of totals."""
        time = self.layout.time
        odd = {i for i, row in enumerate(rows) if not row[time][:1].isdecimal() and self._is_heading(row)}
        if not odd:
            return numbers, rows
        self.not_data += [numbers[i] for i in sorted(odd)]
        kept = [i for i in range(len(rows)) if i not in odd]
        return [numbers[i] for i in kept], [rows[i] for i in kept]

    def _is_heading(self, row: list[str]) -> bool:
        cell = row[self.layout.time].strip()
        if _is_remark(row) or (not cell and not row[self.layout.value].strip()):
            return True
        return bool(self.layout.header) and cell.lstrip("#").strip() == self.layout.time_header

    def _meter_of(self, row: list[str]) -> str:
        return "" if self.layout.meter_id is None else row[self.layout.meter_id].strip()

    def _tells_apart(self, place: int) -> bool:
        """Whether a column says that rows of one meter are several series."""
        meters = {meter for meter, _ in self.series[place]}
        return any(self._is_mixed([text for one, text in self.series[place] if text and one == m]) for m in meters)

    def _is_mixed(self, texts: list[str]) -> bool:
        """Whether the texts of a column are names or running numbers, and several; a counter has such a header too."""
        if not all(text.isdecimal() for text in texts):
            return len(texts) > 1 and not all(read_number(text, ",") is not None for text in texts)
        is_counter = len(texts) >= _RISING and all(int(a) < int(b) for a, b in pairwise(texts))
        return 1 < len(texts) <= sum(map(len, self.lines)) / 3 and not is_counter

    def done(self) -> RawTable:
        """Everything taken so far as one table."""
        if not self.lines:
            raise DecodeError("no row could be read", code="ecorad.meter.no_readings")
        if self.not_data:
            self.notes.tell(
                "ecorad.meter.not_data", self.not_data, "comments, repeated headers and totals are left out"
            )
        return RawTable(
            line=np.concatenate(self.lines),
            time=self.time,
            end=self.end,
            value=np.concatenate(self.values),
            is_number=np.concatenate(self.numeric),
            meter=np.concatenate(self.meters) if self.meters else None,
            meter_ids=tuple(self.meter_ids),
            quantum=10.0**-self.decimals,
            cell_unit=self.unit if self.cell_unit is None else known_unit(self.cell_unit),
            decimal_assumed=bool(self.style and self.style.assumed),
            factors=tuple(sorted(self.factors))[:_MOST_FACTORS],
            mixed=tuple(self.layout.header[place] for place in self.series if self._tells_apart(place)),
        )


def read_raw(table: Table, layout: Layout, notes: Notes) -> RawTable:
    """Read all rows of a table by its layout.

    The way of writing times is taken from its first rows. Rows with too few or too many cells and
    lines beyond the limit are quarantined in ``notes``; comments, repeated headers and totals are no readings.

    Raises
    ------
    DecodeError
        ``ecorad.meter.no_readings`` when no row is left.
    """
    body = [cells for number, cells in table.sample if number >= layout.first_row and len(cells) >= layout.width]
    end = None if layout.end is None else _stamps(body, layout.end)
    reader = _Reader(
        layout, table.delimiter, notes, _stamps(body, layout.time), end, _unit_in_cells(body, layout.value)
    )
    has_nul = False
    for block in table.blocks:
        has_nul = has_nul or block.has_nul
        reader.take(block)
    if has_nul:
        notes.tell("ecorad.meter.nul", detail="NUL characters were dropped")
    return reader.done()


def _stamps(body: Sequence[Sequence[str]], place: int) -> StampColumn:
    kinds = (stamp_kind(row[place]) for row in body)
    return StampColumn(next((kind for kind in kinds if kind is not None), "text"))


def _moments(rows: list[list[str]], day: int, clock: int | None) -> list[str]:
    if clock is None:
        return [row[day] for row in rows]
    return [f"{row[day].strip()} {row[clock].strip()}" for row in rows]


def _unit_in_cells(body: Sequence[Sequence[str]], place: int) -> str | None:
    units = (row[place].strip().rpartition(" ")[2] for row in body if " " in row[place].strip())
    return next((unit for unit in units if known_unit(unit)), None)


def _apart(text: str, unit: str) -> tuple[str, float]:
    """A number without the unit behind it, and the factor from that unit to the one of the column.

    >>> _apart("6.50 kW", "kW"), _apart("650 W", "kW"), _apart("5 V", "kW")
    (('6.50', 1.0), ('650', 0.001), ('5 V', 1.0))
    """
    cell = text.strip()
    number, space, other = cell.rpartition(" ")
    if not space or other == unit:
        return cell.removesuffix(unit).rstrip(), 1.0
    mine, theirs = known_unit(unit), known_unit(other)
    if mine is None or theirs is None or (mine in POWER_UNITS) != (theirs in POWER_UNITS):
        return cell, 1.0
    return number, UNITS[theirs] / UNITS[mine]


def _is_remark(row: Sequence[str]) -> bool:
    first = next((cell.strip() for cell in row if cell.strip()), "")
    return first.startswith(("#", "//")) or TOTAL_ROW.match(first.lower()) is not None
