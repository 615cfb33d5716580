"""Where the last pull of an archive ended: a small file beside the ledger, written after the ledger is durable."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecorad.model import WorkspaceError

FOLDER = "pull"


@dataclass(slots=True)
class Cursor:
    """What is known of one archive.

    Parameters
    ----------
    path : Path
        Its file.
    state : dict
        Where to go on; no identifier of a patient or study, as pseudonyms alone are put in.
    spent : dict
        Requests and bytes of all pulls together.
    """

    path: Path
    state: dict[str, Any] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, workspace_path: Path, name: str) -> Cursor:
        """The cursor of archive ``name``; a new one starts at the beginning.

        Raises
        ------
        WorkspaceError
            If the file is damaged. Without it everything is asked again, which costs time and loses nothing.
        """
        folder = workspace_path / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{name}.json"
        if not path.exists():
            return cls(path)
        try:
            told = json.loads(path.read_text("utf-8"))
            return cls(path, dict(told["state"]), dict(told["spent"]))
        except (ValueError, KeyError, TypeError):
            raise WorkspaceError(
                f"{FOLDER}/{name}.json is damaged: remove it, and the archive is asked from the start",
                code="ecorad.pull.cursor",
            ) from None

    def save(self) -> None:
        """Write it down; whole or not at all."""
        temporary = self.path.with_suffix(".new")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"state": self.state, "spent": self.spent}, file, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
