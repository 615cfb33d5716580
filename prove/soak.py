"""Thirty days of a network of ten scanners, one after the other: does the server grow, does it keep all it took?

Each day the scanners send examinations with their procedure steps, the information system its messages, ten meters
their minutes, and people look at the pages. In between the clock of the server is put forward to the next day, where
``faketime`` is here; its timeouts run on as they are. A day ends when all of it is worked off; only then is looked at
what the server's processes take.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from tests.service.peers import Raw, pdv
from tests.service.test_mllp import Sender, code

from .figure import Figure
from .serving import ACCEPT, CT, EXPLICIT, Server, ask_node, element, fragments, memory_mb, serving, store

DAYS, WARM_UP = 30, 10
SCANNERS, EXAMS, OBJECTS, MESSAGES, METERS = 10, 20, 3, 200, 10
_FIRST = date(2026, 3, 2)
_POWER_KW = 3.0
_OBJECT_BYTES = 20_000
_LONGEST_LAG_S = 120.0
_STEP = "1.2.840.10008.3.1.2.3.3"
_STEP_STATUS = 0x00400252
_TOKEN = "a-token-of-some-length"
_CLOCK = "clock.rc"
_SETTINGS = """
[listen]
reserve_mb = 0
keep_days = 7
[listen.dicom]
port = {dicom}
[listen.mllp]
port = {mllp}
[listen.http]
token_file = "token"
""" + "".join(f'[[meter]]\nid = "m{n}"\nunit = "kW"\nkind = "power"\n' for n in range(METERS))
_MESSAGE = "MSH|^~\\&|RIS|H|X|Y|{day:%Y%m%d}101500||ORM^O01|{number}|P|2.3.1\rPID|1||{number}\rORC|NW|{number}\r"


@dataclass(slots=True)
class Soak:
    """What a server took, day by day, and what became of what was sent."""

    memory_mb: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    lag_s: list[float] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    energy_kwh: float = 0.0
    sent_kwh: float = 0.0
    alarms: list[str] = field(default_factory=list)


def measure(scale: float, seed: int) -> list[Figure]:
    """The line S21; fewer days than half of all show no slope."""
    days = max(DAYS // 2, round(DAYS * scale))
    return figures(soaked(days, seed), seed)


def figures(found: Soak, seed: int) -> list[Figure]:
    """What the days say: of the first ones, in which pools fill, only that nothing was lost."""
    days = len(found.memory_mb)
    warm = WARM_UP * days // DAYS
    grows = slope(found.memory_mb[warm:])
    handles = last_less_first(found.handles[warm:])
    is_all_there = found.sent == found.kept and abs(found.energy_kwh - found.sent_kwh) < 1e-6 * found.sent_kwh
    total = f"{sum(found.sent.values()):,}"
    lost = sum(abs(count - found.kept.get(name, 0)) for name, count in found.sent.items())
    return [
        Figure(
            "S21",
            f"{days} days of {SCANNERS} scanners: memory of the server's processes after {warm} days",
            f"{grows:+.2f} MB a day, {found.memory_mb[-1]:.0f} MB at the end",
            "under 1 MB a day",
            grows < 1.0,
            str(seed),
        ),
        Figure(
            "S21",
            "handles of its processes, last days against first",
            f"{handles:+d}, {found.handles[-1]} at the end, in {found.threads[-1]} threads",
            "0 more",
            handles <= 0,
            str(seed),
        ),
        Figure(
            "S21",
            f"what was acknowledged on these days: {total} objects, steps, messages and bodies of readings",
            f"{lost} not in the ledger, {found.energy_kwh:,.1f} of {found.sent_kwh:,.1f} kWh; worked off at most "
            f"{max(found.lag_s):.0f} s after the last of a day; {len(found.alarms)} alarms",
            "0, all of the energy, no alarm",
            is_all_there and not found.alarms,
            str(seed),
        ),
    ]


def soaked(days: int, seed: int) -> Soak:
    """A server after so many days."""
    found = Soak()
    with tempfile.TemporaryDirectory(prefix="ecorad-soak-") as name:
        folder = Path(name)
        (folder / _CLOCK).write_text("+0d")
        with serving(
            folder / "site",
            _SETTINGS,
            ("dicom", "mllp"),
            files={"token": _TOKEN},
            options=("--meter-window", "0"),
            environment=_clock(folder / _CLOCK),
        ) as server:
            for number in range(days):
                (folder / _CLOCK).write_text(f"+{number}d")
                _day(server, number, seed, found)
                _look(server, found)
        _count(folder / "site", found)
    return found


def _clock(path: Path) -> dict[str, str]:
    """What makes the wall clock of a program ahead of the true one by what stands in a file; none without faketime."""
    if not shutil.which("faketime"):
        return {}
    return {
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1",
        "FAKETIME_TIMESTAMP_FILE": str(path),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def _day(server: Server, number: int, seed: int, found: Soak) -> None:
    """All senders at once; a day's work is over when each has sent what it has."""
    day = _FIRST + timedelta(days=number)
    failed: list[Exception] = []

    def kept(send: object, *arguments: object) -> None:
        try:
            send(*arguments)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 - of a thread: told by the one that waits
            failed.append(error)

    work = [
        (_scans, server, number, day, seed, found),
        (_messages, server, number, day, found),
        (_readings, server, number, day, found),
        (_pages, server),
    ]
    threads = [threading.Thread(target=kept, args=one) for one in work]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if failed:
        raise failed[0]


