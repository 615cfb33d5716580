from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from ecorad.simulation.truth import read_table


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_state_runs_add_up_to_the_total(small, summary):
    energy = sum(float(row["energy_kwh"]) for row in read_table(small, "state_runs"))
    assert energy == pytest.approx(summary["total_kwh"], abs=1e-3)
    assert sum(summary["kwh_by_state"].values()) == pytest.approx(summary["total_kwh"], rel=1e-9)


def test_classes_add_up_to_the_total_and_none_is_negative(summary):
    assert sum(summary["kwh_by_class"].values()) == pytest.approx(summary["total_kwh"], rel=1e-9)
    assert all(kwh >= 0 for one in summary["scanners"] for kwh in one["kwh_by_class"].values())


def test_runs_of_a_scanner_follow_each_other_without_a_hole(small):
    runs = defaultdict(list)
    for row in read_table(small, "state_runs"):
        runs[row["device"]].append(row)
    for rows in runs.values():
        assert all(one["end_utc"] == after["start_utc"] for one, after in pairwise(rows))
        # Four days from Friday, the third of 23 hours.
        assert moment(rows[-1]["end_utc"]) - moment(rows[0]["start_utc"]) == timedelta(hours=95)


def test_exam_energy_is_the_energy_of_the_runs_inside_its_window(small):
    runs = [row for row in read_table(small, "state_runs") if row["device"] == "MR-1"]
    exam = next(row for row in read_table(small, "exams") if row["device"] == "MR-1" and row["is_exam"] == "true")
    inside = [
        float(run["energy_kwh"])
        for run in runs
        if run["start_utc"] >= exam["start_utc"] and run["end_utc"] <= exam["end_utc"]
    ]
    assert len(inside) >= 7  # four sequences and the gaps between them at least
    assert sum(inside) == pytest.approx(float(exam["active_kwh"]), rel=1e-6)


def test_marginal_energy_is_positive_and_below_active(small):
    for row in read_table(small, "exams"):
        assert 0 < float(row["marginal_kwh"]) < float(row["active_kwh"])


def test_series_lie_within_their_exam(small):
    exams = {row["study_instance_uid"]: row for row in read_table(small, "exams")}
    for row in read_table(small, "series"):
        exam = exams[row["study_instance_uid"]]
        assert exam["start_utc"] <= row["start_utc"] < row["end_utc"] <= exam["end_utc"]


def test_counts_agree_between_tables(small, summary):
    rows = read_table(small, "exams")
    assert sum(row["is_exam"] == "true" for row in rows) == summary["exams"]
    assert sum(one["quality_checks"] for one in summary["scanners"]) == len(rows) - summary["exams"]
    assert summary["iodine_g"] == pytest.approx(sum(float(row["iodine_g"] or 0) for row in rows))


def test_duplicates_and_repeats_point_at_an_earlier_exam_of_the_same_patient(small):
    exams = {row["study_instance_uid"]: row for row in read_table(small, "exams")}
    pointing = [(row, row["duplicate_of"] or row["repeat_of"]) for row in exams.values()]
    found = [(row, exams[other]) for row, other in pointing if other]
    assert found
    for row, earlier in found:
        assert earlier["start_utc"] < row["start_utc"]
        assert (earlier["patient_id"], earlier["body_region"]) == (row["patient_id"], row["body_region"])


def test_every_pack_is_given_plus_left(small):
    rows = read_table(small, "leftovers")
    assert rows
    for row in rows:
        assert float(row["pack_ml"]) == pytest.approx(float(row["given_ml"]) + float(row["left_ml"]))
