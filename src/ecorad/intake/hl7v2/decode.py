"""RAS^O17, one message or several in a file: each RXA that gives a contrast agent is a record (HL7 v2.5.1 4.14)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from ecorad.intake.agent_words import ReadAgent
from ecorad.intake.given_agent import Dose, Given, Tell, read_given
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.row_notes import Notes
from ecorad.model import Decoded, DecodeError, Medication, Site

from .message import MAX_BYTES, STRUCTURE, Segment, read_stamp, segments_of

MESSAGE_TYPE = "RAS"
NOT_READ, BAD_MESSAGE = "ecorad.hl7.not_read", "ecorad.hl7.message"
NOT_GIVEN = "ecorad.medication.not_given"
NO_TIME, BAD_TIME = "ecorad.medication.no_time", "ecorad.medication.bad_time"
NO_WAY, ASSUMED = "ecorad.medication.no_link", "ecorad.medication.status_assumed"
# HL7 table 0322, and of table 0323 the code that takes a record back.
_STATES = {"CP": "completed", "PA": "stopped", "RE": "not done", "NA": "not done"}
_DELETED = "D"
# What programs write for an amount they do not know.
_NO_AMOUNT = 999.0
_STARTS = re.compile(rb"(?:^|[\r\n\x0b\x1c]+)(?=MSH[^A-Za-z0-9\r\n])")
_BEGINS = re.compile(rb"[\s\x0b]*(?:(?:FHS|BHS)[^\r\n]*[\r\n]+)*MSH[^A-Za-z0-9\s][^\r\n]{4}")


@dataclass(frozen=True, slots=True)
class DecodedMedication(Decoded[Medication]):
    """Administrations of one input, and how many of its messages could not be read."""

    rows_quarantined: int = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    site: Site
    pseudonymiser: Pseudonymiser
    read_agent: ReadAgent
    source_digest: str


def recognise(head: bytes) -> bool:
    """Whether these are HL7 v2 messages, by their first bytes.

    >>> recognise(b"\\x0bMSH|^~\\\\&|RIS"), recognise(b"MSHA 3 4"), recognise(b"time;kWh")
    (True, False, False)
    """
    return _BEGINS.match(head) is not None


def message_type(content: bytes) -> str | None:
    """The type of a message (``RAS``), ``None`` for what is no message."""
    try:
        return segments_of(content)[0].part(9)
    except DecodeError:
        return None


def decode(
    stream: BinaryIO, *, site: Site, pseudonymiser: Pseudonymiser, read_agent: ReadAgent, source_digest: str
) -> DecodedMedication:
    """Administrations of contrast agents of one message, or of a file of several.

    Parameters
    ----------
    stream : binary stream
        Messages as files hold them: one after another, with or without the frames of MLLP.
    site : Site
        Its zone, for stamps without an offset, and what it says about its medication records.
    pseudonymiser : Pseudonymiser
        Keys of patient, study, order and record.
    read_agent : callable
        Reads the name of a product.
    source_digest : str
        SHA-256 of the input.

    Raises
    ------
    DecodeError
        ``ecorad.hl7.not_read`` where no message tells of an administration, ``ecorad.hl7.structure`` where there is no
        message, or more than 64 MiB of them.

    Examples
    --------
    >>> import io
    >>> from ecorad.intake.dicom.contrast_text import parse_product_text
    >>> rows = ["MSH|^~" + chr(92) + "&|MAR|W|X|Y|20260302101600||RAS^O17|1|P|2.5.1", "PID|1||7^^^HOSP", "ORC|RE|P1|A1",
    ...         "RXA|0|1|20260302101500+0100||V08CA09^Gadovist^ATC|7.5|mL|||||||||||||CP"]
    >>> content, site, keys = chr(13).join(rows).encode(), Site(name="x"), Pseudonymiser(bytes(32))
    >>> found = decode(io.BytesIO(content), site=site, pseudonymiser=keys, read_agent=parse_product_text,
    ...                source_digest="0" * 64)
    >>> found.records[0].volume_ml, found.records[0].status, found.issues
    (7.5, 'completed', ())
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DecodeError("more than 64 MiB of messages", code=STRUCTURE)
    notes = Notes()
    reading = _Reading(site, pseudonymiser, read_agent, source_digest)
    records: dict[str, Medication] = {}
    bad, read = [], 0
    for row, message in enumerate(_messages(content), 1):
        try:
            segments = segments_of(message)
        except DecodeError:
            bad.append(row)
            continue
        if segments[0].part(9) != MESSAGE_TYPE:
            continue
        read += 1
        for record in _administrations(segments, row, reading, partial(_tell, notes, row)):
            before = records.get(record.record_key)
            if before is None or _order(record) >= _order(before):
                records[record.record_key] = record
    notes.quarantine(BAD_MESSAGE, bad, "no message")
    if not read:
        raise DecodeError("no message tells of an administration", code=STRUCTURE if bad else NOT_READ)
    return DecodedMedication(tuple(records.values()), notes.issues(), len(notes.quarantined))


