from __future__ import annotations

import pytest

from ecorad.model import WorkspaceError
from ecorad.simulation.truth import compare, has_truth, read_summary, read_table


def statement_like(summary):
    """A statement that is 1 % too high everywhere."""
    return {
        "totals": {
            "energy_kwh": {
                "value": summary["total_kwh"] * 1.01,
                "low": summary["total_kwh"] * 0.99,
                "high": summary["total_kwh"] * 1.03,
            },
            "energy_by_state_kwh": {**dict.fromkeys(summary["kwh_by_state"]), "scan": summary["kwh_by_state"]["scan"]},
            "energy_by_class_kwh": {"exams": {"value": 1.0, "low": None, "high": None}},
            "exams": summary["exams"],
        },
        "devices": [{"alias": "MR-1", "device": "d1", "energy_kwh": {"value": None, "low": None, "high": None}}],
        "contrast": {"iodine_g": {"value": 0.0, "low": None, "high": None}},
    }


def found(rows):
    return {row.what: row for row in rows}


def test_totals_are_held_against_the_truth(small, summary):
    rows = found(compare(small, statement_like(summary)))
    assert rows["energy"].relative_error == pytest.approx(0.01)
    assert rows["energy"].is_covered is True
    assert rows["exams"].absolute_error == 0
    assert rows["state scan"].relative_error == pytest.approx(0.0)
    assert rows["iodine"].relative_error == -1.0


def test_what_was_not_found_is_unknown_not_an_error_of_100_percent(small, summary):
    rows = found(compare(small, statement_like(summary)))
    for name in ("energy MR-1", "energy CT-1", "state idle", "class gaps", "gadolinium"):
        assert rows[name].found is None
        assert rows[name].relative_error is None


def test_exams_are_matched_by_the_key_of_their_study(small, summary):
    exams = [row for row in read_table(small, "exams") if row["is_exam"] == "true"]
    columns = {
        "study_key": [f"k{row['study_instance_uid']}" for row in exams],
        "active_kwh": [1.04 * float(row["active_kwh"]) for row in exams],
        "marginal_kwh": [float("nan") for _ in exams],
    }
    rows = found(compare(small, statement_like(summary), exam_energy=columns, study_key=lambda uid: f"k{uid}"))
    assert rows["active energy of an exam, median error"].relative_error == pytest.approx(0.04)
    assert rows["active energy of an exam MR, median error"].relative_error == pytest.approx(0.04)
    assert rows["marginal energy of an exam, median error"].found is None


def test_clock_offsets_are_compared_in_seconds(small, summary):
    offsets = [row for row in read_table(small, "clock_offsets") if row["device"] == "MR-1"]
    columns = {
        "device_key": ["d1"] * len(offsets),
        "date": [row["date"] for row in offsets],
        "offset_s": [float(row["offset_s"]) + 1.5 for row in offsets],
    }
    rows = found(compare(small, statement_like(summary), clock_offset=columns))
    assert rows["clock offset MR-1, median error"].absolute_error == pytest.approx(1.5)
    assert rows["clock offset CT-1, median error"].found is None


def test_a_workspace_of_a_real_site_has_no_truth(tmp_path):
    assert not has_truth(tmp_path)
    with pytest.raises(WorkspaceError) as refusal:
        read_summary(tmp_path)
    assert refusal.value.code == "ecorad.simulation.no_truth"


def test_states_are_compared_over_the_scanners_whose_states_were_told_apart(small, summary):
    statement = statement_like(summary)
    statement["devices"] = [
        {"alias": one["alias"], "device": one["alias"], "states_named": one["modality"] != "CT"}
        for one in summary["scanners"]
    ]
    row = found(compare(small, statement))["state scan"]
    without = sum(one["kwh_by_state"]["scan"] for one in summary["scanners"] if one["modality"] != "CT")
    assert 0.0 < without < summary["kwh_by_state"]["scan"]
    assert row.truth == pytest.approx(without)
