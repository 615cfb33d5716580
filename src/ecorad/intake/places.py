"""Where an input came from, said without saying who it is about.

Folders and files are often named after patients. What is shown keeps a file's name only if it looks technical; the
full place is kept in the quarantine folder, which its owner alone can read, under the digest that is always shown.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path, PurePosixPath

from .technical_names import is_technical

_DIGEST_LENGTH = 12
_SAFE = re.compile(r"[\w.+-]{1,64}", re.ASCII)


def shown_place(place: str, digest: str) -> str:
    """A place that may be printed and logged.

    >>> shown_place("export/Smith_John/IM0001.dcm", "0123456789abcdef")
    '*/*/IM0001.dcm#0123456789ab'
    >>> shown_place("JANSEN^PIET.zip!a/1.2.840.113619.dcm", "0123456789abcdef")
    '*.zip!*/*.dcm#0123456789ab'
    """
    archive, _, member = place.partition("!")
    parts = [_masked_path(archive)] + ([_masked_path(member)] if member else [])
    return f"{'!'.join(parts)}#{digest[:_DIGEST_LENGTH]}"


def keep_place(folder: Path, digest: str, place: str, code: str, feed: str) -> None:
    """Write down the full place of an input that was set aside, for its owner alone."""
    path = folder / f"{digest}.json"
    text = json.dumps({"place": place, "code": code, "feed": feed}, ensure_ascii=False, sort_keys=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text + "\n")


def forget_place(folder: Path, digest: str) -> None:
    """Strike what was kept of an input that was set aside and has been read since."""
    (folder / f"{digest}.json").unlink(missing_ok=True)


def _masked_path(path: str) -> str:
    pure = PurePosixPath(path)
    return "/".join(["*"] * (len(pure.parts) - 1) + [_masked_name(pure.name)])


def _masked_name(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,7}", extension):
        stem, extension = name, ""
    return f"{stem if _SAFE.fullmatch(stem) and is_technical(stem) else '*'}{'.' + extension if extension else ''}"
