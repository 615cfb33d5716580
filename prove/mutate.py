"""Thirteen ways to damage bytes, and small headers made at random; all from one seed."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pydicom

from ecorad.intake.dicom.elements import ELEMENTS, PRIVATE, VR_OF_TAG, WANTED

TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
_LONG = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_TAILS = [
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\x7f",
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\xdd\xe0",
    b"\x10\0\0\0",
]
_VRS = [b"UN", b"SQ", b"OB", b"UT", b"DS", b"FD", b"US", b"ZZ", b"\0\0", b"UI"]
_TEXTS = [b"nan", b"1,5", b"../../x", b"\x1b$B", b"\xc3\x28", b"=cmd", b"-1e999", b"\\\\\\", b"\0\0\0\0", b"99999999"]


def seeds(most_bytes: int = 60_000) -> list[bytes]:
    """The small files that come with pydicom."""
    return [path.read_bytes() for path in sorted(TEST_FILES.glob("*.dcm")) if path.stat().st_size < most_bytes]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with one kind of damage at one to four places, more often near the start."""
    data = bytearray(content)
    kind = chance.choice(_KINDS)
    for _ in range(chance.randrange(1, 5)):
        reach = min(len(data), chance.choice((200, 400, 2000, len(data))))
        kind(data, chance.randrange(max(1, reach)), chance)
    return bytes(data)


Damage = Callable[[bytearray, int, random.Random], None]


def _cut_off(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at + 1 :]


def _cut_out(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at : at + chance.randrange(1, 40)]


def _flip(data: bytearray, at: int, chance: random.Random) -> None:
    data[at : at + 1] = bytes([(data[at] if at < len(data) else 0) ^ 1 << chance.randrange(8)])


def _over(texts: list[bytes]) -> Damage:
    def damage(data: bytearray, at: int, chance: random.Random) -> None:
        text = chance.choice(texts)
        data[at : at + len(text)] = text

    return damage


def _byte(data: bytearray, at: int, chance: random.Random) -> None:
    data[at : at + 1] = bytes([chance.randrange(256)])


def _put_in(data: bytearray, at: int, chance: random.Random) -> None:
    data[at:at] = chance.randbytes(chance.randrange(1, 40))


def _twice(data: bytearray, at: int, chance: random.Random) -> None:
    data[at:at] = data[at : at + chance.randrange(1, 200)]


def _swapped(data: bytearray, at: int, chance: random.Random) -> None:
    data[at : at + 2] = data[at : at + 2][::-1]


def _zeroed(data: bytearray, at: int, chance: random.Random) -> None:
    end = min(len(data), at + chance.choice((4, 64, 512)))
    data[at:end] = bytes(end - at)


def _noise(data: bytearray, at: int, chance: random.Random) -> None:
    end = min(len(data), at + chance.choice((4, 64)))
    data[at:end] = chance.randbytes(end - at)


def _length(data: bytearray, at: int, chance: random.Random) -> None:
    data[at : at + 2] = struct.pack("<H", chance.choice((0, 1, 2, 7, 0xFF, 0x7FFF, 0xFFFF)))


def _nested(data: bytearray, at: int, chance: random.Random) -> None:
    one = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    data[at:at] = one * chance.choice((1, 40, 200))


_KINDS: list[Damage] = [
    _cut_off, _cut_out, _flip, _over(_TAILS), _over(_VRS), _over(_TEXTS), _byte, _put_in, _twice, _swapped, _zeroed,
    _noise, _length, _nested,
]  # fmt: skip

_ROOT = sorted(tag for tag, below in WANTED.items() if below is None and VR_OF_TAG[tag] != "SQ")
_SEQUENCES = sorted(tag for tag, below in WANTED.items() if below is not None)
_OTHERS = [
    (0x00080060, "CS"),
    (0x00081140, "SQ"),
    (0x00180022, "CS"),
    (0x00280030, "DS"),
    (0x00291010, "OB"),
    (0x0040A730, "SQ"),
]


def header(chance: random.Random) -> bytes:
    """A small object of explicit VR little endian: wanted and other elements, private ones, sequences."""
    tags = {tag: VR_OF_TAG[tag] for tag in chance.sample(_ROOT, chance.randrange(6, 24))}
    tags |= dict.fromkeys(chance.sample(_SEQUENCES, chance.randrange(0, 3)), "SQ")
    tags |= dict(chance.sample(_OTHERS, chance.randrange(0, 4)))
    tags |= {
        ELEMENTS[name][0]: "UI" for name in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    }
    elements = {tag: _element(tag, vr, _value(tag, vr, chance, 0)) for tag, vr in tags.items()}
    if chance.random() < 0.4:
        (creator, group, low), (_, vr) = chance.choice(list(PRIVATE.items()))
        block = chance.choice((0x10, 0x11, 0xE1))
        text = creator if chance.random() < 0.8 else "SOMEBODY"
        elements[group << 16 | block] = _element(
            group << 16 | block, "LO", text.encode().ljust(len(text) + len(text) % 2)
        )
        tag = group << 16 | block << 8 | low
        elements[tag] = _element(tag, vr, _value(tag, vr, chance, 0))
    meta = _element(0x00020010, "UI", b"1.2.840.10008.1.2.1\0")
    body = b"".join(elements[tag] for tag in sorted(elements))
    tail = _element(0x7FE00010, "OW", bytes(32)) if chance.random() < 0.7 else b""
    return bytes(128) + b"DICM" + _element(0x00020000, "UL", struct.pack("<L", len(meta))) + meta + body + tail


def _element(tag: int, vr: str, value: bytes) -> bytes:
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return head + (struct.pack("<HL", 0, len(value)) if vr in _LONG else struct.pack("<H", len(value))) + value


def _value(tag: int, vr: str, chance: random.Random, depth: int) -> bytes:
    if vr == "SQ":
        inner = WANTED.get(tag) or {}
        items = b""
        for _ in range(chance.randrange(0, 3)):
            wanted = [one for one in sorted(inner) if inner[one] is None] or [0x00080100]
            picked = sorted(chance.sample(wanted, chance.randrange(0, len(wanted) + 1)))
            body = b"".join(
                _element(one, VR_OF_TAG.get(one, "SH"), _value(one, VR_OF_TAG.get(one, "SH"), chance, 1))
                for one in picked
            )
            items += struct.pack("<HHL", 0xFFFE, 0xE000, len(body)) + body
        return items
    width = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8}.get(vr)
    if width:
        return chance.randbytes(width * chance.choice((0, 1, 1, 2)))
    text = chance.choice((b"", b"A", b"1.2.3.44", b"20260310", b"081522.1234", b"HEAD^NECK", b"12.5\\3", b"\xe9t\xe9"))
    if vr == "OB":
        text = chance.randbytes(chance.choice((0, 16, 4096)))
    return text + b" " * (len(text) % 2)
