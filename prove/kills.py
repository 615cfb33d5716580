"""``kill -9`` at random moments of an ingest: what was committed before must be there, and the end must be the same.

A child that has everything imported is forked for each run, so that a thousand kills take minutes and not hours. This
process itself must not have opened a ledger: its engine cannot be forked.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from .figure import Figure
from .mutate import TEST_FILES

FULL = 1_000
_OBJECTS = 60
_SITE = '[site]\nname = "Proof"\ntimezone = "Europe/Amsterdam"\n'
_LOOK_EVERY = 9
_ROUND = 20  # kills of one workspace before it is looked at and a new one begins


def measure(scale: float, seed: int) -> list[Figure]:
    """Kill, look, go on; at the end of each workspace it is compared with an undisturbed one."""
    from ecorad.intake import pipeline, register  # noqa: F401 (imported once, before the children)

    chance = random.Random(seed)
    kills = lost = wrong = 0
    with tempfile.TemporaryDirectory(prefix="ecorad-kills-") as name:
        folder = Path(name)
        sources = _sources(folder / "in")
        expected = _undisturbed(folder / "calm", folder / "in")
        while kills < max(_ROUND, int(FULL * scale)):
            site = folder / f"site{kills}"
            _new(site, folder / "calm")
            seen: set[str] = set()
            for part in range(_ROUND):
                some = sources[: (part + 1) * len(sources) // _ROUND]
                _killed(lambda some=some, site=site: _ingest(site, some), chance.uniform(0.0, 0.35))
                kills += 1
                if part % _LOOK_EVERY:
                    continue
                told = _keys(site)
                lost += len(seen - told)
                seen |= told
            _in_child(lambda site=site: _ingest(site, [folder / "in"]))
            wrong += _keys(site) != expected
            shutil.rmtree(site)
    return [
        Figure(
            "S1",
            "acknowledged inputs lost under kill -9 in the middle of an ingest",
            f"{lost} lost, {wrong} ledgers other than the undisturbed one, in {kills:,} kills",
            "0 in 1,000",
            lost == 0 and wrong == 0,
            str(seed),
        )
    ]


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
