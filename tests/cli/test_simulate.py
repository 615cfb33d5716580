"""``ecorad simulate``: makes a department once."""

from __future__ import annotations


def test_what_it_made_is_told(tmp_path, told):
    made = told("simulate", tmp_path / "site", "--days", 1, "--scanners", 1, "--seed", 2)
    assert made["exams"] > 0
    assert made["dicom_files"] == len(list((tmp_path / "site" / "incoming").rglob("*.dcm")))


def test_a_folder_with_something_in_it_is_left_alone(department, told):
    before = sorted(department.rglob("*"))
    assert told("simulate", department, status=2)["error"]["code"] == "ecorad.simulation.not_empty"
    assert sorted(department.rglob("*")) == before


def test_comparing_needs_an_audit(department, told):
    assert told("simulate", department, "--compare", status=2)["error"]["code"] == "ecorad.input.no_audit"
