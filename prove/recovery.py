"""Coming back: a server killed under load over a full ledger, the tables made anew, a backup on another folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from .figure import Figure
from .replay import _ecorad

READINGS, METERS = 10_000_000, 10
_MOST_READY_S, _MOST_ANEW_S = 10.0, 600.0
_START_S = 1_735_689_600  # 2025-01-01
_SITE = '[site]\nname = "Proof"\ntimezone = "Europe/Amsterdam"\n'


def measure(scale: float, seed: int) -> list[Figure]:
    """Fill a site, kill its server under load, start it again; back it up and restore it; make its tables anew."""
    readings = max(20_000, int(READINGS * scale))
    with tempfile.TemporaryDirectory(prefix="ecorad-recovery-") as name:
        folder = Path(name)
        site = _filled(folder, readings)
        lost, acknowledged, ready_s = _killed_under_load(site)
        _ecorad("audit", site)
        same, count = _restored(site, folder)
        started = time.monotonic()
        told = _json("rebuild", site, folder / "in")
        anew_s = time.monotonic() - started
        shutil.rmtree(site / "out")
        _ecorad("audit", site)
        differ = _differ(site, folder / "again")
    is_kept = bool(told.get("kept"))
    return [
        Figure(
            "S22",
            f"server killed under load over {readings:,} readings: until it answers again; the tables made anew",
            f"{ready_s:.1f} s until ready, {lost} of {acknowledged:,} acknowledged messages lost; {anew_s:.0f} s to make "
            f"the tables anew, report {'the same' if is_kept and not differ else 'other: ' + ', '.join(differ)}",
            f"{_MOST_READY_S:.0f} s, 0 lost, {_MOST_ANEW_S:.0f} s",
            ready_s <= _MOST_READY_S and lost == 0 and anew_s <= _MOST_ANEW_S and is_kept and not differ,
            str(seed),
        ),
        Figure(
            "S23",
            "a backup restored into an empty folder: rows of every table and files of the report (no older releases yet)",
            f"{same} of {count} the same",
            "all",
            same == count > 0,
            str(seed),
        ),
    ]


def _filled(folder: Path, readings: int) -> Path:
    """A site with readings of some meters, one a second, from files that stay for making it anew."""
    site, source = folder / "site", folder / "in"
    site.mkdir()
    source.mkdir()
    meters = "".join(f'[[meter]]\nid = "m{n}"\nunit = "W"\nkind = "power"\ninterval_s = 1\n' for n in range(METERS))
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    (site / "site.toml").write_text(f"{_SITE}{meters}[listen]\nreserve_mb = 0\n[listen.mllp]\nport = {port}\n", "utf-8")
    for meter in range(METERS):
        with (source / f"m{meter}.csv").open("w", encoding="ascii") as file:
            file.write("time,power [W]\n")
            for n in range(readings // METERS):
                at = time.gmtime(_START_S + n)
                file.write(f"{at[0]}-{at[1]:02}-{at[2]:02}T{at[3]:02}:{at[4]:02}:{at[5]:02}Z,{4000 + n % 997}\n")
    _ecorad("ingest", site, source)
    return site


def _killed_under_load(site: Path) -> tuple[int, int, float]:
    """Messages lost and acknowledged, and seconds until the server that follows answers."""
    import tomllib

    port = tomllib.loads((site / "site.toml").read_text("utf-8"))["listen"]["mllp"]["port"]
    server, _ = _served(site)
    acknowledged: list[int] = []
    senders = [threading.Thread(target=_send, args=(port, n, acknowledged)) for n in range(4)]
    for one in senders:
        one.start()
    time.sleep(3.0)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    for one in senders:
        one.join()
    server, ready_s = _served(site)
    _wait_until_read(site)
    server.terminate()
    server.wait(60)
    return len(set(acknowledged) - _kept(site)), len(acknowledged), ready_s


def _served(site: Path) -> tuple[subprocess.Popen[bytes], float]:
    """A server that answers, and how long that took. [s]"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    command = [sys.executable, "-m", "ecorad", "serve", str(site), "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    while time.monotonic() - started < 120 and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/receipts.json", timeout=5):
            return server, time.monotonic() - started
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _wait_until_read(site: Path) -> None:
    """Until the journal is worked off, as the published state says."""
    from ecorad.ledger import Workspace
    from ecorad.service.drain.drainer import waiting
    from ecorad.service.drain.journal_state import read_states

    workspace, deadline = Workspace.open(site), time.monotonic() + 300
    while time.monotonic() < deadline:
        now, intended = read_states(site / "ledger" / "spool")
        if intended is None and not any(True for _ in waiting(workspace, now)):
            return
        time.sleep(0.5)
    raise RuntimeError("the journal was not worked off in five minutes")


def _send(port: int, sender: int, acknowledged: list[int]) -> None:
    """Messages until the server is gone; a number is noted once its answer is there."""
    number = sender
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        while True:
            peer.sendall(b"\x0bMSH|^~\\&|RIS|H|E|E|20260301||ORM^O01|N%d|P|2.3\rPID|1\r\x1c\r" % number)
            answer = b""
            while not answer.endswith(b"\x1c\r"):
                more = peer.recv(4096)
                if not more:
                    return
                answer += more
            if b"MSA|AA|N%d" % number not in answer:
                return
            acknowledged.append(number)
            number += 4


def _kept(site: Path) -> set[int]:
    """Numbers of the messages in the journal."""
    from ecorad.ledger.spool import Entry, read_stream

    entries = (one for one in read_stream(site / "ledger" / "spool" / "hl7") if isinstance(one, Entry) and one.payload)
    return {int(one.payload.split(b"|")[9][1:]) for one in entries}


def _restored(site: Path, folder: Path) -> tuple[int, int]:
    """How many tables and files of the report are the same on another folder, and of how many."""
    _ecorad("backup", site, folder / "b.tar")
    _ecorad("restore", folder / "b.tar", folder / "again")
    for place in (site, folder / "again"):
        shutil.rmtree(place / "out", ignore_errors=True)
        _ecorad("audit", place)
    differ, names = _differ(site, folder / "again"), [p for p in (site / "out").iterdir() if p.is_file()]
    tables = ("instance", "reading", "receipt", "issue")
    for table in tables:
        for place in (site, folder / "again"):
            _ecorad("export", place, table, "--format", "parquet", "-o", folder / f"{place.name}.parquet")
        differ += [table] if _rows(folder / "site.parquet") != _rows(folder / "again.parquet") else []
    count = len(names) + len(tables)
    return count - len(differ), count


def _differ(site: Path, other: Path) -> list[str]:
    """Files of two reports that are not the same to the byte."""
    names = sorted(path.name for path in (site / "out").iterdir() if path.is_file())
    return [one for one in names if (site / "out" / one).read_bytes() != (other / "out" / one).read_bytes()]


def _rows(path: Path) -> object:
    """Count and sums of the hashes of all rows."""
    import duckdb

    query = f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)) FROM read_parquet('{path}') AS t"
    return duckdb.sql(query).fetchall()


def _json(*arguments: object) -> dict[str, object]:
    command = [sys.executable, "-m", "ecorad", *map(str, arguments), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return dict(json.loads(done.stdout))
