"""What the listeners must remember over a restart, read back from the heads of the journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ecorad.ledger.spool import Entry, Position, read_stream, segments

from .dicom.steps import Steps
from .mllp import Seen

# As far back as this: some hundred thousand messages.
_LOOK_BACK_BYTES = 256 << 20


def known_steps(folder: Path) -> Steps:
    """The states of procedure steps."""
    steps = Steps()
    steps.learn((str(n["uid"]), str(n["state"])) for n in _notes(folder) if "uid" in n and "state" in n)
    return steps


def seen_messages(folder: Path) -> Seen:
    """The control ids of HL7 messages."""
    seen = Seen()
    for notes in _notes(folder):
        if "key" in notes and "digest" in notes:
            seen.relearn(bytes.fromhex(str(notes["key"])), bytes.fromhex(str(notes["digest"])))
    return seen


def _notes(folder: Path) -> Iterator[Mapping[str, Any]]:
    left, first = _LOOK_BACK_BYTES, 0
    for segment in reversed(segments(folder)):
        left -= segment.path.stat().st_size
        if left < 0:
            break
        first = segment.number
    entries = read_stream(folder, Position(first), with_bodies=False)
    return (one.notes for one in entries if isinstance(one, Entry))
