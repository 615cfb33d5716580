"""All segments of one journal as one run of records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .position import Position
from .record import Entry
from .segment import Damage, read_segment, segments


def read_stream(
    folder: Path, after: Position | None = None, *, is_live: bool = False, with_bodies: bool = True
) -> Iterator[Entry | Damage]:
    """Every record behind a position, in the order received, and every damaged place.

    Parameters
    ----------
    folder : Path
        The journal.
    after : Position, optional
        Where an earlier reader stopped; the beginning unless said.
    is_live : bool
        Whether a process may be appending to the last segment.
    with_bodies : bool
        Without, payloads stay unread: quick, for counting.
    """
    after = after or Position()
    found = segments(folder)
    for segment in found:
        if segment.number < after.segment:
            continue
        start = after.offset if segment.number == after.segment else 0
        is_open = is_live and segment is found[-1]
        yield from read_segment(segment, start, is_open=is_open, with_bodies=with_bodies)
