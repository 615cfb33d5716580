"""The bytes of one input, read where they are needed and never as a whole."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from ecorad.model import DecodeError

CHUNK = 1 << 20


class Source(Protocol):
    """Anything with a length that can be read anywhere."""

    size: int

    def read(self, at: int, count: int) -> bytes:
        """The bytes from ``at``, fewer than ``count`` only at the end."""


class FileSource:
    """A seekable binary file."""

    def __init__(self, file: BinaryIO | io.FileIO, size: int) -> None:
        self._file = file
        self.size = size

    def read(self, at: int, count: int) -> bytes:
        """The bytes from ``at``; a file shorter than it was is truncated."""
        self._file.seek(at)
        count = max(0, min(count, self.size - at))
        data = self._file.read(count)
        while len(data) < count:  # unbuffered files may give less than asked
            more = self._file.read(count - len(data))
            if not more:
                raise DecodeError("the file is shorter than its size", code="ecorad.dicom.truncated")
            data += more
        return data


class BytesSource:
    """Bytes in memory, as inflating gives them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, at: int, count: int) -> bytes:
        """The bytes from ``at``."""
        return self._data[at : at + count]


@contextmanager
def opened(path_or_file: Path | str | BinaryIO | io.FileIO, size: int) -> Iterator[FileSource]:
    """A source over a path, which is opened and closed here, or over a file, which stays open."""
    if isinstance(path_or_file, Path | str):
        with io.FileIO(path_or_file) as file:  # no buffer between: we ask for what we need, once
            yield FileSource(file, size)
    else:
        yield FileSource(path_or_file, size)


def digest(source: Source, head: bytes, end: int) -> str:
    """SHA-256 of the first ``end`` bytes, of which ``head`` was read already; nothing beyond ``end`` is read."""
    sha = hashlib.sha256(memoryview(head)[:end])
    at = min(end, len(head))
    while at < end:
        chunk = source.read(at, min(CHUNK, end - at))
        if not chunk:
            raise DecodeError("the file is shorter than its size", code="ecorad.dicom.truncated")
        sha.update(chunk)
        at += len(chunk)
    return sha.hexdigest()
