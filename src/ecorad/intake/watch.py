"""A folder that others write into: each file once, when it has stopped changing.

The folder is looked through anew each time: nothing hangs on notices of the system, which can be lost, and a share that
was gone is taken up again where it was.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from ecorad.model import StoreError

from .sources import Input, inputs_of

# Ways in which programs mark a file that they are still writing.
_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", "~")
# Size, time of the last change and inode: what tells that a name means another content.
Mark = str


def ready(folder: Path, known: Mapping[str, Mark], *, settle_s: float, now: float) -> Iterator[tuple[str, Mark]]:
    """Paths below ``folder`` that are new or changed and have rested, with their marks, in a stable order.

    Parameters
    ----------
    folder : Path
        Where to look.
    known : mapping of path to mark
        What was read already.
    settle_s : float
        How long a file must not have changed. [s]
    now : float
        The time that files are dated by. [s since 1970]

    Raises
    ------
    StoreError
        ``ecorad.pull.no_answer`` if the folder is not there: a share that is gone is not an empty one.
    """
    if not folder.is_dir():
        raise StoreError("the watched folder is not there", code="ecorad.pull.no_answer")
    for path, status in _files(folder):
        mark = f"{status.st_size}/{status.st_mtime_ns}/{status.st_ino}"
        name = str(path.relative_to(folder))
        if known.get(name) != mark and 0 <= now - status.st_mtime >= settle_s:
            yield name, mark


def inputs(folder: Path, name: str) -> Iterator[Input]:
    """What one file of the folder holds; nothing if it has gone."""
    path = folder / name
    if path.exists():
        yield from inputs_of(path)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return  # gone or shut meanwhile; it is looked at again
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _files(Path(entry.path))
        elif stat.S_ISREG(status.st_mode):  # no links, pipes or devices
            yield Path(entry.path), status
