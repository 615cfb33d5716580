"""Disks that fail: errors and short writes at the first, second, third ... call of a real run; no false answer."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import kills, power_cut
from .figure import Figure

FULL, FULL_LEDGER = 60, 24
_RECORDS = 12
_INJECTED = (
    "fdatasync:error=EIO",
    "fsync:error=EIO",
    "write:error=EIO",
    "write:error=ENOSPC",
    "write:error=EDQUOT",
)
# Limits of the kernel rather than of strace: a file that may grow no further is written short first.
_LIMITED = ("files", "length")
# Not write: threads of the libraries wake each other by it. There a file that may grow no further takes its place.
_LEDGER_INJECTED = (
    "fsync:error=EIO",
    "length",
    "fsync:error=ENOSPC",
    "rename:error=EIO",
    "linkat,link:error=ENOSPC",
    "mkdir:error=EDQUOT",
)
_LENGTH = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({at} * 800, resource.RLIM_INFINITY))\n"
_MOST_S = 60.0
# Answers go out by another call than records: strace disturbs one and not the other.
_JOURNAL = """
import os, resource, signal, sys
from pathlib import Path
from ecorad.ledger.spool import Spool, SpoolFailedError, SpoolFullError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
kind, at = sys.argv[2], int(sys.argv[3])
spool = Spool(Path(sys.argv[1]), segment_bytes=2500)
for n in range({records}):
    if n == at and kind == "files":
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 4096))
    if n == at and kind == "length":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))
    if n == at + 4 and kind in {{"files", "length"}}:
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    try:
        spool.append(b"%04d" % n * 150, {{"n": n}}).result(20)
    except SpoolFullError:
        os.writev(1, [b"full "])
    except SpoolFailedError:
        os.writev(1, [b"failed "])
        os._exit(3)
    else:
        os.writev(1, [b"%d " % n])
"""


def measure(scale: float, seed: int) -> list[Figure]:
    """One real process a fault; afterwards its journal is opened and gone on with, by nobody's hand."""
    found = journal_faults(max(7, int(FULL * scale)), seed)
    ledger = ledger_faults(max(2, int(FULL_LEDGER * scale)), seed)
    return [
        Figure(
            "S4",
            "EIO, ENOSPC, EDQUOT, EMFILE and short writes at one call after another of the receive journal",
            f"{found['false']} false answers, {found['forged']} forged, {found['stuck']} that need a hand, in "
            f"{found['faults']} faults ({found['full']} passed by themselves, {found['failed']} ended the process)",
            "0",
            not (found["false"] or found["forged"] or found["stuck"]) and found["full"] + found["failed"] > 0,
            str(seed),
        ),
        Figure(
            "S4",
            "EIO, ENOSPC and EDQUOT at one call after another of an ingest, which is then run again",
            f"{ledger['lost']} acknowledged inputs lost, {ledger['shut']} ledgers that do not open, {ledger['wrong']} other "
            f"than the undisturbed one, in {ledger['states']} faults ({ledger['stopped']} stopped the ingest)",
            "0",
            not (ledger["lost"] or ledger["shut"] or ledger["wrong"]),
            str(seed),
        ),
    ]


def journal_faults(count: int, seed: int) -> Counter[str]:
    """What came of ``count`` faults: each kind at one call after another, two processes at a time."""
    kinds = (*_INJECTED, *_LIMITED)
    chosen = [(kinds[n % len(kinds)], n // len(kinds) + (kinds[n % len(kinds)] not in _LIMITED)) for n in range(count)]
    random.Random(seed).shuffle(chosen)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="ecorad-faults-") as name, ThreadPoolExecutor(2) as pool:
        folders = [Path(name) / str(n) for n in range(count)]
        for words in pool.map(lambda one: list(_journal(*one[0], one[1])), zip(chosen, folders, strict=True)):
            found.update(words)
    return found


def _journal(kind: str, at: int, folder: Path) -> Iterator[str]:
    """What is wrong after one fault."""
    from ecorad.ledger.spool import Entry, Spool, read_stream

    command = [sys.executable, "-c", _JOURNAL.format(records=_RECORDS), str(folder), kind, str(at)]
    if kind in _INJECTED:
        command = [*_strace(kind, at), *command]
    said = _said(command)
    yield "faults"
    yield from (word for word in said if word in {"full", "failed"})
    spool = Spool(folder)
    spool.append(b"9999", {"n": 9999}).result(10)
    spool.close()
    entries = {one.notes["n"]: one.payload for one in read_stream(folder) if isinstance(one, Entry)}
    yield from ("false" for word in said if word.isdecimal() and int(word) not in entries)
    yield from ("forged" for n, payload in entries.items() if payload != b"%04d" % n * (len(payload) // 4))
    if 9999 not in entries:
        yield "stuck"


def ledger_faults(count: int, seed: int) -> Counter[str]:
    """What came of ``count`` faults of an ingest in parts."""
    from ecorad.intake import pipeline, register  # noqa: F401 (imported once, before the children)

    found, chance = Counter[str](), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="ecorad-faults-") as name:
        folder = Path(name)
        sources = kills._sources(folder / "in", power_cut._OBJECTS)
        expected = kills._undisturbed(folder / "calm", folder / "in")
        after = power_cut.keys_by_part(folder, sources)
        for number in range(count):
            site = folder / f"site{number}"
            kills._new(site, folder / "calm")
            kind, at = _LEDGER_INJECTED[number % len(_LEDGER_INJECTED)], chance.randrange(1, 13)
            script = power_cut._LEDGER.format(parts=power_cut._PARTS)
            if kind == "length":
                script = _LENGTH.format(at=at) + script
            command = [sys.executable, "-c", script, str(site), str(folder / "in")]
            said = _said(command if kind == "length" else [*_strace(kind, at), *command])
            found.update(power_cut._ledger(site, folder / "in", after[max(map(int, said), default=0)], expected))
            found["stopped"] += len(said) < power_cut._PARTS
            shutil.rmtree(site)
    return found


def _strace(kind: str, at: int) -> list[str]:
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={kind}:when={at}"]


def _said(command: list[str]) -> list[str]:
    """The answers of a program that is disturbed; one that hangs fails the proof."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_MOST_S)
    return done.stdout.split()
