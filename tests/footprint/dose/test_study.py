"""Totals of studies, and what they say where something is not told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint.dose.study import study_doses

from .made import columns, ct

NO_REPORTS = columns("dose_report")


def dose(*events, reports=NO_REPORTS):
    return study_doses(columns("irradiation_event", *events), reports)


def test_a_study_is_the_sum_of_its_events():
    found = dose(ct("s", 60.17), ct("s", 56.44), ct("t", 100.0))
    assert list(found.study_key) == ["s", "t"]
    assert found.totals["dlp_mgy_cm"].tolist() == [pytest.approx(116.61), 100.0]
    assert found.events.tolist() == [2, 1]


def test_what_no_event_tells_is_unknown_and_not_nothing():
    found = dose(ct("s", None))
    assert math.isnan(found.totals["dlp_mgy_cm"][0])
    assert math.isnan(found.totals["dose_area_product_gy_m2"][0])


def test_a_dose_of_nothing_stays_nothing():
    assert dose(ct("s", 0.0)).totals["dlp_mgy_cm"].tolist() == [0.0]


def test_a_study_is_named_after_its_largest_event():
    found = dose(ct("s", 5.0, protocol_name="Topogram", body_region="neck"), ct("s", 700.0, protocol_name="TAP"))
    assert (found.protocol, found.body_region) == (["TAP"], ["chest"])


def test_breasts_are_kept_apart():
    sides = [
        {"study_key": "s", "modality": "MG", "laterality": side, "average_glandular_dose_mgy": value}
        for side, value in (("left", 1.3), ("right", 1.28), ("right", 1.0))
    ]
    found = dose(*sides)
    assert found.totals["glandular_left_mgy"].tolist() == [1.3]
    assert found.totals["glandular_right_mgy"].tolist() == [pytest.approx(2.28)]


def test_declared_totals_stand_in_where_there_are_no_events_and_the_latest_holds():
    reports = columns(
        "dose_report",
        {"study_key": "s", "report_key": "r1", "reported_utc": "2026-03-01T10:00", "dose_area_product_gy_m2": 1e-5},
        {"study_key": "s", "report_key": "r2", "reported_utc": "2026-03-01T11:00", "dose_area_product_gy_m2": 3e-5},
    )
    found = dose(reports=reports)
    assert found.totals["dose_area_product_gy_m2"].tolist() == [3e-5]
    assert found.declared_only.tolist() == [True]


def test_planes_of_one_report_add_up():
    rows = [
        {"study_key": "s", "report_key": "r", "plane": plane, "reported_utc": "2026-03-01", "fluoroscopy_s": seconds}
        for plane, seconds in (("A", 60.0), ("B", 30.0))
    ]
    assert dose(reports=columns("dose_report", *rows)).totals["fluoroscopy_s"].tolist() == [90.0]


@pytest.mark.parametrize(("declared", "short"), [(100.0, False), (104.0, False), (106.0, True)])
def test_a_list_of_events_that_falls_short_is_marked(declared, short):
    reports = columns("dose_report", {"study_key": "s", "report_key": "r", "dlp_mgy_cm": declared})
    found = dose(ct("s", 100.0), reports=reports)
    assert found.is_short.tolist() == [short]
    assert found.totals["dlp_mgy_cm"].tolist() == [100.0]


@given(st.lists(st.tuples(st.sampled_from("stu"), st.floats(0, 1e4)), min_size=1, max_size=20), st.randoms())
def test_the_order_of_events_changes_nothing(rows, random):
    events = [ct(study, dlp, record_key=f"e{n}") for n, (study, dlp) in enumerate(rows)]
    shuffled = list(events)
    random.shuffle(shuffled)
    one, other = dose(*events), dose(*shuffled)
    assert list(one.study_key) == list(other.study_key)
    assert np.allclose(one.totals["dlp_mgy_cm"], other.totals["dlp_mgy_cm"])
    assert (one.protocol, one.body_region) == (other.protocol, other.body_region)


def test_nothing_gives_nothing():
    assert len(dose()) == 0
