"""``ecorad facts``: the evidence checker on the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ecorad.cli.app import run
from ecorad.factors.facts import check_all, facts


def test_every_claim_is_told(told):
    answer = told("facts")
    assert answer["claims"] == 217 == len(answer["facts"])
    assert len(answer["disagreements"]) == 45
    assert answer["counts"]["off"] == 0 and sum(answer["counts"].values()) == 217
    assert {finding["check"] for finding in answer["book_findings"]} >= {"sum", "ratio", "source"}


def test_one_claim_with_its_reasons(told):
    answer = told("facts", "sf034")
    (claim,) = answer["facts"]
    assert (claim["id"], claim["status"]) == ("SF034", "flagged")
    assert [one["key"] for one in answer["disagreements"]] == claim["disagreements"]
    assert "changed places" in answer["disagreements"][0]["reason"]


@pytest.mark.parametrize("status", ["reproduced", "given", "flagged"])
def test_claims_by_status(told, status):
    answer = told("facts", "--status", status)
    assert {claim["status"] for claim in answer["facts"]} == {status}
    assert len(answer["facts"]) == answer["counts"][status]


def test_claims_of_one_group(told):
    assert {claim["group"] for claim in told("facts", "--group", "per-exam")["facts"]} == {"per-exam"}


def test_an_unknown_claim_names_the_range(told):
    error = told("facts", "SF999", status=2)["error"]
    assert "SF001" in error["message"] and "SF217" in error["message"]


def test_an_unknown_status_is_wrong_use(told):
    assert told("facts", "--status", "right", status=2)["error"]["code"] == "ecorad.input.status"


def test_a_formula_that_does_not_hold_ends_with_3(capsys, monkeypatch):
    from ecorad.factors.facts import checker

    wrong = tuple(replace(one, formula="350e6*9.2/100") if one.fact_id == "SF027" else one for one in facts())
    monkeypatch.setattr(checker, "facts", lambda: wrong)
    assert run(["facts", "--status", "off", "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert [claim["id"] for claim in answer["facts"]] == ["SF027"]


def test_the_table_names_reasons(capsys):
    assert run(["facts"]) == 0
    out = capsys.readouterr().out
    assert all(result.fact.fact_id in out for result in check_all())
    assert "W3 W8" in out


def test_one_claim_is_explained_in_words(capsys):
    assert run(["facts", "SF027"]) == 0
    out = capsys.readouterr().out
    assert "350e6*9.2/1000" in out and "W8 (boundary)" in out
