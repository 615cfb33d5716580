"""The file meta header (PS3.10 chapter 7): is it DICOM, in which transfer syntax, and of which class."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from ecorad.model import DecodeError

PREAMBLE_BYTES = 128
DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
IMPLICIT_LITTLE = frozenset({"1.2.840.10008.1.2", "1.2.840.113619.5.2"})  # the second is GE's own
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = frozenset({"1.2.840.10008.1.2.2"})
_DEFLATED_EXPLICIT = "1.2.840.10008.1.2.1.99"
DEFLATED = frozenset({_DEFLATED_EXPLICIT, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
_NATIVE = IMPLICIT_LITTLE | EXPLICIT_BIG | {EXPLICIT_LITTLE, _DEFLATED_EXPLICIT}
VRS = frozenset(
    vr.encode()
    for vr in (
        "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV"
    ).split()
)
LONG_VRS = frozenset(vr.encode() for vr in "OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_CLASS, _SYNTAX = 0x0002, 0x0010
_FIRST_OF_GROUP_8 = frozenset({0x0000, 0x0001, 0x0005, 0x0006, 0x0008, 0x0012, 0x0013, 0x0014, 0x0016, 0x0018, 0x0020})
_MAX_META_BYTES = 65536
_NOTED = frozenset({_CLASS, _SYNTAX})
# The heads of most elements: a short VR, and a value of less than 256 bytes.
_PLAIN = re.compile(rb"\x02\x00(.)\x00(?:UI|SH|AE|UL)(.)\x00", re.DOTALL)
_head, _long = struct.Struct("<HH2sH").unpack_from, struct.Struct("<L").unpack_from
# An element that opens most data sets (character set, image type, dates, class), explicit VR little endian.
_EARLY_ELEMENT = re.compile(rb"\x08\x00[\x05\x08\x12\x13\x16\x18\x20]\x00(?:CS|DA|TM|UI)[\x00-\x40]\x00")


@dataclass(frozen=True, slots=True)
class Meta:
    """What the file meta header says, and where the data set begins."""

    transfer_syntax: str
    media_storage_class: str
    start: int

    @property
    def is_implicit(self) -> bool:
        """Whether VRs are not written; every syntax but the default one writes them (PS3.5 annex A)."""
        return self.transfer_syntax in IMPLICIT_LITTLE

    @property
    def is_big_endian(self) -> bool:
        """Whether numbers have their most significant byte first (retired)."""
        return self.transfer_syntax in EXPLICIT_BIG

    @property
    def is_native(self) -> bool:
        """Whether pixel data, if there is any, is not compressed."""
        return self.transfer_syntax in _NATIVE

    @property
    def is_deflated(self) -> bool:
        """Whether the data set is compressed as a whole."""
        return self.transfer_syntax in DEFLATED


def recognise(head: bytes) -> bool:
    """Whether this is DICOM, by its first bytes: with preamble, or with elements of group 0002 or 0008 early on.

    What is recognised without meta header is not read, but it is known for what it is when it is set aside.

    >>> recognise(bytes(128) + b"DICM"), recognise(b"Dear colleague,"), recognise(b"")
    (True, False, False)
    """
    if head[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] == b"DICM":
        return True
    if len(head) < 12:
        return False
    if _EARLY_ELEMENT.search(head, 0, 256):
        return True
    for order in "<>":
        group, number, vr = struct.unpack_from(order + "HH2s", head)
        if (group, number) not in {(2, 0), (2, 1)} and not (group == 8 and number in _FIRST_OF_GROUP_8):
            continue
        if vr in VRS:
            return True
        (length,) = struct.unpack_from(order + "L", head, 4)
        if _followed(head, 8 + length, order, group):
            return True
    return False


def _followed(head: bytes, at: int, order: str, group: int) -> bool:
    """Whether the implicit VR element that ends at ``at`` is followed by another of a group as low."""
    if at + 4 > len(head):
        return False
    return struct.unpack_from(order + "H", head, at)[0] in {group, group + 2, 8, 0x10}


def read_meta(head: bytes) -> Meta:
    """Read the file meta header from the first bytes of a file.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.no_meta``, ``no_transfer_syntax``, ``dicomdir`` or ``truncated``. Without a meta header the
        transfer syntax would be a guess, and we do not guess.
    """
    at = PREAMBLE_BYTES + 4 if head[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] == b"DICM" else 0
    if head[at : at + 2] != b"\x02\x00":
        if at and len(head) < at + 2:
            raise DecodeError("the file ends after its prefix", code="ecorad.dicom.truncated")
        raise DecodeError("no file meta header", code="ecorad.dicom.no_meta")
    found: dict[int, str] = {}
    while head[at : at + 2] == b"\x02\x00":
        plain = _PLAIN.match(head, at)
        if plain is not None and (end := plain.end() + plain[2][0]) < len(head):
            if plain[1][0] in _NOTED:
                found[plain[1][0]] = head[plain.end() : end].decode("ascii", "replace").strip(" \0")
            at = end
            continue
        at = _element(head, at, found)
    if found.get(_CLASS) == DICOMDIR_CLASS:
        raise DecodeError("an index of files, not an object", code="ecorad.dicom.dicomdir")
    if not found.get(_SYNTAX):
        raise DecodeError("the meta header names no transfer syntax", code="ecorad.dicom.no_transfer_syntax")
    return Meta(found[_SYNTAX], found.get(_CLASS, ""), at)


def _element(head: bytes, at: int, found: dict[int, str]) -> int:
    """Note the element at ``at`` if it is a wanted one; return the place after it."""
    try:
        _, number, vr, length = _head(head, at)
        value = at + 8
        if vr in LONG_VRS:
            (length,) = _long(head, at + 8)
            value = at + 12
        elif vr not in VRS:  # some writers use implicit VR here as well
            (length,) = _long(head, at + 4)
    except struct.error:
        raise DecodeError("the file ends inside its meta header", code="ecorad.dicom.truncated") from None
    end: int = value + length
    if end - at > _MAX_META_BYTES:
        raise DecodeError("an element of the meta header is too long", code="ecorad.dicom.length")
    if end > len(head):
        raise DecodeError("the file ends inside its meta header", code="ecorad.dicom.truncated")
    if number in _NOTED:
        found[number] = head[value:end].decode("ascii", "replace").strip(" \0")
    return end


def check_syntax(meta: Meta, first: bytes) -> None:
    """Refuse a data set that is not encoded as the meta header says.

    Parameters
    ----------
    first : bytes
        The first 8 bytes of the data set.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.transfer_syntax``. The VR of the first element tells: two upper-case letters, which as an
        implicit length would be at least 16 KiB for an element that is a few bytes long.
    """
    if len(first) < 8:
        return  # an empty or cut data set: others say which
    writes_vr = first[4:6] in VRS
    little, big = int.from_bytes(first[:2], "little"), int.from_bytes(first[:2], "big")
    group, other = (big, little) if meta.is_big_endian else (little, big)
    swapped = group > other and other in range(1, 0x11)
    if writes_vr == meta.is_implicit or swapped:
        raise DecodeError("the data set is not encoded as its header says", code="ecorad.dicom.transfer_syntax")
