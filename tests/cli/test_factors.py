"""``ecorad factors``: list, show, and what changed since a statement."""

from __future__ import annotations

import json

import pytest

from ecorad.cli.app import run
from ecorad.factors import book


@pytest.fixture
def told(capsys):
    def ask(*arguments: str, status: int = 0):
        assert run(["factors", *arguments, "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return ask


def test_every_row_is_listed_with_the_digest(told):
    listed = told("list")
    assert listed["digest"] == book().digest
    assert len(listed["factors"]) == len(book())


def test_a_row_is_shown_with_interval_and_source(told):
    row = told("show", "cooling.ratio.basel")
    assert row["interval95"][0] < row["value"] < row["interval95"][1]
    assert row["source"]["citation"]


def test_a_row_that_is_not_there_names_the_nearest(told):
    error = told("show", "cooling.ratio.basle", status=2)["error"]
    assert error["code"] == "ecorad.factor.not_found"
    assert "cooling.ratio.basel" in error["message"]


def statement(tmp_path, **changed):
    row = book().get("cooling.ratio.basel")
    used = {"id": row.factor_id, "value": row.value, "unit": row.unit, "year": row.year, **changed}
    path = tmp_path / "audit.json"
    path.write_text(json.dumps({"factors": [used], "method": {"factor_set": {"digest": "then"}}}), "utf-8")
    return str(path)


def test_a_moved_number_is_found(told, tmp_path):
    (change,) = told("diff", statement(tmp_path, value=0.5))["changes"]
    assert (change["what"], change["then"], change["now"]) == ("value", 0.5, book().get("cooling.ratio.basel").value)


def test_nothing_moved(told, tmp_path):
    assert told("diff", statement(tmp_path))["changes"] == []


def test_a_row_that_left_the_book_is_found(told, tmp_path):
    assert told("diff", statement(tmp_path, id="gone"))["changes"][0]["now"] is None


def test_without_a_statement_it_says_how_to_make_one(told, tmp_path):
    assert "ecorad audit" in told("diff", str(tmp_path), status=2)["error"]["message"]
