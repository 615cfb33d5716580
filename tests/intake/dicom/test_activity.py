from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.dicom.activity import activity_mbq
from tests.intake.dicom.objects import NM_CLASS, PET_CLASS, codes, record

ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
INFORMATION = "RadiopharmaceuticalInformationSequence"


@pytest.mark.parametrize(
    ("written", "sop_class", "mbq", "rule"),
    [
        (221596288.0, PET_CLASS, 221.596288, "pet_bq"),
        (474592928.0, PET_CLASS, 474.592928, "pet_bq"),
        (764.0, NM_CLASS, 764.0, "nm_mbq"),
        (320.0, NM_CLASS, 320.0, "nm_mbq"),
        (250.0, ENHANCED_PET, 250.0, "enhanced_pet_mbq"),
        (250.0, PET_CLASS, 250.0, "magnitude_mbq"),
        (7.4e8, NM_CLASS, 740.0, "magnitude_bq"),
        (0.37, NM_CLASS, 0.37, "nm_mbq"),
        (11_100.0, NM_CLASS, 11_100.0, "nm_mbq"),
    ],
)
def test_the_class_leads_and_the_magnitude_checks(written, sop_class, mbq, rule):
    assert activity_mbq(written, sop_class) == (pytest.approx(mbq), rule)


@pytest.mark.parametrize("written", [0.01, 45_000.0, 1e12])
def test_what_makes_sense_in_neither_unit_is_unknown(written):
    assert activity_mbq(written, PET_CLASS) is None
    given = [{"RadionuclideTotalDose": f"{written:g}"}]
    assert record(SOPClassUID=PET_CLASS, RadiopharmaceuticalInformationSequence=given).activity_mbq is None
    assert ("ecorad.dicom.implausible", "RadionuclideTotalDose") in codes(
        **{"SOPClassUID": PET_CLASS, INFORMATION: given}
    )


@given(st.floats(0.05, 40_000.0), st.sampled_from([PET_CLASS, NM_CLASS, ENHANCED_PET]))
def test_one_dose_is_one_dose_in_either_unit(mbq, sop_class):
    told = activity_mbq(mbq, sop_class)
    assert told is not None
    assert told[0] == pytest.approx(mbq)
    assert activity_mbq(mbq * 1e6, sop_class)[0] == pytest.approx(mbq)


def pet(acquisition_time="110036", **given):
    return record(
        SOPClassUID=PET_CLASS,
        Modality="PT",
        AcquisitionTime=acquisition_time,
        RadiopharmaceuticalInformationSequence=[given],
    )


def test_agent_and_half_life():
    instance = pet(Radiopharmaceutical="FDG", RadionuclideHalfLife="6588", RadionuclideTotalDose="0")
    assert (instance.radiopharmaceutical, instance.radionuclide_half_life_s) == ("FDG", 6588.0)
    assert (instance.activity_mbq, instance.activity_unit_rule) == (None, None)


def test_an_agent_that_is_only_coded():
    assert pet(RadiopharmaceuticalCodeSequence=[{"CodeMeaning": "Fluorodeoxyglucose F^18^"}]).radiopharmaceutical


@pytest.mark.parametrize(
    ("acquired", "injected", "expected"),
    [
        ("110036", "093200", datetime(2026, 3, 2, 8, 32, tzinfo=UTC)),
        ("003000", "233000", datetime(2026, 3, 1, 22, 30, tzinfo=UTC)),  # before midnight
        ("110000", "110100", datetime(2026, 3, 2, 10, 1, tzinfo=UTC)),  # a dynamic study
    ],
)
def test_a_time_without_date_lies_before_the_acquisition(acquired, injected, expected):
    assert pet(acquired, RadiopharmaceuticalStartTime=injected).radiopharmaceutical_start_utc == expected


def test_a_full_date_and_time_comes_first():
    given = {"RadiopharmaceuticalStartTime": "093200", "RadiopharmaceuticalStartDateTime": "20260302080000"}
    assert pet(**given).radiopharmaceutical_start_utc == datetime(2026, 3, 2, 7, tzinfo=UTC)


def test_several_agents_are_flagged():
    two = [{"RadionuclideTotalDose": "100"}, {"RadionuclideTotalDose": "200"}]
    assert record(SOPClassUID=NM_CLASS, RadiopharmaceuticalInformationSequence=two).activity_mbq == 100.0
    assert ("ecorad.activity.several", INFORMATION) in codes(
        SOPClassUID=NM_CLASS, RadiopharmaceuticalInformationSequence=two
    )
