"""Medication records of a simulated department: as many as asked for, and nothing else of the department moves."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

from ecorad.simulation import Settings, simulate


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_records_stand_beside_a_department_that_is_the_same_without_them(tmp_path):
    for name, share in (("none", 0.0), ("half", 0.5), ("all", 1.0)):
        settings = Settings(unmetered=2, medication_completeness=share)
        simulate(tmp_path / name, days=3, scanners=2, seed=5, start=date(2026, 3, 2), settings=settings)
    none, half, full = (files(tmp_path / name) for name in ("none", "half", "all"))
    mine = "incoming/medication/MedicationAdministration.ndjson"
    assert mine not in none
    given = [sum(b'-contrast"' in line for line in one[mine].splitlines()) for one in (half, full)]
    truth = (tmp_path / "all" / "truth" / "leftovers.csv").read_text("utf-8").splitlines()
    assert given[1] == len(truth) - 1
    assert 0 < given[0] < given[1]
    for one, other in pairwise((none, half, full)):
        same = set(one) - {mine, "truth/summary.json"}
        assert {name: one[name] for name in same} == {name: other[name] for name in same}


def test_every_record_is_a_resource_with_a_dose_in_millilitres(tmp_path):
    settings = Settings(unmetered=2, medication_completeness=1.0)
    simulate(tmp_path / "a", days=2, scanners=2, seed=5, start=date(2026, 3, 2), settings=settings)
    text = (tmp_path / "a" / "incoming" / "medication" / "MedicationAdministration.ndjson").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert {row["resourceType"] for row in rows} == {"MedicationAdministration"}
    assert {row["dosage"]["dose"]["code"] for row in rows} == {"mL"}
    assert len({row["id"] for row in rows}) == len(rows)
