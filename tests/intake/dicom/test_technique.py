from __future__ import annotations

import pytest

from tests.intake.dicom.objects import ENHANCED_CT, ENHANCED_MR, codes, record


@pytest.mark.parametrize(
    ("written", "tesla"), [("1.5", 1.5), ("15015", 1.5015), ("15000", 1.5), ("30000", 3.0), ("0.35", 0.35)]
)
def test_field_strength_in_tesla_or_gauss(written, tesla):
    assert record(MagneticFieldStrength=written).field_strength_t == pytest.approx(tesla)


@pytest.mark.parametrize("wrong", ["-1.5", "NaN", "inf", "1,5", "None", "3 T", "1e9", "1_5"])
def test_a_number_that_cannot_be_is_unknown_and_flagged(wrong):
    assert record(MagneticFieldStrength=wrong).field_strength_t is None
    assert ("ecorad.dicom.implausible", "MagneticFieldStrength") in codes(MagneticFieldStrength=wrong)


@pytest.mark.parametrize("keyword", ["MagneticFieldStrength", "KVP", "RepetitionTime"])
def test_zero_is_not_recorded(keyword):
    instance = record(**{keyword: "0"})
    assert (instance.field_strength_t, instance.kvp, instance.repetition_time_ms) == (None, None, None)
    assert codes(**{keyword: "0"}) == set()


def test_the_first_of_several_values_counts():
    assert record(EchoTime="11.5\\22").echo_time_ms == 11.5


def test_exposure_in_the_finer_unit():
    assert record(Exposure="1", ExposureInuAs="1040").exposure_mas == 1.04
    assert record(Exposure="98").exposure_mas == 98.0


def test_ct_technique():
    instance = record(KVP="120", XRayTubeCurrent="300", ExposureTime="326", CTDIvol=12.5)
    assert (instance.kvp, instance.tube_current_ma, instance.exposure_time_ms) == (120.0, 300.0, 326.0)
    assert instance.ctdi_vol_mgy == 12.5


@pytest.mark.parametrize(
    ("written", "kg", "issues"),
    [
        ("72.4", 72.0, set()),
        ("0", None, set()),
        ("0.6", 1.0, set()),
        ("72400", None, {("ecorad.dicom.implausible", "PatientWeight")}),
        ("-3", None, {("ecorad.dicom.implausible", "PatientWeight")}),
    ],
)
def test_a_body_weight_is_kept_to_the_kilogram(written, kg, issues):
    assert record(PatientWeight=written).patient_weight_kg == kg
    assert codes(PatientWeight=written) == issues


def test_an_enhanced_mr_has_its_technique_in_the_functional_groups():
    shared = [
        {
            "MRTimingAndRelatedParametersSequence": [{"RepetitionTime": "500"}],
            "MREchoSequence": [{"EffectiveEchoTime": 30.0}],
        }
    ]
    instance = record(SOPClassUID=ENHANCED_MR, SharedFunctionalGroupsSequence=shared)
    assert (instance.repetition_time_ms, instance.echo_time_ms) == (500.0, 30.0)


def test_an_enhanced_ct_has_it_in_its_first_frame():
    frame = [
        {
            "CTExposureSequence": [{"XRayTubeCurrentInmA": 250.0, "CTDIvol": 8.0}],
            "CTXRayDetailsSequence": [{"KVP": "100"}],
        }
    ]
    instance = record(SOPClassUID=ENHANCED_CT, PerFrameFunctionalGroupsSequence=frame)
    assert (instance.tube_current_ma, instance.ctdi_vol_mgy, instance.kvp) == (250.0, 8.0, 100.0)


def test_pixel_bytes_are_those_of_the_uncompressed_image():
    assert record().pixel_bytes == 16 * 16 * 2
    colour = {"Rows": 240, "Columns": 320, "NumberOfFrames": "30", "SamplesPerPixel": 3, "BitsAllocated": 8}
    assert record(**colour).pixel_bytes == 240 * 320 * 30 * 3
    assert record(NumberOfFrames="3", BitsAllocated=1).pixel_bytes == 96


@pytest.mark.parametrize("missing", ["Rows", "Columns", "BitsAllocated"])
def test_an_image_without_its_size_is_flagged(missing):
    assert record(**{missing: None}).pixel_bytes is None
    assert ("ecorad.dicom.incomplete", "Rows") in codes(**{missing: None})


def test_an_image_of_one_frame_does_not_say_so():
    assert record().frames == 1
    assert record(Rows=None).frames is None
    assert record(NumberOfFrames="1A").frames is None
