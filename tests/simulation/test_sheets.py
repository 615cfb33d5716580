from __future__ import annotations

import csv

import pytest
from openpyxl import load_workbook

from ecorad.simulation import Settings, simulate
from ecorad.simulation.truth import read_table


def contrast_rows(workspace):
    with (workspace / "incoming" / "ledgers" / "contrast.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def test_the_contrast_sheet_holds_every_pack_of_the_truth(small):
    rows, truth = contrast_rows(small), read_table(small, "leftovers")
    assert len(rows) == len(truth)
    left = sum(float(row["Restant (mL)"].replace(",", ".")) for row in rows)
    assert left == pytest.approx(sum(float(row["left_ml"]) for row in truth))


def test_a_careless_department_forgets_packs(tmp_path):
    simulate(tmp_path / "w", days=5, scanners=2, seed=1, settings=Settings(ledger_completeness=0.5))
    share = len(contrast_rows(tmp_path / "w")) / len(read_table(tmp_path / "w", "leftovers"))
    assert 0.3 < share < 0.7


def test_the_workbook_opens_and_names_rooms(small):
    sheet = load_workbook(small / "incoming" / "ledgers" / "consumables.xlsx")["Usage"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Day", "Item", "Used", "Room")
    assert {row[3] for row in rows[1:]} == {"MR-1", "CT-1", "DX-1", "US-1", "XA-1"}
    assert all(row[2] > 0 for row in rows[1:])
