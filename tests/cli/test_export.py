"""``ecorad export``: every stored table and view, in every form."""

from __future__ import annotations

import csv
import json

import duckdb
import pytest

from ecorad.cli.app import run
from ecorad.model import tables

RECORDS = [name for name, spec in tables().items() if spec.kind != "result"]


@pytest.mark.parametrize("name", RECORDS)
def test_columns_are_those_of_the_dictionary(department, name, tmp_path):
    target = tmp_path / "rows.csv"
    assert run(["export", str(department), name, "-o", str(target)]) == 0
    with target.open(encoding="utf-8", newline="") as lines:
        assert tuple(next(csv.reader(lines))) == tables()[name].column_names


def test_the_three_forms_hold_the_same_rows(department, tmp_path):
    counts = set()
    for form in ("csv", "jsonl", "parquet"):
        assert run(["export", str(department), "study", "--format", form, "-o", str(tmp_path / form)]) == 0
    counts.add(len((tmp_path / "csv").read_text("utf-8").splitlines()) - 1)
    counts.add(len([json.loads(line) for line in (tmp_path / "jsonl").read_text("utf-8").splitlines()]))
    counts.add(duckdb.sql(f"SELECT count(*) FROM read_parquet('{tmp_path / 'parquet'}')").fetchall()[0][0])
    assert len(counts) == 1


def test_to_stdout_goes_nothing_but_rows(department, capfdbinary):
    assert run(["export", str(department), "meter"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"record_key,")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["exam"], "ecorad.unknown_name"),
        (["study", "--format", "xlsx"], "ecorad.input.format"),
        (["study", "--format", "parquet"], "ecorad.input.format"),
    ],
)
def test_wrong_use_says_what_is_right(department, arguments, code, capsys):
    assert run(["export", str(department), *arguments]) == 2
    assert f"[{code}]" in capsys.readouterr().err
