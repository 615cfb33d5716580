"""Reports made for the purpose: units, odd values, cuts, depth, identity, repeats, other templates."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from ecorad.intake import dicom, dose_sr
from ecorad.intake.dose_sr import dataset
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError

from . import made
from .made import CODE, CONTAINER, DATETIME, IMAGE, NUM, TEXT, UIDREF, ct_event, ct_totals, item, report, xray_event
from .real import KEYS, SITE, decode


def told(dose):
    """Codes of the issues, sorted."""
    return sorted(issue.code for issue in dose.issues)


@pytest.mark.parametrize(
    ("unit", "written", "gy_m2"),
    [
        ("Gy.m2", "1e-5", 1e-5),
        ("Gym2", "1e-5", 1e-5),
        ("dGy.cm2", "1", 1e-5),
        ("Gy.cm2", "0.1", 1e-5),
        ("uGy.m2", "10", 1e-5),
        ("cGy.cm2", "10", 1e-5),
        ("mGy.cm2", "100", 1e-5),
        ("µGy·m²".replace("²", "2"), "10", 1e-5),
        ("Gy.cm^2", "0.1", 1e-5),
    ],
)
def test_a_dose_area_product_in_any_unit_makers_write(unit, written, gy_m2):
    dose = decode(report([xray_event("1.9.1", written, f"UCUM:{unit}")], SpecificCharacterSet="ISO_IR 100"))
    assert dose.events[0].dose_area_product_gy_m2 == pytest.approx(gy_m2, rel=1e-12)
    assert told(dose) == []


def test_dose_at_the_reference_point_in_milligray():
    point = item(NUM, "DCM:113738", "2.52", unit="UCUM:mGy")
    (event,) = decode(report([xray_event("1.9.1", "1e-5", "UCUM:Gy.m2", point)])).events
    assert event.dose_rp_gy == pytest.approx(0.00252)


@pytest.mark.parametrize("unit", ["UCUM:rad", "UCUM:mGy", "99X:mGy.cm", "UCUM:mGy.cm2", "UCUM:MGYCM"])
def test_an_unknown_unit_leaves_the_value_unknown_and_the_event_there(unit):
    dose = decode(report([ct_totals("1", None), ct_event("1.9.1", "100", unit)]))
    assert dose.events[0].dlp_mgy_cm is None
    assert told(dose) == ["ecorad.dose_sr.unit"]


@pytest.mark.parametrize("written", ["-1", "1e9", "nan", "inf", "1,5", "1_0"])
def test_an_impossible_number_is_unknown(written):
    data = report([ct_totals("1", None), ct_event("1.9.1", "1234567")])
    text = written.ljust(8).encode()
    data = data.replace(b"1234567 ", text)
    dose = decode(data)
    assert dose.events[0].dlp_mgy_cm is None
    assert told(dose) == ["ecorad.dose_sr.implausible"]


def test_absence_is_unknown_and_no_issue():
    dose = decode(report([ct_totals("1", None), ct_event("1.9.1", None)]))
    assert dose.events[0].dlp_mgy_cm is None
    assert dose.reports[0].dlp_mgy_cm is None
    assert told(dose) == []


def test_an_unknown_scheme_is_another_thing():
    odd = item(CONTAINER, "99MAKER:113819", children=[item(NUM, "DCM:113838", "9", unit="UCUM:mGy.cm")])
    dose = decode(report([ct_totals("1", "100"), ct_event(), odd]))
    assert [event.dlp_mgy_cm for event in dose.events] == [100.0]


def test_old_codes_mean_the_same():
    old = item(CODE, "DCM:113820", "SRT:P5-08001")
    new = item(CODE, "DCM:113820", "SCT:116152004")
    events = [ct_event("1.9.1", "1", "UCUM:mGy.cm", old), ct_event("1.9.2", "1", "UCUM:mGy.cm", new)]
    dose = decode(report([ct_totals("2", "2"), *events]))
    assert [event.event_type for event in dose.events] == ["spiral", "spiral"]


def test_three_hundred_levels_are_refused_safely():
    with pytest.raises(dataset.TooDeepError):
        dataset.read(made.nested(300))
    assert dataset.read(made.nested(10))


def test_what_is_too_deep_has_no_dose():
    shallow = report([ct_totals("1", "100"), ct_event()])
    (instance,) = header(shallow)
    deep = made.nested(300)
    dose = dose_sr.decode(io.BytesIO(deep), size=len(deep), instance=instance, site=SITE, pseudonymiser=KEYS)
    assert (dose.events, told(dose)) == ((), ["ecorad.dose_sr.depth"])


def header(data):
    """The header's record."""
    return dicom.decode(io.BytesIO(data), size=len(data), site=SITE, pseudonymiser=KEYS).records


