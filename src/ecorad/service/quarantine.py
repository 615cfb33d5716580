"""What was set aside by a listener: offered again, or let go."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .desk import STREAMS, Desk
from .drain.drainer import RECORD_SUFFIX

_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEAD_BYTES = 1 << 17


class Quarantine:
    """The quarantine of one workspace.

    Parameters
    ----------
    folder : Path
        Where it lies.
    desk : Desk
        Takes what is tried again.
    """

    def __init__(self, folder: Path, desk: Desk) -> None:
        self._folder = folder
        self._desk = desk

    async def retry(self, digest: str) -> bool:
        """Hand an input in once more, as a new delivery; whether there was one."""
        path = self._path(digest, RECORD_SUFFIX)
        if path is None or not path.exists():
            return False
        head, _, payload = path.read_bytes().partition(b"\n")
        told: Mapping[str, Any] = json.loads(head[:_HEAD_BYTES])
        if told.get("stream") not in STREAMS:
            return False
        await self._desk.keep(str(told["stream"]), payload, told["notes"])
        self.release(digest)
        return True

    def release(self, digest: str) -> bool:
        """Delete what was kept of an input; its receipt stays. Whether there was one."""
        paths = [self._path(digest, suffix) for suffix in (".json", RECORD_SUFFIX)]
        there = [path for path in paths if path is not None and path.exists()]
        for path in there:
            path.unlink()
        return bool(there)

    def _path(self, digest: str, suffix: str) -> Path | None:
        """Only digests name files: nothing that somebody sent does."""
        return self._folder / f"{digest}{suffix}" if _DIGEST.fullmatch(digest) else None
