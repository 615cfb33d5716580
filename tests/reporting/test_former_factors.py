"""The factor set of an earlier statement, made again from what it lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecorad.factors import FactorBook, book, grid_average
from ecorad.factors.sets import FactorSet, shipped, with_tables
from ecorad.reporting.former_factors import former_set
from ecorad.reporting.statement.factor_rows import factor_rows
from tests.factors.test_book import site_table

USED = ("cooling.ratio.basel", "power.mr.idle.woolen", "grid.average.NL.2024.ember", "exam.mr.hifu", "gwp100.SF6.AR5")


def statement(of: FactorBook, *names: str) -> dict:
    return {"factors": factor_rows(of, names)}


def without(name: str) -> FactorSet:
    """The book of today, had this row been taken out."""
    table = book().table(book().get(name).table)
    kept = replace(table, factors=tuple(row for row in table.factors if row.factor_id != name))
    return FactorSet("x", FactorBook(tuple(kept if one.name == table.name else one for one in book().tables)))


@pytest.mark.parametrize("name", USED)
def test_a_row_that_did_not_change_is_the_same_row(name: str) -> None:
    assert former_set(statement(book(), name), shipped()).book.get(name) == book().get(name)


@pytest.mark.parametrize("name", USED)
def test_a_row_that_has_gone_is_made_again_whole(name: str) -> None:
    assert former_set(statement(book(), name), without(name)).book.get(name) == book().get(name)


def test_a_row_of_a_table_that_has_gone_is_made_again(tmp_path) -> None:
    mine = with_tables(shipped(), [site_table(tmp_path)])
    again = former_set(statement(mine.book, "site.grid.NL.2025"), shipped()).book
    assert again.get("site.grid.NL.2025") == mine.book.get("site.grid.NL.2025")
    assert grid_average("NL", 2025, factor_book=again).intensity.factor_id == "site.grid.NL.2025"
    assert again.source(again.get("site.grid.NL.2025")).citation == "electricity contract 2025"


def test_a_row_that_came_later_to_its_zone_is_not_used(tmp_path) -> None:
    mine = with_tables(shipped(), [site_table(tmp_path)])
    old = statement(book(), "grid.average.NL.2024.ember")
    assert grid_average("NL", 2025, factor_book=mine.book).intensity.factor_id == "site.grid.NL.2025"
    again = former_set(old, mine).book
    assert grid_average("NL", 2025, factor_book=again).intensity.factor_id == "grid.average.NL.2024.ember"
    assert grid_average("DE", 2024, factor_book=again) == grid_average("DE", 2024)


def test_a_number_that_moved_is_as_it_was() -> None:
    old = statement(book(), "cooling.ratio.basel")
    (row,) = old["factors"]
    row["value"], row["row"]["low"] = 0.7, 0.1
    again = former_set(old, shipped()).book.get("cooling.ratio.basel")
    assert (again.value, again.low, again.high) == (0.7, 0.1, book().get("cooling.ratio.basel").high)


def test_of_a_statement_without_details_the_number_and_its_ends_are_kept() -> None:
    old = statement(book(), "cooling.ratio.basel", "exam.mr.hifu")
    for row in old["factors"]:
        del row["row"]
    assert former_set(old, shipped()).book.digest == book().digest
    old["factors"][0]["value"] = 0.7
    assert former_set(old, shipped()).book.get("cooling.ratio.basel").value == 0.7


def test_an_unchecked_row_that_was_used_may_be_used_again() -> None:
    name = "exam.mr.mcalister.consequential"
    old = statement(book().allowing(name), name)
    assert former_set(old, shipped()).book.get(name).value == 1.1
