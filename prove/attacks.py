"""Floods and attacks on a real ``ecorad serve``: others are served all the while, and nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.service.peers import VERIFICATION, Raw, associate_rq, pdv

from .figure import Figure
from .serving import ACCEPT, CT, EXPLICIT, fragments, memory_mb, serving, store

FLOOD, IDLE, IDLE_S = 500, 500, 30.0
_SETTINGS = "\n[listen]\nreserve_mb = 0\n[listen.dicom]\nport = {dicom}\n"
_STORES = 4
_OBJECT_BYTES = 20_000
_UID = re.compile(rb"1\.2\.826\.\d+\.\d+")


def measure(scale: float, seed: int) -> list[Figure]:
    """A server of its own for all three; whatever the scale, 50 and 500 associations are what is asked."""
    with (
        tempfile.TemporaryDirectory(prefix="ecorad-attacks-") as name,
        serving(Path(name) / "site", _SETTINGS) as server,
    ):
        port = server.ports["dicom"]
        idle = _idle(port, max(5.0, IDLE_S * scale))
        extra_mb, sent_mb = _endless_pdu(port, server.process)
        fifty = _flood(port, 50, seed)
        many = _flood(port, FLOOD, seed + 1)
        kept = _kept(server.site)
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
        if answer is not None and answer[0] == ACCEPT:
            raw.send(pdv(1, 3, dimse.encode(command)))
            if raw.receive() is not None:
                return time.monotonic() - began
    return 60.0  # refused or closed: not served at all


def _endless_pdu(port: int, server: int) -> tuple[float, float]:
    """Memory that the server takes beyond what it has, and what it took in, of a PDU without end. [MB, MB]"""
    _echo_s(port)
    before = memory_mb(server)
    most, sent = before, 0
    for kind in (1, 4):  # instead of the request, and as data of an association
        with contextlib.suppress(OSError), Raw(port) as raw:
            if kind == 4:
                raw.send(associate_rq(contexts=((1, CT, (EXPLICIT,)),)))
                raw.receive()
            raw.send(struct.pack(">BxL", kind, 0xFFFFFFFF))
            for _ in range(400):
                raw.send(bytes(1 << 20))
                sent += 1
                most = max(most, memory_mb(server))
        most = max(most, memory_mb(server))
    return most - before, float(sent)


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
                    answer = raw.associate(contexts=((1, CT, (EXPLICIT,)),))
                    if answer is not None and answer[0] == ACCEPT:
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
    for n in range(_STORES):
        uid = f"1.2.826.{seed}.{number * _STORES + n}"
        if uid not in acknowledged and store(raw, n + 1, uid, fragments(uid, _OBJECT_BYTES)):
            acknowledged.add(uid)


def _kept(site: Path) -> set[str]:
    """The UIDs of all objects in the receive journal."""
    from ecorad.ledger import Workspace
    from ecorad.ledger.spool import Entry, read_stream
    from ecorad.service.drain.drainer import spool_path

    folder = spool_path(Workspace.open(site)) / "dicom"
    found = (one.payload for one in read_stream(folder) if isinstance(one, Entry))
    return {match[0].decode() for payload in found if (match := _UID.search(payload))}
