"""The thorough reader: pydicom, for every encoding and oddity that the walker leaves alone, and as its reference."""

from __future__ import annotations

import io
import logging
import warnings
from typing import Any, cast

from ecorad.model import DecodeError

from .elements import MAX_VALUE_BYTES, VR_OF_PRIVATE, VR_OF_TAG, WANTED, Wanted
from .header import Item, Raw
from .source import Source
from .structure import Structure

_MAX_HEADER_BYTES = 64 << 20  # a longer one is left in the file and stepped over there
_NUMBER_BYTES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "UV": 8, "SV": 8}


class _Part(io.RawIOBase):
    """A stretch of a source as a file, for headers that are too long for memory."""

    def __init__(self, source: Source, start: int, end: int) -> None:
        self._source, self._start, self._end, self._at = source, start, end, start

    def read(self, count: int = -1) -> bytes:
        left = max(0, self._end - self._at)
        data = self._source.read(self._at, left if count < 0 else min(count, left))
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        base = {0: self._start, 1: self._at, 2: self._end}[whence]
        self._at = base + offset
        return self._at - self._start

    def tell(self) -> int:
        return self._at - self._start


def read(source: Source, start: int, structure: Structure, *, implicit: bool, big_endian: bool) -> Item:
    """Wanted elements of the data set that begins at ``start``, by pydicom.

    ``structure`` must come from a scan of the same data set: it says where the header ends and which private elements
    are wanted. Raises whatever pydicom raises, but for what is a family of its own there.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.unreadable``.
    """
    from pydicom.errors import BytesLengthException, InvalidDicomError

    logging.getLogger("pydicom").propagate = False  # its messages quote values, which may name a patient
    length = structure.end - start
    file: Any = (
        io.BytesIO(source.read(start, length)) if length <= _MAX_HEADER_BYTES else _Part(source, start, structure.end)
    )
    try:
        return _read(file, length, structure, implicit, big_endian)
    except (BytesLengthException, InvalidDicomError):  # exceptions of their own, of no family that one would catch
        raise DecodeError("the object cannot be read", code="ecorad.dicom.unreadable") from None


def _read(file: Any, length: int, structure: Structure, implicit: bool, big_endian: bool) -> Item:
    from pydicom.filereader import read_dataset

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is odd becomes an issue of ours, not a line on somebody's terminal
        data_set = read_dataset(
            file, implicit, not big_endian, bytelength=length, specific_tags=[*WANTED, *structure.private]
        )
        found = _item(data_set, WANTED, big_endian)
        for tag, name in structure.private.items():
            raw = _raw(data_set.get_item(tag), VR_OF_PRIVATE[name], big_endian)
            if raw is not None:
                found[name] = raw
    return found


def _item(data_set: Any, wanted: Wanted, big_endian: bool) -> Item:
    found: Item = {}
    for tag, below in wanted.items():
        if tag not in data_set:
            continue
        if below is None:
            raw = _raw(data_set.get_item(tag), VR_OF_TAG[tag], big_endian)
            if raw is not None:
                found[tag] = raw
            continue
        value = data_set[tag].value
        if data_set[tag].VR == "SQ" and value:
            found[tag] = [_item(item, below, big_endian) for item in value]
    return found


def _raw(element: Any, vr: str, big_endian: bool) -> Raw | None:
    """The value as bytes in little endian, under the VR the file writes or else the one of the dictionary."""
    value = element.value
    if not isinstance(value, bytes):
        value = _encoded(value)
    if not value or len(value) > MAX_VALUE_BYTES:
        return None
    written = element.VR if element.VR not in {None, "UN", ""} else vr
    width = _NUMBER_BYTES.get(written, 1)
    if big_endian and width > 1:
        value = b"".join(value[i : i + width][::-1] for i in range(0, len(value), width))
    return (written.encode("ascii", "replace"), value)


def _encoded(value: object) -> bytes:
    """A value that pydicom has already converted (the character set), written back as it stood."""
    if value is None:
        return b""
    values = value if isinstance(value, list | tuple) or hasattr(value, "append") else [value]
    return "\\".join(str(part) for part in cast("list[object]", values)).encode("utf-8", "replace")
