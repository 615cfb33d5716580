"""Commands of the message service (PS3.7 chapter 9 and 10, annex E): implicit VR little endian, group 0000."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from .pdu import INVALID, ProtocolError

C_STORE, C_ECHO, C_CANCEL, N_SET, N_CREATE = 0x0001, 0x0030, 0x0FFF, 0x0120, 0x0140
RESPONSE = 0x8000
NO_DATA_SET = 0x0101
MAX_COMMAND_BYTES = 16 << 10
_ELEMENT = struct.Struct("<HHL")

GROUP_LENGTH, AFFECTED_CLASS, REQUESTED_CLASS, COMMAND = 0x0000, 0x0002, 0x0003, 0x0100
MESSAGE_ID, RESPONDED_TO, DATA_SET, STATUS = 0x0110, 0x0120, 0x0800, 0x0900
COMMENT, ERROR_ID, AFFECTED_INSTANCE, REQUESTED_INSTANCE = 0x0902, 0x0903, 0x1000, 0x1001
_SHORTS = {COMMAND, MESSAGE_ID, RESPONDED_TO, DATA_SET, STATUS, ERROR_ID}

# Statuses (PS3.7 annex C, PS3.4 B.2.3 and F.7.2).
SUCCESS = 0x0000
PROCESSING_FAILURE, DUPLICATE_INSTANCE, NO_SUCH_INSTANCE = 0x0110, 0x0111, 0x0112
INVALID_VALUE, MISSING_ATTRIBUTE, UNRECOGNISED_OPERATION = 0x0106, 0x0120, 0x0211
OUT_OF_RESOURCES, DATA_SET_MISMATCH, CANNOT_UNDERSTAND = 0xA700, 0xA900, 0xC000
STEP_IS_FINAL = 0xA710  # an Error ID: the step may no longer be updated

Command = Mapping[int, "int | str"]


def decode(data: bytes) -> dict[int, int | str]:
    """A command set: element number to value.

    Raises
    ------
    ProtocolError
        When it is none.
    """
    found: dict[int, int | str] = {}
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise ProtocolError(INVALID)
        group, number, length = _ELEMENT.unpack_from(data, at)
        value = data[at + 8 : at + 8 + length]
        if group or len(value) < length:
            raise ProtocolError(INVALID)
        if number in _SHORTS:
            if length != 2:
                raise ProtocolError(INVALID)
            found[number] = int.from_bytes(value, "little")
        else:
            found[number] = value.decode("latin-1").rstrip("\0 ")
        at += 8 + length
    if COMMAND not in found or not isinstance(found.get(DATA_SET, NO_DATA_SET), int):
        raise ProtocolError(INVALID)
    return found


def encode(elements: Mapping[int, int | str]) -> bytes:
    """A command set with its group length."""
    body = b"".join(_element(number, elements[number]) for number in sorted(elements))
    return _ELEMENT.pack(0, GROUP_LENGTH, 4) + struct.pack("<L", len(body)) + body


def respond(request: Command, status: int, *, comment: str = "", error_id: int | None = None) -> bytes:
    """The response to a request."""
    answer: dict[int, int | str] = {
        COMMAND: int(request[COMMAND]) | RESPONSE,
        RESPONDED_TO: request.get(MESSAGE_ID, 0),
        DATA_SET: NO_DATA_SET,
        STATUS: status,
    }
    sop_class = request.get(AFFECTED_CLASS) or request.get(REQUESTED_CLASS)
    instance = request.get(AFFECTED_INSTANCE) or request.get(REQUESTED_INSTANCE)
    if sop_class:
        answer[AFFECTED_CLASS] = sop_class
    if instance:
        answer[AFFECTED_INSTANCE] = instance
    if comment:
        answer[COMMENT] = comment
    if error_id is not None:
        answer[ERROR_ID] = error_id
    return encode(answer)


def _element(number: int, value: int | str) -> bytes:
    if isinstance(value, int):
        return _ELEMENT.pack(0, number, 2) + struct.pack("<H", value)
    data = value.encode("latin-1")
    data += b"" if len(data) % 2 == 0 else (b" " if number == COMMENT else b"\0")
    return _ELEMENT.pack(0, number, len(data)) + data
