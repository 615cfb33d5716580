"""``kill -9`` at random moments of an ingest: what was committed before must be there, and the end must be the same.

A child that has everything imported is forked for each run, so that a thousand kills take minutes and not hours. The
processes that fork are new ones, because one that has opened a ledger cannot be forked.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from .figure import Figure
from .mutate import TEST_FILES
from .side_by_side import shared

FULL = 1_000
_OBJECTS = 60
_SITE = '[site]\nname = "Proof"\ntimezone = "Europe/Amsterdam"\n'
_LOOK_EVERY = 9
_ROUND = 20  # kills of one workspace before it is looked at and a new one begins


def measure(scale: float, seed: int) -> list[Figure]:
    """Kill, look, go on; at the end of each workspace it is compared with an undisturbed one."""
    total: Counter[str] = Counter()
    for part in shared(killed, max(_ROUND, int(FULL * scale)), seed):
        total.update(part)
    lost, wrong, kills = total["lost"], total["wrong"], total["kills"]
    return [
        Figure(
            "S1",
            "acknowledged inputs lost under kill -9 in the middle of an ingest",
            f"{lost} lost, {wrong} ledgers other than the undisturbed one, in {kills:,} kills",
            "0 in 1,000",
            lost == 0 and wrong == 0 and kills > 0,
            str(seed),
        )
    ]


def killed(count: int, seed: int) -> Counter[str]:
    """What ``count`` kills did: keys lost, and ledgers that ended other than an undisturbed one."""
    from ecorad.intake import pipeline, register  # noqa: F401 (imported once, before the children)

    chance = random.Random(seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="ecorad-kills-") as name:
        folder = Path(name)
        sources = _sources(folder / "in")
        expected = _undisturbed(folder / "calm", folder / "in")
        while found["kills"] < count:
            site = folder / f"site{found['kills']}"
            _new(site, folder / "calm")
            seen: set[str] = set()
            for part in range(min(_ROUND, count - found["kills"])):
                some = sources[: (part + 1) * len(sources) // _ROUND]
                _killed(lambda some=some, site=site: _ingest(site, some), chance.uniform(0.0, 0.35))
                found["kills"] += 1
                if part % _LOOK_EVERY:
                    continue
                told = _keys(site)
                found["lost"] += len(seen - told)
                seen |= told
            _in_child(lambda site=site: _ingest(site, [folder / "in"]))
            found["wrong"] += _keys(site) != expected
            shutil.rmtree(site)
    return found


def _sources(folder: Path, count: int = _OBJECTS) -> list[Path]:
    """Objects that differ in the last digits of their own UID."""
    folder.mkdir()
    content = (TEST_FILES / "MR_small.dcm").read_bytes()
    place = content.index(b"\x08\x00\x18\x00UI") + 8
    length = int.from_bytes(content[place - 2 : place], "little")
    for number in range(count):
        uid = f"1.2.3.{number + 1000}".encode().ljust(length, b"\0")
        (folder / f"{number:03d}.dcm").write_bytes(content[:place] + uid + content[place + length :])
    return sorted(folder.iterdir())


def _new(site: Path, like: Path) -> None:
    site.mkdir()
    (site / "site.toml").write_text(_SITE, "utf-8")
    shutil.copytree(like / "keys", site / "keys")


def _undisturbed(site: Path, source: Path) -> set[str]:
    site.mkdir()
    (site / "site.toml").write_text(_SITE, "utf-8")
    _in_child(lambda: _ingest(site, [source]))
    return _keys(site)


def _ingest(site: Path, sources: list[Path]) -> None:
    from ecorad.intake import pipeline
    from ecorad.ledger import Workspace

    # A few inputs a commit, so that a kill falls between commits as often as into one.
    pipeline._COMMIT_INPUTS = 7
    pipeline.ingest(Workspace.open(site), sources, workers=1)


def _keys(site: Path) -> set[str]:
    """Keys of all objects in the ledger; read in a child, since what opens a ledger cannot be forked any more."""
    answer = site.parent / "keys.txt"

    def ask() -> None:
        from ecorad.intake.register import open_ledger
        from ecorad.ledger import Workspace

        with open_ledger(Workspace.open(site)) as ledger:
            rows = ledger.rows("SELECT record_key FROM instance")
        answer.write_text("\n".join(str(row["record_key"]) for row in rows), "utf-8")

    _in_child(ask)
    return set(answer.read_text("utf-8").split())


def _killed(work: Callable[[], None], after_s: float) -> None:
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _in_child(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, state = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(state) != 0:
        raise RuntimeError("an undisturbed ingest failed")