def test_fewer_events_than_declared_is_a_cut():
    with pytest.raises(DecodeError) as refused:
        decode(report([ct_totals("3", "300"), ct_event("1.9.1"), ct_event("1.9.2")]))
    assert refused.value.code == "ecorad.dose_sr.cut"


def test_a_report_without_content_is_a_cut():
    with pytest.raises(DecodeError) as refused:
        decode(report([]))
    assert refused.value.code == "ecorad.dose_sr.cut"


@pytest.mark.parametrize(("total", "issues"), [("200", []), ("209", []), ("230", ["ecorad.dose_sr.total_differs"])])
def test_a_total_that_the_events_do_not_make_is_noted(total, issues):
    dose = decode(report([ct_totals("2", total), ct_event("1.9.1"), ct_event("1.9.2")]))
    assert told(dose) == issues


@given(st.data())
def test_a_cut_report_never_gives_a_dose_that_is_too_low(data):
    whole = report([ct_totals("3", "300"), *(ct_event(f"1.9.{n}") for n in range(3))])
    end = data.draw(st.integers(140, len(whole) - 1))
    (instance,) = header(whole)
    try:
        dose = dose_sr.decode(io.BytesIO(whole[:end]), size=end, instance=instance, site=SITE, pseudonymiser=KEYS)
    except DecodeError:
        return
    assert sum(event.dlp_mgy_cm for event in dose.events) in {0, 300.0}
    assert not dose.events or len(dose.events) == 3


@given(st.binary(max_size=40), st.integers(140, 900))
def test_damage_ends_as_a_code_or_a_dose(noise, at):
    whole = report([ct_totals("1", "100"), ct_event()])
    (instance,) = header(whole)
    broken = whole[:at] + noise + whole[at + len(noise) :]
    try:
        dose = dose_sr.decode(io.BytesIO(broken), size=len(broken), instance=instance, site=SITE, pseudonymiser=KEYS)
    except DecodeError as error:
        assert error.code.startswith("ecorad.dose_sr.")
    else:
        assert all(event.dlp_mgy_cm is None or event.dlp_mgy_cm >= 0 for event in dose.events)


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
    ids=["implicit", "big", "deflated"],
)
def test_every_encoding_says_the_same(syntax):
    def made_as(name):
        return report([ct_totals("2", "200"), ct_event("1.9.1"), ct_event("1.9.2")], syntax=name)

    plain, other = made_as(ExplicitVRLittleEndian), made_as(syntax)
    (instance,) = header(plain)
    read = [
        dose_sr.decode(io.BytesIO(data), size=len(data), instance=instance, site=SITE, pseudonymiser=KEYS)
        for data in (plain, other)
    ]
    assert read[0] == read[1]
    assert len(read[0].events) == 2


def test_an_event_is_one_however_often_it_is_told():
    first = decode(report([ct_totals("1", "100"), ct_event("1.9.1")], sop="1.2.3.9"))
    second = decode(report([ct_totals("2", "250"), ct_event("1.9.1"), ct_event("1.9.2", "150")], sop="1.2.3.10"))
    keys = [event.record_key for dose in (first, second) for event in dose.events]
    assert keys[0] == keys[1] != keys[2]


def test_both_planes_of_one_event_count():
    def plane(letter):
        return item(CODE, "DCM:113764", f"DCM:11362{letter}")

    events = [xray_event("1.9.1", "1e-5", "UCUM:Gy.m2", plane(0)), xray_event("1.9.1", "2e-5", "UCUM:Gy.m2", plane(1))]
    dose = decode(report(events))
    assert [event.plane for event in dose.events] == ["A", "B"]
    assert len({event.irradiation_event_key for event in dose.events}) == 1
    assert len({event.record_key for event in dose.events}) == 2
    assert told(dose) == []


