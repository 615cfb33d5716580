"""``ecorad scenario``: national claims as ordinary reports."""

import json

import jsonschema
import pytest

from ecorad.cli.app import run
from ecorad.factors.facts.scenarios import scenarios
from ecorad.reporting.published_schema import audit_schema, undocumented_keys


def test_all_of_them(told):
    found = {row["name"]: row for row in told("scenario")["scenarios"]}
    assert found["world-ct"]["co2e_kg"]["value"] == pytest.approx(3.22e9)
    assert found["netherlands-ct-mr"]["co2e_kg"]["value"] == pytest.approx(35.9e6)


@pytest.mark.parametrize("name", [one.name for one in scenarios()])
def test_it_is_an_ordinary_report(told, tmp_path, name):
    told("scenario", name, "-o", tmp_path)
    statement = json.loads((tmp_path / "audit.json").read_text("utf-8"))
    jsonschema.validate(statement, audit_schema())
    assert undocumented_keys(statement) == []
    lines = [row["co2e_kg"]["value"] for row in statement["published"]]
    assert sum(lines) == pytest.approx(statement["scenario"]["co2e_kg"]["value"])
    assert statement["totals"]["energy_kwh"]["value"] is None
    page = (tmp_path / "report.html").read_text("utf-8")
    assert statement["scenario"]["boundary"].replace("'", "&#39;") in page
    assert "death" not in page.lower()


def test_twice_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        assert run(["scenario", "netherlands-ct-mr", "-o", str(tmp_path / name)]) == 0
    for file in ("audit.json", "report.html"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_person_reads_the_boundary(capsys):
    assert run(["scenario", "world-ct"]) == 0
    out = capsys.readouterr().out
    assert "3,220,000" in out and "Boundary:" in out


def test_an_unknown_one_is_wrong_use(told):
    assert "world-ct" in told("scenario", "mars", status=2)["error"]["message"]
