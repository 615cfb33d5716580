"""Text and numbers of elements, from their bytes."""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Callable

_SPACE = " \0\t\r\n"
_BINARY = {"FD": struct.Struct("<d"), "FL": struct.Struct("<f"), "US": struct.Struct("<H"), "UL": struct.Struct("<L")}


def plain(value: object) -> str:
    """An element of plain characters (UI, CS, DS, DT, SH codes); ``""`` for what is absent or a sequence."""
    return value.decode("latin-1").strip(_SPACE) if isinstance(value, bytes) else ""


def decoder(character_set: str) -> Callable[[bytes], str | None]:
    """How free text of one object is decoded: by its character set, else byte by byte.

    >>> decoder("ISO_IR 192")("Schädel ".encode()), decoder("")(b"   ")
    ('Schädel', None)
    """

    def decode(value: bytes) -> str | None:
        found = value.decode("ascii") if value.isascii() and 0x1B not in value else _foreign(value, character_set)
        found = "".join(letter if letter.isprintable() else " " for letter in found.strip(_SPACE)).strip()
        return found or None

    return decode


def _foreign(value: bytes, character_set: str) -> str:
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import TEXT_VR_DELIMS

    names = [part.strip(_SPACE) for part in character_set.split("\\")] if character_set else [""]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = str(decode_bytes(value, convert_encodings(names), TEXT_VR_DELIMS))
        except (LookupError, ValueError, TypeError, AttributeError):
            found = "\ufffd"
    return value.decode("latin-1") if "\ufffd" in found else found


def number(value: object, vr: str = "DS") -> float | None:
    """The first number; ``None`` where nothing is written, ``nan`` where what is written is no number.

    >>> number(b"1.6e-005 "), number(b""), number(b"1,5"), number(b"12\\\\13")
    (1.6e-05, None, nan, 12.0)
    """
    if not isinstance(value, bytes):
        return None
    packed = _BINARY.get(vr)
    if packed is not None:
        return float(packed.unpack_from(value)[0]) if len(value) >= packed.size else None
    first = value.split(b"\\", 1)[0].strip(b" \0\t\r\n")
    if not first:
        return None
    try:
        return float(first) if first.translate(None, b"0123456789+-.eE") == b"" else math.nan
    except ValueError:
        return math.nan
