"""Floods and attacks on a real ``ecorad serve``: others are served all the while, and nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.service.peers import VERIFICATION, Raw, associate_rq, pdv

from .figure import Figure

FLOOD, IDLE, IDLE_S = 500, 500, 30.0
_CT, _EXPLICIT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
_ACCEPT, _REJECT = 2, 3
_STORES = 4
_OBJECT_BYTES = 20_000
_UID = re.compile(rb"1\.2\.826\.\d+\.\d+")


def measure(scale: float, seed: int) -> list[Figure]:
    """A server of its own for all three; whatever the scale, 50 and 500 associations are what is asked."""
    with (
        tempfile.TemporaryDirectory(prefix="ecorad-attacks-") as name,
        _serving(Path(name) / "site") as (site, port, server),
    ):
        idle = _idle(port, max(5.0, IDLE_S * scale))
        extra_mb, sent_mb = _endless_pdu(port, server)
        fifty = _flood(port, 50, seed)
        many = _flood(port, FLOOD, seed + 1)
        kept = _kept(site)
    return [*_floods(fifty, many, kept, seed), _attack(idle), _pdu(extra_mb, sent_mb)]


def _floods(fifty: Flood, many: Flood, kept: set[str], seed: int) -> list[Figure]:
    lost = len((fifty.acknowledged | many.acknowledged) - kept)
    return [
        Figure(
            "S8",
            "50 associations at once, four objects of 20 kB each",
            f"{fifty.accepted} accepted at the first try, {len(fifty.acknowledged)} objects, {fifty.per_s:.0f} a second",
            "50 of 50",
            fifty.accepted == 50 and len(fifty.acknowledged) == 50 * _STORES,
            str(seed),
        ),
        Figure(
            "S8",
            f"{FLOOD} associations at once, four objects each; a transient refusal is tried again",
            f"{lost} acknowledged objects lost of {len(many.acknowledged):,}; {many.accepted} accepted at the first try, "
            f"{many.refused} refusals, {many.failed} gave up, {many.per_s:.0f} objects a second",
            "0 lost",
            lost == 0 and len(many.acknowledged) > 0 and many.failed == 0,
            str(seed + 1),
        ),
    ]


def _attack(seconds: list[float]) -> Figure:
    return Figure(
        "S9",
        f"C-ECHO of others while {IDLE} connections say nothing and as many as fit are held open",
        f"slowest of {len(seconds)}: {max(seconds):.2f} s",
        "under 1 s throughout",
        max(seconds) < 1.0,
    )


def _pdu(extra_mb: float, sent_mb: float) -> Figure:
    return Figure(
        "S10",
        "a PDU that says 4 GiB, sent for as long as it is taken",
        f"{max(0.0, extra_mb):.1f} MB of memory more, {sent_mb:.1f} MB sent until the connection was closed",
        "under 2 MB",
        extra_mb < 2.0,
    )


@contextlib.contextmanager
def _serving(site: Path) -> Iterator[tuple[Path, int, int]]:
    """Folder of the site, port of the DICOM node, and id of the process, while the server runs."""
    web, port = _free_port(), _free_port()
    command = [sys.executable, "-m", "ecorad", "init", str(site), "--zone", "NL", "--timezone", "Europe/Amsterdam"]
    subprocess.run(command, check=True, capture_output=True)
    with (site / "site.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[listen]\nreserve_mb = 0\n[listen.dicom]\nport = {port}\n")
    command = [sys.executable, "-m", "ecorad", "serve", str(site), "--port", str(web)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(f"http://127.0.0.1:{web}/receipts.json", server)
            yield site, port, server.pid
        finally:
            server.terminate()
            server.wait(60)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _idle(port: int, for_s: float) -> list[float]:
    """How long echoes took while others held connections open; what is closed is opened again."""
    stop, held = threading.Event(), [_Idle() for _ in range(IDLE)]

    def hold() -> None:
        while not stop.is_set():
            for number, one in enumerate(held):
                one.keep(port, f"127.0.{number % 8}.{2 + number % 200}")
            stop.wait(0.2)

    attacker = threading.Thread(target=hold, daemon=True)
    attacker.start()
    seconds, until = [], time.monotonic() + for_s
    time.sleep(1.0)
    while time.monotonic() < until:
        seconds.append(_echo_s(port))
        time.sleep(0.1)
    stop.set()
    attacker.join(30)
    for one in held:
        one.close()
    return seconds


class _Idle:
    """A connection that says nothing and is opened anew when it is closed."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def keep(self, port: int, source: str) -> None:
        if self._socket is not None and not self._is_closed(self._socket):
            return
        self.close()
        with contextlib.suppress(OSError):
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=0.5, source_address=(source, 0))
            self._socket.setblocking(False)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @staticmethod
    def _is_closed(one: socket.socket) -> bool:
        try:
            return one.recv(64) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


