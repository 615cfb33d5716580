"""Sums of files: a CRC worked out elsewhere, lines that were cut off, files that changed since."""

from __future__ import annotations

import pytest

from ecorad.ledger import sums


@pytest.fixture
def table(tmp_path):
    (tmp_path / "month=2026-03").mkdir()
    path = tmp_path / "month=2026-03" / "part 1.parquet"
    path.write_bytes(b"123456789")
    return tmp_path, path


def test_the_check_value_of_the_standard(table):
    """The catalogue of parametrised CRC algorithms gives 0xcbf43926 for CRC-32/ISO-HDLC of these nine digits."""
    folder, path = table
    sums.keep(folder, [path])
    assert (folder / sums.NAME).read_bytes().split() == [b"cbf43926", b"month=2026-03/part", b"1.parquet"]


def test_a_changed_file_is_named_and_an_unchanged_one_is_not(table):
    folder, path = table
    other = folder / "other"
    other.write_bytes(bytes(3 << 20))
    sums.keep(folder, [path, other])
    assert not list(sums.damaged(folder, [path, other]))
    path.write_bytes(b"123456780")
    assert list(sums.damaged(folder, [path, other])) == [path]


def test_of_two_lines_the_later_one_holds(table):
    folder, path = table
    sums.keep(folder, [path])
    path.write_bytes(b"again")
    sums.keep(folder, [path])
    assert not list(sums.damaged(folder, [path]))


@pytest.mark.parametrize("cut", range(1, 36))
def test_a_line_that_was_cut_off_neither_counts_nor_swallows_the_next(table, cut):
    folder, path = table
    sums.keep(folder, [path])
    content = (folder / sums.NAME).read_bytes()
    (folder / sums.NAME).write_bytes(content[:-cut])
    assert not list(sums.damaged(folder, [path]))
    sums.keep(folder, [path])
    path.write_bytes(b"")
    assert list(sums.damaged(folder, [path])) == [path]


def test_what_has_no_line_is_not_looked_at(table):
    folder, path = table
    assert not list(sums.damaged(folder, [path]))


def test_a_file_that_is_gone_is_said(table):
    folder, path = table
    sums.keep(folder, [path])
    path.unlink()
    with pytest.raises(FileNotFoundError):
        list(sums.damaged(folder, [path]))
