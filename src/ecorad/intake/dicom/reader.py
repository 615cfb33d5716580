"""From bytes to header: the walker first, the thorough reader where it gives up, and completeness in both."""

from __future__ import annotations

from dataclasses import dataclass

from ecorad.model import DecodeError

from . import thorough, walker
from .header import Header, Item
from .inflate import inflate
from .meta import LONG_VRS, Meta, check_syntax, read_meta
from .source import BytesSource, Source
from .structure import Element, Scanner, check_pixel_data

FIRST_BYTES = 65536
_GROWTH, _MAX_BUFFER = 4, 64 << 20


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


def read_header(source: Source, head: bytes | None = None) -> tuple[Header, bytes]:
    """The wanted elements of one object, and the first bytes of the file as far as they were read.

    ``head`` is what was read of it already, if anything.

    Raises
    ------
    DecodeError
        When the object is cut, lies about its encoding or is not sane; the code says which.
    """
    buffer = _Buffer(source, head or source.read(0, FIRST_BYTES))
    meta = read_meta(buffer.data)
    body: Source = source
    start = meta.start
    if meta.is_deflated:
        body, start = BytesSource(inflate(source, meta.start)), 0
        buffer = _Buffer(body, body.read(0, body.size))
    check_syntax(meta, buffer.data[start : start + 8])
    header = None
    if not meta.is_implicit and not meta.is_big_endian:
        header = _walk(buffer, start, meta)
    if header is None:
        header = read_thoroughly(body, start, meta)
    head = b"" if meta.is_deflated else buffer.data
    return header, head


def _walk(buffer: _Buffer, start: int, meta: Meta) -> Header | None:
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
        return _header(elements, meta, pixel_offset, "walker")


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
    scanner = Scanner(body, implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    found = scanner.scan(start)
    if found.pixel_data is not None:
        check_pixel_data(body, found.pixel_data, implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    elements = thorough.read(body, start, found, implicit=meta.is_implicit, big_endian=meta.is_big_endian)
    return _header(elements, meta, None if found.pixel_data is None else found.end, "pydicom")


def _header(elements: Item, meta: Meta, pixel_offset: int | None, reader: str) -> Header:
    return Header(
        elements=elements,
        media_storage_class=meta.media_storage_class,
        pixel_offset=None if meta.is_deflated else pixel_offset,
        has_pixel_data=pixel_offset is not None,
        reader="walker" if reader == "walker" else "pydicom",
        compression="" if meta.is_native or pixel_offset is None else meta.transfer_syntax,
    )
