"""Inputs out of files, folders and archives, one by one: links not followed, names never used, sizes capped."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from ecorad.ledger.batch import KnownFile

from .reading_ahead import with_heads

if TYPE_CHECKING:
    from .known_files import KnownFiles

MAX_MEMBER_BYTES = 1 << 30
# Medical images seldom shrink to a hundredth; a file that does was made to burst its reader.
MAX_RATIO = 100
_SMALL = 1 << 20
# Files about which the ledger is asked at once.
_GROUP = 5_000
_MAGIC_BYTES = 6
_PREAMBLE_BYTES = 128
_TAR_OFFSET, _TAR_MAGIC = 257, b"ustar"
_UNPACKERS: dict[bytes, Callable[[str], BinaryIO]] = {
    b"\x1f\x8b": lambda path: cast(BinaryIO, gzip.GzipFile(path)),
    b"BZh": lambda path: cast(BinaryIO, bz2.BZ2File(path)),
    b"\xfd7zXZ\0": lambda path: cast(BinaryIO, lzma.LZMAFile(path)),  # noqa: SIM115 (closed by the caller)
}
_MAGICS = tuple(_UNPACKERS)
_WORKBOOKS = (".xlsx", ".xlsm")
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to decode.

    ``path`` is a file to open, or ``content`` holds the bytes of an archive's member; ``trouble`` is set where there is
    nothing to decode. ``place`` is where it came from, in full; ``name`` is what may tell a meter by. ``known`` is what
    the ledger holds of a file that has not changed since; any other file may have a ``stamp`` to be known by later.
    ``table_bytes`` is the size of a file that is no DICOM object.
    """

    place: str
    name: str
    size: int
    path: str | None = None
    content: bytes | None = None
    trouble: str | None = None
    is_refused: bool = False
    stamp: str | None = None
    known: KnownFile | None = None
    table_bytes: int = 0

    @property
    def held_bytes(self) -> int:
        """What it fills of the memory on its way to the ledger: itself, or its rows; of an object next to nothing."""
        return len(self.content) if self.content is not None else self.table_bytes

    def unpacked_bytes(self) -> int:
        """What a workbook says that its parts are long, by their names in the archive; 0 of anything else. [By]"""
        packed = self.path if self.content is None else io.BytesIO(self.content)
        if packed is None or not self.name.lower().endswith(_WORKBOOKS):
            return 0
        try:
            with zipfile.ZipFile(packed) as archive:
                return sum(part.file_size for part in archive.infolist())
        except (*_BROKEN, ValueError):
            return 0


@dataclass(frozen=True, slots=True)
class _File:
    """A regular file that was come across, and not yet opened."""

    path: str
    place: str
    name: str
    status: os.stat_result
    stamp: str | None = None


class _BombError(Exception):
    """An archive's member is larger than its size on disk can explain."""


def inputs_of(source: Path, known_files: KnownFiles | None = None) -> Iterator[Input]:
    """Every input of a file, folder or archive, in a stable order.

    A link that is named as a source is followed, because it was meant; those below it are not.

    Parameters
    ----------
    source : Path
        File, folder or archive.
    known_files : KnownFiles, optional
        Tells files that have not changed since they were read; those are not opened.
    """
    for one, head in with_heads(_unknown(_files(source), known_files), _path_of, _TAR_OFFSET + len(_TAR_MAGIC)):
        if isinstance(one, _File):
            yield from _inside(one, head)
        else:
            yield one


def _path_of(one: _File | Input) -> str | None:
    return one.path if isinstance(one, _File) else None


def _unknown(files: Iterator[_File | Input], known_files: KnownFiles | None) -> Iterator[_File | Input]:
    """The same files; those that are known are inputs already."""
    if known_files is None:
        yield from files
        return
    while group := list(islice(files, _GROUP)):
        stamps = [known_files.stamp(one.path, one.status) if isinstance(one, _File) else None for one in group]
        known = known_files.among(stamps)
        for one, stamp in zip(group, stamps, strict=True):
            if not isinstance(one, _File):
                yield one
            elif stamp in known:
                yield Input(one.place, one.name, one.status.st_size, path=one.path, known=known[stamp])
            else:
                yield _File(one.path, one.place, one.name, one.status, stamp)


def _files(source: Path) -> Iterator[_File | Input]:
    """The files below a source, and inputs that tell why there is no file."""
    shown = source.absolute()
    try:
        found = source.resolve(strict=True)
    except (OSError, RuntimeError):  # gone, shut, or a link that leads back to itself
        yield Input(shown.name, shown.name, 0, trouble="ecorad.source.unreadable")
        return
    if found.is_dir():
        yield from _folder(str(found), shown.name or "/")
    else:
        yield _file(str(found), shown.name, f"{shown.parent.name}/{shown.name}")


