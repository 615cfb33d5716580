"""What tests of rows share: an object made by hand, and what becomes of its bytes."""

from __future__ import annotations

import struct

from ecorad.intake.decoding import Decoder
from ecorad.intake.identity import Pseudonymiser
from ecorad.intake.sources import Input
from ecorad.ledger.batch import Arrival
from ecorad.model import Site, parse_site
from tests.service.peers import ct, file_bytes

__all__ = ["ct", "element", "file_bytes", "in_explicit", "outcome", "site", "spliced"]

LONG = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
UNDEFINED = 0xFFFFFFFF
PIXELS = b"\xe0\x7f\x10\x00"


def site(**tables: object) -> Site:
    """A site in the Netherlands with whatever else."""
    return parse_site({"site": {"name": "x", "timezone": "Europe/Amsterdam"}, **tables})


def outcome(content: bytes, name: str = "x.dcm", **tables: object) -> Arrival:
    """What becomes of one input."""
    decoder = Decoder(site(**tables), Pseudonymiser(bytes(32)))
    return decoder.decode(Input(name, name, len(content), content=content))


def element(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    """One element in explicit little endian; ``length`` to lie about it."""
    told = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return head + (struct.pack("<HL", 0, told) if vr in LONG else struct.pack("<H", told)) + value


def in_explicit(body: bytes, syntax: bytes = b"1.2.840.10008.1.2.1\0") -> bytes:
    """A file around a data set."""
    meta = element(0x00020010, "UI", syntax)
    return bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<L", len(meta))) + meta + body


def spliced(content: bytes, extra: bytes) -> bytes:
    """An object with more elements right before its pixel data."""
    at = content.rindex(PIXELS)
    return content[:at] + extra + content[at:]
