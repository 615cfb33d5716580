"""Dose index against size: lines made by hand come back, odd scans do not bend them, and little data says nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ecorad.footprint.dose.tube_current import Following, size_curves
from tests.footprint.dose.made import columns, ct


def scans(count=40, per_cm=0.05, *, at_30=10.0, wobble=0.02, sizes=(22.0, 38.0), patients=5, **facts):
    """Scans on a line through ``at_30`` mGy at 30 cm, off it by a fixed small pattern."""
    rows = []
    for n, size in enumerate(np.linspace(*sizes, count)):
        ctdi = at_30 * math.exp(per_cm * (size - 30.0) + wobble * (-1) ** n * (n % 5) / 4)
        rows.append(
            ct(
                f"s{n:03}",
                100.0,
                patient_key=f"p{n % patients}",
                ctdi_vol_mgy=ctdi,
                water_equivalent_diameter_mm=10 * size,
                **facts,
            )
        )
    return rows


def curve(rows):
    (one,) = size_curves(columns("irradiation_event", *rows)).curves
    return one


@pytest.mark.parametrize("per_cm", [0.05, 0.18])
def test_a_line_comes_back(per_cm):
    one = curve(scans(per_cm=per_cm))
    assert one.following is Following.FOLLOWS
    assert one.per_cm[1] <= per_cm <= one.per_cm[2]
    assert one.at_median_mgy == pytest.approx(10.0, rel=0.02)
    assert (one.device_key, one.protocol, one.scans) == ("ct-1", "Thorax", 40)


def test_a_fixed_current_is_found():
    one = curve(scans(per_cm=0.0))
    assert one.following is Following.FIXED
    exactly = curve(scans(per_cm=0.0, wobble=0.0))
    assert (exactly.following, exactly.above) == (Following.FIXED, ())


def test_a_dose_that_falls_with_size_is_said():
    assert curve(scans(per_cm=-0.05)).following is Following.FALLS


def test_a_quarter_of_odd_scans_does_not_bend_the_line_and_is_told():
    rows = scans()
    for row in rows[-8:]:
        row["ctdi_vol_mgy"] *= 3
    one = curve(rows)
    assert one.per_cm[0] == pytest.approx(0.05, abs=0.02)
    assert {row["study_key"] for row in rows[-8:]} == {above.study_key for above in one.above}
    assert all(above.value_mgy > 2 * above.expected_mgy for above in one.above)


def test_a_large_patient_is_no_outlier_and_a_small_one_with_the_dose_of_a_large_one_is():
    rows = scans()
    rows[0]["ctdi_vol_mgy"] = rows[-1]["ctdi_vol_mgy"]
    assert [one.study_key for one in curve(rows).above] == [rows[0]["study_key"]]


def test_sizes_that_are_alike_say_nothing():
    one = curve(scans(sizes=(29.0, 31.0)))
    assert one.following is Following.SIZES_ALIKE
    assert math.isnan(one.per_cm[0])


def test_a_wide_interval_is_unsure():
    assert curve(scans(count=20, per_cm=0.012, wobble=0.3)).following is Following.UNSURE


def test_few_scans_and_scans_without_size_or_rejected_are_no_curve():
    assert size_curves(columns("irradiation_event", *scans(count=19))).curves == ()
    rows = scans(count=20)
    rows[3]["water_equivalent_diameter_mm"] = None
    found = size_curves(columns("irradiation_event", *rows))
    assert (found.curves, found.sized, found.unsized) == ((), 19, 1)
    rows = scans(count=20)
    rows[3]["is_rejected"] = True
    assert size_curves(columns("irradiation_event", *rows)).curves == ()
    assert size_curves(columns("irradiation_event", *scans(count=40, event_type="constant angle"))).curves == ()


def test_a_patient_scanned_twice_counts_once():
    rows = scans(count=19)
    again = [{**row} for row in rows]
    assert size_curves(columns("irradiation_event", *rows, *again)).curves == ()


def test_a_name_that_few_patients_share_is_not_told():
    one = curve(scans(patients=4))
    assert (one.protocol, one.following) == (None, Following.FOLLOWS)


def test_of_many_scans_the_line_goes_through_some_and_all_are_held_against_it():
    rows = scans(count=1500)
    rows[701]["ctdi_vol_mgy"] *= 3
    one = curve(rows)
    assert one.scans == 1500
    assert one.per_cm[0] == pytest.approx(0.05, abs=0.005)
    assert [above.study_key for above in one.above] == ["s701"]
