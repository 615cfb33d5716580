"""Deflated data sets (PS3.5 A.5): inflated in a stream, and never beyond a limit."""

from __future__ import annotations

import zlib

from ecorad.model import DecodeError

from .source import CHUNK, Source

MAX_BYTES = 64 << 20
MAX_RATIO = 100
_FLOOR = 1 << 20  # a small file of even tone may compress better than 100 to 1 and harm nobody


def inflate(source: Source, start: int) -> bytes:
    """The data set that is compressed from ``start`` to the end of the file.

    Raises
    ------
    DecodeError
        ``ecorad.dicom.bomb`` beyond 64 MiB or 100 times its size; ``ecorad.dicom.truncated`` where it does not end;
        ``ecorad.dicom.unreadable`` where it is not deflated.
    """
    limit = min(MAX_BYTES, max(_FLOOR, MAX_RATIO * (source.size - start)))
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    total, at = 0, start
    while at < source.size and not engine.eof:
        chunk = source.read(at, CHUNK)
        at += len(chunk)
        try:
            part = engine.decompress(chunk, limit + 1 - total)
        except zlib.error:
            raise DecodeError("the data set is not deflated", code="ecorad.dicom.unreadable") from None
        parts.append(part)
        total += len(part)
        if total > limit or engine.unconsumed_tail:
            raise DecodeError("the data set inflates beyond all bounds", code="ecorad.dicom.bomb")
    if not engine.eof:
        raise DecodeError("the deflated data set does not end", code="ecorad.dicom.truncated")
    return b"".join(parts)
