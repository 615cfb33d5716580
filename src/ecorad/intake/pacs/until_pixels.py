"""An object over the wire up to its pixel data: the rest is not asked for where its length says what it is.

The header is written to a file of the object's full length, whose pixel data are then a hole. Whoever reads headers
reads the same as from the object itself; the digest, which ends where the pixel data begins, is the same too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ecorad.intake.dicom import READING_FAILS
from ecorad.intake.dicom.reader import FIRST_BYTES, read_header

_MOST_TRIES = 6


class _MoreError(Exception):
    """The header, or what must be seen of what follows it, goes on past what has come."""


class _Beginning:
    """The bytes that have come, as a source of the object's length."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self.size = data, size

    def read(self, at: int, count: int) -> bytes:
        """The bytes from ``at``."""
        end = min(at + count, self.size)
        if end > len(self._data):
            if at == 0 and len(self._data) >= min(FIRST_BYTES, self.size):
                return self._data  # the reader's first look takes what there is
            raise _MoreError
        return self._data[at:end]


def spooled(chunks: Iterator[bytes], length: int | None, path: Path) -> int:
    """Write an object to ``path`` as far as its header needs, and give its full length.

    Parameters
    ----------
    chunks : iterator of bytes
        The object as it comes; not read further than needed.
    length : int or None
        How long it is; where that is not known all of it is read. [By]
    path : Path
        Where to.
    """
    with path.open("wb") as file:
        if length is None:
            return _rest(chunks, file)
        held = bytearray()
        for attempt in range(_MOST_TRIES):
            wanted = min(FIRST_BYTES * 4**attempt, length)
            _fill(held, chunks, wanted)
            if len(held) < wanted or len(held) >= length:
                break
            if _is_enough(bytes(held), length):
                file.write(held)
                file.truncate(length)
                return length
        file.write(held)
        return len(held) + _rest(chunks, file)


def _fill(held: bytearray, chunks: Iterator[bytes], wanted: int) -> None:
    while len(held) < wanted:
        chunk = next(chunks, None)
        if chunk is None:
            return
        held += chunk


def _is_enough(held: bytes, length: int) -> bool:
    """Whether the header, and that the pixel data reaches to the end, can be read from this much."""
    try:
        header, _ = read_header(_Beginning(held, length))
    except (_MoreError, *READING_FAILS):
        return False  # more is needed; or whoever decodes the whole says what is wrong with it
    return header.pixel_offset is not None and header.pixel_offset <= len(held)


def _rest(chunks: Iterator[bytes], file: BinaryIO) -> int:
    return sum(file.write(chunk) for chunk in chunks)
