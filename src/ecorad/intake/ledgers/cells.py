"""Cells of a sheet, whether they came as text or as Excel's own numbers and dates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ecorad.intake.written_dates import EPOCH_ORDINAL, Order, decide_order, read_date
from ecorad.intake.written_numbers import NumberStyle, decide_style, read_number
from ecorad.model import LedgerMapping

Cell = str | float | date | None
_EXCEL_EPOCH = date(1899, 12, 30)
_EARLIEST, _LATEST = date(2000, 1, 1), date(2036, 1, 1)


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How the texts of one sheet write dates and numbers, settled over all its rows."""

    order: Order
    order_assumed: bool
    number: NumberStyle
    date_format: str | None


def settle_style(
    days: Iterable[Cell], numbers: Iterable[Cell], mapping: LedgerMapping, zone: str, delimiter: str
) -> CellStyle:
    """The style that the cells of a sheet show, as far as its mapping does not declare one."""
    written = [found for cell in days if isinstance(cell, str) and (found := read_date(_day_part(cell)))]
    order, assumed = decide_order([] if mapping.date_format else written, zone)
    texts = [cell for cell in numbers if isinstance(cell, str) and cell.strip()]
    number = NumberStyle(mapping.decimal) if mapping.decimal else decide_style(texts, delimiter)
    return CellStyle(order, assumed, number or NumberStyle("."), mapping.date_format)


def text_of(cell: Cell) -> str:
    """A cell as text, white space evened; whole numbers without a decimal point.

    >>> text_of(" Omnipaque   300 "), text_of(300.0), text_of(None)
    ('Omnipaque 300', '300', '')
    """
    if isinstance(cell, float):
        return f"{cell:g}"
    return "" if cell is None else " ".join(str(cell).split())


def day_of(cell: Cell, style: CellStyle) -> date | None:
    """The day of a cell, or ``None`` when it holds none between 2000 and 2035."""
    found: date | None = None
    if isinstance(cell, date):
        found = cell
    elif isinstance(cell, float):
        # A date that was never formatted as one: Excel's count of days.
        found = _EXCEL_EPOCH + timedelta(days=int(cell)) if 20_000 <= cell < 80_000 else None
    elif isinstance(cell, str) and cell.strip():
        found = _written_day(cell, style)
    return found if found is not None and _EARLIEST <= found < _LATEST else None


def number_of(cell: Cell, style: CellStyle) -> float | None:
    """The number of a cell: NaN where it says that it is not known, ``None`` where it is none."""
    if isinstance(cell, float):
        return cell
    if cell is None:
        return float("nan")
    return read_number(cell, style.number.decimal) if isinstance(cell, str) else None


def _written_day(text: str, style: CellStyle) -> date | None:
    if style.date_format is not None:
        try:
            return datetime.strptime(text.strip(), style.date_format).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            pass  # perhaps written with its time, or by another program: the usual ways are tried
    written = read_date(_day_part(text))
    if written is None:
        return None
    if style.date_format is not None and written.order is None:
        return None
    number = written.day_number(style.order)
    return None if number is None else date.fromordinal(number + EPOCH_ORDINAL)


def _day_part(text: str) -> str:
    cell = text.strip()
    head = cell.partition(" ")[0]
    return head[: head.index("T")] if "T" in head and head[:1].isdecimal() and head[:4].isdecimal() else head
