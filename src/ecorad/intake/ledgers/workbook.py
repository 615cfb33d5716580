"""Opening an XLSX workbook that may be hostile: sizes are checked before anything is unpacked, nothing is followed."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from ecorad.model import DecodeError

from .cells import Cell

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_BYTES = 256 * 1024 * 1024
MOST_PARTS = 2000
MOST_ROWS = 1_000_000
MOST_COLUMNS = 256
_PROLOG_BYTES = 1 << 16
_PARTS = (b"[Content_Types].xml", b"_rels/", b"xl/", b"docProps/")


@dataclass(frozen=True, slots=True)
class SheetRows:
    """One sheet of a workbook: its name and its rows with their numbers."""

    name: str
    rows: list[tuple[int, list[Cell]]]


def is_workbook(head: bytes) -> bool:
    """Whether ``head`` begins an Office Open XML file, as opposed to any other zip.

    >>> is_workbook(b"PK" + bytes([3, 4]) + b"0" * 26 + b"[Content_Types].xml")
    True
    """
    return head.startswith(b"PK\x03\x04") and head[30:60].startswith(_PARTS)


# What damaged archives and sheets make their readers raise; the cause is cut off, as it may quote the input.
# (openpyxl's own InvalidFileException is only raised for names of files.)
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def open_workbook(stream: BinaryIO) -> Iterator[Workbook]:
    """Open a workbook read-only: values as last calculated, no links, no macros.

    Raises
    ------
    DecodeError
        ``ecorad.ledger.workbook_broken`` when it is damaged or encrypted, ``ecorad.ledger.workbook_too_large`` when its
        parts would unpack to more than 256 MiB, ``ecorad.ledger.workbook_unsafe`` when a part declares XML entities.
    """
    import openpyxl

    _check(stream)
    stream.seek(0)
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except _BROKEN:
        raise DecodeError("the workbook cannot be read", code="ecorad.ledger.workbook_broken") from None
    try:
        yield book
    finally:
        book.close()


def sheet_rows(book: Workbook, name: str, most: int = MOST_ROWS) -> list[tuple[int, list[Cell]]]:
    """Row numbers and cells of one sheet; rows without any value are left out.

    Raises
    ------
    DecodeError
        ``ecorad.ledger.workbook_broken`` when the sheet is damaged.
    """
    sheet: Any = book[name]
    if not hasattr(sheet, "reset_dimensions"):
        return []  # a chart sheet
    # The size a sheet declares may be wrong or absurd; the rows themselves are read.
    sheet.reset_dimensions()
    found: list[tuple[int, list[Cell]]] = []
    try:
        for number, values in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=most, values_only=True), 1):
            if any(value is not None for value in values):
                found.append((number, [_cell(value, book.epoch) for value in values]))
    except _BROKEN:
        raise DecodeError("the workbook cannot be read", code="ecorad.ledger.workbook_broken") from None
    return found


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


def _check(stream: BinaryIO) -> None:
    try:
        archive = zipfile.ZipFile(stream)
    except _BROKEN:
        raise DecodeError("the workbook is damaged", code="ecorad.ledger.workbook_broken") from None
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise DecodeError("the workbook is too large when unpacked", code="ecorad.ledger.workbook_too_large")
    if any(part.flag_bits & 1 for part in parts):
        raise DecodeError("the workbook is encrypted", code="ecorad.ledger.workbook_broken")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _check_prolog(archive, part)


def _check_prolog(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    try:
        with archive.open(part) as content:
            prolog = content.read(_PROLOG_BYTES)
    except _BROKEN:
        raise DecodeError("the workbook is damaged", code="ecorad.ledger.workbook_broken") from None
    plain = prolog.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise DecodeError("the workbook declares XML entities", code="ecorad.ledger.workbook_unsafe")
