"""Protocol data units of the DICOM upper layer (PS3.8 chapter 9): what arrives is checked before it is believed."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
HEADER = struct.Struct(">BxL")
MAX_ASSOCIATE_BYTES = 256 << 10
# What we announce: the longest P-DATA we take. The usual senders fill no more than this anyway.
MAX_DATA_BYTES = 128 << 10
MAX_CONTEXTS = 128
_FIXED = struct.Struct(">HH16s16s32s")
_ITEM = struct.Struct(">BxH")
_APPLICATION_CONTEXT = b"1.2.840.10008.3.1.1.1"
# Our own root under 2.25 (PS3.5 annex B.2) and version name (PS3.7 D.3.3.2).
IMPLEMENTATION_UID = "2.25.217459613029786253905370213046402918651"
VERSION_NAME = "ECORAD"
_UID = re.compile(rb"[0-9][0-9.]{0,63}")
# Results of a presentation context (PS3.8 table 9-18).
ACCEPTED, NO_ABSTRACT_SYNTAX, NO_TRANSFER_SYNTAX = 0, 3, 4


class ProtocolError(Exception):
    """The peer does not keep to the protocol; ``reason`` is that of the A-ABORT (PS3.8 table 9-26)."""

    def __init__(self, reason: int) -> None:
        super().__init__(reason)
        self.reason = reason


UNRECOGNISED, UNEXPECTED, INVALID = 1, 2, 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """One presentation context as proposed."""

    id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """An A-ASSOCIATE-RQ: who calls whom, and what for. Titles are without their padding."""

    called: str
    calling: str
    called_field: bytes
    calling_field: bytes
    max_length: int
    contexts: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What became of one proposal."""

    id: int
    result: int
    abstract_syntax: str
    transfer_syntax: str


def parse_request(body: bytes) -> Request:
    """The A-ASSOCIATE-RQ whose bytes behind the PDU header are ``body``.

    Raises
    ------
    ProtocolError
        Whatever is wrong with it.
    """
    if len(body) < _FIXED.size:
        raise ProtocolError(INVALID)
    version, _, called, calling, _ = _FIXED.unpack_from(body)
    if not version & 1:
        raise ProtocolError(INVALID)
    contexts: list[Proposal] = []
    max_length = 0
    for kind, value in _items(body[_FIXED.size :]):
        if kind == 0x20:
            contexts.append(_proposal(value))
        elif kind == 0x50:
            max_length = next((struct.unpack(">L", v)[0] for k, v in _items(value) if k == 0x51 and len(v) == 4), 0)
    ids = [one.id for one in contexts]
    if not ids or len(ids) > MAX_CONTEXTS or len(set(ids)) < len(ids) or any(not one & 1 for one in ids):
        raise ProtocolError(INVALID)
    return Request(_title(called), _title(calling), called, calling, max_length, tuple(contexts))


def accept(request: Request, agreements: Sequence[Agreement]) -> bytes:
    """An A-ASSOCIATE-AC."""
    contexts = b"".join(
        _item(0x21, struct.pack(">BxBx", one.id, one.result) + _item(0x40, one.transfer_syntax.encode()))
        for one in agreements
    )
    user = (
        _item(0x51, struct.pack(">L", MAX_DATA_BYTES))
        + _item(0x52, IMPLEMENTATION_UID.encode())
        + _item(0x55, VERSION_NAME.encode())
    )
    fixed = _FIXED.pack(1, 0, request.called_field, request.calling_field, bytes(32))
    body = fixed + _item(0x10, _APPLICATION_CONTEXT) + contexts + _item(0x50, user)
    return HEADER.pack(ASSOCIATE_AC, len(body)) + body


def reject(*, is_permanent: bool) -> bytes:
    """An A-ASSOCIATE-RJ: for good and without a reason, or for now because we are full (PS3.8 table 9-21)."""
    result, source, reason = (1, 1, 1) if is_permanent else (2, 3, 2)
    return HEADER.pack(ASSOCIATE_RJ, 4) + bytes((0, result, source, reason))


def abort(reason: int) -> bytes:
    """An A-ABORT by the provider."""
    return HEADER.pack(ABORT, 4) + bytes((0, 0, 2, reason))


def release() -> bytes:
    """An A-RELEASE-RP."""
    return HEADER.pack(RELEASE_RP, 4) + bytes(4)


def fragments(body: memoryview) -> Iterator[tuple[int, bool, bool, memoryview]]:
    """The fragments of a P-DATA: context, whether of the command, whether the last, content (PS3.8 9.3.5, annex E).

    Raises
    ------
    ProtocolError
        When lengths do not add up.
    """
    at, size = 0, len(body)
    if not size:
        raise ProtocolError(INVALID)
    while at < size:
        if at + 6 > size:
            raise ProtocolError(INVALID)
        length = int.from_bytes(body[at : at + 4], "big")
        end = at + 4 + length
        if length < 2 or end > size:
            raise ProtocolError(INVALID)
        control = body[at + 5]
        yield body[at + 4], bool(control & 1), bool(control & 2), body[at + 6 : end]
        at = end


def command_pdu(context: int, command: bytes) -> bytes:
    """A P-DATA with one whole command."""
    return HEADER.pack(P_DATA, len(command) + 6) + struct.pack(">LBB", len(command) + 2, context, 3) + command


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            raise ProtocolError(INVALID)
        kind, length = _ITEM.unpack_from(data, at)
        at += 4
        if at + length > len(data):
            raise ProtocolError(INVALID)
        yield kind, data[at : at + length]
        at += length


def _item(kind: int, value: bytes) -> bytes:
    return _ITEM.pack(kind, len(value)) + value


def _proposal(value: bytes) -> Proposal:
    if len(value) < 4:
        raise ProtocolError(INVALID)
    abstract = ""
    transfers: list[str] = []
    for kind, uid in _items(value[4:]):
        if kind == 0x30:
            abstract = _uid(uid)
        elif kind == 0x40 and len(transfers) < MAX_CONTEXTS:
            transfers.append(_uid(uid))
    return Proposal(value[0], abstract, tuple(transfers))


def _uid(value: bytes) -> str:
    """A UID without padding; empty, so that nothing supports it, when it is none."""
    stripped = value.rstrip(b"\0 ")
    return stripped.decode("ascii") if _UID.fullmatch(stripped) else ""


def _title(field: bytes) -> str:
    return field.decode("latin-1").strip(" \0")
