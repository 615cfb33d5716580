"""Medication records in the ledger: one injection is one administration, whoever else tells of it."""

from __future__ import annotations

import itertools

import pytest

from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger, pseudonymiser_of
from ecorad.ledger import Workspace
from ecorad.model.vocabulary import AGENT_REPORT, MEDICATION_RECORD
from ecorad.service.drain.arrivals import Kept, decode
from tests.intake.dicom import objects
from tests.intake.dose_sr.test_agent_report import GIVEN
from tests.intake.fhir.made import administration, content, dose, named
from tests.intake.hl7v2.test_decode import message, rxa
from tests.journeys.workspace import new_workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(new_workspace(tmp_path))


def study(uid="1.2.3", at="110500", accession="ACC1", **fields):
    """A CT of PAT-1 whose header has the default of its protocol: 100 mL of 300 mg/mL."""
    usual = {
        "StudyInstanceUID": uid,
        "SeriesInstanceUID": f"{uid}.1",
        "SOPInstanceUID": f"{uid}.1.1",
        "PatientID": "PAT-1",
        "AccessionNumber": accession,
        "StudyDate": "20260302",
        "AcquisitionDate": "20260302",
        "AcquisitionTime": at,
        "ContrastBolusAgent": "Omnipaque 300",
        "ContrastBolusVolume": "100",
    }
    written = {name: value for name, value in (usual | fields).items() if value is not None}
    return objects.dicom(**written, tail=objects.pixel_data())


def put(workspace, folder, *contents):
    for number, data in enumerate(contents):
        path = folder / f"in{number}-{len(list(folder.iterdir()))}"
        path.write_bytes(data)
        report = ingest(workspace, [path], workers=1)
    return report


def held(workspace, name="administration"):
    with open_ledger(workspace) as ledger:
        return ledger.columns(name)


def told(workspace):
    found = held(workspace)
    return sorted(zip(found["volume_ml"], found["origin"], found["iodine_g"], strict=True))


def test_a_record_comes_before_the_header_in_any_order_twice_over(workspace, tmp_path):
    """90 mL of 350 mg/mL were given: 31.5 g of iodine, not the 30 g of the protocol's default."""
    record = content(administration(**named("ACC1")))
    for number, order in enumerate(itertools.permutations([study(), record, record])):
        (tmp_path / f"{number}").mkdir()
        one = Workspace.open(new_workspace(tmp_path / f"{number}"))
        put(one, tmp_path / f"{number}", *order)
        assert told(one) == [(90.0, MEDICATION_RECORD, 31.5)]
        device = held(one, "study")["device_key"].tolist()
        assert held(one)["device_key"].tolist() == device


def test_the_report_of_the_injector_comes_before_the_record(workspace, tmp_path):
    put(workspace, tmp_path, study(), GIVEN, content(administration(**named("ACC1"))))
    assert told(workspace) == [(70.0, AGENT_REPORT, 24.5)]


def test_two_injections_of_one_examination_both_count(workspace, tmp_path):
    test_bolus = administration(id="a2", effectiveDateTime="2026-03-02T11:01:00+01:00", **dose(20), **named("ACC1"))
    put(workspace, tmp_path, study(), content(administration(**named("ACC1")), test_bolus))
    assert [row[0] for row in told(workspace)] == [20.0, 90.0]


def test_two_systems_that_write_down_one_injection_are_one(workspace, tmp_path):
    ras = message("ORC|RE|P1|ACC1", rxa())
    put(workspace, tmp_path, study(), content(administration(**named("ACC1"))), ras)
    assert told(workspace) == [(90.0, MEDICATION_RECORD, 31.5)]


def test_a_record_without_a_strength_takes_that_of_the_header(workspace, tmp_path):
    """90 mL of the header's 300 mg/mL: 27 g."""
    put(workspace, tmp_path, study(), content(administration(medicationCodeableConcept={"text": "Omnipaque"})))
    assert told(workspace) == [(90.0, MEDICATION_RECORD, pytest.approx(27.0))]


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "stopped", "in-progress"])
def test_what_was_not_given_leaves_the_header(workspace, tmp_path, status):
    put(workspace, tmp_path, study(), content(administration(status=status, **named("ACC1"))))
    assert told(workspace) == [(100.0, "ContrastBolusVolume", 30.0)]


