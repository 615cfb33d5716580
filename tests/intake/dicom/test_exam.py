from __future__ import annotations

import pytest

from ecorad.model import Site
from tests.intake.dicom.objects import CT_CLASS, ENHANCED_SR, MR_CLASS, RDSR_CLASS, record

STORAGE = "1.2.840.10008.5.1.4.1.1."


def judged(site: Site | None = None, **values):
    instance = record(site, **values) if site else record(**values)
    return instance.not_exam_reason, instance.is_acquisition


def test_an_original_primary_image_is_an_acquisition():
    assert judged() == (None, True)
    assert judged(ImageType=None) == (None, True)
    assert judged(ImageType="ORIGINAL\\PRIMARY\\LOCALIZER") == (None, True)
    assert judged(ImageType="MIXED\\PRIMARY") == (None, True)


@pytest.mark.parametrize(
    "image_type", ["DERIVED\\PRIMARY\\MPR", "DERIVED\\SECONDARY", "ORIGINAL\\SECONDARY", "derived\\primary"]
)
def test_a_reconstruction_is_not(image_type):
    assert judged(ImageType=image_type) == ("derived", False)


@pytest.mark.parametrize("modality", ["CR", "DX", "MG", "US", "XA"])
def test_a_processed_projection_is_still_the_radiograph(modality):
    assert judged(Modality=modality, SOPClassUID=STORAGE + "1.1", ImageType="DERIVED\\PRIMARY") == (None, True)
    assert judged(Modality=modality, SOPClassUID=STORAGE + "1.1", ImageType="DERIVED\\SECONDARY") == ("derived", False)


@pytest.mark.parametrize(
    ("sop_class", "reason"),
    [
        ("7", "derived"),
        ("7.2", "derived"),
        ("9.1.1", "ecg"),
        ("11.1", "presentation"),
        ("88.59", "presentation"),
        ("66.4", "segmentation"),
        ("66.1", "derived"),
        ("77.1.6", "pathology"),
        ("88.11", "document"),
        ("104.1", "document"),
        ("481.5", "plan"),
        ("481.1", "plan"),
    ],
)
def test_the_class_tells_what_is_no_exam(sop_class, reason):
    assert judged(SOPClassUID=STORAGE + sop_class, Modality="OT")[0] == reason


def test_a_class_that_begins_alike_is_another_class():
    assert judged(SOPClassUID=STORAGE + "77.1.1", Modality="ES") == (None, True)


@pytest.mark.parametrize("sop_class", ["88.67", "88.68", "88.76"])
def test_a_dose_report_is_evidence_of_an_exam_and_no_acquisition(sop_class):
    assert judged(SOPClassUID=STORAGE + sop_class, Modality="SR") == (None, False)


@pytest.mark.parametrize(("code", "reason"), [("113701", None), ("113500", None), ("18748-4", "document")])
def test_an_enhanced_report_is_one_by_the_code_of_its_root(code, reason):
    root = [{"CodeValue": code, "CodingSchemeDesignator": "DCM"}]
    assert judged(SOPClassUID=ENHANCED_SR, Modality="SR", ConceptNameCodeSequence=root) == (reason, False)


PHANTOMS = [
    {"PatientName": "Phantom^ACR"},
    {"PatientName": "QC^Daily"},
    {"PatientID": "QA_2026-03-02"},
    {"PatientID": "daily check 3"},
    {"QualityControlImage": "YES"},
    {"QualityControlSubject": "YES"},
    {"StudyDescription": "Konstanzprüfung"},
    {"SeriesDescription": "Water Phantom"},
    {"BodyPartExamined": "PHANTOM"},
]


@pytest.mark.parametrize("values", PHANTOMS)
def test_a_phantom_is_no_exam_but_the_scanner_worked(values):
    assert judged(**values) == ("phantom_qc", True)


@pytest.mark.parametrize(
    "values",
    [
        {"PatientName": "Qadir^A"},
        {"PatientID": "AQC12"},
        {"StudyDescription": "QA thorax"},
        {"PatientName": "Phantomas^B"},
    ],
)
def test_a_word_inside_a_word_makes_no_phantom(values):
    assert judged(**values) == (None, True)


def test_the_site_knows_its_phantoms():
    site = Site(name="x", phantom_patient_ids=("TP-01",))
    assert judged(site, PatientID="tp-01") == ("phantom_qc", True)
    assert judged(site, PatientID="TP-012") == (None, True)


ANIMALS = [
    {"PatientSpeciesDescription": "Canis lupus familiaris"},
    {"PatientSpeciesCodeSequence": [{"CodeValue": "448771007", "CodingSchemeDesignator": "SCT"}]},
    {"PatientBreedDescription": "Beagle"},
    {"ResponsiblePersonRole": "OWNER"},
    {"InstitutionName": "Veterinarian"},
    {"InstitutionName": "Tierklinik am See"},
    {"AcquisitionDeviceProcessingDescription": "CANINE LATERAL THORAX"},
]


@pytest.mark.parametrize("values", ANIMALS)
def test_an_animal_is_no_exam(values):
    assert judged(**values) == ("animal", True)


@pytest.mark.parametrize(
    "values",
    [
        {"PatientSpeciesDescription": "Homo sapiens"},
        {"PatientSpeciesCodeSequence": [{"CodeValue": "337915000", "CodingSchemeDesignator": "SCT"}]},
        {"ResponsiblePersonRole": "PARENT"},
    ],
)
def test_a_human_is_no_animal(values):
    assert judged(**values) == (None, True)


@pytest.mark.parametrize("sop_class", [CT_CLASS, MR_CLASS, RDSR_CLASS])
def test_a_description_is_read_and_not_kept(sop_class):
    instance = record(
        SOPClassUID=sop_class, StudyDescription="Canary head", SeriesDescription="Zebra", PatientName="Canary^Z"
    )
    assert "anary" not in repr(instance)
    assert "ebra" not in repr(instance)
