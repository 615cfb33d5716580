"""One record of the receive journal to one arrival; runs in a process that may die."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, cast

from ecorad.intake import hl7v2, mpps
from ecorad.intake.budget import Budget
from ecorad.intake.decoding import Decoder
from ecorad.intake.defects import DEFECT, defect_issue
from ecorad.intake.dicom import device_key
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input
from ecorad.ledger.batch import Arrival
from ecorad.ledger.spool import Entry
from ecorad.model import DecodeError, Outcome, Site
from ecorad.service.dicom.kept import unpack

_HEAD_BYTES = 1 << 16
_MAX_STEP_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a record travels to a decoding process."""

    notes: Mapping[str, Any]
    payload: bytes

    @classmethod
    def of(cls, entry: Entry) -> Kept:
        """The record's notes and payload."""
        return cls(entry.notes, entry.payload)

    @property
    def feed(self) -> str:
        """Which listener took it in."""
        return str(self.notes.get("feed", "unknown"))

    @property
    def kind(self) -> str:
        """What it is."""
        return str(self.notes.get("kind", "unknown"))

    @property
    def digest(self) -> str:
        """SHA-256 of what was received; of what it repeats where it is a repetition."""
        return str(self.notes.get("repeat") or hashlib.sha256(self.payload).hexdigest())

    @property
    def bytes(self) -> int:
        """Length as received. [By]"""
        return int(self.notes.get("size") or self.notes.get("bytes") or len(self.payload))


_budget: Budget | None = None


def limit_this_process() -> None:
    """Give a decoding process its limits; a decoder that wants more fails, and only its input with it."""
    global _budget  # noqa: PLW0603 (a process has one for its whole life)
    _budget = Budget()


def decode_all(records: list[Kept], site: Site, pseudonymiser: Pseudonymiser) -> list[Arrival]:
    """What became of each record."""
    return [_within_budget(one, site, pseudonymiser) for one in records]


def _within_budget(one: Kept, site: Site, pseudonymiser: Pseudonymiser) -> Arrival:
    if _budget is not None:
        _budget.allow(len(one.payload))
    try:
        return decode(one, site, pseudonymiser)
    except MemoryError:
        return set_aside(one, "ecorad.intake.budget")
    except Exception as error:  # noqa: BLE001 - a fault of a reader must not stop all that comes after
        return replace(set_aside(one, DEFECT), issues=(defect_issue(error),))


def decode(one: Kept, site: Site, pseudonymiser: Pseudonymiser) -> Arrival:
    """What became of one record; whatever is wrong with it ends as a code."""
    code = one.notes.get("set_aside")
    if code is not None:
        return set_aside(one, str(code))
    if one.kind == "mpps":
        return _step(one, site, pseudonymiser)
    if one.kind == "hl7" and hl7v2.message_type(one.payload) == hl7v2.MESSAGE_TYPE:
        return _given(one, site, pseudonymiser)
    if one.kind != "dicom":
        return Arrival(digest=one.digest, feed=one.feed, kind=one.kind, bytes=one.bytes)
    try:
        with unpack(one.payload, int(one.notes["head"]), one.bytes) as file:
            # The very steps that a file goes through: the same object gives the same records, however it came.
            decoder = Decoder(site, pseudonymiser, one.feed)
            return decoder.dicom(Input("", "", one.bytes), cast(BinaryIO, file), file.read(_HEAD_BYTES))
    except DecodeError as error:
        return set_aside(one, error.code)


def _step(one: Kept, site: Site, pseudonymiser: Pseudonymiser) -> Arrival:
    """A message of a procedure step; the device is that of its station, if ``site.toml`` lists it."""

    def device_of(station: str | None, ae_title: str | None, at: datetime | None) -> str | None:
        return device_key(None, None, None, station, site, pseudonymiser, ae_title=ae_title, at=at)

    try:
        with unpack(one.payload, int(one.notes["head"]), one.bytes) as file:
            content = file.read(_MAX_STEP_BYTES)
        row = mpps.decode(
            content,
            uid=str(one.notes["uid"]),
            digest=one.digest,
            zone=site.zone,
            pseudonymiser=pseudonymiser,
            device_of=device_of,
        )
    except DecodeError as error:
        return set_aside(one, error.code)
    return Arrival(digest=one.digest, feed=one.feed, kind="mpps", bytes=one.bytes, step_message=(row,))


def _given(one: Kept, site: Site, pseudonymiser: Pseudonymiser) -> Arrival:
    """A message of what was given: the very steps that a file of it goes through."""
    source = Input("", "", one.bytes, content=one.payload)
    try:
        return Decoder(site, pseudonymiser, one.feed).medication(source, io.BytesIO(one.payload), "hl7")
    except DecodeError as error:
        return set_aside(one, error.code)


def set_aside(one: Kept, code: str) -> Arrival:
    """The arrival of a record that goes to quarantine."""
    return Arrival(
        digest=one.digest, feed=one.feed, kind=one.kind, bytes=one.bytes, fate=Outcome.QUARANTINED, code=code
    )
