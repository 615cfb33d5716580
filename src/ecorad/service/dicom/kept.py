"""A received object as it lies in the receive journal: a file header of our own, its header, and how long it was."""

from __future__ import annotations

import io
import struct

from .pdu import IMPLEMENTATION_UID, VERSION_NAME
from .wire import WireObject

_PIECE = struct.Struct("<QI")
_LONG = struct.Struct("<2s2xL")


def file_head(sop_class: str, sop_instance: str, transfer_syntax: str) -> bytes:
    """Preamble and file meta header (PS3.10 7.1); the same for the same object, whoever sent it and when."""
    meta = b"".join(
        (
            _element(0x0001, b"OB", b"\0\1"),
            _element(0x0002, b"UI", sop_class.encode("latin-1")),
            _element(0x0003, b"UI", sop_instance.encode("latin-1")),
            _element(0x0010, b"UI", transfer_syntax.encode()),
            _element(0x0012, b"UI", IMPLEMENTATION_UID.encode()),
            _element(0x0013, b"SH", VERSION_NAME.encode()),
        )
    )
    return bytes(128) + b"DICM" + _element(0x0000, b"UL", struct.pack("<L", len(meta))) + meta


def pack(head: bytes, found: WireObject) -> tuple[bytes, dict[str, int]]:
    """The payload of an object's record, and the notes that :func:`unpack` needs."""
    shift = len(head)
    behind = b"".join(_PIECE.pack(shift + place, len(data)) + data for place, data in found.pieces)
    return head + found.header + behind, {"head": shift + len(found.header), "size": shift + found.size}


def unpack(payload: bytes, head_bytes: int, size: int) -> SparseFile:
    """The object as a file of its full length, zeros where its pixels were."""
    pieces = [(0, payload[:head_bytes])]
    at = head_bytes
    while at < len(payload):
        place, length = _PIECE.unpack_from(payload, at)
        at += _PIECE.size
        pieces.append((place, payload[at : at + length]))
        at += length
    return SparseFile(pieces, size)


class SparseFile(io.RawIOBase):
    """A readable file of which only some pieces are known; the rest reads as zeros.

    Parameters
    ----------
    pieces : list of (int, bytes)
        Place and content, in order.
    size : int
        Length of the file. [By]

    Examples
    --------
    >>> file = SparseFile([(0, b"ab"), (4, b"c")], 6)
    >>> file.read()
    b'ab\\x00\\x00c\\x00'
    """

    def __init__(self, pieces: list[tuple[int, bytes]], size: int) -> None:
        super().__init__()
        self._pieces = pieces
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The place of the next read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, count: int | None = -1) -> bytes:
        """The next bytes."""
        stop = self._size if count is None or count < 0 else min(self._size, self._at + count)
        start, parts, at = self._at, [], self._at
        for place, data in self._near(start):
            if place >= stop:
                break
            if place + len(data) <= at:
                continue
            if place > at:
                parts.append(bytes(place - at))
                at = place
            parts.append(data[at - place : stop - place])
            at += len(parts[-1])
        parts.append(bytes(max(0, stop - at)))
        self._at = max(start, stop)
        return b"".join(parts)

    def _near(self, place: int) -> list[tuple[int, bytes]]:
        """The pieces from the last one that begins at or before a place."""
        low, high = 0, len(self._pieces)
        while low < high:
            middle = (low + high) // 2
            if self._pieces[middle][0] <= place:
                low = middle + 1
            else:
                high = middle
        return self._pieces[max(0, low - 1) :]


def _element(number: int, vr: bytes, value: bytes) -> bytes:
    value += b"" if len(value) % 2 == 0 else (b" " if vr == b"SH" else b"\0")
    if vr == b"OB":
        return struct.pack("<HH", 2, number) + _LONG.pack(vr, len(value)) + value
    return struct.pack("<HH2sH", 2, number, vr, len(value)) + value
