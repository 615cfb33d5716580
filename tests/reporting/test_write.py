from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecorad.reporting.published_schema import audit_schema
from ecorad.reporting.write import STAGING, audit_json, write_audit
from tests.reporting.samples import sample


def tables(folder: Path) -> None:
    (folder / "exam_energy.parquet").write_bytes(b"PAR1")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_of_an_audit(tmp_path):
    written = write_audit(sample("department"), tables, tmp_path / "out")
    names = [str(path.relative_to(tmp_path / "out")) for path in written]
    assert names == ["tables/exam_energy.parquet", "report.html", "audit.json"]
    assert set(content(tmp_path / "out")) == set(names)


def test_written_twice_is_byte_equal(tmp_path):
    write_audit(sample("department"), tables, tmp_path)
    first = content(tmp_path)
    write_audit(sample("department"), tables, tmp_path)
    assert content(tmp_path) == first


def test_other_files_are_left_alone_and_old_tables_go(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "old.parquet").write_bytes(b"old")
    (tmp_path / "mine.txt").write_text("mine")
    write_audit(sample("department"), tables, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not (tmp_path / "tables" / "old.parquet").exists()


def test_failing_tables_leave_the_old_report(tmp_path):
    write_audit(sample("department"), tables, tmp_path)
    before = content(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "half.parquet").write_bytes(b"PA")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_audit(sample("dicom_only"), fail, tmp_path)
    assert {name: data for name, data in content(tmp_path).items() if not name.startswith(STAGING)} == before


def test_a_killed_run_is_mended_by_the_next(tmp_path):
    (tmp_path / STAGING / "tables").mkdir(parents=True)
    (tmp_path / STAGING / "tables" / "half.parquet").write_bytes(b"PA")
    write_audit(sample("department"), tables, tmp_path)
    assert not (tmp_path / STAGING).exists()
    assert not (tmp_path / "tables" / "half.parquet").exists()


def test_audit_json_says_the_same_in_the_order_of_the_schema():
    statement = sample("department")
    shuffled = dict(reversed(statement.items()))
    text = audit_json(shuffled)
    assert json.loads(text) == statement
    assert list(json.loads(text)) == [key for key in audit_schema()["properties"] if key in statement]
    assert text == audit_json(statement)
    assert text.endswith("}\n")
    assert "é" in audit_json(statement | {"extra": "é"})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(value):
    statement = sample("department")
    statement["totals"]["energy_kwh"]["value"] = value
    with pytest.raises(ValueError, match="JSON"):
        audit_json(statement)
