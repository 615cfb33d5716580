"""One object by WADO-RS (PS3.18 10.4), up to its pixel data: for what an archive has and cannot tell of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from .until_pixels import spooled
from .web import Broken, Web

ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_MOST_HEAD_BYTES = 8192
_TAIL_BYTES = 512
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)


def fetched(web: Web, address: str, path: Path) -> int:
    """Write the object at ``address`` to ``path`` as far as its header needs, and give its full length. [By]

    Raises
    ------
    Broken
        Where the answer is no object.
    Gone, StoreError
        As :meth:`Web.json`.
    """
    with web.stream(address, accept=ACCEPT) as (chunks, _):
        boundary, length, content = _first_part(chunks)
        size = spooled(content, length, path)
    return size if length is not None else _without_tail(path, boundary)


def _first_part(chunks: Iterator[bytes]) -> tuple[bytes, int | None, Iterator[bytes]]:
    """Delimiter, length where it is said, and content of the first part (RFC 2046 5.1)."""
    head = b""
    for chunk in chunks:
        head += chunk
        if b"\r\n\r\n" in head or len(head) > _MOST_HEAD_BYTES:
            break
    fields, empty_line, content = head.partition(b"\r\n\r\n")
    boundary = fields.lstrip(b"\r\n").partition(b"\r\n")[0]
    if not empty_line or not boundary.startswith(b"--"):
        raise Broken
    said = _LENGTH.search(fields + b"\r\n")
    length = None if said is None else int(said[1])
    rest = chain([content], chunks)
    return boundary, length, rest if length is None else _cut(rest, length)


def _cut(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    """The first ``length`` bytes: what follows delimits the part."""
    for chunk in chunks:
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            return


def _without_tail(path: Path, boundary: bytes) -> int:
    """Cut the delimiter off that ends the part; the length that is left."""
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        start = max(0, size - _TAIL_BYTES)
        file.seek(start)
        place = file.read().rfind(b"\r\n" + boundary)
        if place < 0:
            raise Broken
        return file.truncate(start + place)
