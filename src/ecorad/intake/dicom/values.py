"""Values from bytes: text by its character set, numbers by their VR. Nothing raises; what cannot be is ``None``."""

from __future__ import annotations

import math
import re
import struct
import warnings

_BINARY = {
    b"US": struct.Struct("<H"),
    b"SS": struct.Struct("<h"),
    b"UL": struct.Struct("<L"),
    b"SL": struct.Struct("<l"),
    b"UV": struct.Struct("<Q"),
    b"SV": struct.Struct("<q"),
    b"FL": struct.Struct("<f"),
    b"FD": struct.Struct("<d"),
}
_SINGLE_VALUE_TEXT = frozenset({b"LT", b"ST", b"UT"})  # a backslash is a letter here (PS3.5 6.2)
_ESCAPE = 0x1B
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACE = " \0\t\r\n"


def text(vr: bytes, value: bytes, character_set: str) -> tuple[str | None, bool]:
    """Decoded and stripped text (``None`` when nothing is left), and whether the character set explained it.

    Parameters
    ----------
    vr : bytes
        VR; binary ones give ``None``.
    value : bytes
        As in the file.
    character_set : str
        SpecificCharacterSet as written, its values joined by a backslash.

    >>> text(b"LO", b"ISOVUE300/100 ", "ISO_IR 100")
    ('ISOVUE300/100', True)
    >>> text(b"LO", bytes([0xC3, 0x28]), "ISO_IR 192")  # not UTF-8
    ('Ã(', False)
    """
    if vr in _BINARY:
        return None, True
    if is_plain(value):
        decoded, is_sure = value.decode("ascii"), True
    else:
        decoded, is_sure = _foreign(vr, value, character_set)
    decoded = decoded.strip(_SPACE)
    if not decoded.isprintable():
        decoded = _CONTROL.sub(" ", decoded)
    return decoded or None, is_sure


def is_text(vr: bytes) -> bool:
    """Whether a VR is written in letters."""
    return vr not in _BINARY


def is_plain(value: bytes) -> bool:
    """Whether no character set changes what is written."""
    return value.isascii() and _ESCAPE not in value


def first_of(written: bytes) -> str | None:
    r"""The first of the values written in ASCII or UTF-8, stripped; ``None`` when nothing is left.

    >>> first_of(b"20260302\\20260303 "), first_of(b"  ")
    ('20260302', None)
    """
    decoded = text(b"LO", written, "ISO_IR 192")[0]
    if decoded is None or "\\" not in decoded:
        return decoded
    return split(b"LO", decoded)[0] or None


def split(vr: bytes, decoded: str) -> list[str]:
    r"""Values of a text, stripped; empty ones stay, for their place counts.

    >>> split(b"CS", r"ORIGINAL\PRIMARY \\AXIAL")
    ['ORIGINAL', 'PRIMARY', '', 'AXIAL']
    """
    if vr in _SINGLE_VALUE_TEXT:
        return [decoded]
    return [part.strip(_SPACE) for part in decoded.split("\\")]


def _foreign(vr: bytes, value: bytes, character_set: str) -> tuple[str, bool]:
    """Text by its character set; where that does not explain the bytes, each byte is a letter.

    Then different bytes still give different text, as identifiers need.
    """
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

    names = [part.strip(_SPACE) for part in character_set.split("\\")] if character_set else [""]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            encodings = convert_encodings(names)
            decoded = str(decode_bytes(value, encodings, PN_DELIMS if vr == b"PN" else TEXT_VR_DELIMS))
        except (LookupError, ValueError, TypeError, AttributeError):
            decoded = "\ufffd"
    return (value.decode("latin-1"), False) if "\ufffd" in decoded else (decoded, True)


def number(vr: bytes, value: bytes) -> float | None:
    """The first number of a value, ``nan`` where something else is written, ``None`` where nothing is.

    >>> number(b"DS", b"15015 "), number(b"US", b"\\x00\\x02"), number(b"DS", b"1,5")
    (15015.0, 512.0, nan)
    """
    binary = _BINARY.get(vr)
    if binary is not None:
        if len(value) < binary.size or len(value) % binary.size:
            return math.nan
        return float(binary.unpack_from(value)[0])
    first = value.split(b"\\", 1)[0].strip(b" \0\t\r\n")
    if not first:
        return None
    try:
        # float() takes "1_000", "nan" and "infinity", DICOM does not: PS3.5 6.2 DS
        return float(first) if first.translate(None, b"0123456789+-.eE") == b"" else math.nan
    except ValueError:
        return math.nan
