"""Cells of a workbook as those of a stock sheet: texts, numbers, days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from ecorad.intake.workbook import MOST_ROWS, sheet_values

from .cells import Cell

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


def sheet_rows(book: Workbook, name: str, most: int = MOST_ROWS) -> list[tuple[int, list[Cell]]]:
    """Row numbers and cells of one sheet; rows without any value are left out.

    Raises
    ------
    DecodeError
        ``ecorad.ledger.workbook_broken`` when the sheet is damaged.
    """
    rows = sheet_values(book, name, most)
    return [(number, [_cell(value, book.epoch) for value in values]) for number, values in rows]


def _cell(value: object, epoch: datetime) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date | str) or value is None:
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, timedelta):
        return (epoch + value).date() if value >= timedelta(days=1) else None
    return float(value) if isinstance(value, int | float) else str(value)
