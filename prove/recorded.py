"""What a program did to the files below a folder, call by call, as strace saw it."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CALLS = (
    "openat,write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,"
    "mkdirat,rmdir,ftruncate,fallocate,lseek,copy_file_range,sendfile"
)
_ON_HANDLE = {"lseek", "write", "writev", "pwrite64", "ftruncate", "fsync", "fdatasync"}
_ON_NAMES = {"rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"}
_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)(?:<([^>]*)>)?")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
_ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|(\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>|([^,\s]+)')


@dataclass(frozen=True, slots=True)
class Call:
    """One call that ended well.

    ``began`` is how many calls had ended when it began: a sync covers no write after that. ``said`` is what a write to
    standard output said, for then nothing below the folder was touched.
    """

    name: str
    paths: tuple[str, ...] = ()
    data: bytes = b""
    offset: int = 0
    began: int = 0
    flags: str = ""
    said: str | None = None


def record(command: Sequence[str], root: Path) -> list[Call]:
    """Run a program to its end; its calls below ``root`` (paths relative to it), and what it said, in order."""
    with tempfile.TemporaryDirectory(prefix="ecorad-strace-") as name:
        trace = Path(name) / "trace"
        watched = ["strace", "-f", "-y", "-xx", "-s", "99999999", "-e", "signal=none", "-e", f"trace={_CALLS}"]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([*watched, "-o", str(trace), *command], check=True, stdout=subprocess.PIPE, env=environment)
        with trace.open(encoding="ascii") as file:
            return list(_Reader(str(root.resolve())).calls(file))


@dataclass(frozen=True, slots=True)
class _Line:
    """A call as it stands in the trace: texts, open files with their paths, other words, and what it returned."""

    name: str
    texts: list[bytes]
    handles: list[tuple[str, str]]
    words: list[str]
    result: int
    began: int


class _Reader:
    """Lines of a trace to calls; knows where each open file stands."""

    def __init__(self, root: str) -> None:
        self._root = root + "/"
        self._ended = 0
        self._begun: dict[str, tuple[str, int]] = {}
        self._places: dict[str, int] = {}

    def calls(self, lines: Iterable[str]) -> Iterator[Call]:
        for text in lines:
            whole, began = text, self._ended
            if match := _BEGUN.match(text):
                self._begun[match[1]] = (f"{match[1]} {match[2]}({match[3]}", began)
                continue
            if match := _ENDED.match(text):
                start, began = self._begun.pop(match[1])
                whole = start + match[3]
            if (match := _WHOLE.match(whole)) and int(match[4]) >= 0:
                call = self._call(_parsed(match[2], match[3], int(match[4]), began))
                if call is not None:
                    self._ended += 1
                    yield call

    def _call(self, line: _Line) -> Call | None:
        if line.name == "openat":
            return self._open(line)
        if line.name in _ON_HANDLE:
            return self._on_handle(line)
        paths = tuple(self._below(one.decode(), line.handles) for one in line.texts)
        if not any(path is not None for path in paths):
            return None
        if line.name not in _ON_NAMES or None in paths:
            raise ValueError(f"a call that is not modelled: {line.name}")
        name = line.name.removesuffix("2").removesuffix("at")
        return Call(name, tuple(path for path in paths if path is not None), began=line.began)

    def _open(self, line: _Line) -> Call | None:
        self._places[str(line.result)] = 0
        path = self._below(line.texts[0].decode(), line.handles)
        flags = line.words[0] if line.words else ""
        if path is None or ("O_CREAT" not in flags and "O_TRUNC" not in flags):
            return None
        return Call("open", (path,), flags=flags, began=line.began)

    def _on_handle(self, line: _Line) -> Call | None:
        handle, path = line.handles[0][0], self._below(line.handles[0][1], [])
        data = b"".join(line.texts)[: line.result]
        if line.name == "lseek":
            self._places[handle] = line.result
            return None
        if path is None:
            is_said = handle == "1" and line.name in {"write", "writev"}
            return Call("said", said=data.decode(), began=line.began) if is_said else None
        if line.name in {"fsync", "fdatasync"}:
            return Call("sync", (path,), began=line.began)
        if line.name == "ftruncate":
            return Call("truncate", (path,), offset=int(line.words[0]), began=line.began)
        place = int(line.words[-1]) if line.name == "pwrite64" else self._places.get(handle, 0)
        if line.name != "pwrite64":
            self._places[handle] = place + line.result
        return Call("write", (path,), data, place, line.began)

    def _below(self, path: str, handles: list[tuple[str, str]]) -> str | None:
        """The path relative to the root, ``.`` for the root; ``None`` for one elsewhere."""
        if not path.startswith("/"):
            path = f"{handles[0][1] if handles else ''}/{path}"
        path = os.path.normpath(path)
        return (path[len(self._root) :] or ".") if (path + "/").startswith(self._root) else None


def _parsed(name: str, told: str, result: int, began: int) -> _Line:
    found = _Line(name, [], [], [], result, began)
    for text, handle, path, word in _ARGUMENT.findall(told):
        if handle:
            found.handles.append((handle, _plain(path).decode()))
        elif word:
            found.words.append(word)
        else:
            found.texts.append(_plain(text))
    return found


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