def _scans(server: Server, number: int, day: date, seed: int, found: Soak) -> None:
    for exam in range(EXAMS):
        for scanner in range(SCANNERS):
            _exam(server, f"1.2.826.{seed}.{number}.{scanner}.{exam}", day, (scanner, exam), found)


def _exam(server: Server, uid: str, day: date, which: tuple[int, int], found: Soak) -> None:
    """An association, a procedure step and its objects."""
    scanner, exam = which
    clock = f"{8 + exam // 3:02d}{exam % 3 * 20:02d}"
    with Raw(server.ports["dicom"]) as raw:
        answer = raw.associate(contexts=((1, CT, (EXPLICIT,)), (3, _STEP, (EXPLICIT,))))
        if answer is None or answer[0] != ACCEPT:
            raise RuntimeError("an association was refused")
        _step(raw, uid, is_new=True)
        for n in range(OBJECTS):
            more = {
                0x00080020: (b"DA", f"{day:%Y%m%d}"),
                0x00080022: (b"DA", f"{day:%Y%m%d}"),
                0x00080030: (b"TM", f"{clock}00"),
                0x00080032: (b"TM", f"{clock}{n:02d}"),
                0x00080070: (b"LO", "Maker"),
                0x00100020: (b"LO", f"P{exam}"),
                0x00181000: (b"LO", f"{40_000 + scanner}"),
                0x0020000D: (b"UI", uid),
                0x0020000E: (b"UI", f"{uid}.1"),
            }
            if not store(raw, n + 1, f"{uid}.1.{n}", fragments(f"{uid}.1.{n}", _OBJECT_BYTES, more)):
                raise RuntimeError("an object was refused")
        _step(raw, uid, is_new=False)
    _add(found, "dicom-node", OBJECTS)
    _add(found, "mpps", 2)


def _step(raw: Raw, uid: str, *, is_new: bool) -> None:
    from ecorad.service.dicom import dimse

    names = (
        (dimse.AFFECTED_CLASS, dimse.AFFECTED_INSTANCE) if is_new else (dimse.REQUESTED_CLASS, dimse.REQUESTED_INSTANCE)
    )
    operation, status = (dimse.N_CREATE, "IN PROGRESS") if is_new else (dimse.N_SET, "COMPLETED")
    command = {names[0]: _STEP, dimse.COMMAND: operation, dimse.MESSAGE_ID: 99, dimse.DATA_SET: 1, names[1]: f"{uid}.9"}
    if ask_node(raw, 3, command, pdv(3, 2, element(_STEP_STATUS, b"CS", status))) != dimse.SUCCESS:
        raise RuntimeError("a procedure step was refused")


