"""``ecorad plan packs``: from two lists to a plan."""

from __future__ import annotations

import csv
import json

import pytest

from ecorad.cli.app import run

DAY = [{"id": f"i{n}", "at": f"2026-03-02T{8 + n:02d}:00", "volume_ml": 70} for n in range(6)]
SHELF = [
    {"name": "100", "size_ml": 100, "price": 29},
    {"name": "500", "size_ml": 500, "price": 105, "multi_patient": True, "in_use_life_h": 8},
]


@pytest.fixture
def files(tmp_path):
    def write(injections=DAY, packs=SHELF):
        paths = tmp_path / "injections.json", tmp_path / "packs.json"
        for path, rows in zip(paths, (injections, packs), strict=True):
            path.write_text(rows if isinstance(rows, str) else json.dumps(rows), "utf-8")
        return ("plan", "packs", "--injections", str(paths[0]), "--packs", str(paths[1]))

    return write


def test_the_plan_has_the_published_keys(told, files):
    plan = told(*files(), "--sharing")
    assert {"packs", "draws", "cost", "waste_ml", "status", "bound"} <= set(plan)
    assert (plan["cost"], plan["waste_ml"], plan["status"], plan["bound"]) == (105, 80, "optimal", 105)
    assert plan["packs"] == [{"id": "500 #1", "name": "500", "opened_at": "2026-03-02T08:00:00"}]
    assert sum(draw["ml"] for draw in plan["draws"]) == 420
    assert set(plan["draws"][0]) == {"injection", "pack", "ml"}


def test_without_sharing_every_patient_has_own_packs(told, files):
    plan = told(*files())
    assert (plan["cost"], plan["waste_ml"], len(plan["packs"])) == (174, 180, 6)


@pytest.mark.parametrize(
    "change", [{"injections": "{"}, {"packs": "[]"}, {"packs": '{"a": 1}'}, {"injections": "[" * 9999}]
)
def test_files_that_cannot_be_used(told, files, change):
    assert told(*files(**change), status=2)["error"]["code"].startswith("ecorad.packs.")


def test_words_for_people(capsys, files):
    assert run([*files(), "--sharing", "--objective", "waste"]) == 0
    assert "left over" in capsys.readouterr().out
    assert run([*files(), "--objective", "kindness"]) == 2


def test_rounding_is_a_switch_and_is_told(told, files):
    rows = [{**DAY[0], "volume_ml": 110}, {**DAY[1], "volume_ml": 130}]
    assert told(*files(injections=rows))["rounded"] == []
    plan = told(*files(injections=rows), "--round-within", 15)
    assert plan["rounded"] == [{"injection": "i0", "from_ml": 110, "to_ml": 100}]
    assert sum(draw["ml"] for draw in plan["draws"]) == 230
    assert told(*files(), "--round-within", -1, status=2)["error"]["code"] == "ecorad.packs.rounding"


def test_the_last_month_of_the_sheet_stands_beside_the_plan(told, files, department):
    day = [{**row, "at": row["at"].replace("03-02", "03-20")} for row in DAY]
    packs = [{"name": str(size), "size_ml": size, "price": size / 4} for size in (50, 100, 200)]
    found = told(*files(injections=day, packs=packs), str(department))["last_month"]
    with (department / "truth" / "leftovers.csv").open(encoding="utf-8", newline="") as lines:
        iodine = [row for row in csv.DictReader(lines) if row["device"].startswith("CT")]
    assert found["injections"] == len(iodine) > 0
    assert found["waste_ml"] == pytest.approx(sum(float(row["left_ml"]) for row in iodine))
    assert found["cost"] == pytest.approx(sum(float(row["pack_ml"]) / 4 for row in iodine))
    assert told(*files(), str(department), "--kind", "gadolinium")["last_month"]["unpriced"] > 0
    early = [{**row, "at": row["at"].replace("2026", "2020")} for row in DAY]
    assert told(*files(injections=early), str(department))["last_month"] is None


def test_grams_left_over_need_the_strength_of_every_pack(told, files):
    strong = [{**pack, "active_mg_ml": 300} for pack in SHELF]
    assert told(*files(packs=strong), "--sharing")["waste_active_g"] == 24
    assert told(*files(), "--sharing")["waste_active_g"] is None
