"""Messages of procedure steps: made here, for no open samples are known."""

from __future__ import annotations

import contextlib
import io
import logging
from datetime import UTC, datetime
from logging.handlers import BufferingHandler
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.mpps import REASONS, decode
from ecorad.model import DecodeError

KEYS = Pseudonymiser(bytes(32))
STEP = "1.2.840.10008.3.1.2.3.3"


def message(**fields) -> bytes:
    made = Dataset()
    for name, value in fields.items():
        setattr(made, name, value)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = STEP
    made.file_meta.MediaStorageSOPInstanceUID = "1.9"
    target = io.BytesIO()
    made.save_as(target, enforce_file_format=True)
    return target.getvalue()


def code(value, scheme="DCM"):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "not read"
    return item


def scheduled(uid="1.2.3"):
    item = Dataset()
    item.StudyInstanceUID = uid
    return item


def read(content, device_of=lambda station, ae, at: station or ae):
    zone = ZoneInfo("Europe/Amsterdam")
    return decode(content, uid="1.9", digest="d" * 64, zone=zone, pseudonymiser=KEYS, device_of=device_of)


BEGUN = {
    "PerformedProcedureStepStatus": "IN PROGRESS",
    "PerformedProcedureStepStartDate": "20260702",
    "PerformedProcedureStepStartTime": "101500.5",
    "PerformedStationName": "CT1",
    "Modality": "CT",
}


def test_a_step_that_begins_says_study_room_and_local_time():
    row = read(message(**BEGUN, ScheduledStepAttributesSequence=[scheduled()]))
    assert (row.state, row.device_key, row.modality, row.reason) == ("in progress", "CT1", "CT", None)
    assert row.study_key == KEYS.key("study", "1.2.3")
    assert row.started_utc == datetime(2026, 7, 2, 8, 15, 0, 500_000, tzinfo=UTC)
    assert "1.9" not in row.record_key


@pytest.mark.parametrize("value", sorted(REASONS))
def test_why_it_was_broken_off_is_read_by_its_code(value):
    ended = message(
        PerformedProcedureStepStatus="DISCONTINUED",
        PerformedProcedureStepDiscontinuationReasonCodeSequence=[code(value)],
    )
    row = read(ended)
    assert (row.state, row.reason, row.study_key) == ("discontinued", REASONS[value], None)


@pytest.mark.parametrize(("value", "scheme"), [("110501", "99X"), ("999999", "DCM"), ("XYZ", "99LOCAL")])
def test_a_cause_of_a_sites_own_is_other_and_its_text_is_not_kept(value, scheme):
    row = read(message(PerformedProcedureStepDiscontinuationReasonCodeSequence=[code(value, scheme)]))
    assert row.reason == "other"


@pytest.mark.parametrize(
    ("date", "time"),
    [("20261302", "101500"), ("20260702", "251500"), ("", "1015"), ("20260702", ""), ("18900101", "10")],
)
@pytest.mark.filterwarnings("ignore:Invalid value for VR")
def test_an_impossible_time_is_unknown(date, time):
    row = read(message(PerformedProcedureStepEndDate=date, PerformedProcedureStepEndTime=time))
    assert (row.ended_utc, row.event_time_utc) == (None, None)


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
@pytest.mark.filterwarnings("ignore:The value length")
def test_a_state_and_a_modality_that_are_none_are_unknown():
    row = read(message(PerformedProcedureStepStatus="PAUSED", Modality="JOHN DOE"))
    assert (row.state, row.modality) == (None, None)


@example(132, b"\x00\x00\x00\x00SQ\x00\x00\xff\xff\xff\xff")  # a sequence that ends in the middle of a tag
@given(st.integers(132, 400), st.binary(max_size=40))
def test_a_damaged_message_is_read_or_set_aside_and_nothing_else(at, noise):
    content = message(**BEGUN, ScheduledStepAttributesSequence=[scheduled()])
    try:
        read(content[:at] + noise + content[at + len(noise) :])
    except DecodeError as error:
        assert error.code == "ecorad.mpps.structure"


def test_what_is_no_message_is_set_aside():
    with pytest.raises(DecodeError):
        read(b"GET / HTTP/1.1\r\n\r\n" * 20)


def test_no_value_of_a_damaged_message_reaches_the_log():
    content = message(**BEGUN, ScheduledStepAttributesSequence=[scheduled()])
    at = content.index(b"1.2.840.10008.1.2.1")
    kept, root = BufferingHandler(1_000), logging.getLogger()
    root.addHandler(kept)
    try:
        with contextlib.suppress(DecodeError):
            read(content[:at] + b"LANGLEY^ANNA" + content[at + 12 :])
    finally:
        root.removeHandler(kept)
    assert not [record for record in kept.buffer if "LANGLEY" in record.getMessage()]
