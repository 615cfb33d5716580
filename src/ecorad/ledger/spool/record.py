"""One record of the receive journal as bytes: a head with its own checksum, then notes and payload.

```text
marker 4 | sequence 8 | received_us 8 | notes 4 | payload 4 | CRC32C of the body 4 | SHA-256 of the body 32 | CRC32C 4
```

The checksum of the head is seeded with a number that only the name of the segment holds, so that no payload can be made
that is taken for a record when a damaged place is skipped.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecorad.model import MissingExtraError

try:
    # The checksum of storage (Castagnoli polynomial) by the processor's own instruction; zlib has only the older one.
    import google_crc32c
except ImportError:  # pragma: no cover - told where it is needed
    google_crc32c = None

MARKER = b"\xecREC"
_FIXED = struct.Struct("<4sQqIII32s")
_CHECK = struct.Struct("<I")
HEAD_BYTES = _FIXED.size + _CHECK.size
MAX_NOTES = 1 << 16
MAX_PAYLOAD = 128 << 20


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body of a record."""

    sequence: int
    received_us: int
    notes_bytes: int
    payload_bytes: int
    body_crc: int
    body_sha256: bytes

    @property
    def body_bytes(self) -> int:
        """Length of notes and payload together. [By]"""
        return self.notes_bytes + self.payload_bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it was received, and where it ends in its segment.

    ``notes`` are short facts beside the payload (feed, kind, repeats); ``payload`` is empty when only heads were read.
    """

    sequence: int
    received_us: int
    notes: Mapping[str, Any]
    payload: bytes
    segment: int
    end: int


def crc32c(data: bytes, seed: int = 0) -> int:
    """CRC32C (Castagnoli) of ``data``, going on from ``seed``.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    if google_crc32c is None:
        raise MissingExtraError("the receive journal needs: pip install 'ecorad[serve]'")
    return int(google_crc32c.extend(seed, data))


def encode_notes(notes: Mapping[str, Any]) -> bytes:
    """Notes as the bytes that stand in a record."""
    return json.dumps(dict(notes), ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode()


def encode(sequence: int, received_us: int, told: bytes, payload: bytes, salt: int) -> bytes:
    """The bytes of one record, with notes as :func:`encode_notes` gives them, for a segment with this salt."""
    sha = hashlib.sha256(told)
    sha.update(payload)
    crc = crc32c(payload, crc32c(told))
    fixed = _FIXED.pack(MARKER, sequence, received_us, len(told), len(payload), crc, sha.digest())
    return b"".join((fixed, _CHECK.pack(crc32c(fixed, salt)), told, payload))


def decode_head(data: bytes, salt: int) -> Head | None:
    """The head that ``data`` begins with; ``None`` when it is not whole or not of this segment."""
    if len(data) < HEAD_BYTES or not data.startswith(MARKER):
        return None
    if _CHECK.unpack_from(data, _FIXED.size)[0] != crc32c(data[: _FIXED.size], salt):
        return None
    _, sequence, received_us, notes, payload, crc, sha = _FIXED.unpack_from(data)
    if notes > MAX_NOTES or payload > MAX_PAYLOAD:
        return None
    return Head(sequence, received_us, notes, payload, crc, sha)


def is_sound(head: Head, body: bytes) -> bool:
    """Whether a body is the one its head was written for."""
    return (
        len(body) == head.body_bytes
        and crc32c(body) == head.body_crc
        and hashlib.sha256(body).digest() == head.body_sha256
    )
