"""Where every listener hands in what it received: kept on the disk first, or refused."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecorad.ledger.spool import Spool, SpoolFailedError, SpoolFullError

FOLDER = "spool"
STREAMS = ("dicom", "mpps", "hl7", "meter")
_LOOK_AGAIN_S = 1.0


class NoRoomError(SpoolFullError):
    """The disk is fuller than its reserve: nothing new is taken in until there is room again."""


class Desk:
    """Keeps what is received; one a server.

    Parameters
    ----------
    folder : Path
        The receive journals, one folder a stream.
    reserve_bytes : int
        Free space below which nothing new is taken in. [By]
    held_limit_bytes : int
        Most memory that half-received objects may take, all together. [By]
    """

    def __init__(self, folder: Path, *, reserve_bytes: int, held_limit_bytes: int = 256 << 20) -> None:
        self.folder = folder
        self.failed = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self._reserve = reserve_bytes
        self._held_limit = held_limit_bytes
        self._held = 0
        self._looked_at = -_LOOK_AGAIN_S
        self._has_room = False
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._spools = {name: Spool(folder / name) for name in STREAMS}

    @property
    def has_room(self) -> bool:
        """Whether new input is taken in; looks at the disk at most once a second."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_AGAIN_S:
            self._looked_at = now
            try:
                self._has_room = shutil.disk_usage(self.folder).free >= self._reserve
            except OSError:
                self._has_room = False
        return self._has_room and not self.failed.is_set()

    def hold(self, change_bytes: int) -> bool:
        """Count bytes of half-received objects in memory; whether they are still within the limit."""
        self._held += change_bytes
        return change_bytes <= 0 or self._held <= self._held_limit

    async def keep(self, stream: str, payload: bytes, notes: Mapping[str, Any]) -> int:
        """Keep one input; durable when this returns.

        Raises
        ------
        NoRoomError
            If the disk is below its reserve.
        SpoolFullError, SpoolFailedError
            If the disk did not take it; after the second nothing is taken in any more.
        """
        if not self.has_room:
            self.counts["refused_no_room"] += 1
            raise NoRoomError("the disk is below its reserve")
        try:
            sequence = await asyncio.wrap_future(self._spools[stream].append(payload, notes))
        except SpoolFailedError:
            self.failed.set()
            raise
        self.counts[str(notes.get("feed", stream))] += 1
        return sequence

    def close(self) -> None:
        """Finish what waits."""
        for spool in self._spools.values():
            spool.close()
