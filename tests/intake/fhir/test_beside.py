"""A bulk export writes each type into a file of its own: what lies beside is found, what does not is told."""

from __future__ import annotations

import json

import pytest

from ecorad.intake.fhir import beside
from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger, pseudonymiser_of
from ecorad.ledger import Workspace
from tests.intake.fhir.made import ACSN, MR, administration, content
from tests.journeys.workspace import new_workspace

GIVEN = administration(
    medicationCodeableConcept=None,
    medicationReference={"reference": "Medication/m1"},
    subject={"reference": "Patient/p1"},
    request={"reference": "ServiceRequest/s1"},
)
PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"type": MR, "value": "PAT-1"}]}
MEDICATION = {"resourceType": "Medication", "id": "m1", "code": {"text": "Gadovist"}}
ORDER = {"resourceType": "ServiceRequest", "id": "s1", "basedOn": [{"reference": "ServiceRequest/s2"}]}
FURTHER = {"resourceType": "ServiceRequest", "id": "s2", "identifier": [{"type": ACSN, "value": "ACC1"}]}
OTHER = {"resourceType": "Patient", "id": "p2", "identifier": [{"type": MR, "value": "PAT-2"}]}


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(new_workspace(tmp_path))


@pytest.fixture
def export(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "MedicationAdministration.ndjson").write_bytes(content(GIVEN))
    return folder


def fill(folder):
    (folder / "Patient.ndjson").write_bytes(content(OTHER, PATIENT))
    (folder / "Medication.ndjson").write_bytes(content(MEDICATION))
    (folder / "ServiceRequest.ndjson").write_bytes(content(ORDER, FURTHER))


def records(workspace):
    with open_ledger(workspace) as ledger:
        found = ledger.columns("medication")
    return list(zip(*(found[name].tolist() for name in ("kind", "patient_key", "accession_key")), strict=True))


def codes(report):
    return {code for code, _ in report.issues}


def expected(workspace):
    key = pseudonymiser_of(workspace).key
    return [("gadolinium", key("patient", None, "PAT-1"), key("accession", None, "ACC1"))]


def test_patient_medicine_and_order_are_found_in_files_beside(workspace, export):
    fill(export)
    ingest(workspace, [export], workers=1)
    assert records(workspace) == expected(workspace)


def test_a_file_offered_alone_finds_them_too(workspace, export):
    fill(export)
    report = ingest(workspace, [export / "MedicationAdministration.ndjson"], workers=1)
    assert records(workspace) == expected(workspace)
    assert "ecorad.fhir.elsewhere" not in codes(report)


def test_what_is_nowhere_is_told_and_no_guess_is_made(workspace, export):
    report = ingest(workspace, [export], workers=1)
    assert records(workspace) == []
    assert "ecorad.fhir.elsewhere" in codes(report)
    assert "ecorad.medication.not_contrast" not in codes(report)


def test_a_patient_elsewhere_costs_the_patient_alone(workspace, export):
    (export / "Medication.ndjson").write_bytes(content(MEDICATION))
    report = ingest(workspace, [export], workers=1)
    assert records(workspace) == [("gadolinium", None, None)]
    assert {"ecorad.fhir.elsewhere", "ecorad.medication.no_link"} <= codes(report)


def test_offered_again_when_the_rest_has_come_it_is_read_anew(workspace, export):
    ingest(workspace, [export], workers=1)
    fill(export)
    again = ingest(workspace, [export], workers=1)
    assert records(workspace) == expected(workspace)
    assert again.outcomes["new_version"] == 1
    third = ingest(workspace, [export], workers=1)
    assert (third.outcomes["new_version"], third.outcomes["duplicate"]) == (0, 1)
    assert records(workspace) == expected(workspace)


def test_a_neighbour_that_is_broken_or_no_fhir_or_a_link_gives_nothing(export, tmp_path):
    (export / "Patient.ndjson").write_bytes(b'{"resourceType": "Patient", "id": ')
    (export / "notes.txt").write_text('"id": "p1"', "utf-8")
    (tmp_path / "away.ndjson").write_bytes(content(PATIENT))
    (export / "linked.ndjson").symlink_to(tmp_path / "away.ndjson")
    (export / "pipe").mkdir()
    path = export / "MedicationAdministration.ndjson"
    assert beside.read_beside(path, frozenset({"Patient/p1"})) == {}


def test_large_files_are_read_line_by_line(export, monkeypatch):
    monkeypatch.setattr(beside, "_MOST_WHOLE_BYTES", 10)
    (export / "Patient.ndjson").write_bytes(content(OTHER, PATIENT) + b"\nnot json\n")
    found = beside.read_beside(export / "MedicationAdministration.ndjson", frozenset({"Patient/p1"}))
    assert found == {"Patient/p1": json.loads(json.dumps(PATIENT))}


def test_a_digest_knows_its_content():
    assert beside.digest_of({}) == ""
    assert beside.digest_of({"Patient/p1": PATIENT}) != beside.digest_of({"Patient/p1": OTHER})
