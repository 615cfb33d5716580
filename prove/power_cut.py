"""Power cuts: what a real run wrote, left behind in the states that a disk may be in; what was acknowledged is there."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import kills
from .disk import Disk
from .figure import Figure
from .recorded import Call, record
from .side_by_side import shared

FULL, FULL_LEDGER = 20_000, 150
_RUNS = 2
_PARTS = 3
_OBJECTS = 24
_JOURNAL = """
import os, random, sys
from pathlib import Path
from ecorad.ledger.spool import Spool
chance, n = random.Random(int(sys.argv[2])), 0
for opening in range(3):
    spool = Spool(Path(sys.argv[1]) / "ledger" / "spool" / "dicom", segment_bytes=9000)
    for group in range(6):
        count = chance.randrange(1, 6)
        done = [spool.append(b"%04d" % (n + i) * chance.randrange(1, 900), {"n": n + i}) for i in range(count)]
        for one in done:
            one.result()
            os.write(1, b"%d " % n)
            n += 1
    spool.close()
"""
_LEDGER = """
import os, sys
from pathlib import Path
from ecorad.intake import pipeline
from ecorad.ledger import Workspace
pipeline._COMMIT_INPUTS = 7
sources = sorted(Path(sys.argv[2]).iterdir())
for part in range(1, {parts} + 1):
    pipeline.ingest(Workspace.open(Path(sys.argv[1])), sources[: part * len(sources) // {parts}], workers=1)
    os.write(1, b"%d " % part)
"""


def measure(scale: float, seed: int) -> list[Figure]:
    """The receive journal in very many states, the ledger in some hundreds (each is opened and gone on with)."""
    found: Counter[str] = Counter()
    for part in shared(journal_states, max(16, int(FULL * scale)), seed):
        found.update(part)
    ledger = ledger_states(max(8, int(FULL_LEDGER * scale)), seed)
    return [
        Figure(
            "S2",
            "acknowledged records of the receive journal lost in simulated power cuts (recorded writes, torn at 512 B)",
            f"{found['lost']} lost, {found['forged']} read that were never sent, {found['stuck']} journals that take no "
            f"more, in {found['states']:,} states ({found['damaged']:,} with named damage)",
            "0 in 20,000",
            not (found["lost"] or found["forged"] or found["stuck"]),
            str(seed),
        ),
        Figure(
            "S2",
            "acknowledged inputs of the ledger lost in simulated power cuts; each state opened and the feed sent again",
            f"{ledger['lost']} lost, {ledger['shut']} that do not open, {ledger['wrong']} other than the undisturbed one, "
            f"in {ledger['states']} states",
            "0",
            not (ledger["lost"] or ledger["shut"] or ledger["wrong"]),
            str(seed),
        ),
    ]


def journal_states(count: int, seed: int) -> Counter[str]:
    """Record some runs of the journal, then cut them off ``count`` times."""
    chance, found = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="ecorad-cut-", dir=_memory()) as name:
        for run in range(_RUNS):
            site = Path(name) / f"site{run}"
            (site / "ledger").mkdir(parents=True)
            disk, again = Disk(site), Disk(site)
            calls = record([sys.executable, "-c", _JOURNAL, str(site), str(seed + run)], site)
            _same(again, calls, site)
            for place in sorted(chance.choices(range(1, len(calls) + 1), k=count // _RUNS + (run < count % _RUNS))):
                _go_on(disk, calls, place)
                found.update(_journal(disk, calls[:place], Path(name) / "state", chance))
            shutil.rmtree(site)
    return found


def _go_on(disk: Disk, calls: list[Call], place: int) -> None:
    """Do the calls before ``place``, which lies on or behind where the disk is."""
    for call in calls[disk.done : place]:
        disk.do(call)


def _journal(disk: Disk, calls: list[Call], state: Path, chance: random.Random) -> Iterator[str]:
    """What is wrong with one state of the journal."""
    from ecorad.ledger.spool import Damage, Entry, Spool, read_stream

    disk.after_cut(chance, state)
    folder = state / "ledger" / "spool" / "dicom"
    found = list(read_stream(folder))
    entries = [one for one in found if isinstance(one, Entry)]
    there = {one.notes["n"] for one in entries}
    yield "states"
    yield from ("lost" for number in _told(calls) if number not in there)
    yield from ("forged" for one in entries if one.payload != b"%04d" % one.notes["n"] * (len(one.payload) // 4))
    if any(isinstance(one, Damage) for one in found):
        yield "damaged"
    if chance.random() < 0.02:
        spool = Spool(folder)
        spool.append(b"9999", {"n": 9999}).result(10)
        spool.close()
        if 9999 not in {one.notes["n"] for one in read_stream(folder) if isinstance(one, Entry)}:
            yield "stuck"
    shutil.rmtree(state)


def ledger_states(count: int, seed: int) -> Counter[str]:
    """Record an ingest in parts, then cut it off ``count`` times."""
    from ecorad.intake import pipeline, register  # noqa: F401 (imported once, before the children)

    chance, found = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="ecorad-cut-", dir=_memory()) as name:
        folder = Path(name)
        sources = kills._sources(folder / "in", _OBJECTS)
        expected = kills._undisturbed(folder / "calm", folder / "in")
        after = keys_by_part(folder, sources)
        calls, disk = _ledger_run(folder)
        for place in sorted(chance.choices(range(1, len(calls) + 1), k=count)):
            _go_on(disk, calls, place)
            state = folder / "state"
            disk.after_cut(chance, state)
            acknowledged = after[max(_told(calls[:place]), default=0)]
            found.update(_ledger(state, folder / "in", acknowledged, expected))
            shutil.rmtree(state)
    return found


def keys_by_part(folder: Path, sources: list[Path]) -> list[set[str]]:
    """The keys that are in the ledger after each part, before the first as well."""
    (folder / "told").mkdir()
    kills._new(folder / "told" / "site", folder / "calm")
    after: list[set[str]] = [set()]
    for part in range(1, _PARTS + 1):
        some = sources[: part * len(sources) // _PARTS]
        kills._in_child(lambda some=some: kills._ingest(folder / "told" / "site", some))
        after.append(kills._keys(folder / "told" / "site"))
    return after


def _ledger_run(folder: Path) -> tuple[list[Call], Disk]:
    """The calls of a run, and the disk before it."""
    site = folder / "site"
    kills._new(site, folder / "calm")
    disk, again = Disk(site), Disk(site)
    calls = record([sys.executable, "-c", _LEDGER.format(parts=_PARTS), str(site), str(folder / "in")], site)
    _same(again, calls, site)
    return calls, disk


def _ledger(state: Path, source: Path, acknowledged: set[str], expected: set[str]) -> Iterator[str]:
    """What is wrong with one state of the ledger: as it opens, and after the whole feed was sent again."""
    told = [state.with_name("then"), state.with_name("afterwards")]

    def go_on() -> None:
        from ecorad.intake import pipeline
        from ecorad.intake.register import open_ledger
        from ecorad.ledger import Workspace

        workspace = Workspace.open(state)
        for answer in told:
            with open_ledger(workspace) as ledger:
                rows = ledger.rows("SELECT record_key FROM instance")
            answer.write_text("\n".join(str(row["record_key"]) for row in rows), "utf-8")
            if answer is told[0]:
                pipeline.ingest(workspace, [source], workers=1)

    yield "states"
    for path in told:
        path.unlink(missing_ok=True)
    with contextlib.suppress(RuntimeError):
        kills._in_child(go_on)
    if not told[0].exists():
        yield "shut"
        return
    yield from ("lost" for _ in acknowledged - set(told[0].read_text("utf-8").split()))
    afterwards = told[1].read_text("utf-8").split() if told[1].exists() else []
    if sorted(afterwards) != sorted(expected):
        yield "wrong"


def _told(calls: list[Call]) -> list[int]:
    """The numbers that were acknowledged."""
    return [int(word) for call in calls if call.said is not None for word in call.said.split()]


def _same(disk: Disk, calls: list[Call], folder: Path) -> None:
    """The calls, played again, must give what is on the disk: else some call is not modelled and nothing is proved."""
    for call in calls:
        disk.do(call)
    played = folder.with_name("played")
    disk.undisturbed(played)
    if _contents(played) != _contents(folder):
        raise RuntimeError("the recorded calls do not give what was written")
    shutil.rmtree(played)


def _contents(folder: Path) -> dict[str, bytes | None]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def _memory() -> str | None:
    """Where files cost no disk, if there is such a place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
