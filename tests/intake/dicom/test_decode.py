"""Whole files: those of many vendors against an independent read-out, and what is set aside by code."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import os
import pickle
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ecorad.intake.dicom import decode
from ecorad.model import DecodeError, Site
from tests.intake.dicom.objects import (
    BUNDLED,
    EXPLICIT,
    IMPLICIT,
    KEYS,
    SITE,
    codes,
    decoded,
    dicom,
    element,
    pixel_data,
    record,
    refusal,
)
from tests.shared_data import shared_data

# Expected rows of files that cannot be trusted as a whole.
SET_ASIDE = {
    "fo-dicom/CR-MONO1-10-chest.dcm": "no_meta",
    "fo-dicom/GH1339.dcm": "truncated",  # the chain of fragments does not end in a delimiter
    "pydicom/MR_truncated.dcm": "truncated",
}
# The read-out takes the first value it finds at any depth; these stand inside a sequence and are of something else
# (an exposure of a dose report, a contributing device, a referenced series).
OF_SOMETHING_ELSE = {
    ("fo-dicom/GH178.dcm", "KVP"),
    ("fo-dicom/GH178.dcm", "ExposureTime"),
    ("openrem/CT-RDSR-GEPixelMed.dcm", "SoftwareVersions"),
    ("openrem/CT-RDSR-ToshibaPixelMed.dcm", "SoftwareVersions"),
    ("highdicom/seg_image_ct_binary.dcm", "SeriesInstanceUID"),
}


def read(path, site=SITE):
    return decode(path, size=path.stat().st_size, site=site, pseudonymiser=KEYS)


@pytest.fixture(scope="module")
def expected():
    """Row, record and issues of each file of the independent read-out."""
    with shared_data("expected", "dicom_headers.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    answers = {}
    for row in rows:
        name = row["file"].removeprefix("dicom/")
        row |= {column: "" for file, column in OF_SOMETHING_ELSE if file == name}
        if name not in SET_ASIDE:
            answers[name] = (row, read(shared_data("dicom", name)).records[0])
    assert len(answers) == len(rows) - len(SET_ASIDE)
    return answers


def text(said: str) -> str | None:
    """A text of the read-out as we keep it: several values joined by a backslash."""
    if said.startswith("["):
        return "\\".join(str(part) for part in ast.literal_eval(said)).strip() or None
    return said.strip() or None


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Modality", "modality"),
        ("Manufacturer", "manufacturer"),
        ("ManufacturerModelName", "manufacturer_model_name"),
        ("StationName", "station_name"),
        ("SoftwareVersions", "software_versions"),
        ("ProtocolName", "protocol_name"),
    ],
)
def test_texts_are_those_of_the_read_out(expected, column, field):
    assert {n: getattr(r, field) for n, (_, r) in expected.items()} == {
        n: text(w[column]) for n, (w, _) in expected.items()
    }


NUMBERS = [
    ("KVP", "kvp"),
    ("XRayTubeCurrent", "tube_current_ma"),
    ("ExposureTime", "exposure_time_ms"),
    ("MagneticFieldStrength", "field_strength_t"),
    ("RepetitionTime", "repetition_time_ms"),
    ("EchoTime", "echo_time_ms"),
    ("CTDIvol", "ctdi_vol_mgy"),
    ("Rows", "rows"),
    ("Columns", "columns"),
    ("NumberOfFrames", "frames"),
    ("RadionuclideHalfLife", "radionuclide_half_life_s"),
]


@pytest.mark.parametrize(("column", "field"), NUMBERS)
def test_numbers_are_those_of_the_read_out(expected, column, field):
    compared = 0
    for name, (row, instance) in expected.items():
        said = row[column]
        if said in {"", "None", "1A"}:
            continue
        number = float(said)
        number = number / 1e4 if column == "MagneticFieldStrength" and number > 25 else number
        if number == 0 and getattr(instance, field) is None:
            continue  # not recorded
        assert getattr(instance, field) == pytest.approx(number), name
        compared += 1
    assert compared > 0


def test_stated_durations_are_those_of_the_read_out(expected):
    stated = {n: float(w["AcquisitionDuration"]) for n, (w, _) in expected.items() if w["AcquisitionDuration"]}
    found = {n: r.duration_s for n, (_, r) in expected.items() if r.duration_source == "AcquisitionDuration"}
    assert found == stated


def local(instance, moment: datetime | None) -> str | None:
    zone = ZoneInfo(SITE.timezone) if instance.event_zone == "site" else None
    return None if moment is None or zone is None else moment.astimezone(zone).strftime("%Y%m%d %H%M%S")


@pytest.mark.parametrize(
    ("day", "hour", "field"),
    [("StudyDate", "StudyTime", "study_start_utc"), ("ContentDate", "ContentTime", "content_utc")],
)
def test_clocks_are_those_of_the_read_out(expected, day, hour, field):
    compared = 0
    for name, (row, instance) in expected.items():
        if row[day] and row[hour] and instance.event_zone == "site":
            whole = f"{row[day]} {row[hour].replace(':', '').split('.')[0]}"
            assert local(instance, getattr(instance, field)) == whole, name
            compared += 1
    assert compared > 40


def test_the_start_is_the_acquisition_where_it_is_written(expected):
    for name, (row, instance) in expected.items():
        if row["AcquisitionDate"] and row["AcquisitionTime"]:
            assert instance.start_source in {"AcquisitionDateTime", "AcquisitionDate+AcquisitionTime"}, name
        elif row["StudyDate"] and row["StudyTime"]:
            assert instance.start_source is not None, name


def test_uids_tell_studies_series_and_objects_apart(expected):
    for column, field in (
        ("StudyInstanceUID", "study_key"),
        ("SeriesInstanceUID", "series_key"),
        ("PatientID", "patient_key"),
    ):
        pairs = {(w[column].strip(), getattr(r, field)) for w, r in expected.values() if w[column].strip()}
        assert len(pairs) == len({uid for uid, _ in pairs}) == len({key for _, key in pairs})


@pytest.mark.parametrize(("name", "code"), SET_ASIDE.items())
def test_files_that_cannot_be_trusted_are_set_aside(name, code):
    with pytest.raises(DecodeError) as caught:
        read(shared_data("dicom", name))
    assert caught.value.code == f"ecorad.dicom.{code}"


def test_contrast_as_the_known_traps_have_it():
    iodine = read(shared_data("dicom", "pydicom", "CT_small.dcm")).records[0]
    assert iodine.contrast_volume_ml * iodine.contrast_concentration_mg_ml / 1000 == 30.0
    gadolinium = read(shared_data("dicom", "pydicom", "examples_overlay.dcm")).records[0]
    grams = gadolinium.contrast_volume_ml * gadolinium.contrast_concentration_mg_ml / 1000
    assert grams == pytest.approx(0.865, abs=5e-4)
    assert gadolinium.contrast_kind == "gadolinium"


@pytest.mark.parametrize(
    ("name", "mbq"),
    [
        ("openrem/NM-PetIm-GE.dcm", 221.596288),
        ("openrem/NM-NmIm-Siemens.dcm", 764.0),
        ("fo-dicom/GH184.dcm", 474.592928),
    ],
)
def test_activity_as_the_known_traps_have_it(name, mbq):
    assert read(shared_data("dicom", name)).records[0].activity_mbq == pytest.approx(mbq)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("highdicom/dx_image.dcm", "animal"),
        ("highdicom/seg_image_ct_binary.dcm", "segmentation"),
        ("highdicom/sr_document.dcm", "document"),
        ("openrem/CT-SC-Philips_Brilliance16P.dcm", "derived"),
        ("openrem/CT-ESR-GE_Optima.dcm", None),
        ("openrem/ESR_non-dose.dcm", "document"),
        ("openrem/CT-RDSR-Siemens_Flash-TAP-SS.dcm", None),
        ("openrem/NM-RRDSR-Siemens.dcm", None),
        ("pydicom/badVR.dcm", "plan"),
        ("openrem/DX-Im-GE_XR220-1.dcm", None),
    ],
)
def test_exam_or_not(name, reason):
    assert read(shared_data("dicom", name)).records[0].not_exam_reason == reason


def test_a_private_duration_of_a_real_scanner():
    instance = read(shared_data("dicom", "fo-dicom", "mr.dcm")).records[0]
    assert instance.duration_s == pytest.approx(31.2948)


def test_an_object_with_a_wrong_value_keeps_the_rest():
    result = read(shared_data("dicom", "pydicom", "badVR.dcm"))
    assert result.records[0].rows == 10
    assert ("ecorad.dicom.implausible", "NumberOfFrames") in {(i.code, i.where) for i in result.issues}


def test_the_digest_covers_the_header_and_no_pixel():
    whole = dicom(tail=pixel_data())
    other = dicom(tail=pixel_data()[:12] + b"\1" * 512)
    end = whole.index(b"\xe0\x7f\x10\x00")
    assert decoded(whole)[0].source_digest == hashlib.sha256(whole[:end]).hexdigest() == decoded(other)[0].source_digest
    header_only = dicom()
    assert decoded(header_only)[0].source_digest == hashlib.sha256(header_only).hexdigest()


def test_the_digest_does_not_depend_on_the_reader_or_the_length_of_the_header():
    for name in ("MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm"):
        content = (BUNDLED / "test_files" / name).read_bytes()
        end = content.index(b"\x7f\xe0\x00\x10" if "big" in name else b"\xe0\x7f\x10\x00")
        assert decoded(content)[0].source_digest == hashlib.sha256(content[:end]).hexdigest()
    long = dicom(tail=element(0x00291010, "OB", bytes(200_000)) + pixel_data())
    end = long.rindex(b"\xe0\x7f\x10\x00")
    assert decoded(long)[0].source_digest == hashlib.sha256(long[:end]).hexdigest()


class Watched(io.BytesIO):
    """A file that notes how far it was read."""

    furthest = 0

    def read(self, count=-1):
        data = super().read(count)
        self.furthest = max(self.furthest, self.tell())
        return data


def test_pixel_data_is_not_read():
    content = dicom(tail=pixel_data(5_000_000))
    file = Watched(content)
    decode(file, size=len(content), site=SITE, pseudonymiser=KEYS)
    assert file.furthest <= 65_536
    assert not file.closed


def test_a_path_and_a_file_give_the_same(tmp_path):
    content = dicom()
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    assert read(path).records[0] == decoded(content)[0]
    assert decode(os.fspath(path), size=len(content), site=SITE, pseudonymiser=KEYS).records[0] == decoded(content)[0]


def test_a_file_that_shrinks_meanwhile(tmp_path):
    path = tmp_path / "a.dcm"
    path.write_bytes(dicom()[:-30])
    with pytest.raises(DecodeError) as caught:
        decode(path, size=len(dicom()), site=SITE, pseudonymiser=KEYS)
    assert caught.value.code == "ecorad.dicom.truncated"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DecodeError) as caught:
        decode(tmp_path / "none.dcm", size=10, site=SITE, pseudonymiser=KEYS)
    assert caught.value.code == "ecorad.dicom.unreadable"


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
@pytest.mark.parametrize("wrong", [None, "", "../../x", "1.2.x", "1" * 65, "1.2\\1.3", b"1.2\x003"])
def test_an_object_without_proper_uids_is_set_aside(keyword, wrong):
    assert refusal(dicom(**{keyword: wrong})) == "uid"


def test_keys_are_pseudonyms_and_stay_with_their_issuer():
    instance = record(PatientID="A7", AccessionNumber="9")
    assert instance.patient_key == KEYS.key("patient", None, "A7")
    assert instance.accession_key == KEYS.key("accession", None, "9")
    assert record(PatientID="A7", IssuerOfPatientID="H").patient_key == KEYS.key("patient", "H", "A7")
    issuer = [{"LocalNamespaceEntityID": "RIS"}]
    other = record(AccessionNumber="9", IssuerOfAccessionNumberSequence=issuer)
    assert other.accession_key == KEYS.key("accession", "RIS", "9")
    assert record(PatientID=" A7 ").patient_key == instance.patient_key
    assert record().patient_key is None


def test_every_object_has_its_own_record_key():
    assert record().record_key == KEYS.key("instance", "1.2.3.4")
    assert record(SOPInstanceUID="1.2.3.5").record_key != record().record_key


def test_a_plain_object_has_no_issues():
    assert codes() == set()


def test_the_site_zone_is_the_one_used():
    instance = record(Site(name="x", timezone="America/New_York"))
    assert instance.start_utc.hour == 13


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_nothing_of_the_input_reaches_a_log_or_an_error(syntax, caplog):
    canary = {"PatientName": "Canary^Zebra", "PatientID": "CANARY7731", "KVP": "CANARY", "AcquisitionDate": "CANARY"}
    instance, issues = decoded(dicom(syntax, **canary))
    with pytest.raises(DecodeError) as caught:
        decoded(dicom(syntax, **canary, StudyInstanceUID="CANARY"))
    told = f"{instance} {issues} {caught.value!r} {caplog.text}".casefold()
    assert "canary" not in told
    assert "zebra" not in told


def test_the_pseudonymiser_travels_to_other_processes():
    assert pickle.loads(pickle.dumps(KEYS)).key("study", "1") == KEYS.key("study", "1")


def test_an_exception_of_no_family_is_a_decode_error_too(monkeypatch):
    from pydicom.errors import BytesLengthException

    def stumble(*arguments, **more):
        raise BytesLengthException("Canary^Zebra")

    monkeypatch.setattr("pydicom.filereader.read_dataset", stumble)
    assert refusal(dicom(IMPLICIT)) == "unreadable"
