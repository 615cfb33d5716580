"""``ecorad rules``: every edition, dated and cited."""

from __future__ import annotations

import pytest

from ecorad.cli.app import run
from ecorad.rules.catalogue import rule_sets
from tests.rules.test_local import OWN, SIGNED


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


@pytest.fixture
def site(tmp_path):
    assert run(["init", str(tmp_path / "site"), "--zone", "NL", "--timezone", "Europe/Amsterdam"]) == 0
    return tmp_path / "site"


def test_a_site_signs_a_rule_set_and_every_list_says_so(told, site):
    signed = told("rules", "sign", site, "esur-10.0-2018", "--by", "head of radiology", "--on", "2026-10-05")
    assert (signed["signed_by"], signed["signed_on"]) == ("head of radiology", "2026-10-05")
    by = {one["id"]: one["signed_by"] for one in told("rules", "list", "--site", site)["rule_sets"]}
    assert (by["esur-10.0-2018"], by["esur-cmsc-2024"]) == ("head of radiology", "")
    assert told("rules", "show", "esur-10.0-2018", "--site", site)["signed_on"] == "2026-10-05"
    assert told("rules", "show", "esur-10.0-2018")["signed_by"] == ""


def test_the_tables_of_a_site_answer_beside_the_shipped_ones(told, site):
    folder = site / "rules" / "contrast_intervals"
    folder.mkdir(parents=True)
    (folder / "ours.toml").write_text(OWN.format(id="ours", hours=24, signature=SIGNED))
    question = ["check", "contrast", "--previous", "gadolinium", "--next", "gadolinium", "--egfr", "80"]
    question += ["--previous-at", "2026-03-02T08:00+01:00", "--next-at", "2026-03-02T14:00+01:00"]
    assert told(*question)["verdict"] == "ok"
    answer = told(*question, "--site", site)
    assert (answer["verdict"], answer["rule_set"], answer["version"]) == ("wait", "ours", "2026-10-01")
    (folder / "ours.toml").write_text(OWN.format(id="ours", hours=24, signature=""))
    assert told(*question, "--site", site, status=2)["error"]["code"] == "ecorad.rules.unsigned"


def test_what_a_site_signed_is_in_its_backup(told, site, tmp_path):
    told("rules", "sign", site, "duplicates-1", "--by", "head of radiology", "--on", "2026-10-05")
    assert run(["backup", str(site), str(tmp_path / "b.tar")]) == 0
    assert run(["restore", str(tmp_path / "b.tar"), str(tmp_path / "again")]) == 0
    rows = told("rules", "list", "--site", tmp_path / "again")["rule_sets"]
    assert [one["id"] for one in rows if one["signed_by"]] == ["duplicates-1"]
