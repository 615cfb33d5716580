"""FHIR administrations: what is read, what is left unread, and what is wrong with a field and not with its record."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.intake import fhir
from ecorad.intake.dicom.contrast_text import parse_product_text
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError, MedicationSource, Site

from .made import MR, UCUM, administration, bundle, content, dose, named

KEYS = Pseudonymiser(bytes(32))
SITE = Site(name="x", timezone="Europe/Amsterdam")


def decode(data: bytes, site: Site = SITE):
    return fhir.decode(
        io.BytesIO(data), site=site, pseudonymiser=KEYS, read_agent=parse_product_text, source_digest="0" * 64
    )


def one(**fields):
    found = decode(content(administration(**fields)))
    return found.records[0], {issue.code for issue in found.issues}


def test_an_administration_by_hand():
    """90 mL of 350 mg/mL: 31.5 g; 11:04 in winter Amsterdam is 10:04 UTC."""
    record, codes = one(**named("ACC1"))
    assert (record.agent, record.kind, record.concentration_mg_ml, record.volume_ml) == (
        "Omnipaque",
        "iodine",
        350.0,
        90.0,
    )
    assert record.started_utc.isoformat() == "2026-03-02T10:04:00+00:00"
    assert (record.status, record.confidence, codes) == ("completed", "high", set())
    assert record.patient_key == KEYS.key("patient", None, "PAT-1")
    assert record.accession_key == KEYS.key("accession", None, "ACC1")
    assert "PAT-1" not in repr(record)
    assert "ACC1" not in repr(record)


def test_release_5_says_the_same_in_other_words():
    concept = {"concept": {"text": "Gadovist"}}
    record, codes = one(
        medicationCodeableConcept=None,
        effectiveDateTime=None,
        medication=concept,
        occurencePeriod={"start": "2026-03-02T10:04:00Z", "end": "2026-03-02T10:05:00Z"},
        **dose(7.5),
    )
    assert (record.kind, record.volume_ml, record.concentration_mg_ml) == ("gadolinium", 7.5, 157.25)
    assert record.started_utc.isoformat() == "2026-03-02T10:04:00+00:00"
    assert codes == set()


@pytest.mark.parametrize(
    ("code", "kind"),
    [("V08AB02", "iodine"), ("V08CA09", "gadolinium"), ("V08CA05", "other"), ("V08DA05", "sf6"), ("V08BA01", "barium")],
)
def test_a_code_alone_tells_the_kind(code, kind):
    record, _ = one(medicationCodeableConcept={"coding": [{"system": "http://www.whocc.no/atc", "code": code}]})
    assert record.kind == kind
    assert record.concentration_mg_ml is None


@pytest.mark.parametrize(
    "name", ["paracetamol 500 mg", "povidone-iodine 10 %", "Sodium chloride 0.9 %", "Iodine tablets"]
)
def test_other_medicines_are_not_kept(name):
    found = decode(content(administration(medicationCodeableConcept={"text": name})))
    assert found.records == ()
    assert [issue.code for issue in found.issues] == ["ecorad.medication.not_contrast"]


def test_a_name_that_means_iodine_or_gadolinium_is_contrast_of_an_unknown_kind():
    record, codes = one(medicationCodeableConcept={"text": "Omnipaque 350 / Gadovist"})
    assert (record.kind, record.agent, record.volume_ml) == (None, None, None)
    assert codes == {"ecorad.medication.ambiguous"}


@pytest.mark.parametrize(
    "fields",
    [
        {"medicationCodeableConcept": {"coding": [{"system": "http://www.whocc.no/atc", "code": "V09IX04"}]}},
        {"medicationCodeableConcept": {"text": "18F-FDG"}, **dose(350, "MBq")},
    ],
)
def test_of_a_radiopharmaceutical_it_is_told_that_there_was_one(fields):
    found = decode(content(administration(**fields)))
    assert (found.records, [issue.code for issue in found.issues]) == ((), ["ecorad.medication.radiopharmaceutical"])


def test_a_bottle_in_a_name_is_no_dose_and_a_salt_no_strength():
    """RxNorm names packs and salts: 150 mL is the bottle, 388 mg/mL of iohexol holds 180 mg/mL of iodine."""
    record, codes = one(
        medicationCodeableConcept={"text": "150 ML iohexol 388 MG/ML Injectable Solution"}, dosage={"text": "once"}
    )
    assert (record.volume_ml, record.concentration_mg_ml) == (None, None)
    assert codes == {"ecorad.medication.no_dose"}


@pytest.mark.parametrize(
    ("fields", "volume_ml", "code"),
    [
        (dose(0.09, "L"), 90.0, None),
        (dose(90, "ml"), 90.0, None),
        (dose(90, "milliliter"), 90.0, None),
        (dose("90"), 90.0, None),
        (dose(1e9), None, "ecorad.medication.implausible"),
        (dose(-5), None, "ecorad.medication.implausible"),
        (dose(0), None, "ecorad.medication.implausible"),
        (dose(350, "mg/mL"), None, "ecorad.medication.unit"),
        (dose(90, "{bottle}"), None, "ecorad.medication.unit"),
        (dose(90, None), None, "ecorad.medication.unit"),
        (dose(30, "g"), None, "ecorad.medication.mass"),
        (dose(True), None, "ecorad.medication.no_dose"),
        (dose({"value": 3}), None, "ecorad.medication.no_dose"),
        ({"dosage": None}, None, "ecorad.medication.no_dose"),
        ({"dosage": {"text": "90 ml iv"}}, 90.0, None),
        ({"dosage": [dose(90)["dosage"]]}, None, "ecorad.medication.no_dose"),
    ],
)
def test_doses(fields, volume_ml, code):
    record, codes = one(**fields)
    assert record.volume_ml == (None if volume_ml is None else pytest.approx(volume_ml))
    assert codes == ({code} if code else set())
    assert record.patient_key is not None  # the record stays


def test_millimoles_of_gadolinium_are_a_volume_where_the_product_has_one_strength():
    """1.0 mmol/mL: 7.5 mmol are 7.5 mL; 0.5 mmol/mL: 7.5 mmol are 15 mL."""
    gadovist, _ = one(medicationCodeableConcept={"text": "Gadovist"}, **dose(7.5, "mmol"))
    dotarem, _ = one(medicationCodeableConcept={"text": "Dotarem"}, **dose(7.5, "mmol"))
    assert (gadovist.volume_ml, dotarem.volume_ml) == (7.5, 15.0)
    _, codes = one(medicationCodeableConcept={"text": "Omnipaque 350"}, **dose(7.5, "mmol"))
    assert codes == {"ecorad.medication.mass"}


@pytest.mark.parametrize(
    ("status", "kept"),
    [("not-done", "not done"), ("entered-in-error", "in error"), ("stopped", "stopped"), ("in-progress", "under way")],
)
def test_what_was_not_given_is_kept_as_such(status, kept):
    record, codes = one(status=status)
    assert record.status == kept
    assert codes == {"ecorad.medication.not_given"}


@pytest.mark.parametrize(
    ("stamp", "code"),
    [
        (None, "ecorad.medication.no_time"),
        ("2026-03-02", "ecorad.medication.bad_time"),
        ("2026-13-40T10:00:00Z", "ecorad.medication.bad_time"),
        ("9999-12-31T23:59:59-14:00", "ecorad.medication.bad_time"),
        (20260302, "ecorad.medication.bad_time"),
    ],
)
def test_times_that_are_none(stamp, code):
    record, codes = one(effectiveDateTime=stamp)
    assert record.started_utc is None
    assert codes == {code}


def test_a_time_without_an_offset_is_that_of_the_site():
    record, _ = one(effectiveDateTime="2026-07-02T11:04:00")
    assert (record.started_utc.isoformat(), record.event_zone) == ("2026-07-02T09:04:00+00:00", "site")


def test_references_lead_to_contained_bundled_and_further_lines():
    drug = {"resourceType": "Medication", "id": "m", "code": {"text": "Ultravist 370"}}
    person = {"resourceType": "Patient", "id": "p", "identifier": [{"type": MR, "value": "PAT-1"}, {"value": "other"}]}
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        **{"identifier": [named("ACC1")["supportingInformation"][0]["identifier"]]},
    }
    ours = administration(
        medicationCodeableConcept=None,
        medicationReference={"reference": "Medication/m"},
        subject={"reference": "Patient/p"},
        request={"reference": "ServiceRequest/s"},
    )
    inside = administration(
        medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=[drug], request=None
    )
    for data in (bundle(person, drug, order, ours), content(ours, order, drug, person)):
        (record,) = decode(data).records
        assert (record.agent, record.concentration_mg_ml) == ("Ultravist", 370.0)
        assert record.patient_key == KEYS.key("patient", None, "PAT-1")
        assert record.accession_key == KEYS.key("accession", None, "ACC1")
    assert decode(content(inside)).records[0].agent == "Ultravist"


def test_the_study_is_named_by_its_uid():
    record, _ = one(partOf=[{"identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}}])
    assert record.study_key == KEYS.key("study", "1.2.3")


def test_several_numbers_of_a_patient_are_none():
    who = {"identifier": [{"value": "1"}, {"value": "2"}]}
    record, codes = one(subject=who)
    assert record.patient_key is None
    assert codes == {"ecorad.medication.patients", "ecorad.medication.no_link"}


def test_issuers_and_systems_are_those_of_the_site():
    site = Site(name="x", medication=MedicationSource(patient_system="urn:a", patient_issuer="HOSP"))
    who = {"identifier": [{"system": "urn:a", "value": "1"}, {"system": "urn:b", "value": "2"}]}
    (record,) = decode(content(administration(subject=who)), site).records
    assert record.patient_key == KEYS.key("patient", "HOSP", "1")


def test_the_later_version_in_a_file_holds_in_any_order():
    first = administration(meta={"lastUpdated": "2026-03-02T12:00:00Z"})
    later = administration(status="entered-in-error", meta={"lastUpdated": "2026-03-02T13:00:00Z"})
    for data in (content(first, later), content(later, first)):
        (record,) = decode(data).records
        assert record.status == "in error"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"resourceType": "Patient", "id": "1"}', "ecorad.fhir.not_read"),
        (b'{"resourceType": "Bundle", "entry": []}', "ecorad.fhir.not_read"),
        (b'{"resourceType": "MedicationAdministration", "x": NaN}', "ecorad.fhir.structure"),
        (b'{"resourceType": "MedicationAdministration", ', "ecorad.fhir.structure"),
        (b'{"resourceType": 5}', "ecorad.fhir.structure"),
        (b'{"resourceType": "Bundle", "x": ' + b"[" * 500_000 + b"]" * 500_000 + b"}", "ecorad.fhir.depth"),
        (b'{"resourceType": "Bundle", "x": ' + b'{"a":' * 300 + b"1" + b"}" * 301, "ecorad.fhir.depth"),
    ],
)
def test_what_is_no_record_is_refused_whole(data, code):
    with pytest.raises(DecodeError) as refused:
        decode(data)
    assert refused.value.code == code


def test_a_bad_line_costs_itself():
    good = content(administration())
    data = b"\n".join([good, b"{torn", b"", b'{"resourceType": "MedicationAdministration", "x": NaN}', b"[" * 1000])
    found = decode(data)
    assert len(found.records) == 1
    assert found.rows_quarantined == 3
    assert [(i.code, i.count) for i in found.issues] == [("ecorad.fhir.line", 3)]


def test_brackets_in_a_text_are_no_nesting():
    record, _ = one(note=[{"text": "[" * 200 + '"' + "{" * 200}])
    assert record.volume_ml == 90.0


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(administration(**named("A"), meta={}))), value=anything)
def test_whatever_stands_in_a_field_the_rest_is_read(name, value):
    data = json.dumps(administration(**named("A")) | {name: value}).encode()
    try:
        found = decode(data)
    except DecodeError as error:
        assert name == "resourceType"
        assert error.code.startswith("ecorad.fhir.")
    else:
        assert len(found.records) + sum(i.code == "ecorad.medication.not_contrast" for i in found.issues) == 1


def test_dose_units_go_by_their_code_before_their_word():
    quantity = {"value": 90, "unit": "bottle", "system": UCUM, "code": "mL"}
    record, codes = one(dosage={"dose": quantity})
    assert (record.volume_ml, codes) == (90.0, set())
