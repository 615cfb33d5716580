"""One file of the receive journal, and how it is read when parts of it are damaged.

A damaged record is named and left out; reading goes on at the next sound one. A file is never repaired in place.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .record import HEAD_BYTES, MARKER, Entry, Head, decode_head, is_sound

SUFFIX = ".spool"
_NAME = re.compile(r"(\d{10})-([0-9a-f]{8})\.spool")
_HEADER = struct.Struct("<8sII")
_MAGIC = b"ECOSPOOL"
FORMAT = 1
HEADER_BYTES = _HEADER.size
_WINDOW = 1 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of the journal: its number, and the salt of its checksums, both in its name."""

    number: int
    salt: int
    path: Path


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a segment that cannot be read.

    ``sequence`` is the first record concerned (``None`` when even that is unknown), ``records`` how many at least;
    ``kind`` is ``torn`` (the end of the file, never acknowledged unless the disk lied), ``body`` (one record) or
    ``lost`` (a stretch in between).
    """

    segment: int
    start: int
    end: int
    kind: str
    sequence: int | None
    records: int


def segments(folder: Path) -> list[Segment]:
    """The segments in a folder, oldest first."""
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        if match := _NAME.fullmatch(path.name):
            found.append(Segment(int(match[1]), int(match[2], 16), path))
    return sorted(found, key=lambda one: one.number)


def create_segment(folder: Path, number: int) -> tuple[Segment, int]:
    """A new empty segment, durable with its name, and its open file descriptor."""
    salt = secrets.randbits(32)
    path = folder / f"{number:010d}-{salt:08x}{SUFFIX}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        write_all(handle, _HEADER.pack(_MAGIC, FORMAT, number))
        os.fsync(handle)
        sync_folder(folder)
    except OSError:
        os.close(handle)
        raise
    return Segment(number, salt, path), handle


def write_all(handle: int, data: bytes) -> None:
    """Write every byte, however few the disk takes at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, for the owner alone, durable with their names.

    The nearest three are synced even where nothing was missing: a process that made them may have been killed before.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
    for one in dict.fromkeys((folder, *folder.parents[:2], *missing)):
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_segment(
    segment: Segment, start: int = 0, *, is_open: bool = False, with_bodies: bool = True
) -> Iterator[Entry | Damage]:
    """Records from ``start`` on, and every damaged place between them.

    Parameters
    ----------
    segment : Segment
        The file.
    start : int
        Where an earlier reader stopped: the ``end`` of an entry, or 0.
    is_open : bool
        Whether somebody may still be writing: then an unfinished end is no damage.
    with_bodies : bool
        Without, payloads stay unread and unchecked: quick, for counting.
    """
    with segment.path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if start < HEADER_BYTES and size < HEADER_BYTES and not is_open:
            # Behind where records begin, so that whoever goes on from its end is not told again.
            yield Damage(segment.number, size, HEADER_BYTES, "torn", None, 1)
        at, expected = max(start, HEADER_BYTES), None
        while at < size:
            head = _head(file, at, segment.salt)
            if head is None:
                after = _next_head(file, at + 1, size, segment.salt)
                if after is None and is_open:
                    return
                yield _lost(segment, file, (at, size if after is None else after), expected, is_tail=after is None)
                if after is None:
                    return
                at, expected = after, None
                continue
            end = at + HEAD_BYTES + head.body_bytes
            if end > size and is_open:
                return
            found = _entry(file, segment, head, end, with_bodies)
            if found is None and end > size and (after := _next_head(file, at + 1, size, segment.salt)) is not None:
                end = after
            yield found or Damage(segment.number, at, min(end, size), _kind(end, size), head.sequence, 1)
            at, expected = end, head.sequence + 1


def _kind(end: int, size: int) -> str:
    return "torn" if end > size else "body"


def _head(file: BinaryIO, at: int, salt: int) -> Head | None:
    file.seek(at)
    return decode_head(file.read(HEAD_BYTES), salt)


def _entry(file: BinaryIO, segment: Segment, head: Head, end: int, with_bodies: bool) -> Entry | None:
    file.seek(end - head.body_bytes)
    body = file.read(head.body_bytes if with_bodies else head.notes_bytes)
    if with_bodies and not is_sound(head, body):
        return None
    try:
        notes = json.loads(body[: head.notes_bytes])
    except ValueError:
        return None
    return Entry(head.sequence, head.received_us, notes, body[head.notes_bytes :], segment.number, end)


def _next_head(file: BinaryIO, at: int, size: int, salt: int) -> int | None:
    """The place of the next sound head."""
    while at < size:
        file.seek(at)
        window = file.read(_WINDOW + HEAD_BYTES)
        found = window.find(MARKER)
        while 0 <= found < _WINDOW:
            if decode_head(window[found : found + HEAD_BYTES], salt) is not None:
                return at + found
            found = window.find(MARKER, found + 1)
        at += _WINDOW
    return None


def _lost(segment: Segment, file: BinaryIO, stretch: tuple[int, int], expected: int | None, *, is_tail: bool) -> Damage:
    after = None if is_tail else _head(file, stretch[1], segment.salt)
    between = 1 if after is None or expected is None else max(1, after.sequence - expected)
    return Damage(segment.number, *stretch, "torn" if is_tail else "lost", expected, between)
