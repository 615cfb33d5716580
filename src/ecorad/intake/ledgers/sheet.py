"""The sheets of one file that belong to a ledger, with their header found and their way of writing settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ecorad.intake.row_notes import Notes
from ecorad.intake.text_table import head_rows, read_blocks, sniff
from ecorad.intake.workbook import is_old_excel, is_workbook, open_workbook
from ecorad.model import DecodeError, LedgerMapping, Site

from . import vocabulary
from .cells import Cell, CellStyle, day_of, settle_style, text_of
from .mapping import Header, choose, find_header, stem_of
from .workbook import sheet_rows

HEAD_BYTES = 1 << 16
VOLUMES = ("pack_volume_ml", "volume_given_ml", "volume_left_ml")
_Rows = list[tuple[int, list[Cell]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the rows below its header with their numbers, and how to read them. A text table has no name."""

    name: str
    rows: _Rows
    header: Header
    mapping: LedgerMapping
    style: CellStyle

    def written(self, field: str, cells: list[Cell]) -> Cell:
        """What a row writes in one field."""
        place = self.header.columns.get(field)
        return cells[place] if place is not None and place < len(cells) else None

    def value(self, field: str, cells: list[Cell]) -> Cell:
        """What a row says in one field: its cell, or the default of the mapping where the cell is empty."""
        cell = self.written(field, cells)
        return cell if text_of(cell) else self.mapping.defaults.get(field)

    def is_data(self, cells: list[Cell]) -> bool:
        """Whether a row is more than blank, a remark, the header once more or a total."""
        texts = {name: text_of(self.written(name, cells)) for name in self.header.columns}
        first = text_of(cells[0] if cells else None)
        if not any(texts.values()) or first.startswith("#"):
            return False
        if all(texts[name].lower() == header.lower() for name, header in self.header.names.items()):
            return False
        words = (texts.get("day", ""), texts.get("product", ""), first)
        has_day = day_of(self.written("day", cells), self.style) is not None
        return has_day or not any(vocabulary.TOTAL_ROW.match(word.lower()) for word in words)


@dataclass(frozen=True, slots=True)
class Source:
    """The file a sheet comes from, the site it is read for, and the ledger it was recognised as."""

    name: str
    site: Site
    mapping: LedgerMapping | None

    def fitting(self, rows: _Rows, title: str | None) -> LedgerMapping | None:
        """The mapping whose columns a sheet has: the recognised one first."""
        if self.mapping is not None and find_header(rows, self.mapping) is not None:
            return self.mapping
        return choose([cells for _, cells in rows[:60]], self.site, stem_of(self.name), title)


def sheets(stream: BinaryIO, source: Source, notes: Notes) -> Iterator[Sheet]:
    """Every sheet of a file that belongs to a ledger.

    Raises
    ------
    DecodeError
        ``ecorad.ledger.unmapped`` when none does; more codes for what cannot be opened.
    """
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if is_old_excel(head):
        raise DecodeError("this is an old Excel file; save it as XLSX or CSV", code="ecorad.ledger.old_excel")
    if not is_workbook(head):
        yield _text_sheet(stream, head, source, notes)
        return
    found = 0
    with open_workbook(stream) as book:
        named = source.mapping.sheet if source.mapping is not None else None
        for title in [named] if named in book.sheetnames and named is not None else book.sheetnames:
            rows = sheet_rows(book, title)
            mapping = source.fitting(rows, title)
            if mapping is not None:
                found += 1
                yield _sheet(title, rows, mapping, source.site, delimiter=",")
    if not found:
        raise DecodeError("no ledger in site.toml has the columns of a sheet", code="ecorad.ledger.unmapped")


def _text_sheet(stream: BinaryIO, head: bytes, source: Source, notes: Notes) -> Sheet:
    dialect = sniff(head)
    if dialect is None:
        raise DecodeError("this is no table of text", code="ecorad.ledger.no_table")
    first = head_rows(head, dialect, is_whole=len(head) < HEAD_BYTES)
    mapping = source.fitting([(number, list[Cell](cells)) for number, cells in first], None)
    if mapping is None:
        raise DecodeError("no ledger in site.toml has the columns of this table", code="ecorad.ledger.unmapped")
    rows: _Rows = []
    for block in read_blocks(stream, dialect):
        notes.quarantine("ecorad.ledger.line_too_long", block.overlong, "a line of more than 65,536 characters")
        rows += [(number, list[Cell](cells)) for number, cells in zip(block.numbers, block.rows, strict=True)]
    return _sheet("", rows, mapping, source.site, delimiter=dialect.delimiter)


def _sheet(title: str, rows: _Rows, mapping: LedgerMapping, site: Site, *, delimiter: str) -> Sheet:
    header = find_header(rows, mapping)
    if header is None:
        raise DecodeError("the header row is gone", code="ecorad.ledger.unmapped")
    body = [(number, cells) for number, cells in rows if number > header.row]
    columns = header.columns
    days = (_at(cells, columns.get("day")) for _, cells in body)
    places = [columns[name] for name in ("quantity", *VOLUMES) if name in columns]
    numbers = (_at(cells, place) for _, cells in body for place in places)
    style = settle_style(days, numbers, mapping, site.timezone, delimiter)
    return Sheet(title, body, header, mapping, style)


def _at(cells: list[Cell], place: int | None) -> Cell:
    return cells[place] if place is not None and place < len(cells) else None
