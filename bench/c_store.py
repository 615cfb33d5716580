"""Stored objects per second, beside DCMTK's own provider, which writes without sync. Aim: 300 a second of 20 kB."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .harness import Timing, timed

OBJECTS = 1_000
SERVER = """
import asyncio, sys
from pathlib import Path
from ecorad.service.desk import Desk
from ecorad.service.dicom.node import Node
async def main():
    node = Node(Desk(Path(sys.argv[1]), reserve_bytes=0), ae_title="ECORAD")
    async with await node.listen("127.0.0.1", int(sys.argv[2])) as server:
        await server.serve_forever()
asyncio.run(main())
"""


def measure() -> list[Timing]:
    """DCMTK sends to both; its TCP_NODELAY is set."""
    if not shutil.which("storescu") or not shutil.which("storescp"):
        raise SystemExit("this needs DCMTK")
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        folder = Path(name)
        _objects(folder / "in")
        with _server(lambda port: ["storescp", "--ignore", str(port)]) as port:
            anchor = timed(f"storescp --ignore, {OBJECTS:,} of 20 kB", lambda: _send(folder / "in", port), repeats=3)
        with _server(lambda port: [sys.executable, "-c", SERVER, str(folder / "kept"), str(port)]) as port:
            ours = timed("ecorad, durable", lambda: _send(folder / "in", port), repeats=3, anchor=anchor)
            many = timed("ecorad, 50 associations at once, 20 objects each", lambda: _fifty(folder / "in", port))
    print(f"{OBJECTS / ours.median_s:,.0f} objects/s on one association, {1_000 / many.median_s:,.0f} on fifty")
    return [anchor, ours, many]


def _objects(folder: Path) -> None:
    import pydicom
    from pydicom.data import get_testdata_file
    from pydicom.uid import generate_uid

    folder.mkdir()
    one = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    one.Rows, one.Columns, one.PixelData = 80, 96, os.urandom(80 * 96 * 2)
    for number in range(OBJECTS):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        one.save_as(folder / f"{number:04}.dcm")


@contextlib.contextmanager
def _server(command) -> Iterator[int]:  # type: ignore[no-untyped-def]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(command(port), env={**os.environ, "TCP_NODELAY": "1"}, stdout=subprocess.DEVNULL)
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    yield port
    process.terminate()
    process.wait(10)


def _send(folder: Path, port: int) -> None:
    _storescu(port, "+sd", str(folder)).wait()


def _fifty(folder: Path, port: int) -> None:
    paths = sorted(map(str, folder.iterdir()))
    running = [_storescu(port, *paths[n * 20 : n * 20 + 20]) for n in range(50)]
    failed = sum(process.wait() != 0 for process in running)
    if failed:
        raise SystemExit(f"{failed} of 50 associations failed")


def _storescu(port: int, *arguments: str) -> subprocess.Popen[bytes]:
    command = ["storescu", "-aec", "ECORAD", *arguments[:0], "127.0.0.1", str(port), *arguments]
    if arguments[0] == "+sd":
        command = ["storescu", "-aec", "ECORAD", "+sd", "127.0.0.1", str(port), arguments[1]]
    return subprocess.Popen(command, env={**os.environ, "TCP_NODELAY": "1"}, stdout=subprocess.DEVNULL)
