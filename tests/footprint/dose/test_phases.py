"""Phases of CT: by hand, what is none, what is not told, and what one phase less saves."""

from __future__ import annotations

import math

import pytest

from ecorad.factors import book
from ecorad.footprint.dose.phases import grouped, phases_of
from tests.footprint.dose.made import columns, ct


def scan(study, dlp, second, *, length=300.0, kvp=120.0, ma=200.0, seconds=5.0, **facts):
    at = f"2026-03-02T08:{second // 60:02}:{second % 60:02}"
    told = {"scan_length_mm": length, "kvp": kvp, "tube_current_ma": ma, "irradiation_s": seconds}
    return ct(study, dlp, started_utc=at, **told, **facts)


def three(study="s"):
    """Native 200, arterial 500 after 60 s, venous 500 after 110 s; with a localiser and a watch for contrast."""
    return (
        scan(study, 4.0, 0, event_type="constant angle", ma=0.0),
        scan(study, 500.0, 170),
        scan(study, 200.0, 60, ma=100.0),
        scan(study, 10.0, 100, event_type="stationary", length=10.0, ma=0.0),
        scan(study, 500.0, 120),
    )


def found(*rows):
    return phases_of(columns("irradiation_event", *rows), book())


def test_phases_stand_in_the_order_of_time_with_dose_delay_and_share():
    (one,) = found(*three()).regions
    assert [phase.dlp_mgy_cm for phase in one.phases] == [200.0, 500.0, 500.0]
    assert [phase.delay_s for phase in one.phases] == [0.0, 60.0, 110.0]
    # 0.014 mSv/(mGy.cm) of the chest: AAPM 96
    assert [phase.effective.value for phase in one.phases] == pytest.approx([2.8, 7.0, 7.0])
    # tube energy 1 : 2 : 2, the localiser and the watch told as nothing
    assert [phase.share for phase in one.phases] == pytest.approx([0.2, 0.4, 0.4])


def test_one_phase_less_saves_the_mean_between_the_smallest_and_the_largest():
    (group,) = grouped(found(*three()), {"s": 1.0})
    assert group.exams == 1
    assert group.saved_msv.value == pytest.approx((2.8 + 7.0 + 7.0) / 3)
    # The factor's declared width: two thirds to 1.76 times.
    assert (group.saved_msv.low, group.saved_msv.high) == pytest.approx((2.8 * 0.67, 7.0 * 1.76), rel=1e-3)
    assert (group.saved_kwh.value, group.saved_kwh.low, group.saved_kwh.high) == pytest.approx((1 / 3, 0.2, 0.4))
    assert group.factors == ("dose.k.chest.adult",)


def test_what_is_saved_never_passes_what_the_exam_took():
    (group,) = grouped(found(*three()), {"s": 0.7})
    assert group.saved_kwh.high < 0.7
    assert sum(group.energies_kwh) == pytest.approx(0.7)


@pytest.mark.parametrize(
    "second",
    [
        scan("s", 100.0, 60, length=140.0),  # less than half as long
        scan("s", 300.0, 60, is_repeated=True),
        scan("s", 300.0, 60, is_rejected=True),
        scan("s", 300.0, 60, event_type="constant angle"),
        scan("s", 300.0, 60, body_region="head", phantom="head_16cm"),
        scan("other", 300.0, 60),
    ],
)
def test_what_is_no_second_phase(second):
    result = found(scan("s", 400.0, 0), second)
    assert all(len(one.phases) == 1 for one in result.regions)
    assert grouped(result, {}) == ()


def test_half_as_long_is_alike():
    (one,) = found(scan("s", 400.0, 0), scan("s", 200.0, 60, length=150.0)).regions
    assert len(one.phases) == 2


@pytest.mark.parametrize("unsaid", [{"event_type": None}, {"length": None}])
def test_a_scan_that_does_not_tell_leaves_the_region_unknown(unsaid):
    result = found(scan("s", 400.0, 0), scan("s", 400.0, 60, **unsaid))
    assert (result.regions, result.not_told) == ((), 1)


def test_a_length_comes_from_dose_and_index_where_it_is_not_told():
    rows = [scan("s", dlp, at, length=None, ctdi_vol_mgy=10.0) for dlp, at in ((400.0, 0), (300.0, 60))]
    (one,) = found(*rows).regions
    assert len(one.phases) == 2


def test_without_tube_current_the_share_is_by_beam_time_and_without_that_unknown():
    rows = [scan("s", 400.0, at, ma=None, seconds=seconds) for at, seconds in ((0, 3.0), (60, 1.0))]
    assert [phase.share for phase in found(*rows).regions[0].phases] == [0.75, 0.25]
    rows[0]["irradiation_s"] = None
    assert [phase.share for phase in found(*rows).regions[0].phases] == [None, None]
    assert grouped(found(*rows), {"s": 1.0})[0].saved_kwh is None


def test_a_dose_that_has_no_factor_saves_nothing_known():
    rows = [scan("s", 400.0, at, body_region="lower_limb") for at in (0, 60)]
    (group,) = grouped(found(*rows), {})
    assert (group.saved_msv, group.doses_msv) == (None, (None, None))


def test_a_name_is_told_where_ten_exams_of_five_patients_share_it():
    def names(exams, patients):
        rows = [{**one, "patient_key": f"p{n % patients}"} for n in range(exams) for one in three(f"s{n}")]
        return grouped(found(*rows), {})[0].protocols

    assert names(10, 5) == ("Thorax",) * 3
    assert names(9, 9) == names(10, 4) == (None,) * 3
    assert grouped(found(*(one for n in range(10) for one in three(f"s{n}"))), {})[0].protocols == (None,) * 3


def test_a_time_that_one_phase_does_not_tell_leaves_no_delay():
    rows = [scan("s", 400.0, 0), scan("s", 400.0, 60)]
    rows[1]["started_utc"] = None
    assert [phase.delay_s for phase in found(*rows).regions[0].phases] == [None, None]
    assert math.isclose(found(*rows).regions[0].phases[0].dlp_mgy_cm, 400.0)
