"""Check sums of a table's files: what a disk lost or turned over is named, not counted.

Neither Delta nor the readers of Parquet notice a bit that flips inside a column. So beside each table lies a list of
what its files were when they became durable, one line a file: ``<CRC-32> <path>``. A line is only ever appended; of two
for one file the later one holds. What has no line (tables made before there was a list, or tidied up by another
program) is read unchecked.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

# Delta leaves alone what begins with an underscore.
NAME = "_sums"
_LINE = re.compile(rb"([0-9a-f]{8}) (\S[^\n]*)\n")
_CHUNK = 1 << 20


def keep(folder: Path, paths: Iterable[Path]) -> None:
    """Write down what files of a table are now; durable when this returns.

    Parameters
    ----------
    folder : Path
        The table.
    paths : iterable of Path
        Files in it that will not change any more.
    """
    lines = b"".join(b"%08x %s\n" % (checksum(path), os.fsencode(path.relative_to(folder))) for path in paths)
    with (folder / NAME).open("ab") as file:
        # A line that a power cut left unfinished must not swallow the next one.
        file.write(b"\n" + lines)
        file.flush()
        os.fsync(file.fileno())


def damaged(folder: Path, paths: Iterable[Path]) -> Iterator[Path]:
    """Those of the files that are not what they were when they were written down.

    Raises
    ------
    FileNotFoundError
        For a file that is gone.
    """
    kept = _kept(folder)
    for path in paths:
        expected = kept.get(os.fsencode(path.relative_to(folder)))
        if expected is not None and checksum(path) != expected:
            yield path


def checksum(path: Path) -> int:
    """CRC-32 of a file (ISO 3309, as zlib has it)."""
    found = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            found = zlib.crc32(chunk, found)
    return found


def _kept(folder: Path) -> dict[bytes, int]:
    try:
        content = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return {}
    return {name: int(crc, 16) for crc, name in _LINE.findall(content)}