# Places are plain text here: a Path for each of a million files takes as long as opening them.
def _folder(folder: str, place: str) -> Iterator[_File | Input]:
    name = Path(folder).name
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # no permission, or gone meanwhile
        yield Input(place, name, 0, trouble="ecorad.source.unreadable")
        return
    for entry in entries:
        below = f"{place}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _folder(entry.path, below)
        else:
            yield _file(entry.path, below, f"{name}/{entry.name}")


def _file(path: str, place: str, name: str) -> _File | Input:
    try:
        status = os.lstat(path)
    except OSError:
        return Input(place, name, 0, trouble="ecorad.source.unreadable")
    if not stat.S_ISREG(status.st_mode):
        # A link leads to something that is or is not among the inputs itself; pipes and devices never end.
        return Input(place, name, 0, trouble="ecorad.source.not_regular", is_refused=True)
    return _File(path, place, name, status)


def _inside(one: _File, head: bytes | None) -> Iterator[Input]:
    """What a file holds: itself, or the members of an archive."""
    path, place, name, size = one.path, one.place, one.name, one.status.st_size
    if head is None:
        yield Input(place, name, 0, trouble="ecorad.source.unreadable")
    elif not head:
        yield Input(place, name, 0, path=path, trouble="ecorad.source.empty")
    elif head.startswith(b"PK\x03\x04") and not _is_workbook(path):
        yield from _guarded(_zip_members(path, place), place, name, size)
    elif head[_TAR_OFFSET:] == _TAR_MAGIC:
        yield from _guarded(_tar_members(path, place), place, name, size)
    elif head.startswith(_MAGICS):
        yield from _guarded(_packed(path, place, name, head), place, name, size)
    else:
        is_object = head[_PREAMBLE_BYTES:].startswith(b"DICM")
        yield Input(place, name, size, path=path, stamp=one.stamp, table_bytes=0 if is_object else size)


def _guarded(members: Iterator[Input], place: str, name: str, size: int) -> Iterator[Input]:
    """What an archive gives; where it breaks, the rest of it is one input that could not be read."""
    try:
        yield from members
    except _BombError:
        yield Input(place, name, size, trouble="ecorad.source.bomb")
    except (*_BROKEN, RuntimeError):  # RuntimeError: a member that needs a password
        yield Input(place, name, size, trouble="ecorad.source.archive")


def _is_workbook(path: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except _BROKEN:
        return False


def _zip_members(path: str, place: str) -> Iterator[Input]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            below, name = f"{place}!{info.filename}", _last_parts(info.filename)
            if info.flag_bits & 1:
                yield Input(below, name, info.file_size, trouble="ecorad.source.encrypted")
                continue
            with archive.open(info) as member:
                content = _capped(member, info.compress_size)
            yield _member(below, name, content)


def _tar_members(path: str, place: str, stream: IO[bytes] | None = None) -> Iterator[Input]:
    mode = "r:" if stream is None else "r|"
    with tarfile.open(path if stream is None else None, mode, fileobj=stream) as archive:  # type: ignore[call-overload]
        while (info := archive.next()) is not None:
            archive.members = []  # else it remembers every one, and a million of them fill the memory
            below, name = f"{place}!{info.name}", _last_parts(info.name)
            if info.isdir():
                continue
            member = archive.extractfile(info) if info.isreg() else None
            if member is None:
                yield Input(below, name, 0, trouble="ecorad.source.not_regular", is_refused=True)
                continue
            with closing(member):
                yield _member(below, name, _capped(member, info.size))


def _packed(path: str, place: str, name: str, head: bytes) -> Iterator[Input]:
    opener = next(opener for magic, opener in _UNPACKERS.items() if head.startswith(magic))
    with opener(path) as file:
        is_tar = file.read(_TAR_OFFSET + len(_TAR_MAGIC))[_TAR_OFFSET:] == _TAR_MAGIC
    with opener(path) as file:
        if is_tar:
            yield from _tar_members(path, place, file)
            return
        content = _capped(file, Path(path).stat().st_size)
    unpacked = name.rsplit(".", 1)[0] if name.lower().endswith((".gz", ".bz2", ".xz")) else name
    yield _member(place, unpacked, content)


def _member(place: str, name: str, content: bytes) -> Input:
    if not content:
        return Input(place, name, 0, content=b"", trouble="ecorad.source.empty")
    if _is_archive(content):
        return Input(place, name, len(content), content=content, trouble="ecorad.source.nested", is_refused=True)
    return Input(place, name, len(content), content=content)


def _is_archive(content: bytes) -> bool:
    is_zip = content.startswith(b"PK\x03\x04") and b"[Content_Types].xml" not in content[:4096]
    is_tar = content[_TAR_OFFSET : _TAR_OFFSET + len(_TAR_MAGIC)] == _TAR_MAGIC
    return is_zip or is_tar or any(content.startswith(magic) for magic in _UNPACKERS)


def _capped(stream: IO[bytes], packed_bytes: int) -> bytes:
    limit = min(MAX_MEMBER_BYTES, max(_SMALL, packed_bytes * MAX_RATIO))
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise _BombError
    return content


def _last_parts(name: str) -> str:
    return "/".join(Path(name).parts[-2:])