def _messages(content: bytes) -> Iterator[bytes]:
    for part in _STARTS.split(content):
        message = part.strip(b"\x0b\x1c\r\n \t")
        if message and not message.startswith((b"FHS", b"BHS")):
            yield message


def _administrations(segments: tuple[Segment, ...], row: int, reading: _Reading, tell: Tell) -> Iterator[Medication]:
    """One record an RXA; its order is the ORC before it, its examination an IPC or ZDS of the same order."""
    patient = next((one for one in segments if one.name == "PID"), None)
    groups: list[list[Segment]] = [[]]
    for one in segments:
        if one.name == "ORC":
            groups.append([])
        groups[-1].append(one)
    for order, group in enumerate(groups):
        for place, one in enumerate(group):
            if one.name == "RXA":
                found = _record(one, (segments[0], patient, group), (row, order, place), reading, tell)
                if found is not None:
                    yield found


def _record(
    given: Segment,
    around: tuple[Segment, Segment | None, list[Segment]],
    places: tuple[int, int, int],
    reading: _Reading,
    tell: Tell,
) -> Medication | None:
    header, patient, group = around
    agent = _agent(given, reading, tell)
    if agent is None:
        return None
    zone = reading.site.zone
    started, source = read_stamp(given.part(3), zone)
    if started is None:
        tell(BAD_TIME if given.part(3) else NO_TIME)
    keys = _keys(patient, group, reading)
    if not any(keys.values()):
        tell(NO_WAY)
    return Medication(
        record_key=_key(given, group, places, reading),
        source_digest=reading.source_digest,
        event_time_utc=started,
        event_zone=source,
        **keys,
        status=_status(given, tell),
        agent=agent.agent,
        kind=agent.kind,
        concentration_mg_ml=agent.concentration_mg_ml,
        volume_ml=agent.volume_ml,
        started_utc=started,
        reported_utc=read_stamp(header.part(7), zone)[0],
        told_by="hl7",
        confidence=agent.confidence,
    )


def _agent(given: Segment, reading: _Reading, tell: Tell) -> Given | None:
    amount = _number(given.part(6))
    return read_given(
        [(given.part(5, 3), given.part(5, 1)), (given.part(5, 6), given.part(5, 4))],
        [name for name in (given.part(5, 2), given.part(5, 5)) if name is not None],
        Dose(None if amount == _NO_AMOUNT else amount, given.part(7) or given.part(7, 2)),
        reading.read_agent,
        tell,
    )


def _status(given: Segment, tell: Tell) -> str:
    """What became of it; a record without a word about that tells of something given."""
    written = given.part(20)
    if written is None and given.part(21) != _DELETED:
        tell(ASSUMED)
        return "completed"
    status = "in error" if given.part(21) == _DELETED else _STATES.get(str(written).upper(), "unknown")
    if status != "completed":
        tell(NOT_GIVEN)
    return status


def _keys(patient: Segment | None, group: list[Segment], reading: _Reading) -> dict[str, str | None]:
    """Pseudonyms of patient, study, accession number and filler order number."""
    key, source = reading.pseudonymiser.key, reading.site.medication
    who = None if patient is None else _patient_id(patient)
    study = _first(group, ("IPC", 3), ("ZDS", 1))
    accession, filler = _first(group, ("IPC", 1)), _first(group, ("ORC", 3))
    return {
        "patient_key": None if who is None else key("patient", source.patient_issuer, who),
        "study_key": None if study is None else key("study", study),
        "accession_key": None if accession is None else key("accession", source.accession_issuer, accession),
        "filler_key": None if filler is None else key("accession", source.accession_issuer, filler),
    }


def _patient_id(patient: Segment) -> str | None:
    """PID-3: the identifier of type MR or PI, else the first."""
    count = patient.repetitions(3)
    typed = {patient.part(3, 5, n): patient.part(3, 1, n) for n in range(count, 0, -1)}
    return typed.get("MR") or typed.get("PI") or patient.part(3)


def _first(group: list[Segment], *places: tuple[str, int]) -> str | None:
    found = (one.part(number) for name, number in places for one in group if one.name == name)
    return next((value for value in found if value is not None), None)


def _key(given: Segment, group: list[Segment], places: tuple[int, int, int], reading: _Reading) -> str:
    """Orders count their administrations (RXA-2); without an order number the place in the input."""
    placer, filler = _first(group, ("ORC", 2)), _first(group, ("ORC", 3))
    if placer is not None or filler is not None:
        return reading.pseudonymiser.key("medication", "order", placer, filler, given.part(2))
    return reading.pseudonymiser.key("medication", reading.source_digest, *map(str, places))


def _number(written: str | None) -> float | None:
    try:
        found = float(written or "")
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _order(record: Medication) -> float:
    return -math.inf if record.reported_utc is None else record.reported_utc.timestamp()


def _tell(notes: Notes, row: int, code: str) -> None:
    notes.tell(code, [row])
