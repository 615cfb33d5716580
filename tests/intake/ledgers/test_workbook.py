"""XLSX: dates and formulas as Excel keeps them, and workbooks that are damaged or hostile."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date, datetime

import pytest

from ecorad.intake import workbook as room
from ecorad.intake.ledgers import decode, recognise
from ecorad.intake.ledgers.workbook import sheet_rows
from ecorad.model import DecodeError, LedgerMapping
from tests.intake.ledgers.sheets import ITEMS, codes, read, repacked, site, template, workbook

HEADER = ["Day", "Item", "Used"]


def test_days_as_excel_keeps_them():
    days = [datetime(2026, 3, 2), date(2026, 3, 3), 46085, "2026-03-05"]  # noqa: DTZ001 - a cell has no zone
    found = read(workbook([HEADER, *([day, "wipes", 1] for day in days)]), name="x.xlsx")
    assert [record.day.day for record in found.records] == [2, 3, 4, 5]


def test_a_formula_without_its_calculated_value_is_quarantined():
    found = read(workbook([HEADER, ["2026-03-02", "wipes", "=1+1"], ["2026-03-02", "wipes", 3]]), name="x.xlsx")
    assert codes(found) == {"no_quantity": "row 2"}
    assert [record.quantity for record in found.records] == [3.0]


def test_an_error_value_is_not_a_number():
    found = read(workbook([HEADER, ["2026-03-02", "wipes", "#REF!"], ["2026-03-02", "wipes", 3]]), name="x.xlsx")
    assert codes(found) == {"no_quantity": "row 2"}


def test_row_numbers_are_those_of_the_sheet():
    found = read(workbook([["Stock of 2026"], [], HEADER, [], ["2026-03-02", "wipes", 3]]), name="x.xlsx")
    assert found.records[0].sheet_row == 5


def test_numbers_written_as_text_with_a_decimal_comma():
    found = read(workbook([HEADER, ["2026-03-02", "wipes", "2,5"]]), name="x.xlsx")
    assert found.records[0].quantity == 2.5


def test_the_sheet_is_found_by_its_headers_among_others():
    content = workbook([HEADER, ["2026-03-02", "wipes", 3]], more=["Notes", "Chart data"])
    assert recognise(content, "book.xlsx", site()) == ITEMS
    assert len(read(content, name="book.xlsx").records) == 1


def test_the_declared_sheet_only():
    mapping = LedgerMapping(
        name="items", kind="consumable", columns=ITEMS.columns, defaults=ITEMS.defaults, sheet="Usage"
    )
    content = workbook([HEADER, ["2026-03-02", "wipes", 3]])
    assert len(read(content, place=site(mapping), name="x.xlsx").records) == 1


def test_a_head_too_short_to_show_headers_is_told_by_name_and_looked_up_again():
    content = workbook([HEADER, *(["2026-03-02", f"wipes {i}", 3] for i in range(50))])
    mapping = recognise(content[:512], "contrast.xlsx", site())
    assert mapping is not None
    found = decode(
        io.BytesIO(content), name="contrast.xlsx", feed=None, site=site(), mapping=mapping, source_digest="0" * 64
    )
    assert {record.kind for record in found.records} == {"consumable"}


def test_a_plain_zip_is_no_workbook():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", template("2026-03-02,paper,A4,used,5,stk"))
    assert not room.is_workbook(buffer.getvalue())
    assert room.is_workbook(workbook([HEADER])[:4096])


def refused(content: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        decode(io.BytesIO(content), name="x.xlsx", feed=None, site=site(), mapping=None, source_digest="0" * 64)
    return caught.value.code.removeprefix("ecorad.ledger.")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_workbook_is_refused(share):
    content = workbook([HEADER, ["2026-03-02", "wipes", 3]])
    assert refused(content[: int(share * len(content))]) == "workbook_broken"


def test_s7_a_large_workbook_that_claims_fifty_times_its_size_is_refused_unopened(monkeypatch):
    monkeypatch.setattr(room, "BOMB_BYTES", 100_000)
    row = "".join(f"<c><v>{n * 7919 % 10_007}</v></c>" for n in range(4000)).encode()
    honest = repacked(
        workbook([HEADER]), sheet1=b"<worksheet><sheetData><row>" + row * 3 + b"</row></sheetData></worksheet>"
    )
    assert refused(repacked(workbook([HEADER]), sheet1=b" " * 1_000_000)) == "workbook_too_large"
    assert refused(honest) != "workbook_too_large"


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused_unopened(monkeypatch):
    monkeypatch.setattr(room, "MOST_BYTES", 100_000)
    bomb = repacked(workbook([HEADER]), sheet1=b" " * 1_000_000)
    assert len(bomb) < 20_000
    assert refused(bomb) == "workbook_too_large"


def test_xml_entities_are_refused():
    entities = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>'
    assert refused(repacked(workbook([HEADER]), sheet1=entities)) == "workbook_unsafe"


def test_a_sheet_that_is_not_xml_is_refused():
    assert refused(repacked(workbook([HEADER]), sheet1=b"<worksheet><sheetData><row>")) in {
        "workbook_broken",
        "unmapped",
    }


def test_a_part_whose_stream_is_damaged_is_a_broken_workbook():
    # Not every flip meets the check sum first: some break the inflating itself.
    chance = random.Random(3)
    for _ in range(300):
        content = bytearray(workbook([["date", "product"], ["2026-03-01", "Iomeron 350"]]))
        for _ in range(3):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            with room.open_workbook(io.BytesIO(bytes(content))) as book:
                sheet_rows(book, book.sheetnames[0])
        except DecodeError as error:
            assert error.code.startswith("ecorad.ledger.workbook_")
