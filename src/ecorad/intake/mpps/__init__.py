"""Performed procedure steps (PS3.4 F.7): one message of a modality in, one row out.

A step is created when an examination begins and set once or more until it is completed or discontinued. A message says
only what changes, so each is a row of its own, and the step is folded from its rows.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError, StepMessage

STRUCTURE = "ecorad.mpps.structure"
DeviceOf = Callable[[str | None, str | None, datetime | None], str | None]
_STATES = {"IN PROGRESS": "in progress", "COMPLETED": "completed", "DISCONTINUED": "discontinued"}
# PS3.16 CID 9300 and 9301: why a step was broken off.
REASONS = {
    "110500": "doctor cancelled",
    "110501": "equipment failure",
    "110502": "incorrect procedure ordered",
    "110503": "patient allergic",
    "110504": "patient died",
    "110505": "patient refused",
    "110506": "patient taken for treatment",
    "110507": "patient did not arrive",
    "110508": "patient pregnant",
    "110509": "charging changed",
    "110510": "duplicate order",
    "110511": "nursing unit cancelled",
    "110512": "incorrect side ordered",
    "110513": "unspecified",
    "110514": "wrong worklist entry",
    "110515": "condition prevented it",
    "110516": "equipment changed",
}
_FAILS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,  # what pydicom calls bytes that end in the middle of a tag; the content itself is in memory
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_DATE, _TIME = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})"), re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6}))?")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


def decode(
    content: bytes, *, uid: str, digest: str, zone: ZoneInfo, pseudonymiser: Pseudonymiser, device_of: DeviceOf
) -> StepMessage:
    """One N-CREATE or N-SET as a row.

    Parameters
    ----------
    content : bytes
        The data set with a file header before it.
    uid : str
        SOP instance UID of the step; it stands in the command, not in the data set.
    digest : str
        SHA-256 of the message.
    zone : ZoneInfo
        Of the site: steps tell local times.
    pseudonymiser : Pseudonymiser
        Keys of step and study.
    device_of : callable
        Key of a device by its station name, AE title and a time.

    Raises
    ------
    DecodeError
        ``ecorad.mpps.structure``: the message cannot be read. What it holds is not repeated.
    """
    found = _read(content)
    started, ended = (_moment(found, name, zone) for name in ("Start", "End"))
    scheduled = _items(found, "ScheduledStepAttributesSequence")
    study = next((text for item in scheduled if (text := _text(item, "StudyInstanceUID"))), None)
    reasons = _items(found, "PerformedProcedureStepDiscontinuationReasonCodeSequence")
    step_key = pseudonymiser.key("step", uid)
    return StepMessage(
        record_key=f"{step_key}:{digest[:16]}",
        source_digest=digest,
        event_time_utc=ended or started,
        event_zone="site" if ended or started else None,
        step_key=step_key,
        study_key=None if study is None else pseudonymiser.key("study", study),
        device_key=device_of(
            _text(found, "PerformedStationName"), _text(found, "PerformedStationAETitle"), ended or started
        ),
        modality=_modality(found),
        state=_STATES.get((_text(found, "PerformedProcedureStepStatus") or "").upper()),
        reason=next((_reason(item) for item in reasons), None),
        started_utc=started,
        ended_utc=ended,
    )


def _read(content: bytes) -> Any:
    import pydicom

    logging.getLogger("pydicom").propagate = False  # its messages quote values, which may name a patient
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = pydicom.dcmread(io.BytesIO(content))
            found.decode()  # every element is read here, where a broken one can be caught
    except (*_FAILS, pydicom.errors.InvalidDicomError, pydicom.errors.BytesLengthException):
        raise DecodeError("a procedure step that cannot be read", code=STRUCTURE) from None
    return found


def _text(found: Any, keyword: str) -> str | None:
    try:
        value = found.get(keyword)
    except _FAILS:
        return None
    text = str(value).strip(" \0") if value is not None and not hasattr(value, "append") else ""
    return text or None


def _items(found: Any, keyword: str) -> list[Any]:
    try:
        value = found.get(keyword)
        return [item for item in value if hasattr(item, "get")] if value else []
    except _FAILS:
        return []


def _modality(found: Any) -> str | None:
    written = _text(found, "Modality") or ""
    return written if re.fullmatch(r"[A-Z0-9]{1,16}", written) else None


def _reason(item: Any) -> str:
    """The cause by its code; ``other`` for a code of a site's own."""
    if (_text(item, "CodingSchemeDesignator") or "") != "DCM":
        return "other"
    return REASONS.get(_text(item, "CodeValue") or "", "other")


def _moment(found: Any, which: str, zone: ZoneInfo) -> datetime | None:
    day = _DATE.fullmatch(_text(found, f"PerformedProcedureStep{which}Date") or "")
    time = _TIME.fullmatch(_text(found, f"PerformedProcedureStep{which}Time") or "")
    if day is None or time is None:
        return None
    hour, minute, second = (int(part or 0) for part in time.group(1, 2, 3))
    if not _FIRST_YEAR <= int(day[1]) <= _LAST_YEAR or second > 60:
        return None
    micro = int((time.group(4) or "0").ljust(6, "0"))
    try:
        local = datetime(int(day[1]), int(day[2]), int(day[3]), hour, minute, tzinfo=zone)
    except ValueError:
        return None
    return local.astimezone(UTC) + timedelta(seconds=second, microseconds=micro)


__all__ = ["REASONS", "decode"]
