"""From sheets to movements: mapping, units, days, numbers, keys, and rows that cannot be used."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.ledgers import TEMPLATE, decode, recognise
from ecorad.model import DecodeError, LedgerMapping
from tests.intake.ledgers.sheets import CONTRAST, CONTRAST_HEADER, ITEMS, codes, one, read, site, template, workbook


def test_a_mapped_contrast_sheet():
    found = one(read(f"{CONTRAST_HEADER}\n02-03-2026;Omnipaque 350;100;85,5;14,5;CT 1\n"))
    assert (found.day, found.kind, found.product, found.movement) == (
        date(2026, 3, 2),
        "contrast",
        "Omnipaque 350",
        "opened",
    )
    assert (found.quantity, found.unit) == (1.0, "{item}")
    assert (found.pack_volume_ml, found.volume_given_ml, found.volume_left_ml) == (100.0, 85.5, 14.5)
    assert (found.device_alias, found.sheet_row) == ("CT 1", 2)
    assert found.event_time_utc == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert found.event_zone == "site"


def test_our_own_column_names_need_no_mapping():
    found = one(read(template("2026-03-02,helium,He,received,150,l"), place=site(ITEMS)))
    assert (found.kind, found.movement, found.quantity, found.unit) == ("helium", "received", 150.0, "L")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("ml", (5.0, "mL")), ("stk", (5.0, "{item}")), ("l", (5.0, "L")), ("g", (0.005, "kg")), ("dl", (500.0, "mL"))],
)
def test_units_are_brought_to_ours(unit, expected):
    found = one(read(template(f"2026-03-02,contrast,X,used,5,{unit}")))
    assert (found.quantity, found.unit) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings_and_delimiters(encoding):
    text = f"{CONTRAST_HEADER}\r\n02-03-2026;Ünïpaque;100;85,5;14,5;CT 1\r\n"
    assert one(read(text.encode(encoding))).product == "Ünïpaque"


def test_a_title_above_the_header_remarks_and_totals_are_no_rows():
    text = f"Contrast 2026\n\n{CONTRAST_HEADER}\n02-03-2026;A;100;50;50;CT\n# checked\nTotaal;;100;50;50;\n{CONTRAST_HEADER}\n"
    found = read(text)
    assert (found.rows_received, found.rows_quarantined) == (1, 0)
    assert one(found).sheet_row == 4


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2026-02-30,paper,A4,used,5,stk", "bad_day"),
        (",paper,A4,used,5,stk", "bad_day"),
        ("1926-03-02,paper,A4,used,5,stk", "bad_day"),
        ("2026-03-02,wood,A4,used,5,stk", "bad_kind"),
        ("2026-03-02,paper,,used,5,stk", "no_product"),
        ("2026-03-02,paper,A4,,5,stk", "no_movement"),
        ("2026-03-02,paper,A4,lost,5,stk", "bad_movement"),
        ("2026-03-02,paper,A4,used,,stk", "no_quantity"),
        ("2026-03-02,paper,A4,used,NaN,stk", "no_quantity"),
        ("2026-03-02,paper,A4,used,five,stk", "bad_quantity"),
        ("2026-03-02,paper,A4,used,-5,stk", "negative_quantity"),
        ("2026-03-02,paper,A4,used,5,box", "bad_unit"),
        ("2026-03-02,linen,sheet,used,5,", "no_unit"),
    ],
)
def test_a_row_that_cannot_be_used_is_quarantined_by_number_and_the_rest_goes_on(line, code):
    found = read(template("2026-03-02,paper,A4,used,1,stk", line, "2026-03-03,paper,A4,used,2,stk"))
    assert codes(found) == {code: "row 3"}
    assert [record.quantity for record in found.records] == [1.0, 2.0]
    assert (found.rows_received, found.rows_quarantined) == (3, 1)


def test_a_volume_that_is_no_number_is_unknown_and_told():
    found = read(f"{CONTRAST_HEADER}\n02-03-2026;A;100;-85;rest;CT\n")
    assert (one(found).volume_given_ml, one(found).volume_left_ml) == (None, None)
    assert codes(found)["bad_volume"] == "row 2"


def test_volumes_that_exceed_the_pack_are_told():
    found = read(f"{CONTRAST_HEADER}\n02-03-2026;A;100;85;50;CT\n")
    assert codes(found) == {"volumes_disagree": "row 2"}


def test_volumes_in_litres_by_their_header():
    mapping = LedgerMapping(
        **{**_fields(CONTRAST), "columns": {**CONTRAST.columns, "pack_volume_ml": "Verpakking (L)"}}
    )
    text = f"{CONTRAST_HEADER.replace('Verpakking (mL)', 'Verpakking (L)')}\n02-03-2026;A;0,5;100;400;CT\n"
    assert one(read(text, place=site(mapping))).pack_volume_ml == 500.0


def _fields(mapping):
    return {name: getattr(mapping, name) for name in mapping.__slots__}


def test_the_order_of_day_and_month_is_settled_over_the_sheet():
    text = "Day;Item;Used\n03/04/2026;wipes;1\n13/04/2026;wipes;2\n"
    assert [record.day for record in read(text).records] == [date(2026, 4, 3), date(2026, 4, 13)]


def test_an_open_order_of_day_and_month_is_told():
    assert "date_order_assumed" in codes(read("Day;Item;Used\n03/04/2026;wipes;1\n"))


def test_a_movement_column_in_other_languages():
    text = template("2026-03-02,耗材,纱布,入库,5,个", "2026-03-02,papier,A4,gebruikt,5,stuks")
    assert [(r.kind, r.movement) for r in read(text).records] == [("consumable", "received"), ("paper", "used")]


def test_a_quantity_without_a_unit_counts_items_and_says_so():
    found = read(template("2026-03-02,paper,A4,used,5,"))
    assert one(found).unit == "{item}"
    assert "unit_assumed" in codes(found)


ROWS = ["02-03-2026;A;100;50;50;CT", "02-03-2026;A;100;60;40;CT", "03-03-2026;A;100;70;30;CT"]


def keys(*lines, **options):
    return [record.record_key for record in read("\n".join([CONTRAST_HEADER, *lines]), **options).records]


def test_equal_rows_have_keys_of_their_own_and_keep_them():
    assert len(set(keys(*ROWS, ROWS[0]))) == 4
    assert keys(*ROWS) == keys(*ROWS, ROWS[0])[:3]


def test_a_corrected_volume_keeps_its_key():
    assert keys(*ROWS) == keys(ROWS[0].replace("50;50", "55;45"), *ROWS[1:])


def test_order_of_the_days_does_not_change_the_keys():
    assert sorted(keys(*ROWS)) == sorted(keys(ROWS[2], ROWS[0], ROWS[1]))


def test_other_rooms_and_other_feeds_are_other_movements():
    assert not set(keys(*ROWS)) & set(keys(*(row.replace("CT", "MR") for row in ROWS)))
    assert keys(*ROWS, feed="contrast") == keys(*ROWS)
    assert not set(keys(*ROWS, feed="second site")) & set(keys(*ROWS))


def test_the_ledger_with_most_columns_wins_and_then_the_name_of_the_file():
    twin = LedgerMapping(name="gloves", kind="consumable", columns=ITEMS.columns, defaults=ITEMS.defaults)
    place, text = site(ITEMS, twin), "Day;Item;Used\n2026-03-02;glove;1\n"
    assert recognise(text.encode(), "gloves.csv", place) == twin
    assert recognise(text.encode(), "other.csv", place) == ITEMS
    assert recognise(text.encode(), "other.csv", place, feed="gloves") == twin


@pytest.mark.parametrize(
    "head",
    [b"", b"time;kW\n2026-03-02T00:00Z;4\n", b"Datum;Product\n02-03-2026;A\n", b"\x00\x01" * 50, b"Day,Used\n1,2\n"],
)
def test_other_tables_are_not_recognised(head):
    assert recognise(head, "x.csv", site()) is None


def test_the_template_is_recognised_everywhere():
    assert recognise(template("2026-03-02,paper,A4,used,5,stk").encode(), "x.csv", site()) == TEMPLATE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_table"),
        (b"a;b\n1;2\n", "unmapped"),
        (template("2026-03-02,paper,A4,used,,stk").encode(), "no_rows"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "old_excel"),
        (workbook([["a", "b"], [1, 2]]), "unmapped"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_code(content, code):
    with pytest.raises(DecodeError) as caught:
        read(content)
    assert caught.value.code == f"ecorad.ledger.{code}"


def test_a_sheet_without_one_usable_row_says_why():
    with pytest.raises(DecodeError, match="rows 2-3: no movement and no default"):
        read(template("2026-03-02,paper,A4,,1,stk", "2026-03-02,paper,A4,,2,stk"))


def test_input_is_never_quoted_in_issues():
    found = read(
        template(
            "Canary^Zebra,paper,A4,used,1,stk",
            "2026-03-02,paper,A4,Canary^Zebra,1,stk",
            "2026-03-02,paper,A4,used,1,stk",
        )
    )
    assert found.rows_quarantined == 2
    assert not any("Canary" in str(issue) for issue in found.issues)


CELL = st.sampled_from(
    [
        "",
        "2026-03-02",
        "02.03.2026",
        "46083",
        "contrast",
        "A4",
        "used",
        "5",
        "-5",
        "1.234,5",
        "stk",
        "box",
        '"',
        "\0",
        "NaN",
    ]
)


@given(st.lists(st.lists(CELL, max_size=8), max_size=20))
def test_any_sheet_is_read_or_refused_and_the_counts_add_up(lines):
    text = template(*(",".join(line) for line in lines))
    try:
        found = decode(
            io.BytesIO(text.encode()), name="x", feed=None, site=site(), mapping=TEMPLATE, source_digest="0" * 64
        )
    except DecodeError:
        return
    assert found.rows_received == len(found.records) + found.rows_quarantined
    assert all(record.quantity >= 0 for record in found.records)
    assert len({record.record_key for record in found.records}) == len(found.records)
