"""Real files from many vendors, end to end through the command line."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.journeys.workspace import adds_up, ecorad, ecorad_json, exported, new_workspace
from tests.shared_data import shared_data


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """A workspace with all shared DICOM and plug meters ingested and audited once."""
    dicom, meters = shared_data("dicom"), shared_data("power", "tracebase")
    workspace = new_workspace(tmp_path_factory.mktemp("real"))
    first = ecorad_json("ingest", workspace, dicom, meters, accept=(1,))
    ecorad("audit", workspace)
    return workspace, first


def report_bytes(workspace: Path) -> dict[str, str]:
    out = workspace / "out"
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in ("report.html", "audit.json")}


def test_every_file_ends_in_exactly_one_way(audited):
    _, first = audited
    files = [p for folder in ("dicom", "power/tracebase") for p in shared_data(folder).rglob("*") if p.is_file()]
    assert first["received"] == len(files)
    assert adds_up(first)


def test_a_second_ingest_stores_nothing_and_leaves_the_report_byte_equal(audited):
    workspace, first = audited
    before = report_bytes(workspace)
    again = ecorad_json("ingest", workspace, shared_data("dicom"), shared_data("power", "tracebase"), accept=(0, 1))
    assert again["stored"] == again["new_version"] == 0
    assert again["received"] == first["received"]
    ecorad("audit", workspace)
    assert report_bytes(workspace) == before


def test_the_report_does_not_depend_on_the_order_of_arrival(audited, tmp_path):
    workspace, _ = audited
    other = new_workspace(tmp_path)
    shutil.copytree(workspace / "keys", other / "keys", dirs_exist_ok=True)
    for source in (shared_data("power", "tracebase"), *sorted(shared_data("dicom").iterdir(), reverse=True)):
        ecorad("ingest", other, source, accept=(0, 1))
    ecorad("audit", other)
    ours, theirs = (json.loads((w / "out" / "audit.json").read_text("utf-8")) for w in (workspace, other))
    assert ours == theirs
    assert report_bytes(other) == report_bytes(workspace)


def test_meters_agree_with_the_reference_statistics(audited):
    workspace, _ = audited
    with shared_data("expected", "power_tracebase_stats.csv").open(encoding="utf-8") as lines:
        expected = sorted(float(row["kWh_gap60"]) for row in csv.DictReader(lines))
    statement = json.loads((workspace / "out" / "audit.json").read_text("utf-8"))
    found = sorted(meter["total_kwh"] for meter in statement["meters"])
    assert found == pytest.approx(expected, rel=0.01)


def test_contrast_and_activity_come_out_as_written(audited):
    workspace, _ = audited
    rows = exported(workspace, "administration")
    iodine = [float(r["iodine_g"]) for r in rows if r["iodine_g"]]
    gadolinium = [float(r["gadolinium_g"]) for r in rows if r["gadolinium_g"]]
    activity = [float(r["activity_mbq"]) for r in rows if r["activity_mbq"]]
    assert any(g == pytest.approx(30.0) for g in iodine)
    assert any(g == pytest.approx(0.865, abs=5e-4) for g in gadolinium)
    for expected in (221.596288, 764.0, 474.592928):
        assert any(a == pytest.approx(expected, rel=1e-6) for a in activity)


def test_what_is_not_an_exam_is_not_counted_as_one(audited):
    workspace, _ = audited
    studies = {row["not_exam_reason"] for row in exported(workspace, "study") if row["is_exam"] == "false"}
    series = {row["not_exam_reason"] for row in exported(workspace, "series")}
    assert {"animal", "plan", "document"} <= studies
    assert "segmentation" in series


def test_rows_can_be_traced_to_their_input(audited):
    workspace, _ = audited
    pet = shared_data("dicom", "openrem", "NM-PetIm-GE.dcm").read_bytes()
    digest = hashlib.sha256(pet[: _pixel_data_offset(pet)]).hexdigest()
    assert digest in {row["source_digest"] for row in exported(workspace, "series")}


def _pixel_data_offset(content: bytes) -> int:
    tag = b"\xe0\x7f\x10\x00"
    return content.index(tag) if tag in content else len(content)
