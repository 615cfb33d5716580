"""Which injections the interval check sees: each once, also those that a medication record alone tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ecorad.cli.app import run
from ecorad.footprint.contrast import contrast_totals
from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from ecorad.safety.history import past_intervals
from ecorad.safety.injections import given_injections
from tests.intake.dicom import objects
from tests.intake.fhir.made import administration, content, dose, named
from tests.journeys.workspace import new_workspace

GADOVIST = {"medicationCodeableConcept": {"text": "Gadovist"}, **dose(7.5)}


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(new_workspace(tmp_path))


def ct(**fields):
    """An enhanced CT of PAT-1 at 11:05 in Amsterdam."""
    usual = {
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.1",
        "SOPInstanceUID": "1.2.3.1.1",
        "PatientID": "PAT-1",
        "AccessionNumber": "ACC1",
        "StudyDate": "20260302",
        "AcquisitionDate": "20260302",
        "AcquisitionTime": "110500",
        "ContrastBolusAgent": "Omnipaque 300",
        "ContrastBolusVolume": "100",
    }
    written = {name: value for name, value in (usual | fields).items() if value is not None}
    return objects.dicom(**written, tail=objects.pixel_data())


def at(hour, minute=0):
    return {"effectiveDateTime": f"2026-03-02T{hour:02}:{minute:02}:00+01:00"}


def given(workspace, folder, *contents):
    for number, data in enumerate(contents):
        path = folder / f"in{number}"
        path.write_bytes(data)
        ingest(workspace, [path], workers=1)
    with open_ledger(workspace) as ledger:
        return given_injections(ledger)


def test_an_injection_without_any_examination_is_held_against_the_next(workspace, tmp_path):
    """Gadolinium at 8 and at 10: two hours apart where every edition asks for four, and no image of either."""
    records = [administration(id=str(hour), **GADOVIST, **at(hour)) for hour in (8, 10)]
    found = given(workspace, tmp_path, content(*records))
    assert (len(found.injections), found.without_exam, found.unplaced, found.unnamed) == (2, 2, 0, 0)
    (pair,) = past_intervals(found.injections, lambda patient, when: None)
    assert (pair.judgement, pair.apart_h, pair.following.study_key) == ("too_soon", 2.0, None)
    assert pair.following.at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert pair.following.record_key is not None


def test_an_injection_on_a_ward_is_held_against_an_examination(workspace, tmp_path):
    ward = content(administration(**at(8), **named("ELSEWHERE")))
    found = given(workspace, tmp_path, ct(), ward)
    (pair,) = past_intervals(found.injections, lambda patient, when: None)
    assert pair.previous.study_key is None
    assert pair.following.study_key is not None
    assert (pair.judgement, round(pair.apart_h, 2)) == ("too_soon", 3.08)


@pytest.mark.parametrize(
    ("fields", "injections"),
    [
        (named("ACC1"), 1),  # named by its order
        (at(11, 20), 1),  # the patient's only examination around that time
        ({**at(11, 30), **named("OTHER")}, 1),  # half an hour from it under another number: told twice
        ({**at(11, 40), **named("OTHER")}, 2),
        ({"dosage": None, **at(10, 20), **named("ACC1")}, 1),  # no volume, and still of that examination
        ({"status": "stopped", **at(8)}, 2),  # begun
        ({"status": "in-progress", **at(8)}, 2),
        ({"status": "not-done", **at(8)}, 1),
        ({"status": "entered-in-error", **at(8)}, 1),
        ({"dosage": None, **at(8)}, 2),  # how much it was changes no interval
    ],
)
def test_each_injection_counts_once(workspace, tmp_path, fields, injections):
    found = given(workspace, tmp_path, ct(), content(administration(**fields)))
    assert len(found.injections) == injections


def test_parts_of_one_procedure_are_one_injection(workspace, tmp_path):
    parts = [administration(id=str(minute), **at(8, minute)) for minute in (0, 3, 25)]
    assert len(given(workspace, tmp_path, content(*parts)).injections) == 1


def test_an_examination_whose_images_say_nothing_is_told_by_its_record(workspace, tmp_path):
    plain = ct(ContrastBolusAgent=None, ContrastBolusVolume=None)
    found = given(workspace, tmp_path, plain, content(administration(dosage=None, **named("ACC1"))))
    (one,) = found.injections
    assert (one.study_key is not None, one.at) == (True, datetime(2026, 3, 2, 10, 4, tzinfo=UTC))


def test_what_cannot_be_judged_is_counted(workspace, tmp_path):
    both = {"medicationCodeableConcept": {"text": "Omnipaque 350 / Gadovist"}}
    records = [
        administration(id="1", subject=None, **at(8)),
        administration(id="2", effectiveDateTime="2026-03-02"),
        administration(id="3", **at(8), **both),
    ]
    found = given(workspace, tmp_path, content(*records))
    assert (len(found.injections), found.unplaced) == (0, 2)
    assert found.unnamed == 1


@pytest.mark.parametrize(
    ("agent", "volume", "unnamed"),
    [("YES", "100", 1), ("YES", None, 1), ("Omnipaque or Gadovist", None, 1), ("NONE", None, 0), (None, None, 0)],
)
def test_a_header_that_tells_of_contrast_and_not_of_which_is_counted(workspace, tmp_path, agent, volume, unnamed):
    header = ct(ContrastBolusAgent=agent, ContrastBolusVolume=volume)
    found = given(workspace, tmp_path, header)
    assert (len(found.injections), found.unnamed) == (0, unnamed)


def test_what_a_record_tells_of_such_a_header_is_known(workspace, tmp_path):
    unnamed = ct(ContrastBolusAgent="YES")
    assert given(workspace, tmp_path, unnamed).unnamed == 1
    found = given(workspace, tmp_path, content(administration(**named("ACC1"))))
    assert (len(found.injections), found.unnamed) == (1, 0)
    with open_ledger(workspace) as ledger:
        assert ledger.columns("administration", ["kind"])["kind"].tolist() == ["iodine"]


def test_a_record_without_a_volume_names_it_for_the_rules_and_leaves_the_grams_unknown(workspace, tmp_path):
    found = given(
        workspace, tmp_path, ct(ContrastBolusAgent="YES"), content(administration(dosage=None, **named("ACC1")))
    )
    assert (len(found.injections), found.unnamed) == (1, 0)
    with open_ledger(workspace) as ledger:
        told = ledger.columns("administration", ["kind", "volume_ml", "confidence"])
        assert contrast_totals(ledger.columns("administration")).iodine_g.value is None
    assert {name: values.tolist() for name, values in told.items()} == {
        "kind": [None],
        "volume_ml": [100.0],
        "confidence": ["low"],
    }


def test_a_volume_of_nobody_knows_what_is_one_injection_of_unknown_grams(workspace, tmp_path):
    given(workspace, tmp_path, ct(ContrastBolusAgent="contrast", ContrastBolusVolume="60"))
    with open_ledger(workspace) as ledger:
        totals = contrast_totals(ledger.columns("administration"))
    assert (totals.administrations, totals.unknown) == (1, (("unknown", "agent_not_recognised", 1),))
    assert totals.iodine_g.value is None


def test_the_command_tells_what_it_saw_and_what_it_could_not(workspace, tmp_path, capsys):
    records = [administration(id=str(hour), **GADOVIST, **at(hour)) for hour in (8, 10)]
    given(workspace, tmp_path, content(*records, administration(id="x", subject=None)))
    assert run(["check", "history", str(workspace.path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["injections"], told["without_exam"], told["without_patient_or_time"], told["too_soon"]) == (2, 2, 1, 1)
    (row,) = told["intervals"]
    assert row["next"]["study"] is None
    assert row["next"]["record"]
    assert run(["check", "history", str(workspace.path)]) == 0
    printed = capsys.readouterr()
    assert "no exam known" in printed.out
    assert "NOT LOOKED AT: 1" in printed.err + printed.out