def test_one_event_twice_in_a_report_counts_once():
    dose = decode(report([ct_totals("1", "100"), ct_event("1.9.1"), ct_event("1.9.1")]))
    assert len(dose.events) == 1
    assert "ecorad.dose_sr.event_twice" in told(dose)


def test_one_uid_for_two_doses_counts_both():
    dose = decode(report([ct_totals("2", "150"), ct_event("1.9.1", "100"), ct_event("1.9.1", "50")]))
    assert sorted(event.dlp_mgy_cm for event in dose.events) == [50.0, 100.0]
    assert len({event.record_key for event in dose.events}) == 2
    assert told(dose) == ["ecorad.dose_sr.event_uid_reused"]


def test_events_without_uid_keep_their_keys_when_the_report_grows():
    first = decode(report([ct_totals("1", "100"), ct_event(None)]))
    second = decode(report([ct_totals("2", "150"), ct_event(None), ct_event(None, "50")], sop="1.2.3.10"))
    assert first.events[0].record_key == second.events[0].record_key != second.events[1].record_key
    assert "ecorad.dose_sr.no_event_uid" in told(second)


def test_repeats_and_rejects_are_read_where_they_are_said():
    again = (
        item(CODE, "DCM:128551", "SCT:373066001"),
        item(CODE, "DCM:128552", "DCM:128553"),
        item(CODE, "DCM:130503", "SRT:R-00339"),
    )
    events = [ct_event("1.9.1", "1", "UCUM:mGy.cm", *again), ct_event("1.9.2", "1")]
    said, silent = decode(report([ct_totals("2", "2"), *events])).events
    assert (said.is_repeated, said.repeat_reason, said.is_rejected) == (True, "patient motion", False)
    assert (silent.is_repeated, silent.repeat_reason, silent.is_rejected) == (None, None, None)


def test_an_enhanced_report_is_read_by_code_wherever_its_events_stand():
    event = item(
        CONTAINER,
        "DCM:130501",
        children=[
            item(UIDREF, "DCM:113769", "1.9.1"),
            item(DATETIME, "DCM:111526", "20260301113000"),
            item(CODE, "DCM:113721", "SCT:44491008"),
            item(NUM, "DCM:113738", "3", unit="UCUM:mGy"),
            item(CODE, "DCM:130503", "SCT:373066001"),
            item(CODE, "DCM:130504", "DCM:111209"),
        ],
    )
    totals = item(CONTAINER, "DCM:130500", children=[item(NUM, "DCM:113725", "3", unit="UCUM:mGy")])
    wrapped = item(CONTAINER, "DCM:130505", children=[event])
    dose = decode(report([totals, wrapped], sop_class=made.ENHANCED))
    (found,) = dose.events
    assert (found.told_by, found.modality, found.dose_rp_gy) == ("enhanced_xray_report", "RF", 0.003)
    assert (found.is_rejected, found.reject_reason) == (True, "positioning")
    assert dose.reports[0].dose_rp_gy == 0.003


def test_a_patient_dose_report_tells_its_estimate_and_no_event():
    estimate = item(CONTAINER, "DCM:128402", children=[item(NUM, "DCM:113839", "7.5", unit="UCUM:mSv")])
    dose = decode(report([estimate], root="DCM:128401", sop_class=made.PATIENT))
    assert dose.events == ()
    assert dose.reports[0].effective_dose_msv == 7.5


def test_a_dose_class_under_an_unknown_root_is_named():
    dose = decode(report([ct_event()], root="99X:1"))
    assert (dose.events, told(dose)) == ((), ["ecorad.dose_sr.root"])


