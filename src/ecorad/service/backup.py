"""Backup and restore: one command each, whole or not at all.

A backup is a tar whose first member lists every other with length and SHA-256. Keys go into a file of their own:
whoever has both can tell people apart.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ecorad import __version__
from ecorad.ledger import Workspace
from ecorad.ledger.spool.segment import sync_folder
from ecorad.model import WorkspaceError

FORMAT = 1
_CONTENTS = "contents.json"
_PARTS = ("site.toml", "rules", "reference-levels.csv", "contrast-yield.csv", "ledger", "quarantine")
_LEFT_OUT = re.compile(r"(^|/)\.[a-z.]*lock$|\.unfinished(/|$)")
_NAME = re.compile(r"[\w.=+-]+(/[\w.=+%-]+)*", re.ASCII)
_CHUNK = 1 << 20


def back_up(workspace: Workspace, target: Path) -> tuple[int, int]:
    """Write ``target`` and, beside it, ``target.keys``; both durable when this returns.

    Nothing is written to the tables meanwhile; listeners go on, and what they keep after this began is not in it.

    Returns
    -------
    tuple of int
        Files, and their bytes.

    Raises
    ------
    WorkspaceBusyError
        If another process writes to the ledger now.
    """
    with workspace.write_lock():
        total = _write(target, workspace.path, list(_files(workspace.path, _PARTS)))
    _write(keys_beside(target), workspace.path, list(_files(workspace.path, ("keys",))))
    return total


def restore(source: Path, folder: Path, keys: Path | None = None) -> int:
    """Make a workspace of a backup; how many files it has.

    Parameters
    ----------
    source : Path
        The backup.
    folder : Path
        Where to; must not exist, or be empty.
    keys : Path, optional
        Its keys; ``source`` with ``.keys`` unless said. Without keys new records do not match the old ones.

    Raises
    ------
    WorkspaceError
        ``ecorad.backup.exists``, ``ecorad.backup.damaged`` or ``ecorad.backup.newer``; nothing is left behind then.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(f"{folder} is not empty", code="ecorad.backup.exists")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        count = _read(source, unfinished)
        beside = keys or keys_beside(source)
        if keys is not None or beside.exists():
            count += _read(beside, unfinished)
        for name in ("keys", "quarantine"):
            if (unfinished / name).is_dir():
                (unfinished / name).chmod(0o700)
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return count


def keys_beside(target: Path) -> Path:
    """Where the keys of a backup go.

    >>> keys_beside(Path("a.tar")).name
    'a.tar.keys'
    """
    return target.with_name(f"{target.name}.keys")


def _files(root: Path, parts: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Regular files below the parts of a workspace, with their length now: a journal may grow meanwhile."""
    for part in parts:
        top = root / part
        found = [top] if top.is_file() else sorted(top.rglob("*")) if top.is_dir() else []
        for path in found:
            name = path.relative_to(root).as_posix()
            if path.is_file() and not path.is_symlink() and not _LEFT_OUT.search(name):
                yield name, path.stat().st_size


def _write(target: Path, root: Path, files: list[tuple[str, int]]) -> tuple[int, int]:
    unfinished = target.with_name(f".{target.name}.unfinished")
    listed = [{"name": name, "bytes": size, "sha256": _digest(root / name, size)} for name, size in files]
    contents = json.dumps({"format": FORMAT, "ecorad": __version__, "files": listed}).encode()
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.addfile(_info(_CONTENTS, len(contents)), io.BytesIO(contents))
            for name, size in files:
                with (root / name).open("rb") as content:
                    tar.addfile(_info(name, size), content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(target)
    sync_folder(target.parent)
    return len(files), sum(size for _, size in files)


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


def _digest(path: Path, size: int) -> str:
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            sha.update(chunk)
            size -= len(chunk)
    return sha.hexdigest()


def _read(source: Path, folder: Path) -> int:
    """Unpack one tar by its own list of contents; nothing else in it is looked at."""
    try:
        with tarfile.open(source, "r:") as tar:
            listed = _contents(tar)
            for one in listed:
                _unpack(tar, one, folder)
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError):
        raise _damaged() from None
    return len(listed)


def _contents(tar: tarfile.TarFile) -> list[dict[str, Any]]:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == _CONTENTS else None
    if content is None:
        raise _damaged()
    told = json.loads(content.read())
    if int(told["format"]) > FORMAT:
        raise WorkspaceError("this backup is of a newer Ecorad: upgrade first", code="ecorad.backup.newer")
    return list(told["files"])


def _unpack(tar: tarfile.TarFile, one: dict[str, Any], folder: Path) -> None:
    member = tar.next()
    name = str(one["name"])
    if member is None or member.name != name or not member.isreg() or not _NAME.fullmatch(name) or ".." in name:
        raise _damaged()
    content = tar.extractfile(member)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        digest = _copied(content, file)
        file.flush()
        os.fsync(file.fileno())
    if digest != one["sha256"] or target.stat().st_size != one["bytes"]:
        raise _damaged()


def _copied(content: IO[bytes] | None, file: IO[bytes]) -> str:
    sha = hashlib.sha256()
    while content is not None and (chunk := content.read(_CHUNK)):
        sha.update(chunk)
        file.write(chunk)
    return sha.hexdigest()


def _damaged() -> WorkspaceError:
    return WorkspaceError("this backup is damaged: take an earlier one", code="ecorad.backup.damaged")
