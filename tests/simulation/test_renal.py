from __future__ import annotations

import csv

from ecorad.simulation.renal import kidneys_of, required_hours


def rows(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_laboratory_knows_most_patients_and_only_those_with_contrast(small):
    known = {row["patient_id"] for row in rows(small, "laboratory.csv")}
    enhanced = {row["patient_id"] for row in rows(small, "truth/exams.csv") if row["given_ml"]}
    assert known < enhanced
    assert len(known) > 0.85 * len(enhanced)


def test_a_pair_is_too_soon_exactly_when_its_hours_are_fewer_than_the_table_asks(small):
    for row in rows(small, "truth/contrast_pairs.csv"):
        assert (row["is_too_soon"] == "true") == (
            bool(row["required_h"]) and float(row["hours"]) < float(row["required_h"])
        )


def test_kidneys_cover_every_column_of_the_table():
    columns = {column for _, _, column in required_hours()}
    assert {kidneys_of(f"{n:08d}", 1).column for n in range(2000)} == columns
    assert required_hours()["iodine", "iodine", "dialysis_anuric"] is None
    assert required_hours()["iodine", "gadolinium", "up_to_30"] == 168


def test_thirty_itself_belongs_to_the_worse_column():
    found = {kidneys_of(f"{n:08d}", 1) for n in range(5000)}
    assert {one.column for one in found if one.egfr == 30 and one.dialysis == "none"} == {"up_to_30"}
    assert {one.column for one in found if one.egfr == 31 and one.dialysis == "none"} == {"above_30"}


def test_true_helium_levels_follow_the_sheet(small):
    truth = rows(small, "truth/helium.csv")
    sheet = [row for row in rows(small, "incoming/ledgers/helium.csv") if row["what"] == "counted"]
    assert [(row["device"], row["date"]) for row in truth] == [(row["magnet"], row["date"]) for row in sheet]
    assert all(abs(float(a["level_l"]) - float(b["litres"])) < 200 for a, b in zip(truth, sheet, strict=True))
