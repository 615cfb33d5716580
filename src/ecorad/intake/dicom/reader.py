"""From bytes to header: the walker first, the thorough reader where it gives up, and completeness in both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ecorad.model import DecodeError

from . import thorough, walker
from .header import Header, Item
from .inflate import inflate
from .meta import LONG_VRS, Meta, check_syntax, read_meta
from .source import BytesSource, Source, digests
from .structure import Element, Scanner, check_pixel_data

FIRST_BYTES = 65536
_GROWTH, _MAX_BUFFER = 4, 64 << 20
_Found: TypeAlias = tuple[Item, int | None, Literal["walker", "pydicom"]]


@dataclass(slots=True)
class _Buffer:
    """The bytes read so far from the start of a source."""

    source: Source
    data: bytes

    def grow(self, needed: int) -> bool:
        """Read on to at least ``needed`` bytes; whether the limit allowed it."""
        target = max(needed, _GROWTH * len(self.data))
        if needed > min(_MAX_BUFFER, self.source.size):
            return False
        self.data += self.source.read(len(self.data), target - len(self.data))
        return True


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one object.

    Parameters
    ----------
    header : Header
        Its wanted elements.
    head : bytes
        The first bytes of the file, at least up to ``start``.
    start : int
        Where in the file the data set begins, after the meta header. [By]
    inflated : bytes or None
        The data set, where the file holds it deflated.
    inflated_end : int
        Where its pixel data begins there. [By]
    """

    header: Header
    head: bytes
    start: int
    inflated: bytes | None = None
    inflated_end: int = 0

    def digests(self, source: Source) -> tuple[str, str]:
        """SHA-256 of the file up to its pixel data, and of the data set alone up to there."""
        end = source.size if self.header.pixel_offset is None else self.header.pixel_offset
        whole, inner = digests(source, self.head, self.start, end)
        if self.inflated is not None:
            inner = hashlib.sha256(memoryview(self.inflated)[: self.inflated_end]).hexdigest()
        return whole, inner


def read_header(source: Source, head: bytes | None = None) -> Reading:
    """The wanted elements of one object.

    ``head`` is what was read of it already, if anything.

    Raises
    ------
    DecodeError
        When the object is cut, lies about its encoding or is not sane; the code says which.
    """
    buffer = _Buffer(source, head or source.read(0, FIRST_BYTES))
    meta = read_meta(buffer.data)
    if not meta.is_deflated:
        elements, end, reader = _read(buffer, meta.start, meta)
        return Reading(_header(elements, meta, end, reader), buffer.data, meta.start)
    inflated = inflate(source, meta.start)
    elements, end, reader = _read(_Buffer(BytesSource(inflated), inflated), 0, meta)
    header = _header(elements, meta, end, reader)
    return Reading(header, buffer.data, meta.start, inflated, len(inflated) if end is None else end)


def _read(buffer: _Buffer, start: int, meta: Meta) -> _Found:
    """Elements of the data set at ``start``, where its pixel data begins if it has any, and who read it."""
    check_syntax(meta, buffer.data[start : start + 8])
    found = None
    if not meta.is_implicit and not meta.is_big_endian:
        found = _walk(buffer, start)
    return found or _thorough(buffer.source, start, meta)


def _walk(buffer: _Buffer, start: int) -> _Found | None:
    while True:
        try:
            answer = walker.walk(buffer.data, start, buffer.source.size)
        except walker.OffBufferError as short:
            if not buffer.grow(short.needed):
                return None
            continue
        if answer is None:
            return None
        elements, pixel_offset = answer
        if pixel_offset is not None:
            check_pixel_data(buffer.source, _pixel_data(buffer, pixel_offset))
        return elements, pixel_offset, "walker"


def _pixel_data(buffer: _Buffer, at: int) -> Element:
    head = buffer.data[at : at + 12]
    if len(head) < 12:
        head = buffer.source.read(at, 12)
    vr = head[4:6]
    if len(head) < 12:
        raise DecodeError("the file ends where its pixel data begins", code="ecorad.dicom.truncated")
    if vr in LONG_VRS:
        return Element(at, 0, vr, at + 12, int.from_bytes(head[8:12], "little"))
    return Element(at, 0, vr, at + 8, int.from_bytes(head[6:8], "little"))


def read_thoroughly(body: Source, start: int, meta: Meta) -> Header:
    """The same by pydicom, after the structure was found sound."""
    elements, pixel_offset, reader = _thorough(body, start, meta)
    return _header(elements, meta, pixel_offset, reader)


def _thorough(body: Source, start: int, meta: Meta) -> _Found:
    scanner = Scanner(body, implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    found = scanner.scan(start)
    if found.pixel_data is not None:
        check_pixel_data(body, found.pixel_data, implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    elements = thorough.read(body, start, found, implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    return elements, None if found.pixel_data is None else found.end, "pydicom"


def _header(elements: Item, meta: Meta, pixel_offset: int | None, reader: Literal["walker", "pydicom"]) -> Header:
    return Header(
        elements=elements,
        media_storage_class=meta.media_storage_class,
        pixel_offset=None if meta.is_deflated else pixel_offset,
        has_pixel_data=pixel_offset is not None,
        reader=reader,
    )
