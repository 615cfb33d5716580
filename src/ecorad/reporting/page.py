"""The pieces a page is laid out from: tables and pictures, without any layout of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from .reader import Shown

Cell = str | Shown

# A spreadsheet takes a cell that begins so for a formula; names come from the input.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; the first cell of each row names the row, columns in ``numeric`` stand right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    unfold: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart for a wide and a narrow page, with its caption, its table, and its numbers as CSV.

    ``is_strip``: a single bar whose labels make the key needless on a wide page.
    """

    wide: Markup
    narrow: Markup | None
    caption: str
    table: Table
    csv_name: str
    csv_href: str
    key: tuple[tuple[str, str], ...] = ()
    is_strip: bool = False


def csv_href(header: Sequence[str], rows: Iterable[Sequence[str | float | int | None]]) -> str:
    """Raw numbers as a ``data:`` address, so that the page needs nothing beside it.

    >>> csv_href(["device", "kwh"], [["MR 1", 2.5], ["=cmd()", None]])
    'data:text/csv;charset=utf-8,device%2Ckwh%0D%0AMR%201%2C2.5%0D%0A%27%3Dcmd%28%29%2C%0D%0A'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    for row in rows:
        writer.writerow(["" if cell is None else _safe(cell) for cell in row])
    return "data:text/csv;charset=utf-8," + quote(buffer.getvalue(), safe="")


def _safe(cell: str | float | int) -> str | float | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) else cell