@pytest.mark.parametrize("order", [1, -1])
def test_a_record_that_was_taken_back_is_gone_in_any_order(workspace, tmp_path, order):
    given = content(administration(meta={"lastUpdated": "2026-03-02T12:00:00Z"}))
    back = content(administration(status="entered-in-error", meta={"lastUpdated": "2026-03-02T13:00:00Z"}))
    put(workspace, tmp_path, study(), *[given, back][::order])
    assert [row[1] for row in told(workspace)] == ["ContrastBolusVolume"]


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        (named("ACC1"), "accession"),
        ({"partOf": [{"identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}}]}, "uid"),
        ({}, "time"),
        ({"effectiveDateTime": "2026-03-02T09:40:00+01:00"}, "time"),
        ({"effectiveDateTime": "2026-03-02T09:30:00+01:00"}, None),
        ({"effectiveDateTime": "2026-03-02T11:40:00+01:00"}, None),
        ({"effectiveDateTime": "2026-03-02"}, None),
        ({"subject": {"identifier": {"value": "PAT-2"}}}, None),
        ({"medicationCodeableConcept": {"text": "Gadovist"}}, None),
        (named("ACC2"), None),
    ],
)
def test_what_joins_a_record_to_an_examination(workspace, tmp_path, fields, by):
    put(workspace, tmp_path, study(), content(administration(**fields)))
    assert held(workspace, "medication_link")["linked_by"].tolist() == [by]
    assert (told(workspace)[0][1] == MEDICATION_RECORD) == (by is not None)


def test_of_two_examinations_at_that_time_none_is_guessed(workspace, tmp_path):
    """Two CT within the hour; an MR beside one CT is no second one, since iodine is not given there."""
    other = study(uid="1.2.4", at="113000", accession="ACC2")
    put(workspace, tmp_path, study(), other, content(administration()))
    assert held(workspace, "medication_link")["study_key"].tolist() == [None]


def test_iodine_beside_an_mr_belongs_to_the_ct(workspace, tmp_path):
    mr = {"Modality": "MR", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4", "ContrastBolusAgent": None}
    other = study(uid="1.2.4", at="113000", accession="ACC2", ContrastBolusVolume=None, **mr)
    put(workspace, tmp_path, study(), other, content(administration()))
    key = pseudonymiser_of(workspace).key("study", "1.2.3")
    assert held(workspace, "medication_link")["study_key"].tolist() == [key]


def test_settings_that_change_read_the_same_bytes_anew(workspace, tmp_path):
    record = content(administration())
    put(workspace, tmp_path, study(IssuerOfPatientID="HOSP"), record)
    assert held(workspace, "medication_link")["linked_by"].tolist() == [None]
    path = workspace.path / "site.toml"
    path.write_text(path.read_text("utf-8") + '\n[medication]\npatient_issuer = "HOSP"\n', "utf-8")
    again = Workspace.open(workspace.path)
    put(again, tmp_path, record)
    assert held(again, "medication_link")["linked_by"].tolist() == ["time"]


def test_a_message_in_the_journal_gives_what_its_file_gives(workspace, tmp_path):
    content_ = message("ORC|RE|P1|ACC1", rxa())
    keys = pseudonymiser_of(workspace)
    live = decode(Kept({"kind": "hl7", "feed": "hl7"}, content_), workspace.site, keys)
    (tmp_path / "ras").write_bytes(content_)
    ingest(workspace, [tmp_path / "ras"], workers=1)
    assert held(workspace, "medication")["record_key"].tolist() == [row.record_key for row in live.medication]
    other = decode(Kept({"kind": "hl7", "feed": "hl7"}, b"MSH|^~\\&|A|B|C|D|1||ORM^O01|1|P|2.3"), workspace.site, keys)
    assert (other.medication, other.fate) == ((), None)


def test_resources_of_another_type_are_refused_and_told(workspace, tmp_path):
    report = put(workspace, tmp_path, b'{"resourceType": "Patient", "id": "p"}')
    assert report.outcomes["refused"] == 1
    assert {code for code, _ in report.issues} == {"ecorad.fhir.not_read"}
