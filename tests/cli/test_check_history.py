"""``ecorad check history`` against the truth of a busy simulated department: no misses and no false alarms."""

from __future__ import annotations

import csv
import json

import pytest

from ecorad.cli.app import run
from ecorad.intake.register import pseudonymiser_of
from ecorad.ledger import Workspace
from ecorad.simulation import Settings, simulate

OLD = ("--rule-set", "esur-10.0-2018")


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """Patients who come back soon, so that some intervals are not kept."""
    folder = tmp_path_factory.mktemp("history") / "busy"
    settings = Settings(shared_patients=0.35, repeat_exam=0.08, duplicate_exam=0.3, unmetered=2)
    simulate(folder, days=7, scanners=2, seed=5, settings=settings)
    assert run(["ingest", str(folder), str(folder / "incoming" / "dicom"), "--workers", "1", "--json"]) == 0
    return folder


def truth(folder):
    key = pseudonymiser_of(Workspace.open(folder)).key
    with (folder / "truth" / "contrast_pairs.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (key("study", row["previous_study"]), key("study", row["following_study"])): row
            for row in csv.DictReader(lines)
        }


def pairs(rows, judgement):
    return {
        (row["previous"]["study"], row["next"]["study"])
        for row in rows
        if row["judgement"] == judgement and not row["is_close"]
    }


def test_conflicts_are_found_without_misses_or_false_alarms(told, busy):
    answer = told("check", "history", busy, "--renal", busy / "laboratory.csv", *OLD)
    close = {(row["previous"]["study"], row["next"]["study"]) for row in answer["intervals"] if row["is_close"]}
    true = {pair: row for pair, row in truth(busy).items() if pair not in close}
    known = {pair for pair, row in true.items() if row["is_known"] == "true" and row["required_h"]}
    soon = {pair for pair in true if true[pair]["is_too_soon"] == "true"}
    assert len(soon & known) >= 5
    assert pairs(answer["intervals"], "too_soon") & known == soon & known
    # Of unknown kidneys only what is too soon for everybody is said to be.
    assert pairs(answer["intervals"], "too_soon") - known == {
        p for p in true if p not in known and float(true[p]["hours"]) < 4
    }
    assert answer["pairs"] == answer["kept"] + answer["too_soon"] + answer["cannot_say"]
    assert answer["without_patient_or_time"] == 0


def test_without_a_laboratory_the_rest_cannot_be_judged(told, busy):
    answer = told("check", "history", busy, *OLD)
    assert pairs(answer["intervals"], "too_soon") == {
        pair for pair, row in truth(busy).items() if float(row["hours"]) < 4 - 1 / 6
    }
    assert answer["kept"] == 0
    assert answer["cannot_say"] > 0


def test_no_patient_identifier_is_printed(capsys, busy):
    assert run(["check", "history", str(busy), "--renal", str(busy / "laboratory.csv"), "--json"]) == 0
    printed = capsys.readouterr().out
    assert "SIM0" not in printed
    assert json.loads(printed)["injections"] > 0


def test_words_for_people(capsys, busy):
    assert run(["check", "history", str(busy)]) == 0
    assert "too soon" in capsys.readouterr().out
