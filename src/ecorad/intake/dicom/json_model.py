"""DICOM objects as JSON (PS3.18 annex F), as an archive tells of them without handing them out: one object, one header.

No BulkDataURI is ever followed: what is not in the text is not there.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import logging
import re
import struct
import warnings
from collections.abc import Mapping
from typing import Any

from ecorad.model import DecodeError

from .elements import MAX_DEPTH, MAX_VALUE_BYTES, PRIVATE, PRIVATE_GROUPS, VR_OF_PRIVATE, VR_OF_TAG, WANTED, Wanted
from .header import Header, Item, Raw
from .meta import VRS

MAX_BYTES = 32 << 20
_MAX_ITEMS = 100_000
_BEGINS = re.compile(rb'\s*\[?\s*\{\s*"[0-9A-Fa-f]{8}"\s*:\s*\{')
_PACKED = {"US": "<H", "SS": "<h", "UL": "<L", "SL": "<l", "FL": "<f", "FD": "<d", "UV": "<Q", "SV": "<q"}
_CHARACTER_SET = 0x00080005
_UTF_8: Raw = (b"CS", b"ISO_IR 192")


def recognise_json(head: bytes) -> bool:
    """Whether this is an object in the DICOM JSON model, by its first bytes.

    >>> recognise_json(b'[{"00080016": {"vr": "UI"'), recognise_json(b'{"resourceType": "Bundle"')
    (True, False)
    """
    return _BEGINS.match(head) is not None


def read_json(content: bytes) -> Header:
    """The wanted elements of one object.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.unreadable`` where it is no JSON or no object; ``ecorad.dicom.budget`` where it is too large;
        ``ecorad.dicom.depth`` where it is nested too deeply.
    """
    if len(content) > MAX_BYTES:
        raise DecodeError("more metadata than an object has", code="ecorad.dicom.budget")
    try:
        told = json.loads(content, parse_constant=_no_number)
    except RecursionError:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}", code="ecorad.dicom.depth") from None
    except ValueError:
        raise DecodeError("the metadata is no JSON", code="ecorad.dicom.unreadable") from None
    if isinstance(told, list) and len(told) == 1:
        told = told[0]
    if not isinstance(told, dict):
        raise DecodeError("the metadata is not of one object", code="ecorad.dicom.unreadable")
    by_tag = {key.upper(): value for key, value in told.items()}
    elements = _item(by_tag, WANTED, 0) | _private(by_tag)
    elements[_CHARACTER_SET] = _UTF_8  # JSON is, whatever the object was
    return Header(elements, "", None, has_pixel_data="7FE00010" in by_tag, reader="json")


def as_file(content: bytes) -> bytes:
    """The object as a file of explicit VR little endian, for those who read more of it than the header.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.unreadable`` where a value cannot be what its VR says.
    """
    from pydicom import Dataset, dcmwrite
    from pydicom.uid import ExplicitVRLittleEndian

    logging.getLogger("pydicom").propagate = False  # its messages quote values, which may name a patient
    told = json.loads(content)
    told = told[0] if isinstance(told, list) else told
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            data_set = Dataset.from_json({key: one for key, one in told.items() if not key.startswith("0002")})
            data_set.SpecificCharacterSet = "ISO_IR 192"
            data_set.ensure_file_meta()
            data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            dcmwrite(file, data_set, enforce_file_format=True)
        except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError, struct.error):
            raise DecodeError("the metadata cannot be written as an object", code="ecorad.dicom.unreadable") from None
    return file.getvalue()


def _no_number(text: str) -> float:
    raise ValueError(text)


def _item(told: Mapping[str, Any], wanted: Wanted, depth: int) -> Item:
    if depth > MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}", code="ecorad.dicom.depth")
    found: Item = {}
    for tag, below in wanted.items():
        element = told.get(f"{tag:08X}")
        if not isinstance(element, dict):
            continue
        if below is None:
            raw = _raw(element, VR_OF_TAG[tag])
            if raw is not None:
                found[tag] = raw
        elif items := _items(element, below, depth):
            found[tag] = items
    return found


def _items(element: Mapping[str, Any], wanted: Wanted, depth: int) -> list[Item]:
    told = element.get("Value")
    if element.get("vr") != "SQ" or not isinstance(told, list):
        return []
    if len(told) > _MAX_ITEMS:
        raise DecodeError("more items than an object has", code="ecorad.dicom.budget")
    return [_item({k.upper(): v for k, v in one.items()}, wanted, depth + 1) for one in told if isinstance(one, dict)]


def _raw(element: Mapping[str, Any], dictionary_vr: str) -> Raw | None:
    """The value as a file would have it, in UTF-8 and little endian; ``None`` where there is none."""
    written = element.get("vr")
    vr = written if isinstance(written, str) and written.encode("utf-8") in VRS - {b"SQ", b"UN"} else dictionary_vr
    inline = element.get("InlineBinary")
    if isinstance(inline, str):
        try:
            value = base64.b64decode(inline, validate=True)
        except (binascii.Error, ValueError):
            return None
        return (vr.encode(), value) if 0 < len(value) <= MAX_VALUE_BYTES else None
    told = element.get("Value")
    if not isinstance(told, list) or not told:
        return None
    value = _packed(told, _PACKED[vr]) if vr in _PACKED else "\\".join(map(_text, told)).encode("utf-8", "replace")
    return (vr.encode(), value) if value.strip(b" \\") and len(value) <= MAX_VALUE_BYTES else None


def _packed(told: list[Any], order: str) -> bytes:
    try:
        whole = order[1] not in "fd"
        return b"".join(struct.pack(order, int(one) if whole else float(one)) for one in told)
    except (struct.error, ValueError, TypeError, OverflowError):
        return b""


def _text(value: Any) -> str:
    if isinstance(value, dict):  # a person's name
        groups = [str(value.get(group) or "") for group in ("Alphabetic", "Ideographic", "Phonetic")]
        return "=".join(groups).rstrip("=")
    if value is None or isinstance(value, list):
        return ""
    return str(value)


def _private(told: Mapping[str, Any]) -> Item:
    """Wanted private elements, found through their creators (PS3.5 7.8.1)."""
    creators = {}
    for key, element in told.items():
        if len(key) == 8 and key[4:6] == "00" and isinstance(element, dict) and key[:4] in _PRIVATE_GROUPS:
            raw = _raw(element, "LO")
            if raw is not None:
                creators[key[:4] + key[6:]] = raw[1].decode("utf-8", "replace").strip()
    found: Item = {}
    for (creator, group, low), (name, _) in PRIVATE.items():
        for block, text in creators.items():
            element = told.get(f"{block}{low:02X}")
            if text == creator and int(block[:4], 16) == group and isinstance(element, dict):
                raw = _raw(element, VR_OF_PRIVATE[name])
                if raw is not None:
                    found[name] = raw
    return found


_PRIVATE_GROUPS = frozenset(f"{group:04X}" for group in PRIVATE_GROUPS)
