from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ecorad.simulation import Settings, simulate
from ecorad.simulation.truth import read_table

pydicom = pytest.importorskip("pydicom")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(scope="module")
def headers(small):
    """Every file of the small department, read by pydicom (warnings are errors)."""
    return {path: pydicom.dcmread(path) for path in sorted((small / "incoming" / "dicom").rglob("*.dcm"))}


def acquired(header) -> datetime:
    """The moment as the scanner's clock says it, aware."""
    if "AcquisitionDateTime" in header:
        written = header.AcquisitionDateTime
    elif "AcquisitionTime" in header:
        written = header.AcquisitionDate + header.AcquisitionTime
    else:
        written = header.ContentDate + header.ContentTime
    if "+" in written:
        return datetime.strptime(written, "%Y%m%d%H%M%S.%f%z")
    return datetime.strptime(written, "%Y%m%d%H%M%S.%f").replace(tzinfo=AMSTERDAM)


def test_every_element_of_every_file_can_be_read(headers):
    assert len(headers) > 300
    for header in headers.values():
        assert "PixelData" not in header
        assert all(element.value is not None or element.is_empty for element in header)
        pydicom.dataset.validate_file_meta(header.file_meta)


def test_dcmdump_reads_every_file_without_complaint(headers):
    if shutil.which("dcmdump") is None:
        pytest.skip("dcmdump is not installed")
    done = subprocess.run(["dcmdump", *map(str, headers)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_identifiers_are_unique_and_short_enough(headers):
    instances = [header.SOPInstanceUID for header in headers.values()]
    assert len(set(instances)) == len(instances)
    assert all(uid.startswith("2.25.") and len(uid) <= 64 and uid.is_valid for uid in instances)


def test_studies_and_series_are_those_of_the_truth(headers, small):
    studies = {row["study_instance_uid"] for row in read_table(small, "exams")}
    series = {row["series_instance_uid"] for row in read_table(small, "series")}
    assert {header.StudyInstanceUID for header in headers.values()} == studies
    primary = {h.SeriesInstanceUID for h in headers.values() if "DERIVED" not in h.ImageType}
    assert primary == series


def test_scanner_time_plus_offset_is_the_true_time(headers, small):
    offsets = {(row["device"], row["date"]): float(row["offset_s"]) for row in read_table(small, "clock_offsets")}
    starts = {row["series_instance_uid"]: row for row in read_table(small, "series")}
    first = {h.SeriesInstanceUID: h for h in headers.values() if h.InstanceNumber == 1 and "DERIVED" not in h.ImageType}
    for series, header in first.items():
        row = starts[series]
        true = datetime.fromisoformat(row["start_utc"])
        offset_s = offsets[row["device"], true.astimezone(AMSTERDAM).date().isoformat()]
        # The offset of the day is that of its middle; a clock drifts at most 3 s a day.
        assert abs(acquired(header) + timedelta(seconds=offset_s) - true) < timedelta(seconds=2)


def test_the_offset_from_utc_is_written_where_the_maker_writes_it(headers):
    written = {str(h.get("TimezoneOffsetFromUTC")) for h in headers.values() if h.StudyDate < "20260329"}
    after = {str(h.get("TimezoneOffsetFromUTC")) for h in headers.values() if h.StudyDate > "20260329"}
    assert written == {"None", "+0100"}
    assert after == {"None", "+0200"}


def test_patients_are_invented_and_phantoms_are_marked(headers):
    for header in headers.values():
        name = str(header.PatientName)
        if header.StudyDescription == "Quality check phantom":
            marked = "PHANTOM" in name or header.PatientID == "QA-DAILY" or header.get("QualityControlSubject") == "YES"
            assert marked
        else:
            assert name.startswith("Simulated^Patient")


def test_each_modality_has_its_own_object_class(headers):
    found = {header.Modality: header.SOPClassUID.name.split(" ")[0] for header in headers.values()}
    assert found == {"MR": "MR", "CT": "CT", "DX": "Digital", "US": "Ultrasound", "XA": "X-Ray"}


def test_a_reformatted_series_keeps_the_acquisition_time_but_is_made_later(headers, small):
    ends = {row["study_instance_uid"]: datetime.fromisoformat(row["end_utc"]) for row in read_table(small, "exams")}
    derived = [header for header in headers.values() if "DERIVED" in header.ImageType]
    assert derived
    for header in derived:
        made = datetime.strptime(header.SeriesDate + header.SeriesTime, "%Y%m%d%H%M%S.%f").replace(tzinfo=AMSTERDAM)
        assert acquired(header) < made
        assert made > ends[header.StudyInstanceUID]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mr_durations_stand_where_the_private_creator_says(tmp_path, seed):
    simulate(tmp_path / "w", days=1, scanners=1, seed=seed)
    series = {row["series_instance_uid"]: row for row in read_table(tmp_path / "w", "series")}
    path = sorted((tmp_path / "w" / "incoming" / "dicom").rglob("s02i001.dcm"))[5]
    header = pydicom.dcmread(path)
    row = series[header.SeriesInstanceUID]
    length = datetime.fromisoformat(row["end_utc"]) - datetime.fromisoformat(row["start_utc"])
    if "AcquisitionDuration" in header:
        found = header.AcquisitionDuration
    elif (0x0019, 0x0012) in header:
        found = header.private_block(0x0019, "GEMS_ACQU_01")[0x5A].value / 1e6
    else:
        minutes, seconds = header.private_block(0x0051, "SIEMENS MR HEADER")[0x0A].value[3:].split(":")
        found = 60 * int(minutes) + int(seconds)
    assert found == pytest.approx(length.total_seconds())


def test_enhanced_objects_hold_duration_and_frames(tmp_path):
    models = {}
    for seed in range(1, 8):
        simulate(tmp_path / str(seed), days=1, scanners=1, seed=seed, settings=Settings(enhanced_mr=True))
        path = next((tmp_path / str(seed) / "incoming" / "dicom").rglob("s02i001.dcm"))
        header = pydicom.dcmread(path)
        models[header.ManufacturerModelName] = header
    enhanced = models["Example MR 0.55"]
    assert enhanced.SOPClassUID.name == "Enhanced MR Image Storage"
    assert len(enhanced.PerFrameFunctionalGroupsSequence) == enhanced.NumberOfFrames
    frame = enhanced.PerFrameFunctionalGroupsSequence[0].FrameContentSequence[0]
    assert frame.FrameAcquisitionDuration == pytest.approx(1000 * enhanced.AcquisitionDuration)


def test_contrast_is_written_in_the_ways_of_the_makers(tmp_path):
    forms = set()
    for seed in range(1, 7):
        simulate(tmp_path / str(seed), days=1, scanners=2, seed=seed)
        for path in (tmp_path / str(seed) / "incoming" / "dicom").rglob("*i001.dcm"):
            header = pydicom.dcmread(path, specific_tags=["ContrastBolusAgent", "ContrastBolusVolume", "Modality"])
            if "ContrastBolusAgent" in header:
                forms.add((header.Modality, " ml " in header.ContrastBolusAgent, "ContrastBolusVolume" in header))
    assert {("CT", False, True), ("CT", False, False), ("MR", True, False), ("MR", False, False)} <= forms
