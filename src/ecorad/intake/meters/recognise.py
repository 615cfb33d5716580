"""Whether an input is a table of meter readings, from its first bytes."""

from __future__ import annotations

from ecorad.intake.text_table import head_rows, sniff
from ecorad.intake.written_numbers import read_number
from ecorad.model import DecodeError

from .layout import Layout, Row, find_layout
from .stamps import stamp_kind
from .unfolding import find_unfolding
from .vocabulary import value_score

_WIDEST_UNNAMED = 4
# Reasons to refuse what is a meter's table all the same.
_OF_A_METER = frozenset({"ecorad.meter.value_column", "ecorad.meter.day_parts"})


def recognise(head: bytes, name: str) -> bool:
    """Whether ``head`` begins a table that looks like meter readings: times, and numbers that may be power or energy.

    A table with a header of unknown words is taken only when it is narrow, holds clock times and nothing else but
    numbers, so that a stock sheet is none.

    Parameters
    ----------
    head : bytes
        The first bytes of the unpacked input (4 KiB or more serve well).
    name : str
        File name; not needed, as content decides.

    Examples
    --------
    >>> rows = ["31/12/2011 00:00:02;9;9", "31/12/2011 00:00:03;9;9", "31/12/2011 00:00:05;9;9"]
    >>> recognise(chr(10).join(rows).encode(), "x.csv"), recognise(b"Dear colleague, thank you.", "letter.txt")
    (True, False)
    """
    dialect = sniff(head)
    if dialect is None:
        return False
    rows = head_rows(head, dialect)
    try:
        fold = find_unfolding(rows)
        if fold is not None:
            rows = fold.rows(rows)
        layout = find_layout(rows)
    except DecodeError as error:
        return error.code in _OF_A_METER
    if not layout.header or value_score(layout.value_header) > 0:
        return layout.width <= _WIDEST_UNNAMED or bool(layout.header)
    return _is_plain_series(layout, rows)


def _is_plain_series(layout: Layout, rows: list[Row]) -> bool:
    cells = next(cells for number, cells in rows if number >= layout.first_row)
    if layout.width > _WIDEST_UNNAMED or (":" not in cells[layout.time] and layout.clock is None):
        return False
    return all(stamp_kind(cell) or ":" in cell or read_number(cell, ",") is not None for cell in cells)