def test_key_objects_reject_what_they_list():
    content = [
        item(CODE, "DCM:113011", "DCM:111210"),
        item(IMAGE, "DCM:113795", "1.5.1"),
        item(IMAGE, "DCM:113795", "1.5.2"),
    ]
    dose = decode(report(content, root="DCM:113001", sop_class=made.KEY_OBJECTS))
    assert [(row.kind, row.reason) for row in dose.rejections] == [("quality", "motion blur")] * 2
    assert dose.rejections[0].instance_key == KEYS.key("instance", "1.5.1")
    other = decode(report(content, root="DCM:113000", sop_class=made.KEY_OBJECTS))
    assert other.rejections == ()


def test_times_take_the_offset_of_the_object():
    start = item(DATETIME, "DCM:111526", "20260301113000")
    data = report([xray_event("1.9.1", "1e-5", "UCUM:Gy.m2", start)], TimezoneOffsetFromUTC="+0800")
    (event,) = decode(data).events
    assert event.started_utc.isoformat() == "2026-03-01T03:30:00+00:00"
    assert event.event_zone == "dataset"


def test_biplane_is_angiography_and_stills_alone_are_radiography():
    still = item(CODE, "DCM:113721", "DCM:113611")
    run = item(CODE, "DCM:113721", "DCM:113613")
    plane = item(CODE, "DCM:113764", "DCM:113621")
    assert decode(report([xray_event("1.1", "1e-5", "UCUM:Gy.m2", still)])).modality == "DX"
    assert decode(report([xray_event("1.1", "1e-5", "UCUM:Gy.m2", run)])).modality == "RF"
    assert decode(report([xray_event("1.1", "1e-5", "UCUM:Gy.m2", run, plane)])).modality == "XA"


def test_region_by_code_in_old_and_new_and_shortened_spelling():
    def region(written):
        where = item(CODE, "DCM:123014", written)
        return decode(report([xray_event("1.1", "1e-5", "UCUM:Gy.m2", where)])).events[0].body_region

    assert [region(text) for text in ("SRT:T-D4000", "SRT:T-D400", "SCT:416775004", "SRT:T-D0010")] == [
        "abdomen",
        "abdomen",
        "trunk",
        None,
    ]


def test_identifiers_and_text_of_the_input_are_in_no_issue():
    secret = item(TEXT, "DCM:113838", "Janssen^Jan")
    dose = decode(report([ct_totals("1", None), ct_event("1.9.1", "-5"), secret], PatientName="Janssen^Jan"))
    assert "Janssen" not in repr(dose.issues)
    assert "1.9.1" not in repr(dose)


def test_a_site_that_retains_identifiers_keeps_the_event_uid():
    dose = decode(report([ct_totals("1", "100"), ct_event("1.9.1")]), Pseudonymiser(bytes(32), retain=True))
    assert dose.events[0].irradiation_event_key == "1.9.1"


def test_a_sequence_without_its_delimiter_is_a_cut():
    whole = made.nested(2)
    assert dataset.read(whole)
    with pytest.raises(DecodeError) as refused:
        dataset.read(whole[:-8])
    assert refused.value.code == "ecorad.dose_sr.structure"


def test_fluoroscopy_time_alone_makes_it_fluoroscopy():
    still = item(CODE, "DCM:113721", "DCM:113611")
    total = item(CONTAINER, "DCM:113702", children=[item(NUM, "DCM:113730", "30", unit="UCUM:s")])
    assert decode(report([total, xray_event("1.1", "1e-5", "UCUM:Gy.m2", still)])).modality == "RF"


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (item(CODE, "DCM:113820", "MYSCHEME:17"), "DCM:113820"),
        (item(CODE, "DCM:113820", "SCT:1"), "DCM:113820"),
        (item(CODE, "DCM:113835", "DCM:113820"), "DCM:113835"),
        (item(CODE, "DCM:123014", "MYSCHEME:chest"), "DCM:123014"),
    ],
)
def test_a_code_or_scheme_that_is_not_known_costs_its_field_alone_and_is_told(value, where):
    dose = decode(report([ct_totals("1", "100"), ct_event("1.9.1", "100", "UCUM:mGy.cm", value)]))
    (event,) = dose.events
    assert (event.dlp_mgy_cm, event.event_type, event.phantom, event.body_region) == (100.0, None, None, None)
    assert [(issue.code, issue.where) for issue in dose.issues] == [("ecorad.dose_sr.code", where)]
