"""Damage: nothing but a DecodeError may come out, and nothing that was cut may pass as whole."""

from __future__ import annotations

import random

import pytest

from ecorad.intake.dicom.meta import read_meta
from ecorad.intake.dicom.source import BytesSource
from ecorad.intake.dicom.structure import PIXEL_DATA, Scanner
from ecorad.model import DecodeError, Instance
from tests.intake.dicom.objects import BUNDLED, decoded, refusal

SEEDS = [path for path in sorted((BUNDLED / "test_files").glob("*.dcm")) if path.stat().st_size < 45_000]
WHOLE = [path for path in SEEDS if refusal(path.read_bytes()) == ""]
LENGTHS = [
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\x7f",
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\xdd\xe0",
    b"\x10\0\0\0",
]
VRS = [b"UN", b"SQ", b"OB", b"UT", b"DS", b"FD", b"US", b"ZZ", b"\0\0"]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """One of seven kinds of damage, at one to five places, more often near the start."""
    data = bytearray(content)
    kind = chance.randrange(7)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(max(1, min(len(data), chance.choice([400, 2000, len(data)]))))
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del data[at : at + chance.randrange(1, 20)]
        elif kind == 3:
            data[at:at] = chance.randbytes(chance.randrange(1, 20))
        elif kind == 4:
            data[at : at + 4] = chance.choice(LENGTHS)
        elif kind == 5:
            data[at : at + 2] = chance.choice(VRS)
        else:
            data = data[: at + 1]
    return bytes(data)


@pytest.mark.parametrize("seed", range(6))
def test_only_a_decode_error_escapes(seed):
    chance = random.Random(seed)
    contents = [path.read_bytes() for path in SEEDS]
    for _ in range(150):
        try:
            instance, _ = decoded(damaged(chance.choice(contents), chance))
        except DecodeError as error:
            assert error.code.startswith("ecorad.dicom.")
            assert error.__cause__ is None
        else:
            assert isinstance(instance, Instance)


def beginnings(content: bytes) -> set[int]:
    """Where elements of the root begin: a file cut exactly there looks like one that was written so."""
    meta = read_meta(content)
    scanner = Scanner(BytesSource(content), implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    found, at = set(), meta.start
    while at < len(content):
        found.add(at)
        head = scanner._head(at, len(content), meta.is_implicit)
        if head.tag in PIXEL_DATA:
            break
        at = scanner._after(head, len(content), {}, meta.is_implicit, 0)
    return found


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_nothing_that_was_cut_passes_as_whole(path):
    content = path.read_bytes()
    if read_meta(content).is_deflated:
        pytest.skip("the deflated stream has its own end")
    whole = beginnings(content)
    chance = random.Random(7)
    cuts = {chance.randrange(1, len(content)) for _ in range(25)} | {
        place + step for place in whole for step in (-1, 1)
    }
    end = last_byte_of_object(content)
    passed = [cut for cut in sorted(cuts - whole) if 0 < cut < end and refusal(content[:cut]) == ""]
    assert passed == []


def last_byte_of_object(content: bytes) -> int:
    """Where the pixel data ends; what follows is padding."""
    at = content.rfind(b"\xfc\xff\xfc\xff")
    return at if at > 0 else len(content)


def test_the_seeds_are_there():
    assert len(WHOLE) >= 40
