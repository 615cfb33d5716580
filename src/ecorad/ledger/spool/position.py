"""How far a journal was worked off, written down so that a kill leaves the old state or the new one."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .segment import sync_folder


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a journal: everything before it was worked off."""

    segment: int = 0
    offset: int = 0


def load_state(path: Path) -> dict[str, Any]:
    """What :func:`save_state` wrote; empty when there is nothing, or nothing that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write a small state; durable when this returns."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(state, file, ensure_ascii=False, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync_folder(path.parent)
