"""Text tables: encodings, delimiters, quotes, and lines without end."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.text_table import LONGEST_LINE, Dialect, head_rows, read_blocks, sniff


def rows(content: bytes, dialect: Dialect | None = None) -> list[tuple[int, list[str]]]:
    return [
        pair
        for block in read_blocks(io.BytesIO(content), dialect or Dialect("utf-8", ";"))
        for pair in zip(block.numbers, block.rows, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a,b\n1,2\n3,4\n", ","),
        ("a\tb, c\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('"a;x","b"\n"1;y","2"\n"3","4"\n', ","),
        ("Title\n\nsep=;\na;b\n1;2\n3;4\n", ";"),
    ],
)
def test_delimiters(text, delimiter):
    assert sniff(text.encode()).delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        ("Zähler;1\n", "utf-8", "utf-8"),
        ("Zähler;1\n", "utf-8-sig", "utf-8-sig"),
        ("Zähler;1\n", "utf-16", "utf-16"),
        ("Zähler;1\n", "utf-16-le", "utf-16-le"),
        ("Zähler;1\n", "utf-16-be", "utf-16-be"),
        ("Zähler;1\n", "latin-1", "latin-1"),
        ("时间;功率\n", "gb18030", "gb18030"),
    ],
)
def test_encodings(text, encoding, found):
    content = (text * 4).encode(encoding)
    dialect = sniff(content)
    assert dialect.encoding == found
    assert rows(content, dialect)[0][1] == text.strip().split(";")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"one column\nonly\nhere\n", bytes(range(32)) * 40, b"\x89PNG\r\n\x1a\n" + b"\0" * 99]
)
def test_what_is_no_table(content):
    assert sniff(content) is None


def test_bytes_that_are_not_utf_8_become_characters_one_by_one():
    content = b"a;b\n" * 30_000 + b"Z\xe4hler;2\n"
    assert rows(content)[-1][1] == ["Zähler", "2"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_and_row_numbers(newline):
    content = newline.join(["a;b", "", "1;2", "   ", "3;4"]).encode()
    assert rows(content) == [(1, ["a", "b"]), (3, ["1", "2"]), (5, ["3", "4"])]


def test_a_cr_lf_cut_between_two_reads():
    filler = b"x;" * ((1 << 20) // 2 - 1) + b"x"
    content = (
        b"\n".join(filler[i : i + 1000] for i in range(0, len(filler), 1000))[: (1 << 20) - 1] + b"\r\nlast;row\r\n"
    )
    numbered = rows(content)
    assert numbered[-1][1] == ["last", "row"]
    assert numbered[-1][0] == content.count(b"\n")


def test_a_quoted_cell_over_several_lines():
    assert rows(b'a;b\n"x\ny;z";2\n3;4\n') == [(1, ["a", "b"]), (2, ["x\ny;z", "2"]), (4, ["3", "4"])]


def test_a_quote_that_never_closes_costs_its_own_line():
    assert rows(b'a;b\n1;"2\n' + b"3;4\n" * 30)[1:3] == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_overlong_lines_are_told_by_number():
    long = b"x" * (LONGEST_LINE + 1)
    content = b"a;b\n" + long + b"\n1;2\n" + long * 40 + b"\n3;4\n"
    blocks = list(read_blocks(io.BytesIO(content), Dialect("utf-8", ";")))
    assert [number for block in blocks for number in block.overlong] == [2, 4]
    assert [row for block in blocks for row in block.rows] == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_the_head_leaves_out_a_row_that_may_be_cut():
    head = b"a;b\n1;2\n3;4\n5;66"
    assert len(head_rows(head, Dialect("utf-8", ";"))) == 3
    assert len(head_rows(head, Dialect("utf-8", ";"), is_whole=True)) == 4


CELLS = st.text(alphabet='ab1.,;" é', max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8))
def test_what_csv_writes_is_read_back(table):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    assert [row for _, row in rows(buffer.getvalue().encode())] == table


@given(st.binary(max_size=300))
def test_any_bytes_are_sniffed_and_read(content):
    dialect = sniff(content)
    if dialect is not None:
        assert all(isinstance(cell, str) for _, row in rows(content, dialect) for cell in row)
