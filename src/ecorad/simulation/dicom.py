"""DICOM files of elements we choose, written as explicit VR little endian (PS3.5 section 7.1.2, PS3.10 section 7.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache

Value = str | int | float | bytes | tuple[int, ...] | None
Elements = Mapping[int, tuple[str, Value]]
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
IMPLEMENTATION_CLASS_UID = "2.25.291347529386542139517163489237581634271"
IMPLEMENTATION_VERSION = "ECORAD_SIM_1"
_LONG_LENGTH = frozenset({"OB", "OW", "SQ", "UN", "UT"})
_BINARY = {"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i", "FL": "<f", "FD": "<d"}


def write_file(elements: Elements) -> bytes:
    """A whole file: preamble, file meta information, data set.

    ``elements`` maps tags to (VR, value); it needs SOP Class UID and SOP Instance UID.

    >>> data = write_file({0x00080016: ("UI", "1.2.840.10008.5.1.4.1.1.2"), 0x00080018: ("UI", "2.25.1")})
    >>> data[128:132]
    b'DICM'
    """
    meta = data_set(
        {
            0x00020001: ("OB", b"\x00\x01"),
            0x00020002: elements[0x00080016],
            0x00020003: elements[0x00080018],
            0x00020010: ("UI", EXPLICIT_VR_LITTLE_ENDIAN),
            0x00020012: ("UI", IMPLEMENTATION_CLASS_UID),
            0x00020013: ("SH", IMPLEMENTATION_VERSION),
        }
    )
    length = _encoded(0x00020000, "UL", len(meta))
    return b"".join((bytes(128), b"DICM", length, meta, data_set(elements)))


def data_set(elements: Elements) -> bytes:
    """The elements in the order of their tags."""
    return b"".join([_encoded(tag, *elements[tag]) for tag in sorted(elements)])


def sequence(items: Iterable[Elements]) -> bytes:
    """The value of an ``SQ`` element, items of defined length."""
    parts = []
    for item in items:
        content = data_set(item)
        parts.append(struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content)
    return b"".join(parts)


@lru_cache(maxsize=20_000)
def _encoded(tag: int, vr: str, value: Value) -> bytes:
    content = _content(vr, value)
    if len(content) % 2:
        content += b"\x00" if vr in ("UI", "OB", "UN") else b" "
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr in _LONG_LENGTH:
        return head + struct.pack("<HI", 0, len(content)) + content
    return head + struct.pack("<H", len(content)) + content


def _content(vr: str, value: Value) -> bytes:
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if vr == "AT":
        return struct.pack("<HH", *value) if isinstance(value, tuple) else b""
    if vr in _BINARY:
        return struct.pack(_BINARY[vr], value)
    if isinstance(value, float):
        return f"{value:.6g}".encode()
    return str(value).encode("latin-1")
