from __future__ import annotations

import pytest

from ecorad.intake.dicom.duration import siemens_seconds
from tests.intake.dicom.objects import ENHANCED_MR, MR_CLASS, codes, decoded, dicom, record

MR = {"SOPClassUID": MR_CLASS, "Modality": "MR", "ImageType": "ORIGINAL\\PRIMARY\\M"}
TECHNIQUE = {
    "MRAcquisitionType": "2D",
    "ScanningSequence": "SE",
    "RepetitionTime": "2000",
    "NumberOfPhaseEncodingSteps": "256",
    "NumberOfAverages": "2",
    "EchoTrainLength": "16",
}


def of(**values):
    instance = record(**values)
    return instance.duration_s, instance.duration_source


def with_private(group: int, creator: str, low: int, vr: str, value: object, *, block: int = 0x10, **values):
    """The duration of an MR object with one private element."""
    private = {(group << 16 | block, "LO"): creator, (group << 16 | block << 8 | low, vr): value}
    instance, _ = decoded(dicom(private=private, **{**MR, **values}))
    return instance.duration_s, instance.duration_source


def test_the_stated_duration_wins():
    assert of(**MR, **TECHNIQUE, AcquisitionDuration=229.32) == (229.32, "AcquisitionDuration")


@pytest.mark.parametrize("block", [0x10, 0x27])
def test_ge_writes_microseconds(block):
    seconds, source = with_private(0x0019, "GEMS_ACQU_01", 0x5A, "FL", 31_294_800.0, block=block)
    assert seconds == pytest.approx(31.2948)
    assert source == "GEMS_ACQU_01 (0019,xx5A)"


@pytest.mark.parametrize("creator", ["Philips MR Imaging DD 001", "Philips Imaging DD 001"])
def test_philips_writes_seconds(creator):
    assert with_private(0x2005, creator, 0x33, "FL", 95.5) == (95.5, f"{creator} (2005,xx33)")


@pytest.mark.parametrize(
    ("text", "seconds"), [("TA 01:23", 83), ("TA: 04:59", 299), ("TA 01:23*4", 332), ("TA 1:00:01", 3601)]
)
def test_siemens_writes_a_text(text, seconds):
    assert with_private(0x0051, "SIEMENS MR HEADER", 0x0A, "SH", text)[0] == seconds


def test_less_than_one_repetition_is_no_acquisition():
    assert with_private(0x0051, "SIEMENS MR HEADER", 0x0A, "SH", "TA 00.04", RepetitionTime="6600") == (None, None)


@pytest.mark.parametrize("maker", ["UIH", "United Imaging Healthcare"])
def test_united_imaging_writes_milliseconds(maker):
    written = {**MR, "Manufacturer": maker, "RepetitionTime": "7.25"}
    assert of(**written, AcquisitionDuration=190_713.0) == (190.713, "AcquisitionDuration in ms")
    # In echo-planar series it is the read-out of one image: 34 ms, not 34 s.
    assert of(**{**written, "RepetitionTime": "2000"}, AcquisitionDuration=34.0) == (None, None)
    assert of(**{**written, "Modality": "CT"}, AcquisitionDuration=4.0) == (4.0, "AcquisitionDuration")


@pytest.mark.parametrize("text", ["", "TA", "83 s", "TA soon"])
def test_other_texts_say_nothing(text):
    assert siemens_seconds(text) is None


def test_mr_technique_is_the_last_resort_and_says_so():
    # 2 s x 256 x 2 / (16 x 2) = 32 s
    seconds, source = of(**MR, **TECHNIQUE, ParallelReductionFactorInPlane=2.0)
    assert seconds == pytest.approx(32.0)
    assert source.startswith("derived")


@pytest.mark.parametrize(
    "change",
    [
        {"MRAcquisitionType": "3D"},
        {"MRAcquisitionType": None},
        {"ScanningSequence": "EP\\SE"},
        {"NumberOfPhaseEncodingSteps": None},
        {"RepetitionTime": None},
        {"ImageType": "DERIVED\\PRIMARY"},
    ],
)
def test_where_the_arithmetic_does_not_hold_it_is_not_done(change):
    assert of(**{**MR, **TECHNIQUE, **change}) == (None, None)


def test_ct_exposure_time_is_named_for_what_it_is():
    assert of(ExposureTime="5031") == (5.031, "ExposureTime")


def test_a_computed_image_took_no_time():
    assert of(ExposureTime="5031", ImageType="DERIVED\\SECONDARY") == (None, None)


def test_pet_has_the_time_of_its_frame():
    assert of(Modality="PT", ActualFrameDuration="240000") == (240.0, "ActualFrameDuration x frames")


@pytest.mark.parametrize(
    ("detectors", "windows", "slots", "seconds"),
    [(1, 1, 1, 1200.0), (2, 1, 1, 600.0), (2, 2, 1, 300.0), (2, 1, 6, 100.0)],
)
def test_nm_frames_that_are_taken_together_count_once(detectors, windows, slots, seconds):
    tomography = {"NumberOfFrames": "60", "ActualFrameDuration": "20000", "NumberOfTimeSlots": slots}
    found, _ = of(Modality="NM", **tomography, NumberOfDetectors=detectors, NumberOfEnergyWindows=windows)
    assert found == seconds


def test_nm_tomography_has_it_in_its_rotation():
    rotation = [{"ActualFrameDuration": "20000"}]
    assert of(Modality="NM", NumberOfFrames="60", RotationInformationSequence=rotation)[0] == 1200.0


@pytest.mark.parametrize("modality", ["XA", "RF", "US"])
def test_cine_is_frames_times_frame_time(modality):
    assert of(Modality=modality, FrameTime="66.7", NumberOfFrames="30") == (pytest.approx(2.001), "FrameTime x frames")
    assert of(Modality=modality, FrameTime="66.7", NumberOfFrames="1") == (None, None)


def frame(start: str, length_ms: float | None) -> dict:
    return {"FrameContentSequence": [{"FrameAcquisitionDateTime": start, "FrameAcquisitionDuration": length_ms}]}


def test_frames_of_an_enhanced_object_span_a_time():
    frames = [frame("20260302100000", 1500.0), frame("20260302100010", 2500.0), frame("20260302100005", 1000.0)]
    enhanced = {**MR, "SOPClassUID": ENHANCED_MR}
    assert of(**enhanced, PerFrameFunctionalGroupsSequence=frames) == (12.5, "FrameAcquisitionDuration")
    frames.append(frame("20260302100020", None))
    assert of(**enhanced, PerFrameFunctionalGroupsSequence=frames) == (None, None)


@pytest.mark.parametrize("wrong", [-5.0, float("nan"), float("inf"), 1e9])
def test_an_impossible_duration_is_unknown(wrong):
    assert of(Modality="OT", AcquisitionDuration=wrong) == (None, None)
    assert ("ecorad.dicom.implausible", "AcquisitionDuration") in codes(AcquisitionDuration=wrong)
