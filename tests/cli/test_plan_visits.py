"""``ecorad plan visits`` on a simulated department: kidneys decide, and no distance is told that nobody declared."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ecorad.cli.app import run
from ecorad.simulation import Settings, simulate


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("visits") / "site"
    settings = Settings(unmetered=2, shared_patients=0.5, instances_per_series=1)
    simulate(folder, days=8, scanners=2, seed=3, start=date(2026, 3, 2), settings=settings)
    assert run(["ingest", str(folder), str(folder / "incoming" / "dicom"), "--workers", "1", "--json"]) == 0
    return folder


def told(capsys, *arguments):
    capsys.readouterr()
    assert run(["plan", "visits", *map(str, arguments), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (
        found["pairs"]
        == sum(found[name] for name in ("one_visit", "too_long", "cannot_advise"))
        == len(found["bundles"])
    )
    return found


def test_without_kidneys_no_pair_with_contrast_in_both_is_advised(folder, capsys):
    found = told(capsys, folder)
    both = [one for one in found["bundles"] if one["ct"]["contrast"] and one["mr"]["contrast"]]
    assert found["pairs"] > 0
    assert {one["verdict"] for one in both} <= {"cannot_advise"}
    assert (found["km_saved"], found["co2e_kg"]) == (None, None)


def test_known_kidneys_and_a_distance_tell_visits_and_journeys(folder, capsys):
    without = told(capsys, folder)
    found = told(capsys, folder, "--renal", folder / "laboratory.csv", "--km", "12", "--within", "7")
    assert found["pairs"] == without["pairs"]
    assert found["visits_saved"] >= without["visits_saved"]
    assert found["km_saved"] == pytest.approx(found["visits_saved"] * 24.0)
    assert found["co2e_kg"]["value"] == pytest.approx(found["km_saved"] * 0.16691)
    assert "SIM" not in json.dumps(found)
    assert run(["plan", "visits", str(folder), "--km", "12"]) == 0
    assert "could have been one visit" in capsys.readouterr().out


def test_an_impossible_visit_is_refused(folder, capsys):
    assert run(["plan", "visits", str(folder), "--visit-hours", "30"]) == 2
    assert "ecorad.visits.bounds" in capsys.readouterr().err