def _messages(server: Server, number: int, day: date, found: Soak) -> None:
    with Sender(server.ports["mllp"]) as sender:
        for n in range(MESSAGES):
            message = _MESSAGE.format(day=day, number=number * MESSAGES + n).encode()
            if code(sender.ask(message)) != b"AA":
                raise RuntimeError("a message was refused")
    _add(found, "hl7", MESSAGES)


def _readings(server: Server, number: int, day: date, found: Soak) -> None:
    """Hour by hour, all meters in one body."""
    midnight = (day - date(1970, 1, 1)).days * 86_400
    for hour in range(24):
        first = midnight + hour * 3600
        lines = (f"m{n} value={_POWER_KW} {first + 60 * m}" for n in range(METERS) for m in range(60))
        server.ask("/write?precision=s", "\n".join(lines).encode(), authorization=f"Bearer {_TOKEN}")
    _add(found, "http", 24)
    # A power stands for the time until the next one: the last minute of all is not known yet.
    found.sent_kwh = METERS * _POWER_KW * ((number + 1) * 24 - 1 / 60)


def _pages(server: Server) -> None:
    for path in ("/receipts", "/check", "/leaflet", "/alerts") * 3:
        server.ask(path)


def _add(found: Soak, name: str, count: int) -> None:
    found.sent[name] = found.sent.get(name, 0) + count


def _look(server: Server, found: Soak) -> None:
    """Wait until nothing is unread, then see what the processes take."""
    began = time.monotonic()
    while time.monotonic() - began < _LONGEST_LAG_S:
        state = server.state()
        counted = sum(row["received"] for row in state.get("rows", ()))
        if state.get("unread") == {} and counted >= sum(found.sent.values()):
            break
        time.sleep(0.2)
    found.lag_s.append(time.monotonic() - began)
    found.alarms += [str(one["alarm"]) for one in state["alarms"]]
    tree = list(processes(server.process))
    found.memory_mb.append(sum(map(memory_mb, tree)))
    found.handles.append(sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in tree))
    found.threads.append(sum(len(list(Path(f"/proc/{one}/task").iterdir())) for one in tree))


def processes(first: int) -> Iterator[int]:
    """A process and all that it and its children started."""
    yield first
    for path in Path(f"/proc/{first}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text("ascii").split():
                yield from processes(int(child))


def _count(site: Path, found: Soak) -> None:
    """What the ledger has of it."""
    from ecorad.ledger import Ledger, Workspace

    with Ledger.read(Workspace.open(site)) as ledger:
        rows = ledger.rows("SELECT feed, count(*) AS n FROM receipt GROUP BY feed")
        found.kept = {row["feed"]: row["n"] for row in rows}
        objects = ledger.rows("SELECT count(*) AS n FROM instance")[0]["n"]
        found.kept["dicom-node"] = min(objects, found.kept.get("dicom-node", 0))
        found.energy_kwh = ledger.rows("SELECT sum(energy_kwh) AS n FROM reading")[0]["n"] or 0.0


def slope(values: list[float]) -> float:
    """The median of the slopes between all pairs of days (Theil 1950, Sen 1968).

    >>> slope([10.0, 11.0, 12.0, 40.0, 14.0])
    1.0
    """
    pairs = [(b, a) for b in range(len(values)) for a in range(b)]
    return median((values[b] - values[a]) / (b - a) for b, a in pairs)


def last_less_first(values: list[int]) -> int:
    """How many more there are in the last quarter of the days than in the first, by their medians.

    >>> last_less_first([20, 22, 20, 20, 21, 20, 24, 26])
    4
    """
    quarter = max(1, len(values) // 4)
    return round(median(values[-quarter:]) - median(values[:quarter]))
