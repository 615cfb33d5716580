"""Files that were read before and have not changed since: they need not be read again to be known.

A year of files is offered every night, and a day of it is new. The receipt of an object that was read without a remark
holds a *stamp* of its file: a keyed digest of its path, size and times. A file under the same stamp is the same bytes,
because whoever changes a file changes the time of that, and cannot set it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ecorad

from .identity import Pseudonymiser

if TYPE_CHECKING:
    from ecorad.ledger import LedgerWriter
    from ecorad.ledger.batch import KnownFile

# To be raised when more is read of an object than before: every file is read once more then.
_READ_AS = 1
# A file that changed just now may change again within the same tick of its file system's clock. [s]
_SETTLED_S = 2.0
_STAMP_BYTES = 12


class KnownFiles:
    """What the ledger knows of files by their stamps.

    Parameters
    ----------
    writer : LedgerWriter
        Of the ledger that is asked.
    pseudonymiser : Pseudonymiser
        Its key keeps paths, which are often named after people, from being guessed.
    """

    def __init__(self, writer: LedgerWriter, pseudonymiser: Pseudonymiser) -> None:
        self._writer = writer
        self._secret = hashlib.sha256(pseudonymiser.key("stamp", "file").encode()).digest()

    def stamp(self, path: str, status: os.stat_result) -> str | None:
        """The stamp of a file as it was when ``status`` was taken; ``None`` while it may still be changing."""
        if status.st_ctime > time.time() - _SETTLED_S:
            return None
        told = f"{ecorad.__version__} {_READ_AS} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} "
        message = told.encode() + os.fsencode(path)
        return hashlib.blake2b(message, key=self._secret, digest_size=_STAMP_BYTES).hexdigest()

    def among(self, stamps: Sequence[str | None]) -> dict[str, KnownFile]:
        """Those files that the ledger holds, by stamp."""
        return self._writer.known_files([stamp for stamp in stamps if stamp is not None])
