"""A real ``ecorad serve`` on free ports of this machine, what it takes from it, and objects to send to it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.service.peers import Raw, pdv

CT, EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
ACCEPT = 2
_PIECE_BYTES = 16_000
_SOP_CLASS, _SOP_INSTANCE, _MODALITY, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x00080060, 0x0020000D, 0x0020000E


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the folder of its site, its process, its ports by name (``web`` among them)."""

    site: Path
    process: int
    ports: Mapping[str, int]

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """What the web port answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['web']}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: bytes = answer.read()
            return found

    def state(self) -> dict[str, Any]:
        """What the receipts page rests on."""
        found: dict[str, Any] = json.loads(self.ask("/receipts.json"))
        return found


@contextlib.contextmanager
def serving(
    site: Path,
    settings: str,
    ports: Sequence[str] = ("dicom",),
    *,
    files: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """A server of a new site while the block runs.

    ``settings`` end its site.toml, with ``{name}`` for each of ``ports``; ``files`` are put into the site before.
    """
    found = {name: _free_port() for name in ("web", *ports)}
    command = [sys.executable, "-m", "ecorad", "init", str(site), "--zone", "NL", "--timezone", "Europe/Amsterdam"]
    subprocess.run(command, check=True, capture_output=True)
    for name, text in (files or {}).items():
        (site / name).write_text(text, "utf-8")
    with (site / "site.toml").open("a", encoding="utf-8") as file:
        file.write(settings.format(**found))
    command = [sys.executable, "-m", "ecorad", "serve", str(site), "--port", str(found["web"]), *options]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={**os.environ, **(environment or {})}, **quiet) as process:  # type: ignore[call-overload]
        try:
            server = Server(site, process.pid, found)
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            server.state()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def memory_mb(process: int) -> float:
    """Resident memory of a process."""
    told = Path(f"/proc/{process}/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]


def fragments(uid: str, pixel_bytes: int, more: Mapping[int, tuple[bytes, str]] | None = None) -> bytes:
    """A small CT object and its pixels as PDUs; ``more`` elements by tag, each with its value representation."""
    elements = {
        _SOP_CLASS: (b"UI", CT),
        _SOP_INSTANCE: (b"UI", uid),
        _MODALITY: (b"CS", "CT"),
        _STUDY: (b"UI", f"{uid}.1"),
        _SERIES: (b"UI", f"{uid}.2"),
        **(more or {}),
    }
    body = b"".join(element(tag, *elements[tag]) for tag in sorted(elements))
    body += struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, pixel_bytes) + bytes(pixel_bytes)
    pieces = [body[at : at + _PIECE_BYTES] for at in range(0, len(body), _PIECE_BYTES)]
    return b"".join(pdv(1, 2 if piece is pieces[-1] else 0, piece) for piece in pieces)


def store(raw: Raw, number: int, uid: str, data: bytes) -> bool:
    """Send one object over an association; whether it was acknowledged."""
    from ecorad.service.dicom import dimse

    command = {dimse.AFFECTED_CLASS: CT, dimse.COMMAND: dimse.C_STORE, dimse.MESSAGE_ID: number, 0x0700: "",
               dimse.DATA_SET: 1, dimse.AFFECTED_INSTANCE: uid}  # fmt: skip
    return ask_node(raw, 1, command, data) == dimse.SUCCESS


def ask_node(raw: Raw, context: int, command: Mapping[int, int | str], data: bytes) -> int:
    """The status that a node gives to a command and its data set, which comes as PDUs.

    Raises
    ------
    EOFError
        When the node hung up.
    """
    from ecorad.service.dicom import dimse

    raw.send(pdv(context, 3, dimse.encode(command)) + data)
    answer = raw.receive()
    if answer is None:
        raise EOFError
    return int(dimse.decode(answer[1][6:])[dimse.STATUS])


def element(tag: int, vr: bytes, text: str) -> bytes:
    """A data element of text, explicit VR little endian."""
    value = text.encode()
    value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value
