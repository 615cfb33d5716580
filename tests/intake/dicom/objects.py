"""Small DICOM objects, written byte by byte and apart from any library, so that each oddity can be made at will."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pydicom
from pydicom.datadict import dictionary_VR, tag_for_keyword

from ecorad.intake.dicom import decode
from ecorad.intake.dicom.facts import Facts
from ecorad.intake.dicom.reader import read_header
from ecorad.intake.dicom.source import BytesSource
from ecorad.intake.identity import Pseudonymiser
from ecorad.model import DecodeError, Instance, Issue, Site

EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
DEFLATED, JPEG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.70"
CT_CLASS, MR_CLASS = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_CT, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.4.1"
PET_CLASS, NM_CLASS = "1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.20"
RDSR_CLASS, ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.67", "1.2.840.10008.5.1.4.1.1.88.22"
UNDEFINED = 0xFFFFFFFF
LONG = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
NUMBERS = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d"}
SITE = Site(name="Test", timezone="Europe/Amsterdam")
KEYS = Pseudonymiser(b"0123456789abcdef0123456789abcdef")
# pydicom's own files, those that come with the package: nothing is downloaded.
BUNDLED = Path(pydicom.__file__).parent / "data"

MINIMUM = {
    "SOPClassUID": CT_CLASS,
    "SOPInstanceUID": "1.2.3.4",
    "StudyInstanceUID": "1.2.3",
    "SeriesInstanceUID": "1.2.3.1",
    "Modality": "CT",
    "ImageType": "ORIGINAL\\PRIMARY\\AXIAL",
    "Manufacturer": "Maker",
    "DeviceSerialNumber": "77",
    "AcquisitionDate": "20260302",
    "AcquisitionTime": "081700",
    "Rows": 16,
    "Columns": 16,
    "BitsAllocated": 16,
    "SamplesPerPixel": 1,
}


def element(tag: int, vr: str, value: bytes, *, length: int | None = None, syntax: str = EXPLICIT) -> bytes:
    """One element; ``length`` lies about the length of the value."""
    order = ">" if syntax == BIG else "<"
    count = len(value) if length is None else length
    group, number = tag >> 16, tag & 0xFFFF
    if syntax == IMPLICIT:
        return struct.pack("<HHL", group, number, count) + value
    head = struct.pack(order + "HH", group, number) + vr.encode()
    return head + (struct.pack(order + "HL", 0, count) if vr in LONG else struct.pack(order + "H", count)) + value


def item(content: bytes, *, undefined: bool = False) -> bytes:
    """One item of a sequence."""
    if undefined:
        return struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED) + content + struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


END_OF_SEQUENCE = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def written(keyword: str | tuple[int, str], value: object, syntax: str = EXPLICIT) -> bytes:
    """One element by keyword (or tag and VR); a list of dicts is a sequence, ``bytes`` are taken as they are."""
    tag, vr = (tag_for_keyword(keyword), dictionary_VR(keyword)) if isinstance(keyword, str) else keyword
    if isinstance(value, list):
        value = b"".join(item(data_set(inner, syntax)) for inner in value)
    elif vr in NUMBERS and not isinstance(value, bytes):
        value = struct.pack((">" if syntax == BIG else "<") + NUMBERS[vr], value)
    elif not isinstance(value, bytes):
        value = str(value).encode("latin-1")
    padding = b"" if len(value) % 2 == 0 else (b"\0" if vr in {"UI", "OB"} else b" ")
    return element(tag, vr, value + padding, syntax=syntax)


def data_set(values: dict, syntax: str = EXPLICIT) -> bytes:
    """Elements in the order of their tags; ``None`` leaves one out."""
    tags = {key: tag_for_keyword(key) if isinstance(key, str) else key[0] for key in values}
    given = sorted((key for key in values if values[key] is not None), key=lambda key: tags[key])
    return b"".join(written(key, values[key], syntax) for key in given)


def meta(syntax: str | None = EXPLICIT, media_class: str = CT_CLASS, *, preamble: bool = True) -> bytes:
    content = written((0x00020002, "UI"), media_class)
    content += b"" if syntax is None else written((0x00020010, "UI"), syntax)
    length = element(0x00020000, "UL", struct.pack("<L", len(content)))
    return (bytes(128) + b"DICM" if preamble else b"") + length + content


def pixel_data(count: int = 512, syntax: str = EXPLICIT) -> bytes:
    return element(0x7FE00010, "OW", bytes(count), syntax=syntax)


def dicom(syntax: str = EXPLICIT, *, private: dict | None = None, tail: bytes = b"", **values: object) -> bytes:
    """A whole object: the minimum with ``values`` put in (``None`` takes one out), then ``tail``.

    ``private`` are elements by tag and VR, put in their place.
    """
    return meta(syntax) + data_set({**MINIMUM, **values, **(private or {})}, syntax) + tail


def decoded(content: bytes, site: Site = SITE) -> tuple[Instance, tuple[Issue, ...]]:
    result = decode(io.BytesIO(content), size=len(content), site=site, pseudonymiser=KEYS)
    return result.records[0], result.issues


def record(site: Site = SITE, **values: object) -> Instance:
    """The record of the minimum object with ``values`` put in."""
    return decoded(dicom(**values), site)[0]


def codes(**values: object) -> set[tuple[str, str]]:
    """Code and place of every issue of the minimum object with ``values`` put in."""
    return {(issue.code, issue.where) for issue in decoded(dicom(**values))[1]}


def refusal(content: bytes) -> str:
    """The last part of the code with which an object is refused, or ``""``."""
    try:
        decoded(content)
    except DecodeError as error:
        return error.code.removeprefix("ecorad.dicom.")
    return ""


def facts(**values: object) -> Facts:
    """The facts of the minimum object with ``values`` put in."""
    header, _ = read_header(BytesSource(dicom(**values)))
    return Facts(header.elements, {})
