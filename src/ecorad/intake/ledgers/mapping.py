"""Which ledger of the site a sheet belongs to, told by its header row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from ecorad.intake.text_table import head_rows, sniff
from ecorad.intake.workbook import is_workbook, open_workbook
from ecorad.model import DecodeError, LedgerMapping, Site

from .cells import Cell, text_of
from .workbook import sheet_rows

FIELDS = "day kind product movement quantity unit pack_volume_ml volume_given_ml volume_left_ml device_alias".split()
# A sheet whose headers are our own column names needs no mapping.
TEMPLATE = LedgerMapping(name="template", kind="", columns={field: field for field in FIELDS})
_REQUIRED = ("day", "quantity")
_HEADER_WITHIN = 50


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header row is and in which column (from 0) each field stands."""

    row: int
    columns: Mapping[str, int]
    names: Mapping[str, str]


def recognise(head: bytes, name: str, site: Site, feed: str | None = None) -> LedgerMapping | None:
    """The ledger that a file belongs to, or ``None``.

    A text table belongs to the ledger all of whose column names stand in one of its first rows; the ledger with the
    most columns wins, then the one with the name of the file. A workbook shows its headers only when ``head`` is all
    of it; otherwise its name or ``feed`` decides, and :func:`~ecorad.intake.ledgers.decode` looks again.

    Parameters
    ----------
    head : bytes
        The first bytes of the input, or all of it.
    name : str
        File name.
    feed : str, optional
        Name of a ledger, as given with ``--feed``; it decides without a look at the content.
    """
    fed = next((ledger for ledger in site.ledgers if feed is not None and ledger.name == feed), None)
    if fed is not None:
        return fed
    if is_workbook(head):
        return _of_workbook(head, name, site)
    dialect = sniff(head)
    if dialect is None:
        return None
    return choose([cells for _, cells in head_rows(head, dialect)], site, stem_of(name))


def choose(rows: Sequence[Sequence[Cell]], site: Site, stem: str, sheet: str | None = None) -> LedgerMapping | None:
    """The ledger whose columns the first rows of a sheet name."""
    fitting = [ledger for ledger in (*site.ledgers, TEMPLATE) if find_header(enumerate(rows, 1), ledger) is not None]
    if sheet is not None:
        fitting = [ledger for ledger in fitting if ledger.sheet in (None, sheet)]
    if not fitting:
        return None
    return max(fitting, key=lambda one: (one is not TEMPLATE, len(one.columns), one.name.lower() == stem.lower()))


def find_header(rows: Iterable[tuple[int, Sequence[Cell]]], mapping: LedgerMapping) -> Header | None:
    """The header row of a sheet under one mapping, within its first 50 rows.

    Every column the mapping names must be there; of the template only day, quantity and product.
    """
    wanted = {field: _plain(header) for field, header in mapping.columns.items()}
    for place, (number, cells) in enumerate(rows):
        if place >= _HEADER_WITHIN:
            return None
        written = [_plain(text_of(cell)) for cell in cells]
        columns = {field: written.index(header) for field, header in wanted.items() if header in written}
        needed = (*_REQUIRED, "product") if mapping is TEMPLATE else tuple(wanted)
        if columns and all(field in columns for field in needed):
            names = {field: text_of(cells[column]) for field, column in columns.items()}
            return Header(number, columns, names)
    return None


def of_workbook(stream: BinaryIO, name: str, site: Site) -> LedgerMapping | None:
    """The ledger whose columns a sheet of a whole workbook has; ``None`` also where it cannot be opened."""
    stem = stem_of(name).lower()
    try:
        with open_workbook(stream) as book:
            for sheet in book.sheetnames:
                rows = [cells for _, cells in sheet_rows(book, sheet, most=_HEADER_WITHIN)]
                found = choose(rows, site, stem, sheet)
                if found is not None:
                    return found
    except DecodeError:
        return None
    return None


def named_ledger(name: str, site: Site) -> LedgerMapping | None:
    """The ledger that a file is called like."""
    stem = stem_of(name).lower()
    return next((ledger for ledger in site.ledgers if ledger.name.lower() == stem), None)


def stem_of(name: str) -> str:
    """File name without folder and suffix."""
    return PurePosixPath(name.replace("\\", "/")).name.partition(".")[0]


def _of_workbook(head: bytes, name: str, site: Site) -> LedgerMapping | None:
    named = named_ledger(name, site)
    if not zipfile.is_zipfile(io.BytesIO(head)):
        return named or next((ledger for ledger in site.ledgers if ledger.sheet is not None), TEMPLATE)
    return of_workbook(io.BytesIO(head), name, site) or named


def _plain(text: str) -> str:
    return " ".join(text.lower().strip().lstrip("\ufeff").split())