def _echo_s(port: int) -> float:
    """Seconds from the connection to the answer of an echo."""
    from ecorad.service.dicom import dimse

    began = time.monotonic()
    command = {
        dimse.AFFECTED_CLASS: VERIFICATION,
        dimse.COMMAND: dimse.C_ECHO,
        dimse.MESSAGE_ID: 1,
        dimse.DATA_SET: 0x0101,
    }
    with contextlib.suppress(OSError), Raw(port) as raw:
        answer = raw.associate()
        if answer is not None and answer[0] == _ACCEPT:
            raw.send(pdv(1, 3, dimse.encode(command)))
            if raw.receive() is not None:
                return time.monotonic() - began
    return 60.0  # refused or closed: not served at all


def _endless_pdu(port: int, server: int) -> tuple[float, float]:
    """Memory that the server takes beyond what it has, and what it took in, of a PDU without end. [MB, MB]"""
    _echo_s(port)
    before = _memory_mb(server)
    most, sent = before, 0
    for kind in (1, 4):  # instead of the request, and as data of an association
        with contextlib.suppress(OSError), Raw(port) as raw:
            if kind == 4:
                raw.send(associate_rq(contexts=((1, _CT, (_EXPLICIT,)),)))
                raw.receive()
            raw.send(struct.pack(">BxL", kind, 0xFFFFFFFF))
            for _ in range(400):
                raw.send(bytes(1 << 20))
                sent += 1
                most = max(most, _memory_mb(server))
        most = max(most, _memory_mb(server))
    return most - before, float(sent)


def _memory_mb(process: int) -> float:
    told = Path(f"/proc/{process}/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]


@dataclass
class Flood:
    """What became of many associations at once."""

    accepted: int = 0
    refused: int = 0
    failed: int = 0
    acknowledged: set[str] = field(default_factory=set)
    seconds: float = 0.0

    @property
    def per_s(self) -> float:
        """Objects acknowledged a second."""
        return len(self.acknowledged) / self.seconds


def _flood(port: int, count: int, seed: int) -> Flood:
    """All begin at one moment; who is refused for now tries again."""
    found, lock, begin = Flood(), threading.Lock(), threading.Barrier(count + 1)

    def send(number: int) -> None:
        begin.wait()
        for attempt in range(200):
            try:
                with Raw(port) as raw:
                    answer = raw.associate(contexts=((1, _CT, (_EXPLICIT,)),))
                    if answer is not None and answer[0] == _ACCEPT:
                        with lock:
                            found.accepted += attempt == 0
                        _store_all(raw, seed, number, found.acknowledged)
                        return
            except (OSError, EOFError):
                pass
            with lock:
                found.refused += 1
            time.sleep(0.05 + attempt * 0.02)
        with lock:
            found.failed += 1

    threads = [threading.Thread(target=send, args=(number,)) for number in range(count)]
    for one in threads:
        one.start()
    begin.wait()
    began = time.monotonic()
    for one in threads:
        one.join()
    found.seconds = time.monotonic() - began
    return found


def _store_all(raw: Raw, seed: int, number: int, acknowledged: set[str]) -> None:
    from ecorad.service.dicom import dimse

    for n in range(_STORES):
        uid = f"1.2.826.{seed}.{number * _STORES + n}"
        if uid in acknowledged:
            continue
        command = {dimse.AFFECTED_CLASS: _CT, dimse.COMMAND: dimse.C_STORE, dimse.MESSAGE_ID: n + 1, 0x0700: "",
                   dimse.DATA_SET: 1, dimse.AFFECTED_INSTANCE: uid}  # fmt: skip
        raw.send(pdv(1, 3, dimse.encode(command)) + _fragments(uid))
        answer = raw.receive()
        if answer is None:
            raise EOFError
        if dimse.decode(answer[1][6:])[dimse.STATUS] == 0:
            acknowledged.add(uid)


def _fragments(uid: str) -> bytes:
    """A small object and its pixels."""
    body = b""
    for tag, vr, text in ((0x00080016, b"UI", _CT), (0x00080018, b"UI", uid), (0x00080060, b"CS", "CT"),
                          (0x0020000D, b"UI", f"{uid}.1"), (0x0020000E, b"UI", f"{uid}.2")):  # fmt: skip
        value = text.encode() + (b" " if vr == b"CS" else b"\0") * (len(text) % 2)
        body += struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value
    body += struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, _OBJECT_BYTES) + bytes(_OBJECT_BYTES)
    pieces = [body[at : at + 16_000] for at in range(0, len(body), 16_000)]
    return b"".join(pdv(1, 2 if piece is pieces[-1] else 0, piece) for piece in pieces)


def _kept(site: Path) -> set[str]:
    """The UIDs of all objects in the receive journal."""
    from ecorad.ledger import Workspace
    from ecorad.ledger.spool import Entry, read_stream
    from ecorad.service.drain.drainer import spool_path

    folder = spool_path(Workspace.open(site)) / "dicom"
    found = (one.payload for one in read_stream(folder) if isinstance(one, Entry))
    return {match[0].decode() for payload in found if (match := _UID.search(payload))}
