"""The receive journal: what a listener took in, kept whole and durable before anybody is told that it was."""

from .commit import Spool, SpoolFailedError, SpoolFullError
from .position import Position, load_state, save_state
from .record import Entry
from .segment import Damage, read_segment, segments
from .stream import read_stream

__all__ = [
    "Damage",
    "Entry",
    "Position",
    "Spool",
    "SpoolFailedError",
    "SpoolFullError",
    "load_state",
    "read_segment",
    "read_stream",
    "save_state",
    "segments",
]
