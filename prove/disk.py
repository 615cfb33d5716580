"""A disk that was cut off: what of the calls before may be there, by the letter of POSIX and no better.

A name is durable when its folder was synced, the bytes of a file when the file was. Of everything later any part may
be there: earlier without later, later without earlier, a write torn at 512 bytes, a length without its bytes (zeros).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from .recorded import Call

T = TypeVar("T")
_SECTOR = 512
_WAYS = ("none", "all", "first", "any")
Change = dict[str, "Node | None"]


@dataclass(slots=True, eq=False)
class Node:
    """A file or folder: as it is durable, and what was done to it since, each with the number of its call."""

    is_folder: bool
    content: bytes = b""
    names: dict[str, Node] = field(default_factory=dict)
    writes: list[tuple[int, int, bytes | None]] = field(default_factory=list)
    changes: list[tuple[int, Change]] = field(default_factory=list)

    def now(self) -> dict[str, Node]:
        """The names in a folder as a running program sees them."""
        return _named(self.names, [change for _, change in self.changes])

    def sync(self, before: int) -> None:
        """What was done before that call is durable."""
        done = [(place, data) for number, place, data in self.writes if number < before]
        self.content = _written(self.content, done)
        self.writes = [one for one in self.writes if one[0] >= before]
        self.names = _named(self.names, [change for number, change in self.changes if number < before])
        self.changes = [one for one in self.changes if one[0] >= before]


class Disk:
    """A folder whose state now is durable, and what calls do to it."""

    def __init__(self, folder: Path) -> None:
        self.root = _read(folder)
        self.done = 0

    def do(self, call: Call) -> None:
        """One call more."""
        number, self.done = self.done, self.done + 1
        if call.name == "said":
            return
        if call.paths[0] == ".":
            self.root.sync(call.began)
            return
        folder, name = self._folder(call.paths[0])
        node = folder.now().get(name)
        if call.name == "open":
            if node is None:
                node = Node(is_folder=False)
                folder.changes.append((number, {name: node}))
            if "O_TRUNC" in call.flags:
                node.writes.append((number, 0, None))
        elif call.name in {"mkdir", "unlink", "rmdir"}:
            folder.changes.append((number, {name: Node(is_folder=True) if call.name == "mkdir" else None}))
        elif call.name in {"rename", "link"}:
            self._move(number, call, node)
        elif node is None:
            raise ValueError(f"{call.name} on nothing")
        elif call.name == "sync":
            node.sync(call.began)
        else:
            node.writes.append((number, call.offset, call.data if call.name == "write" else None))

    def _move(self, number: int, call: Call, node: Node | None) -> None:
        (folder, name), (other, target) = map(self._folder, call.paths)
        if folder is other and call.name == "rename":
            folder.changes.append((number, {name: None, target: node}))
            return
        other.changes.append((number, {target: node}))
        if call.name == "rename":
            folder.changes.append((number, {name: None}))

    def _folder(self, path: str) -> tuple[Node, str]:
        *folders, name = path.split("/")
        node = self.root
        for one in folders:
            node = node.now()[one]
        return node, name

    def after_cut(self, chance: random.Random, target: Path) -> None:
        """Write one of the states that a power cut now may leave; ``target`` must not exist."""
        _write(self.root, target, chance, chance.choice(_WAYS) if chance.random() < 0.7 else "")

    def undisturbed(self, target: Path) -> None:
        """Write the state that a running program sees."""
        _write(self.root, target, random.Random(0), "all")


def _read(path: Path) -> Node:
    if not path.is_dir():
        return Node(is_folder=False, content=path.read_bytes())
    return Node(is_folder=True, names={one.name: _read(one) for one in path.iterdir()})


def _write(node: Node, path: Path, chance: random.Random, way: str) -> None:
    """``way`` of choosing among what is not durable; each node in its own way when empty."""
    mine = way or chance.choice(_WAYS)
    if not node.is_folder:
        path.write_bytes(_torn(node, chance, mine))
        return
    path.mkdir()
    for name, below in sorted(_named(node.names, _some([c for _, c in node.changes], chance, mine)).items()):
        _write(below, path / name, chance, way)


def _named(names: dict[str, Node], changes: Sequence[Change]) -> dict[str, Node]:
    found: dict[str, Node | None] = dict(names)
    for change in changes:
        found.update(change)
    return {name: node for name, node in found.items() if node is not None}


def _some(these: list[T], chance: random.Random, way: str) -> list[T]:
    if way in {"none", "all"}:
        return these if way == "all" else []
    if way == "first":
        return these[: chance.randrange(len(these) + 1)]
    return [one for one in these if chance.random() < 0.5]


def _torn(node: Node, chance: random.Random, way: str) -> bytes:
    """Content of a file: chosen writes, whole or in sectors."""
    pieces = [(place, data) for _, place, data in node.writes]
    if way in {"none", "all"} or not pieces:
        return _written(node.content, pieces if way == "all" else [])
    sectors = [piece for place, data in pieces for piece in _sectors(place, data)]
    found = _written(node.content, _some(sectors, chance, way))
    end = max((place + len(data) for place, data in sectors if data is not None), default=0)
    return found.ljust(end, b"\0") if chance.random() < 0.3 else found


def _sectors(place: int, data: bytes | None) -> list[tuple[int, bytes | None]]:
    if data is None:
        return [(place, None)]
    edges = [place, *range(place - place % _SECTOR + _SECTOR, place + len(data), _SECTOR), place + len(data)]
    return [(start, data[start - place : end - place]) for start, end in pairwise(edges)]


def _written(content: bytes, writes: Sequence[tuple[int, bytes | None]]) -> bytes:
    """Writes in order; ``None`` sets the length."""
    found = bytearray(content)
    for place, data in writes:
        if data is None:
            del found[place:]
            found.extend(bytes(place - len(found)))
        else:
            found.extend(bytes(max(0, place - len(found))))
            found[place : place + len(data)] = data
    return bytes(found)
