"""``ecorad rules``: every edition, dated and cited."""

from __future__ import annotations

from ecorad.cli.app import run
from ecorad.rules.catalogue import rule_sets


def test_every_rule_set_is_listed(told):
    assert [one["id"] for one in told("rules", "list")["rule_sets"]] == list(rule_sets())


def test_one_rule_set_with_its_cells(told):
    shown = told("rules", "show", "esur-10.0-2018")
    assert (shown["issued"], shown["kind"]) == ("2018-03-01", "contrast_intervals")
    assert shown["content"]["cell"][0]["hours"]["egfr_30_or_below"] == 48


def test_words_for_people(capsys):
    for name in rule_sets():
        assert run(["rules", "show", name]) == 0
    assert run(["rules"]) == 0
    assert "nobody" in capsys.readouterr().out


def test_an_unknown_id_names_those_there_are(told):
    assert "esur-cmsc-2024" in told("rules", "show", "esur-1999", status=2)["error"]["message"]
