"""A folder full of trouble: the batch goes on, everything is counted, nothing is guessed, no identifier is printed."""

from __future__ import annotations

import os
import warnings
import zipfile
from datetime import datetime
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tests.journeys.workspace import adds_up, ecorad, ecorad_json, exported, new_workspace

CANARY = "Canary^Zebra"
FIRST_ELEMENT = b"\x08\x00\x08\x00"
CANARY_ID = "CANARYID7731"


def ct(uid: int, **elements: object) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = f"2.25.{uid}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, f"2.25.{uid}"
    image.StudyInstanceUID, image.SeriesInstanceUID = f"2.25.{uid // 10}1", f"2.25.{uid // 10}2"
    image.PatientName, image.PatientID, image.AccessionNumber = CANARY, CANARY_ID, "CANARYACC1"
    image.Modality, image.Manufacturer, image.DeviceSerialNumber = "CT", "Maker", "77"
    image.StudyDate, image.StudyTime = "20260302", "081500"
    image.AcquisitionDate, image.AcquisitionTime = "20260302", "081700"
    image.ImageType, image.Rows, image.Columns = ["ORIGINAL", "PRIMARY", "AXIAL"], 512, 512
    image.BitsAllocated, image.SamplesPerPixel, image.KVP = 16, 1, 120
    with warnings.catch_warnings():  # pydicom knows as well as we do that these values are wrong
        warnings.simplefilter("ignore")
        for keyword, value in elements.items():
            setattr(image, keyword, value)
    return image


def save(image: FileDataset, path: Path) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(path, image, enforce_file_format=False)
    return path.read_bytes()


def lying(image: FileDataset, path: Path) -> None:
    """The meta header says explicit value representations, the data set has none."""
    body = DicomBytesIO()
    body.is_little_endian, body.is_implicit_VR = True, True
    write_dataset(body, image)
    explicit = save(image, path)
    path.write_bytes(explicit[: explicit.index(FIRST_ELEMENT, 132)] + body.getvalue())


@pytest.fixture(scope="module")
def trouble(tmp_path_factory):
    """Folder, expected fate of each file by name."""
    folder = tmp_path_factory.mktemp("trouble") / "incoming"
    folder.mkdir()
    good = save(ct(10), folder / "good.dcm")
    (folder / "twin.dcm").write_bytes(good)
    (folder / "cut.dcm").write_bytes(good[: len(good) - 9])
    (folder / "no_meta.dcm").write_bytes(good[good.index(FIRST_ELEMENT, 132) :])
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "letter.txt").write_text("Dear colleague, this is no record at all.\n" * 5)
    lying(ct(20), folder / "liar.dcm")
    save(ct(30, AcquisitionDate="20269999", StudyDate="00000000"), folder / "dates.dcm")
    save(ct(40, ContrastBolusAgent="Omnipaque 350", ContrastBolusVolume="-80", KVP="NaN"), folder / "values.dcm")
    (folder / "loop").symlink_to(folder)
    inner = folder.parent / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.dcm", good)
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.writestr("../../escape.dcm", save(ct(50), folder.parent / "fifty.dcm"))
        archive.write(inner, "inner.zip")
    return folder


@pytest.fixture(scope="module")
def ingested(trouble, tmp_path_factory):
    workspace = new_workspace(tmp_path_factory.mktemp("bad"))
    return workspace, ecorad_json("ingest", workspace, trouble, accept=(1,))


def test_the_batch_goes_on_and_the_counts_add_up(ingested):
    _, report = ingested
    assert adds_up(report)
    assert report["stored"] == 4  # good, dates, values, the member of the outer archive
    assert report["duplicate"] == 1  # twin
    assert report["quarantined"] >= 4  # cut, no_meta, empty, liar


def test_every_loss_has_a_code_and_a_place(ingested):
    _, report = ingested
    codes = {issue["code"] for issue in report["issues"]}
    for code in ("truncated", "no_meta", "empty", "transfer_syntax", "unrecognised", "nested"):
        assert any(code in found for found in codes), (code, codes)
    assert all(
        issue["code"].startswith("ecorad.") and issue["where"] and issue["count"] >= 1 for issue in report["issues"]
    )


def test_impossible_dates_and_values_become_unknown_not_zero(ingested):
    workspace, _ = ingested
    rows = exported(workspace, "administration")
    assert [row["volume_ml"] for row in rows] in ([""], ["NULL"], [])
    times = [row["started_utc"] for row in exported(workspace, "study")]
    assert not any(time.startswith(("2026-99", "0000")) for time in times)


def test_no_identifier_is_printed_or_kept(ingested, trouble, tmp_path):
    workspace, _ = ingested
    done = ecorad("ingest", workspace, trouble, accept=(1,))
    ecorad("audit", workspace)
    printed = done.stdout + done.stderr
    for canary in ("Canary", "Zebra", CANARY_ID, "CANARYACC1"):
        assert canary not in printed
        for path in workspace.rglob("*"):
            if path.is_file() and "keys" not in path.parts:
                assert canary.encode() not in path.read_bytes(), path


def test_nothing_is_written_outside_the_workspace(ingested, trouble):
    assert not (trouble.parent.parent / "escape.dcm").exists()
    assert not any(path.name == "escape.dcm" for path in trouble.parent.parent.rglob("*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_reported(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    save(ct(60), folder / "locked.dcm")
    (folder / "locked.dcm").chmod(0)
    report = ecorad_json("ingest", new_workspace(tmp_path), folder, accept=(1,))
    assert report["quarantined"] + report["refused"] == 1


def test_times_are_read_in_the_zone_of_the_site(ingested):
    workspace, _ = ingested
    start = min(row["started_utc"] for row in exported(workspace, "study") if row["started_utc"])
    assert datetime.fromisoformat(start.replace("Z", "+00:00").replace(" ", "T")).strftime("%H:%M") == "07:17"
