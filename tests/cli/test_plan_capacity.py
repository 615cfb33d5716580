"""``ecorad plan capacity``: over 84 days that are known."""

from __future__ import annotations

import json
import shutil

import pytest

from ecorad.cli.app import run
from tests.cli.test_verify import known_change

WORKING, OPEN = ("mon", "tue", "wed", "thu", "fri"), ("08:00", "18:00")


@pytest.fixture(scope="module")
def busy(audited, tmp_path_factory):
    folder = tmp_path_factory.mktemp("capacity") / "site"
    shutil.copytree(audited, folder)
    known_change(folder)
    path = folder / "out" / "audit.json"
    audit = json.loads(path.read_text("utf-8"))
    for row in audit["devices"]:
        row["opening_hours"] = {"source": "site", "sat": None, "sun": None, **dict.fromkeys(WORKING, OPEN)}
    path.write_text(json.dumps(audit), "utf-8")
    return folder


def test_what_the_records_say(busy, told):
    (found,) = told("plan", "capacity", busy, "--modality", "MR")["modalities"]
    # 60 weekdays; exams of 24 and 18 min every 35 min: gaps of 11 and 17.
    assert (found["open_days"], found["scanners_now"]) == (60, 1)
    assert 10 < found["changeover_min"] < 18
    assert 0.9 < found["demand"]["mean_hour"]["arrivals_per_h"] < 1.4
    assert found["demand"]["mean_hour"]["arrivals_per_h"] <= found["demand"]["busiest_hour"]["arrivals_per_h"]
    now = next(row for row in found["waits"] if row["is_now"])
    assert now["mean_wait_min"]["low"] <= now["mean_wait_min"]["value"] <= now["mean_wait_min"]["high"]


def test_more_patients_need_more_scanners_and_shorter_exams_fewer(busy, told):
    (found,) = told("plan", "capacity", busy, "--modality", "MR", "--growth", "250", "--shorter", "50")["modalities"]
    as_is, shorter = (row["mean_hour"]["value"] for row in found["needed"])
    assert as_is > 1 and shorter < as_is


def test_a_queue_that_grows_is_no_number(busy, told):
    (found,) = told("plan", "capacity", busy, "--modality", "MR", "--growth", "300")["modalities"]
    assert found["waits"][0]["mean_wait_min"]["value"] is None


def test_a_person_reads_a_table(busy, capsys):
    assert run(["plan", "capacity", str(busy)]) == 0
    told = capsys.readouterr()
    assert "25 % shorter" in told.out and "(now)" in told.out and "who asked" in told.err


@pytest.mark.parametrize(
    ("language", "shorter", "note"),
    [("nl", "25 % korter", "wie erom vroeg"), ("zh", "缩短 25 %", "已接受检查者")],
)
def test_in_the_language_of_the_reader(busy, capsys, language, shorter, note):
    assert run(["plan", "capacity", str(busy), "--language", language]) == 0
    told = capsys.readouterr()
    assert shorter in told.out and note in told.err
    assert "scanners for" not in told.out and "exams" not in told.out + told.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--language", "fr"], "ecorad.input.language"),
        (["--modality", "XX"], "ecorad.capacity.modality"),
        (["--modality", "US"], "ecorad.capacity.modality"),
    ],
)
def test_wrong_use(busy, capsys, arguments, code):
    assert run(["plan", "capacity", str(busy), *arguments]) == 2
    assert code in capsys.readouterr().err


def test_two_days_are_too_few(audited, told):
    assert told("plan", "capacity", audited)["modalities"] == []


def test_it_rests_on_an_audit(department, capsys):
    assert run(["plan", "capacity", str(department)]) == 2
    assert "ecorad.input.no_audit" in capsys.readouterr().err


def test_cooling_is_not_a_scanner_that_waits(busy):
    from ecorad.ledger import Workspace
    from ecorad.reporting.capacity import Department

    department = Department(Workspace.open(busy))
    (own,) = department.besides_exams_kwh("MR")
    row = next(one for one in department.audit["meters"] if department.scanners("MR")[0]["device"] in one["devices"])
    department.audit["meters"].append(row | {"meter": "chiller", "cooling": True, "gaps_kwh": 999.0})
    assert department.besides_exams_kwh("MR") == [own]
