"""Numbers and dates as people write them, and rows told by number."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.row_notes import Notes, row_list
from ecorad.intake.written_dates import EPOCH_ORDINAL, decide_order, read_date
from ecorad.intake.written_numbers import decide_style, read_number, read_numbers


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("9.5", ".", 9.5),
        ("9,5", ",", 9.5),
        ("9,5", ".", 9.5),
        ("9.5", ",", 9.5),
        ("1,234.5", ".", 1234.5),
        ("1.234,5", ",", 1234.5),
        ("1.234.567", ",", 1234567.0),
        ("1,234", ".", 1234.0),
        ("1,234", ",", 1.234),
        ("0,234", ".", 0.234),
        ("0.234", ",", 0.234),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234,5", ",", 1234.5),
        ("1'234.5", ".", 1234.5),
        ("\u22125", ".", -5.0),
        ("+5", ".", 5.0),
        (" 5 ", ".", 5.0),
        ("1e3", ".", 1000.0),
        (".5", ".", 0.5),
    ],
)
def test_numbers(text, decimal, value):
    assert read_number(text, decimal) == value
    assert read_numbers([text], decimal)[0].tolist() == [value]


@pytest.mark.parametrize("text", ["abc", "1.2.3", "5 kW", "12:30", "1,2,3", "--5", "0x10", "1_000"])
def test_what_is_no_number(text):
    assert read_number(text) is None
    assert read_numbers([text, "1"], ".")[1].tolist() == [False, True]


@pytest.mark.parametrize("text", ["", " ", "NaN", "n/a", "-", "inf", "-Infinity", "1e999", "#N/A", "NULL"])
def test_words_for_not_known(text):
    assert math.isnan(read_number(text))
    values, is_number = read_numbers([text, "1"], ".")
    assert np.isnan(values[0])
    assert is_number.all()


@pytest.mark.parametrize(
    ("texts", "decimal", "assumed"),
    [
        (["1", "9,5"], ",", False),
        (["1", "9.5"], ".", False),
        (["1.234,5"], ",", False),
        (["1,234.5"], ".", False),
        (["1,234,567"], ".", False),
        (["9,513"], ",", True),
        (["9.513"], ".", False),
        (["0,513", "9,513"], ",", False),
    ],
)
def test_the_decimal_sign_of_a_column(texts, decimal, assumed):
    style = decide_style(texts, ";")
    assert (style.decimal, style.assumed) == (decimal, assumed)


def test_whole_numbers_leave_the_sign_open():
    assert decide_style(["1", "22"], ";") is None


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30), st.sampled_from([".", ","]))
def test_numbers_come_back_as_written(values, decimal):
    texts = [f"{value:.6f}".replace(".", decimal) for value in values]
    found, is_number = read_numbers(texts, decimal)
    assert is_number.all()
    np.testing.assert_allclose(found, values, atol=1e-6)


@given(st.text(max_size=12), st.sampled_from([".", ","]))
def test_one_and_many_numbers_agree(text, decimal):
    one = read_number(text, decimal)
    values, is_number = read_numbers([text, "x"], decimal)
    assert is_number[0] == (one is not None)
    assert one is None or values[0] == one or (math.isnan(one) and np.isnan(values[0]))


@given(
    st.dates(date(2000, 1, 1), date(2035, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%Y/%m/%d", "%d-%b-%Y"]),
)
def test_dates_come_back_as_written(day, form):
    written = read_date(day.strftime(form))
    assert date.fromordinal(written.day_number("dmy") + EPOCH_ORDINAL) == day


@pytest.mark.parametrize("text", ["", "2026", "2026-13-01", "32.01.2026", "1/2", "March", "2026-03-02x", "00.00.0000"])
def test_what_is_no_date(text):
    written = read_date(text)
    assert written is None or written.day_number("dmy") is None


@pytest.mark.parametrize(
    ("texts", "zone", "order", "assumed"),
    [
        (["13/01/2026"], "America/New_York", "dmy", False),
        (["01/13/2026"], "UTC", "mdy", False),
        (["01/02/2026"], "UTC", "dmy", True),
        (["01/02/2026"], "America/Chicago", "mdy", True),
        (["01.02.2026"], "America/Chicago", "dmy", False),
        (["02/02/2026"], "UTC", "dmy", False),
        (["03/01/2026", "03/02/2026", "03/03/2026"], "UTC", "mdy", False),
    ],
)
def test_day_or_month_first(texts, zone, order, assumed):
    assert decide_order([read_date(text) for text in texts], zone) == (order, assumed)


@given(st.dates(date(2001, 1, 1), date(2030, 1, 1)), st.integers(20, 400))
def test_a_run_of_days_settles_the_order(first, days):
    texts = [(first + timedelta(days=i)).strftime("%m/%d/%Y") for i in range(days)]
    assert decide_order([read_date(text) for text in texts], "UTC") == ("mdy", False)


def test_rows_are_told_as_spans_and_capped():
    assert row_list([9, 3, 4, 4, 5]) == "rows 3-5, 9"
    assert row_list(range(0, 100, 2)).endswith("and on to row 98")


def test_issues_count_their_rows():
    notes = Notes()
    notes.quarantine("ecorad.test.bad", [4, 5], "no number")
    notes.tell("ecorad.test.assumed")
    issues = notes.issues()
    assert [(issue.code, issue.where, issue.count) for issue in issues] == [
        ("ecorad.test.bad", "rows 4-5", 2),
        ("ecorad.test.assumed", "file", 1),
    ]
    assert notes.quarantined == {4, 5}
