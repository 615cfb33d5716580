from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.dicom.clock import parse_date, parse_time
from ecorad.model import Site
from tests.intake.dicom.objects import ENHANCED_MR, codes, record

LEVELS = {
    "AcquisitionDateTime": "20260302100000",
    "AcquisitionDate": "20260302",
    "AcquisitionTime": "110000",
    "SeriesDate": "20260302",
    "SeriesTime": "120000",
    "ContentDate": "20260302",
    "ContentTime": "130000",
    "StudyDate": "20260302",
    "StudyTime": "140000",
}
ORDER = [
    ("AcquisitionDateTime", ["AcquisitionDateTime"], 9),
    ("AcquisitionDate+AcquisitionTime", ["AcquisitionDate", "AcquisitionTime"], 10),
    ("SeriesDate+SeriesTime", ["SeriesDate", "SeriesTime"], 11),
    ("ContentDate+ContentTime", ["ContentDate", "ContentTime"], 12),
    ("StudyDate+StudyTime", ["StudyDate", "StudyTime"], 13),
]


@pytest.mark.parametrize("missing", range(5))
def test_the_best_clock_there_is_gives_the_start(missing):
    gone = {keyword: None for _, keywords, _ in ORDER[:missing] for keyword in keywords}
    instance = record(**{**LEVELS, **gone})
    name, _, hour = ORDER[missing]
    assert (instance.start_source, instance.start_utc) == (name, datetime(2026, 3, 2, hour, tzinfo=UTC))


@pytest.mark.parametrize("half", ["AcquisitionDate", "AcquisitionTime"])
def test_a_date_and_a_time_of_different_levels_are_never_combined(half):
    instance = record(**{**LEVELS, "AcquisitionDateTime": None, half: None})
    assert instance.start_source == "SeriesDate+SeriesTime"


def test_all_clocks_are_kept():
    instance = record(**LEVELS, InstanceCreationDate="20260303", InstanceCreationTime="01")
    hours = [instance.acquisition_start_utc, instance.series_start_utc, instance.content_utc, instance.study_start_utc]
    assert [moment.hour for moment in hours] == [9, 11, 12, 13]
    assert instance.created_utc == datetime(2026, 3, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "offset", "hour", "zone"),
    [
        ("20260302100000+0800", "-0500", 2, "explicit"),
        ("20260302100000", "-0500", 15, "dataset"),
        ("20260302100000", "UTC-04:00", 14, "dataset"),
        ("20260302100000", None, 9, "site"),
    ],
)
def test_where_the_offset_comes_from(written, offset, hour, zone):
    instance = record(AcquisitionDateTime=written, TimezoneOffsetFromUTC=offset)
    assert (instance.start_utc.hour, instance.event_zone) == (hour, zone)
    assert instance.event_time_utc == instance.start_utc
    assert instance.start_written == written


def test_an_offset_that_cannot_be_falls_back_to_the_site():
    assert record(TimezoneOffsetFromUTC="+9900").event_zone == "site"
    assert ("ecorad.time.impossible", "TimezoneOffsetFromUTC") in codes(TimezoneOffsetFromUTC="+9900")


def test_one_instant_in_many_zones():
    china = record(Site(name="R", timezone="Asia/Shanghai"))
    assert china.start_utc == datetime(2026, 3, 2, 0, 17, tzinfo=UTC)


def test_the_repeated_hour_is_the_first_and_flagged():
    when = {"AcquisitionDate": "20261025", "AcquisitionTime": "023000"}
    assert record(**when).start_utc == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert ("ecorad.time.ambiguous", "start") in codes(**when)


def test_an_hour_that_does_not_exist_is_shifted_forward_and_flagged():
    when = {"AcquisitionDate": "20260329", "AcquisitionTime": "023000"}
    assert record(**when).start_utc == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert ("ecorad.time.nonexistent", "start") in codes(**when)


def test_a_change_of_clocks_does_not_matter_to_an_explicit_offset():
    when = {"AcquisitionDate": "20261025", "AcquisitionTime": "023000", "TimezoneOffsetFromUTC": "+0100"}
    assert record(**when).start_utc == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert codes(**when) == set()


@pytest.mark.parametrize("wrong", ["00000000", "20269999", "20260230", "21260302", "19000101", "yesterday"])
def test_impossible_dates_are_unknown(wrong):
    instance = record(AcquisitionDate=wrong)
    assert instance.start_utc is None
    assert instance.start_source is None
    assert codes(AcquisitionDate=wrong) >= {
        ("ecorad.time.impossible", "AcquisitionDate"),
        ("ecorad.time.unknown", "start"),
    }


def test_an_impossible_date_leaves_the_other_clocks():
    instance = record(AcquisitionDate="20269999", StudyDate="20260302", StudyTime="0800")
    assert instance.start_source == "StudyDate+StudyTime"


@pytest.mark.parametrize("wrong", ["20260302", "2026", "2026030299", "20260302100000+9999", "soon"])
def test_a_date_and_time_that_is_no_instant(wrong):
    assert record(AcquisitionDateTime=wrong).start_source == "AcquisitionDate+AcquisitionTime"
    assert ("ecorad.time.impossible", "AcquisitionDateTime") in codes(AcquisitionDateTime=wrong)


def test_the_end_of_a_day_is_the_start_of_the_next():
    instance = record(AcquisitionDate="1993.02.24", AcquisitionTime="24:00:00")
    assert instance.start_utc == datetime(1993, 2, 24, 23, tzinfo=UTC)


FRAME = "PerFrameFunctionalGroupsSequence"


def frames(*moments: str) -> list[dict]:
    return [{"FrameContentSequence": [{"FrameAcquisitionDateTime": moment}]} for moment in moments]


def test_without_a_start_of_its_own_an_enhanced_object_starts_with_its_first_frame():
    many = {"SOPClassUID": ENHANCED_MR, FRAME: frames("20260302100002", "20260302100001", "20260302100003")}
    instance = record(**many)
    assert instance.start_source == "FrameAcquisitionDateTime"
    assert instance.start_utc == datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC)
    assert record(**many, AcquisitionDateTime="20260302090000").start_source == "AcquisitionDateTime"


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 30)))  # noqa: DTZ001
def test_what_is_written_is_read(moment):
    assert parse_date(moment.strftime("%Y%m%d")) == moment.date()
    assert parse_time(moment.strftime("%H%M%S.%f")) == timedelta(
        hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )


@pytest.mark.parametrize("wrong", ["", "1", "2400 01", "25", "1060", "101061", "240001", "10:30 AM", "-1", "noon"])
def test_times_that_are_none(wrong):
    assert parse_time(wrong) is None


@given(st.text(max_size=20))
def test_no_text_breaks_the_clocks(text):
    parse_date(text)
    parse_time(text)
