"""Totals told more than once: parts, running totals, planes beside all planes, two kinds of tube in one report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.dose_sr.accumulated import one_a_plane
from ecorad.intake.dose_sr.tree import Notes
from ecorad.model import DecodeError

from . import made
from .made import CODE, CONTAINER, NUM, TEXT, UIDREF, ct_event, ct_totals, item, report, xray_event
from .real import decode


def told(dose):
    return sorted(issue.code for issue in dose.issues)


def plane(code, *more):
    return item(CONTAINER, "DCM:113702", children=[item(CODE, "DCM:113764", code), *more])


def area(gy_m2):
    return item(NUM, "DCM:113722", gy_m2, unit="UCUM:Gy.m2")


def test_two_parts_of_one_examination_add_up():
    events = [ct_event("1.9.1", "100"), ct_event("1.9.2", "20"), ct_event("1.9.3", "30")]
    dose = decode(report([ct_totals("1", "100"), ct_totals("2", "50"), *events]))
    (row,) = dose.reports
    assert (row.events_declared, row.dlp_mgy_cm, told(dose)) == (3, 150.0, [])


def test_of_running_totals_the_last_holds_the_others():
    dose = decode(report([ct_totals("1", "60"), ct_totals("2", "100"), ct_event("1.1", "60"), ct_event("1.2", "40")]))
    (row,) = dose.reports
    assert (row.events_declared, row.dlp_mgy_cm, told(dose)) == (2, 100.0, [])


def test_the_same_totals_told_twice_are_one():
    dose = decode(report([ct_totals("2", "100"), ct_totals("2", "100"), ct_event("1.1", "60"), ct_event("1.2", "40")]))
    assert [(row.events_declared, row.dlp_mgy_cm) for row in dose.reports] == [(2, 100.0)]


def test_events_that_the_second_container_declares_are_missed():
    with pytest.raises(DecodeError) as refused:
        decode(report([ct_totals("1", "100"), ct_totals("2", "50"), ct_event("1.9.1", "100")]))
    assert refused.value.code == "ecorad.dose_sr.cut"


def test_parts_or_running_totals_without_events_are_unknown():
    dose = decode(report([plane("DCM:113622", area("1e-5")), plane("DCM:113622", area("3e-5"))]))
    assert [row.dose_area_product_gy_m2 for row in dose.reports] == [None]
    assert told(dose) == ["ecorad.dose_sr.nothing_known", "ecorad.dose_sr.totals_ambiguous"]


def test_falling_totals_are_parts_without_events_too():
    dose = decode(report([plane("DCM:113622", area("3e-5")), plane("DCM:113622", area("1e-5"))]))
    assert [row.dose_area_product_gy_m2 for row in dose.reports] == pytest.approx([4e-5])


def test_all_planes_beside_each_plane_is_no_dose_of_its_own():
    both = [plane("DCM:113890", area("3e-5")), plane("DCM:113620", area("2e-5")), plane("DCM:113621", area("1e-5"))]
    dose = decode(report(both))
    assert {row.plane: row.dose_area_product_gy_m2 for row in dose.reports} == {"A": 2e-5, "B": 1e-5}


def test_all_planes_counts_where_one_plane_is_not_told():
    dose = decode(report([plane("DCM:113890", area("3e-5")), plane("DCM:113620", area("2e-5")), plane("DCM:113621")]))
    assert sum(row.dose_area_product_gy_m2 or 0.0 for row in dose.reports) == 3e-5


@given(st.lists(st.floats(0.1, 1e3), min_size=1, max_size=6, unique=True), st.booleans())
def test_whichever_way_it_is_told_the_total_is_that_of_the_events(parts, is_running):
    told_so = [sum(parts[: n + 1]) for n in range(len(parts))] if is_running else parts
    rows = [{"plane": None, "dlp_mgy_cm": value} for value in told_so]
    (row,) = one_a_plane(rows, {"dlp_mgy_cm": sum(parts)}, Notes())
    assert row["dlp_mgy_cm"] == pytest.approx(sum(parts))


def test_a_room_with_both_kinds_of_tube():
    both = report(
        [
            item(CODE, "DCM:121058", "SRT:P5-08000"),
            ct_totals("1", "100"),
            ct_event("1.9.1", "100"),
            xray_event("1.9.7", "1e-5", "UCUM:Gy.m2", item(CODE, "DCM:113721", "SRT:P5-06000")),
        ]
    )
    events = {event.modality: event for event in decode(both).events}
    assert events["CT"].dlp_mgy_cm == 100.0
    assert events["RF"].dose_area_product_gy_m2 == 1e-5


@pytest.mark.parametrize(
    ("unit", "mgy_cm"), [("mGy·cm", 100.0), ("mGy-cm", 100.0), ("cGy.cm", 1000.0), ("dGy.cm", 1e4), ("uGy.m", 10.0)]
)
def test_a_dose_length_in_the_letters_of_the_report(unit, mgy_cm):
    dose = decode(report([ct_event("1.9.1", "100", f"UCUM:{unit}")], SpecificCharacterSet="ISO_IR 192"))
    assert (dose.events[0].dlp_mgy_cm, told(dose)) == (mgy_cm, [])


@pytest.mark.parametrize("unit", ["µGym²", "μGy⋅m²", "uGy.m2"])
def test_a_micro_and_a_squared_sign_in_utf_8(unit):
    dose = decode(report([xray_event("1.9.1", "1", f"UCUM:{unit}")], SpecificCharacterSet="ISO_IR 192"))
    assert (dose.events[0].dose_area_product_gy_m2, told(dose)) == (1e-6, [])


def test_a_number_that_stands_as_binary_alone():
    event = ct_event("1.9.1", "10")
    (measured,) = event.ContentSequence[0].ContentSequence[0].MeasuredValueSequence
    measured.FloatingPointValue = 10.25
    assert decode(report([event])).events[0].dlp_mgy_cm == 10.0
    del measured.NumericValue
    assert decode(report([event])).events[0].dlp_mgy_cm == 10.25


def test_a_scheme_in_small_letters_is_the_same():
    event = ct_event("1.9.1", "10")
    event.ConceptNameCodeSequence[0].CodingSchemeDesignator = "dcm"
    assert [one.dlp_mgy_cm for one in decode(report([event])).events] == [10.0]


def test_a_report_in_which_nothing_was_found_says_so():
    dose = decode(report([item(CONTAINER, "99X:1", children=[item(TEXT, "99X:2", "x")])]))
    assert (dose.events, told(dose)) == ((), ["ecorad.dose_sr.nothing_known"])


@pytest.mark.parametrize(
    ("nuclide", "modality"),
    [("SRT:C-131A3", "PT"), ("SCT:35337001", "PT"), ("SCT:79197006", "PT"), ("SRT:C-163A8", "NM"), ("SCT:1", "NM")],
)
def test_what_emits_positrons_is_pet(nuclide, modality):
    agent = item(CODE, "SRT:F-61FDB", "SRT:C-B1031", [item(CODE, "SRT:C-10072", nuclide)])
    uid, given_uci = item(UIDREF, "DCM:113503", "2.1"), item(NUM, "DCM:113507", "20000", unit="UCUM:uCi")
    whole = item(CONTAINER, "DCM:113502", children=[agent, uid, given_uci])
    dose = decode(report([whole], root="DCM:113500", sop_class=made.RADIO))
    assert (dose.modality, dose.events[0].activity_mbq) == (modality, pytest.approx(740.0))


def test_a_total_of_both_breasts_is_that_of_neither():
    side = item(CODE, "SRT:G-C171", "SRT:T-04080")
    total = item(NUM, "DCM:111637", "3", [side], unit="UCUM:mGy")
    dose = decode(report([item(CONTAINER, "DCM:113702", children=[total])]))
    assert (dose.modality, dose.reports[0].glandular_left_mgy, dose.reports[0].glandular_right_mgy) == (
        "MG",
        None,
        None,
    )
    assert "ecorad.dose_sr.code" not in told(dose)
