"""A site is a folder: what it says about itself, its ledger, its keys, its reports."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ecorad.model import Site, WorkspaceBusyError, WorkspaceError, load_site

from .spool.segment import sync_folder

_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Workspace:
    """An open workspace: its folder and what its ``site.toml`` says."""

    path: Path
    site: Site

    @classmethod
    def create(cls, path: Path, site_toml: str) -> Workspace:
        """A new workspace with this ``site.toml``.

        Raises
        ------
        WorkspaceError
            If the folder is a workspace already; nothing is changed then.
        """
        _check_path(path)
        path.mkdir(parents=True, exist_ok=True)
        try:
            with (path / "site.toml").open("x", encoding="utf-8") as file:
                file.write(site_toml)
        except FileExistsError:
            raise WorkspaceError(f"{path} is a workspace already", code="ecorad.workspace.exists") from None
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Workspace:
        """The workspace in ``path``; folders that are still missing are made.

        Raises
        ------
        WorkspaceError
            If the folder has no ``site.toml``, or lies where no table can be kept.
        SiteError
            If that cannot be used.
        """
        _check_path(path)
        if not (path / "site.toml").is_file():
            raise WorkspaceError(f"{path} is no workspace: it has no site.toml; `ecorad init {path}` makes one")
        workspace = cls(path, load_site(path / "site.toml"))
        workspace.ledger_path.mkdir(exist_ok=True)
        for folder in (workspace.keys_path, workspace.quarantine_path):
            folder.mkdir(mode=0o700, exist_ok=True)
        return workspace

    @property
    def ledger_path(self) -> Path:
        """Where the records live."""
        return self.path / "ledger"

    @property
    def keys_path(self) -> Path:
        """Where the keys of the pseudonyms live; readable by the owner alone."""
        return self.path / "keys"

    @property
    def quarantine_path(self) -> Path:
        """Where the places of quarantined inputs are kept; readable by the owner alone."""
        return self.path / "quarantine"

    @property
    def out_path(self) -> Path:
        """Where reports go."""
        return self.path / "out"

    @contextmanager
    def write_lock(self, patience_s: float = 0.0) -> Iterator[None]:
        """Be the one process that writes; the lock dies with the process.

        Parameters
        ----------
        patience_s : float
            How long to wait for another to end: a server writes for a moment at a time. [s]

        Raises
        ------
        WorkspaceBusyError
            If another process still holds it then.
        """
        until = time.monotonic() + patience_s
        handle = os.open(self.ledger_path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _is_locked(handle):
                if time.monotonic() >= until:
                    raise WorkspaceBusyError(f"another process is writing to {self.path}; try again later")
                time.sleep(_PAUSE_S)
            # What is written from now on is durable only if the name of the folder it lies in is.
            sync_folder(self.path)
            yield
        finally:
            os.close(handle)


def _is_locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _check_path(path: Path) -> None:
    # The library of the tables takes these for an escaped letter, writes in one place and reads in another.
    if re.search("%[0-9A-Fa-f]{2}", str(path.resolve())):
        raise WorkspaceError(
            "the path of a workspace may not hold a percent sign with two digits behind it, like %20",
            code="ecorad.workspace.path",
        )
