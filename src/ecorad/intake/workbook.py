"""Opening an XLSX workbook that may be hostile: sizes are checked before anything is unpacked, nothing is followed.

What its cells mean is for those to say who read stock sheets or meters from it.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from ecorad.model import DecodeError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MOST_BYTES = 256 * 1024 * 1024
MOST_PARTS = 2000
# Sheets of numbers unpack to ten times their size; what is large and claims far more is made to burst its reader.
BOMB_BYTES, BOMB_TIMES = 64 * 1024 * 1024, 50
# As many as Excel has.
MOST_ROWS = 1_048_576
MOST_COLUMNS = 256
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_PROLOG_BYTES = 1 << 16
_PARTS = (b"[Content_Types].xml", b"_rels/", b"xl/", b"docProps/")


def is_workbook(head: bytes) -> bool:
    """Whether ``head`` begins an Office Open XML file, as opposed to any other zip.

    >>> is_workbook(b"PK" + bytes([3, 4]) + b"0" * 26 + b"[Content_Types].xml")
    True
    """
    return head.startswith(b"PK\x03\x04") and head[30:60].startswith(_PARTS)


def is_old_excel(head: bytes) -> bool:
    """Whether ``head`` begins a compound file, such as an XLS of before 2007; old Word files are others.

    >>> is_old_excel(bytes.fromhex("d0cf11e0a1b11ae1"))
    True
    """
    return head.startswith(_OLD_EXCEL)


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
        parts would unpack to more than 256 MiB, or to more than 64 MiB and 50 times its size,
        ``ecorad.ledger.workbook_unsafe`` when a part declares XML entities.
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


def sheet_values(
    book: Workbook, name: str, most: int = MOST_ROWS, most_columns: int = MOST_COLUMNS
) -> Iterator[tuple[int, Sequence[object]]]:
    """Row numbers and values of one sheet; rows without any value are left out.

    Raises
    ------
    DecodeError
        ``ecorad.ledger.workbook_broken`` when the sheet is damaged.
    """
    sheet: Any = book[name]
    if not hasattr(sheet, "reset_dimensions"):
        return  # a chart sheet
    # The size a sheet declares may be wrong or absurd; the rows themselves are read.
    sheet.reset_dimensions()
    try:
        for number, values in enumerate(sheet.iter_rows(max_row=most, values_only=True), 1):
            # Of no more columns than there are: a row padded to the most there may be takes longer than all else.
            cells = values[:most_columns]
            if any(value is not None for value in cells):
                yield number, cells
    except _BROKEN:
        raise DecodeError("the workbook cannot be read", code="ecorad.ledger.workbook_broken") from None


def _check(stream: BinaryIO) -> None:
    try:
        archive = zipfile.ZipFile(stream)
    except _BROKEN:
        raise DecodeError("the workbook is damaged", code="ecorad.ledger.workbook_broken") from None
    parts = archive.infolist()
    unpacked, packed = (sum(getattr(part, name) for part in parts) for name in ("file_size", "compress_size"))
    is_bomb = unpacked > BOMB_BYTES and unpacked > BOMB_TIMES * packed
    if len(parts) > MOST_PARTS or unpacked > MOST_BYTES or is_bomb:
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
