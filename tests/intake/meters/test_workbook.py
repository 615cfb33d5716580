"""Readings in XLSX workbooks: cells as Excel keeps them, sheets, and workbooks that are damaged or of another room."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ecorad.intake.decoding import Decoder
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.meters import decode
from ecorad.intake.meters.suggest import suggest
from ecorad.intake.meters.table import open_table
from ecorad.intake.reading_ahead import HEAD_BYTES
from ecorad.intake.row_notes import Notes
from ecorad.intake.sources import Input
from ecorad.model import DecodeError, LedgerMapping, MeterEntry, Site
from tests.intake.ledgers.sheets import ITEMS, repacked
from tests.intake.meters.files import codes, energy, flagged, meter, only, read, site

# Times in a workbook have no zone; the tests' site is in UTC.
DAY = datetime(2026, 3, 2)  # noqa: DTZ001
HEADER = ["Time", "Power [kW]"]


def book(*sheets: Iterable[Sequence[Any]], titles: Sequence[str] = (), epoch: datetime | None = None) -> bytes:
    made = Workbook()
    made.epoch = epoch or made.epoch
    made.remove(made.worksheets[0])
    for i, rows in enumerate(sheets):
        sheet = made.create_sheet(titles[i] if titles else f"Sheet {i + 1}")
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def quarters(values: Sequence[Any], start: datetime = DAY) -> list[list[Any]]:
    return [[start + timedelta(minutes=15 * i), value] for i, value in enumerate(values)]


def starts(found: Any) -> list[datetime]:
    return [datetime.fromtimestamp(us / 1e6) for us in only(found).start_us]  # noqa: DTZ006


def refused(content: bytes, **fields: Any) -> str:
    with pytest.raises(DecodeError) as caught:
        read(content, meter(**fields), name="m.xlsx")
    return caught.value.code.removeprefix("ecorad.meter.")


def test_dates_and_numbers_as_excel_keeps_them():
    found = read(book([HEADER, *quarters([4, 6.5, 8.125, 2])]), meter(), name="m.xlsx")
    assert energy(found) == [1.0, 1.625, 2.03125, 0.5]
    assert only(found).start_us[0] == 1772409600 * 1_000_000  # 2026-03-02T00:00Z
    assert set(only(found).end_us - only(found).start_us) == {900_000_000}
    assert codes(found) == {}


def test_a_workbook_gives_what_the_same_table_gives_as_text():
    values = [4, 1.234, 2.345, 1000.125, 0.001, 17.5]
    text = "\n".join(["Time;Power [kW]", *(f"{stamp:%Y-%m-%d %H:%M};{value}" for stamp, value in quarters(values))])
    from_text, from_book = read(text, meter()), read(book([HEADER, *quarters(values)]), meter(), name="m.xlsx")
    assert energy(from_book) == energy(from_text) == [value / 4 for value in values]


def test_numbers_with_three_decimals_are_no_thousands():
    rows = [["Tijd", "Vermogen [kW]"], *quarters([1.234, "7,5", 2.345, 9.001])]
    assert energy(read(book(rows), meter(), name="m.xlsx")) == [0.3085, 1.875, 0.58625, 2.25025]


@pytest.mark.parametrize(
    "moments",
    [
        [DAY + timedelta(minutes=15 * i, microseconds=(-1) ** i * 4) for i in range(8)],
        [46083 + i / 96 for i in range(8)],  # never formatted as dates
        [f"{DAY + timedelta(minutes=15 * i):%d-%m-%Y %H:%M}" for i in range(8)],
        [f"{DAY + timedelta(minutes=15 * i):%Y年%m月%d日 %H:%M}" for i in range(8)],
    ],
)
def test_moments_as_cells_and_as_texts(moments):
    found = read(book([HEADER, *([moment, 4] for moment in moments)]), meter(), name="m.xlsx")
    assert starts(found) == [DAY + timedelta(minutes=15 * i) for i in range(8)]
    assert energy(found) == [1.0] * 8


def test_day_and_time_in_two_columns():
    rows: list[list[Any]] = [["Datum", "Tijd", "Verbruik (kWh)"]]
    rows += [[datetime(2026, 3, 2), time(i // 4, i % 4 * 15), i + 1] for i in range(8)]  # noqa: DTZ001
    found = read(book(rows), meter(kind="interval", unit="kWh"), name="m.xlsx")
    assert energy(found) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert starts(found)[5] == datetime(2026, 3, 2, 1, 15)  # noqa: DTZ001


def test_hours_that_count_to_24():
    rows: list[list[Any]] = [["Datum", "Tijd", "Verbruik (kWh)"]]
    rows += [[date(2026, 3, 2), timedelta(hours=i), i] for i in range(1, 25)]
    found = read(book(rows), meter(kind="interval", unit="kWh"), name="m.xlsx")
    assert energy(found) == list(range(1, 25))
    assert starts(found)[0] == DAY and "stamp_from_clock" in codes(found)


def test_chinese_headers_a_preamble_and_a_row_of_totals():
    rows: list[list[Any]] = [
        ["磁共振一号 电表"],
        ["导出时间", DAY + timedelta(days=30)],
        [],
        ["时间", "用电量（千瓦时）"],
    ]
    rows += [*quarters([1.5, 2.5, 3.5]), ["合计", 7.5]]
    found = read(book(rows), meter(kind="interval", unit=None), name="m.xlsx")
    assert energy(found) == [1.5, 2.5, 3.5]
    assert codes(found)["not_data"] == "row 8"


def test_a_formula_without_its_calculated_value_is_unknown_and_not_nothing():
    found = read(book([HEADER, *quarters([4, "=2+2", 8, 8])]), meter(), name="m.xlsx")
    assert energy(found) == [1.0, None, 2.0, 2.0]
    assert flagged(found, "unknown") == [1]
    assert refused(book([HEADER, *quarters(["=2+2"] * 4)])) == "no_readings"


def test_an_error_value_is_unknown():
    assert energy(read(book([HEADER, *quarters([4, "#REF!", 8])]), meter(), name="m.xlsx")) == [1.0, None, 2.0]


def test_days_since_1904_are_read_where_they_are_dates_and_refused_where_they_are_bare():
    dated = book([HEADER, *quarters([4, 8, 4])], epoch=CALENDAR_MAC_1904)
    assert starts(read(dated, meter(), name="m.xlsx"))[0] == DAY
    bare = [[44621 + i / 96, 4] for i in range(8)]
    assert refused(book([HEADER, *bare], epoch=CALENDAR_MAC_1904)) == "no_readings"


def test_the_sheet_with_most_readings_is_read_and_another_is_told():
    days = [[DAY + timedelta(days=i), 96.0] for i in range(5)]
    content = book([["Meter", "MR 1"]], [HEADER, *days], [HEADER, *quarters([4] * 40)])
    found = read(content, meter(), name="m.xlsx")
    assert len(only(found).energy_kwh) == 40
    assert "sheet_assumed" in codes(found)
    alone = book([["Meter", "MR 1"]], [HEADER, *quarters([4] * 5)], [["Printed", DAY, 1]])
    assert "sheet_assumed" not in codes(read(alone, meter(), name="m.xlsx"))


def test_a_sheet_called_like_the_meter_is_the_meters():
    content = book([HEADER, *quarters([4] * 9)], [HEADER, *quarters([8] * 5)], titles=["CT1", "MR1"])
    entries = (meter(id="mr1"), meter(id="ct1"))
    for feed, expected in (("mr1", [2.0] * 5), ("ct1", [1.0] * 9)):
        found = read(content, entries=entries, feed=feed, name="all.xlsx")
        assert energy(found) == expected and codes(found) == {}


def test_a_workbook_with_a_sheet_for_each_meter_is_read_at_once():
    content = book(
        [HEADER, *quarters([4] * 9)], [HEADER, *quarters([8] * 5)], [["a", "b"]], titles=["CT1", " mr1", "xa1"]
    )
    entries = (meter(id="mr1"), meter(id="ct1"), meter(id="xa1"), meter(id="dx1"))
    found = read(content, entries=entries, name="all.xlsx")
    assert {one.meter_key: one.energy_kwh.tolist() for one in found.readings} == {"ct1": [1.0] * 9, "mr1": [2.0] * 5}
    fourth = book([HEADER, *quarters([4] * 9)], [HEADER, *quarters([8] * 5)], titles=["CT1", "Room 4"])
    assert codes(read(fourth, entries=entries, name="all.xlsx")) == {"sheet_assumed": "file"}
    # A sheet without readings is told, and never another meter's taken for it.
    assert codes(found) == {"no_readings": "sheet xa1"}
    with pytest.raises(DecodeError) as caught:
        read(content, entries=entries, name="all.xlsx", feed="xa1")
    assert caught.value.code == "ecorad.meter.no_readings"


def test_a_day_in_each_row():
    header = ["Datum", *(time(i // 4, i % 4 * 15) for i in range(96))]
    rows = [[DAY + timedelta(days=day), *range(1, 97)] for day in range(2)]
    found = read(book([header, *rows]), meter(kind="interval", unit="kWh"), name="m.xlsx")
    assert energy(found) == [*range(1, 97)] * 2


def test_a_suggestion_for_a_workbook_reads_it():
    rows: list[list[Any]] = [["Time", "P1 [W]", "P2 [W]", "P3 [W]"]]
    rows += [[stamp, 1000, 2000, 1000] for stamp, _ in quarters([0] * 8)]
    found = suggest(io.BytesIO(book(rows)), name="mr1.xlsx", site=Site(name="x"))
    assert found.code is None and found.readings == 8 and found.kwh_per_day == pytest.approx(96.0)
    assert any('value = "P1 [W] + P2 [W] + P3 [W]"' in line for line in found.lines)


def test_what_is_wrong_with_a_workbook_is_told_in_words_of_meters(monkeypatch):
    good = book([HEADER, *quarters([4] * 50)])
    assert refused(good[: len(good) // 2]) == "workbook_broken"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "old_excel"
    entities = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><worksheet>&b;</worksheet>'
    assert refused(repacked(good, sheet1=entities)) == "workbook_unsafe"
    assert refused(book([["Time", *range(1600)], [DAY, *range(1600)]])) == "workbook_too_large"
    monkeypatch.setattr("ecorad.intake.workbook.MOST_BYTES", 1000)
    assert refused(good) == "workbook_too_large"


def test_a_damaged_workbook_gives_its_own_readings_or_a_code():
    chance = random.Random(11)
    good = book([HEADER, *quarters([4, 8, 12, 16])])
    outcomes = set()
    for _ in range(100):
        content = bytearray(good)
        content[chance.randrange(40, len(content))] = chance.randrange(256)
        try:
            found = decode(io.BytesIO(bytes(content)), name="m.xlsx", feed=None, site=site(meter()))
        except DecodeError as error:
            assert error.code.startswith("ecorad.meter.")
            outcomes.add("refused")
        else:
            assert energy(found) == [1.0, 2.0, 3.0, 4.0]  # the damage was in a part that says nothing of readings
            outcomes.add("read")
    assert outcomes == {"read", "refused"}


@settings(max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e4), st.integers(0, 10_000)), min_size=3, max_size=30),
    st.integers(0, 86_399),
)
def test_what_is_written_is_read(values, second):
    start = DAY + timedelta(seconds=second)
    rows = [HEADER, [start - timedelta(minutes=15), 1.5], *quarters(values, start)]
    found = read(book(rows), meter(plausible_kw=(0, 10_000)), name="m.xlsx")
    expected = [1.5, *values]
    got = {int(us): kwh for us, kwh in zip(only(found).start_us, only(found).energy_kwh, strict=True)}
    first = min(got)
    for i, value in enumerate(expected):
        kwh = got.get(first + i * 900_000_000, float("nan"))
        assert np.isnan(kwh) if value is None else kwh == pytest.approx(value / 4, rel=1e-9, abs=1e-12)


def test_a_large_sheet_is_handed_on_in_parts():
    rows = [[DAY + timedelta(minutes=i), i % 7, "a remark"] for i in range(8_000)]
    blocks = list(open_table(io.BytesIO(book([["Time", "Power [kW]", "Remark"], *rows])), Notes()).blocks)
    assert len(blocks) > 1 and max(len(block.rows) for block in blocks) < 7000
    assert [number for block in blocks for number in block.numbers] == list(range(1, 8_002))


def arrival(content: bytes, name: str, feed: str | None = None, *ledgers: LedgerMapping) -> tuple[str, str | None]:
    """The kind that the pipeline takes a file for, and its code."""
    entries = (MeterEntry(id="mr1", kind="power", unit="kW"), MeterEntry(id="ct1", kind="power", unit="kW"))
    decoder = Decoder(Site(name="x", meters=entries, ledgers=ledgers or (ITEMS,)), Pseudonymiser(bytes(32)), feed)
    found = decoder.decode(Input(place=name, name=name, size=len(content), content=content))
    return found.kind, found.code


def readings(count: int = 8) -> bytes:
    return book([HEADER, *quarters([4 + i % 3 for i in range(count)])])


def stock(count: int = 3) -> bytes:
    return book([["Day", "Item", "Used"], *([f"2026-03-{1 + i % 28:02d}", f"wipes {i}", 3] for i in range(count))])


def test_readings_and_stock_go_to_their_rooms_whatever_their_names():
    mine, theirs = readings(), stock()
    assert arrival(mine, "mr1.xlsx") == ("meter", None)
    assert arrival(mine, "export.xlsx") == ("meter", None)
    assert arrival(mine, "export.xlsx", "mr1") == ("meter", None)
    assert arrival(theirs, "items.xlsx") == ("ledger", None)
    assert arrival(theirs, "march.xlsx") == ("ledger", None)
    assert arrival(theirs, "ct1/march.xlsx") == ("ledger", None)
    assert arrival(theirs, "mr1 2026.xlsx") == ("ledger", None)
    assert arrival(theirs, "x.xlsx", "items") == ("ledger", None)


def test_a_workbook_too_large_to_show_in_its_first_bytes_is_looked_into():
    mine, theirs = readings(5600), stock(4000)
    assert min(len(mine), len(theirs)) > HEAD_BYTES
    assert arrival(mine, "export.xlsx") == ("meter", None)
    assert arrival(theirs, "mr1 2026.xlsx") == ("ledger", None)


def test_what_cannot_be_opened_is_told_in_the_room_that_its_name_tells():
    broken, old = readings(400)[:9000], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert arrival(broken, "mr1.xlsx") == ("meter", "ecorad.meter.workbook_broken")
    assert arrival(broken, "items.xlsx") == ("ledger", "ecorad.ledger.workbook_broken")
    assert arrival(old, "mr1_2026.xls") == ("meter", "ecorad.meter.old_excel")
    assert arrival(old, "x.xls", "mr1") == ("meter", "ecorad.meter.old_excel")
    assert arrival(old, "march.xls") == ("ledger", "ecorad.ledger.old_excel")
    assert arrival(old, "letter.doc") == ("unknown", "ecorad.intake.unrecognised")
    assert arrival(book([["Dear colleague"], ["thank you"]]), "letter.xlsx") == (
        "unknown",
        "ecorad.intake.unrecognised",
    )
