"""Keyed pseudonyms: the same identifier gives the same key at one site, and says nothing without the site's secret."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from ecorad.model import WorkspaceError

KEY_BYTES = 32
KEY_FILE = "pseudonym-1.key"
_MAX_KNOWN = 4096
_HEX_DIGITS = 24  # 96 bits: a collision among 10^9 identifiers has a chance of about 6e-12


class Pseudonymiser:
    """Turns identifiers into keys.

    Parameters
    ----------
    key : bytes
        Secret of the site, at least 16 bytes.
    version : int
        Which secret it is; it leads every pseudonym, so that two generations can be told apart.
    retain : bool
        Keep identifiers as they are (``identifiers = "retain"`` in ``site.toml``).

    Raises
    ------
    ValueError
        For a secret that is too short.

    Examples
    --------
    >>> pseudonymiser = Pseudonymiser(bytes(32))
    >>> pseudonymiser.key("study", "1.2.3")
    'k1-6ea28949fa3f841f68927473'
    >>> pseudonymiser.key("study", "1.2.3") == pseudonymiser.key("patient", "1.2.3")
    False
    >>> Pseudonymiser(bytes(32), retain=True).key("study", "1.2.3")
    '1.2.3'
    """

    def __init__(self, key: bytes, *, version: int = 1, retain: bool = False) -> None:
        if len(key) < 16:
            raise ValueError("a pseudonym key needs at least 16 bytes")
        self._key = key
        self._prefix = f"k{version}-"
        self.retain = retain
        self._known: dict[tuple[str, tuple[str | None, ...]], str] = {}  # the objects of a study share most of them

    def key(self, kind: str, *parts: str | None) -> str:
        """The key of the thing of this ``kind`` that ``parts`` identify together.

        ``None`` (not given) and ``""`` differ, and so do ``("ab", "c")`` and ``("a", "bc")``.
        """
        if self.retain:
            return _plain(parts)
        known = self._known.get((kind, parts))
        if known is not None:
            return known
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        pseudonym = self._known[kind, parts] = self._prefix + self._digest(kind, parts)
        return pseudonym

    def _digest(self, kind: str, parts: tuple[str | None, ...]) -> str:
        message = bytearray(kind.encode())
        for part in parts:
            data = b"" if part is None else part.encode("utf-8", "surrogatepass")
            # The length goes before the text: no two lists of parts give the same message.
            message += b"\0-" if part is None else b"\0%d:" % len(data)
            message += data
        return hmac.digest(self._key, bytes(message), "sha256").hex()[:_HEX_DIGITS]


def _plain(parts: tuple[str | None, ...]) -> str:
    """The identifier itself; several parts are joined by ``|``, leading ones that are not given are left out."""
    start = next((i for i, part in enumerate(parts) if part is not None), len(parts))
    return "|".join("" if part is None else _escaped(part) for part in parts[start:])


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("|", "\\|")


def load_key(keys_path: Path) -> bytes:
    """The site's secret; 32 random bytes are made on first use.

    The folder is readable by its owner only (mode 700) and so is the file (600). Making is atomic: of several
    processes that start at once, one makes the key and all use it.

    Raises
    ------
    WorkspaceError
        If the file is there but is not a key. It is never replaced: every pseudonym of the ledger hangs on it.
    """
    keys_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys_path.chmod(0o700)
    path = keys_path / KEY_FILE
    if not path.exists():
        _make(path)
    path.chmod(0o600)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise WorkspaceError(f"keys/{KEY_FILE} is damaged: restore it from your copy", code="ecorad.workspace.key")
    return key


def _make(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails if another process was first: then its key is ours
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        temporary.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
