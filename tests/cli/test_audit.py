"""``ecorad audit``, and what can be asked of its results."""

from __future__ import annotations

import json

import pytest

from ecorad.cli.app import run
from ecorad.model import tables


def test_it_writes_the_report_and_says_where(audited, capsys, tmp_path):
    assert run(["audit", str(audited), "-o", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    assert str(tmp_path / "out" / "report.html") in printed.err
    assert "MR-1" in printed.out
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    results = {f"{name}.parquet" for name, spec in tables().items() if spec.kind == "result"}
    assert names == {"report.html", "audit.json", *results}


def test_the_same_records_give_the_same_bytes(audited, tmp_path):
    assert run(["audit", str(audited), "-o", str(tmp_path)]) == 0
    for name in ("report.html", "audit.json"):
        assert (tmp_path / name).read_bytes() == (audited / "out" / name).read_bytes()


def test_a_machine_gets_the_statement(audited, told, tmp_path):
    assert told("audit", audited, "-o", tmp_path) == json.loads((audited / "out" / "audit.json").read_text("utf-8"))


def test_one_day_of_it(audited, told, tmp_path):
    period = told("audit", audited, "-o", tmp_path, "--from", "2026-03-03", "--to", "2026-03-03")["period"]
    assert (period["from"], period["to"], period["hours"]) == ("2026-03-03", "2026-03-03", 24.0)


@pytest.mark.parametrize(("language", "word"), [("nl", "Elektriciteit"), ("zh", "电")])
def test_other_languages(audited, capsys, tmp_path, language, word):
    assert run(["audit", str(audited), "-o", str(tmp_path), "--language", language]) == 0
    assert word in capsys.readouterr().out
    assert f'lang="{language}' in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--from", "2026-03-03"], "ecorad.input.period"),
        (["--from", "3 March", "--to", "2026-03-04"], "ecorad.input.day"),
        (["--from", "2026-03-04", "--to", "2026-03-03"], "ecorad.input.period"),
        (["--language", "fr"], "ecorad.input.language"),
    ],
)
def test_wrong_use_writes_nothing(audited, told, tmp_path, arguments, code):
    assert told("audit", audited, "-o", tmp_path / "out", *arguments, status=2)["error"]["code"] == code
    assert not (tmp_path / "out").exists()


def test_an_empty_ledger_is_said(tmp_path, told):
    run(["init", str(tmp_path / "site"), "--zone", "NL", "--timezone", "UTC"])
    error = told("audit", tmp_path / "site", status=2)["error"]
    assert error["code"] == "ecorad.audit.nothing_received"
    assert "ecorad ingest" in error["message"]


@pytest.mark.parametrize("name", ["exam_energy", "state_run", "clock_offset"])
def test_results_can_be_exported(audited, name, tmp_path):
    assert run(["export", str(audited), name, "--format", "jsonl", "-o", str(tmp_path / "rows")]) == 0
    assert "device_key" in json.loads((tmp_path / "rows").read_text("utf-8").splitlines()[0])


def test_a_figure_is_unfolded_down_to_an_exam(audited, told):
    total = told("show", audited, "totals.energy_kwh")
    assert {row["device"] for row in total["parts"][0]["rows"]} == {"MR-1", "CT-1"}
    device = told("show", audited, total["further"][0])
    assert any(part["title"] == "meters" for part in device["parts"])
    study = told("show", audited, "MR-1")["parts"][0]["rows"][1]["study_key"]
    assert any(part["title"].startswith("energy") for part in told("show", audited, study)["parts"])


def test_it_is_held_against_the_truth(audited, told):
    energy = told("simulate", audited, "--compare")["comparisons"][0]
    assert energy["what"] == "energy"
    assert abs(energy["relative_error"]) < 0.01
