"""``ecorad plan power``: its files, its refusals, and the check of the morning after."""

from __future__ import annotations

import json
import shutil

import pytest

from ecorad.cli.app import run


@pytest.fixture(scope="module")
def planned(audited, tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan") / "site"
    shutil.copytree(audited, folder)
    assert run(["plan", "power", str(folder)]) == 0
    return folder


@pytest.fixture
def mine(planned, tmp_path):
    """The same site for a test that plans otherwise: the plans of ``planned`` are those of other tests too."""
    shutil.copytree(planned, tmp_path / "mine")
    return tmp_path / "mine"


def test_it_writes_page_roster_calendar_and_plan(planned, capsys):
    names = {path.name for path in (planned / "out" / "plans").iterdir()}
    assert names == {f"power-2026-03-04.{kind}" for kind in ("html", "csv", "ics", "json")}
    page = (planned / "out" / "plans" / "power-2026-03-04.html").read_text("utf-8")
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert run(["plan", "power", str(planned)]) == 0
    assert "MR-1" in capsys.readouterr().out


def test_the_same_records_give_the_same_plan(planned, tmp_path):
    before = {path.name: path.read_bytes() for path in (planned / "out" / "plans").iterdir()}
    assert run(["plan", "power", str(planned)]) == 0
    assert before == {path.name: path.read_bytes() for path in (planned / "out" / "plans").iterdir()}


def test_a_machine_gets_the_plan(planned, told):
    plan = told("plan", "power", planned)
    assert plan["status"] == "optimal" and plan["cost"] == plan["bound"]
    assert {device["name"] for device in plan["devices"]} == {"MR-1", "CT-1"}
    # Two nights were seen, only one of them whole: no saving is claimed.
    assert plan["total"]["kwh"]["value"] is None
    assert all(row["ready"] is not None for row in plan["roster"])


def test_booked_exams_keep_a_scanner_awake(mine, told, tmp_path):
    rows = [{"device": "CT-1", "start": "2026-03-04T20:00", "end": "2026-03-04T21:00"}]
    (tmp_path / "list.json").write_text(json.dumps(rows), "utf-8")
    plan = told("plan", "power", mine, "--booked", tmp_path / "list.json")
    for row in plan["roster"]:
        if row["device"] == "CT-1":
            until = row["wake"] or plan["night"]["to"]
            assert row["start"] >= "2026-03-04T21:00" or until <= "2026-03-04T20:00"


@pytest.mark.parametrize("language", ["nl", "zh"])
def test_other_languages(mine, capsys, language):
    assert run(["plan", "power", str(mine), "--language", language, "--night", "2026-03-09"]) == 0
    page = (mine / "out" / "plans" / "power-2026-03-09.html").read_text("utf-8")
    assert f'lang="{language}"' in page


def test_the_morning_after(mine, told):
    assert run(["plan", "power", str(mine), "--night", "2026-03-02"]) == 0
    check = told("plan", "power", mine, "--check", "2026-03-02")
    assert check["stretches"]
    for one in check["stretches"]:
        parts = one["as_planned_h"] + one["other_low_h"] + one["awake_h"]
        assert 0 <= parts <= one["seen_h"] + 1e-6 <= one["planned_h"] + 2e-6


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--objective", "beauty"], "ecorad.power.objective"),
        (["--night", "tomorrow"], "ecorad.input.day"),
        (["--check", "2030-01-01"], "ecorad.power.no_plan"),
        (["--language", "fr"], "ecorad.input.language"),
    ],
)
def test_wrong_use(planned, capsys, arguments, code):
    assert run(["plan", "power", str(planned), *arguments]) == 2
    assert code in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "{}",
        '[{"device": "CT-1"}]',
        '[{"device": "nobody", "start": "2026-03-04T20:00", "end": "2026-03-04T21:00"}]',
        '[{"device": "CT-1", "start": "2026-03-04T21:00", "end": "2026-03-04T20:00"}]',
    ],
)
def test_bookings_that_cannot_be_used(planned, capsys, tmp_path, content):
    (tmp_path / "list.json").write_text(content, "utf-8")
    assert run(["plan", "power", str(planned), "--booked", str(tmp_path / "list.json")]) == 2
    printed = capsys.readouterr().err
    assert "ecorad.power.booked" in printed and "nobody" not in printed


def test_a_plan_rests_on_an_audit(department, capsys):
    assert run(["plan", "power", str(department)]) == 2
    assert "ecorad.input.no_audit" in capsys.readouterr().err
