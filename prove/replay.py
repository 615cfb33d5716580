"""The same feed twice, shuffled, with a tenth of it repeated: the reports must be the same to the byte."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .figure import Figure


def measure(scale: float, seed: int) -> list[Figure]:
    """Simulate a department, ingest it in two orders, compare the files of both reports."""
    with tempfile.TemporaryDirectory(prefix="ecorad-replay-") as name:
        folder = Path(name)
        calm, wild = folder / "calm", folder / "wild"
        _ecorad("simulate", calm, "--days", 2, "--scanners", 3, "--seed", seed)
        _ecorad("doctor", calm)  # makes the key that both share
        shutil.copytree(calm, wild)
        _ecorad("ingest", calm, calm / "incoming")
        _ecorad("audit", calm)
        files = _shuffled(wild / "incoming", random.Random(seed))
        for part in range(3):
            _ecorad("ingest", wild, *files[part::3])
        _ecorad("ingest", wild, wild / "incoming")
        _ecorad("audit", wild)
        names = sorted(path.name for path in (calm / "out").iterdir() if path.is_file())
        differ = [one for one in names if (calm / "out" / one).read_bytes() != (wild / "out" / one).read_bytes()]
    return [
        Figure(
            "S11",
            "the same feed in another order, in parts, twice, with a tenth repeated",
            f"{len(differ)} of {len(names)} report files differ{': ' + ', '.join(differ) if differ else ''}",
            "byte-equal reports",
            not differ and bool(names),
            str(seed),
        )
    ]


def _shuffled(incoming: Path, chance: random.Random) -> list[Path]:
    """A good hundred of its files in another order, a tenth of them twice."""
    files = [path for path in sorted(incoming.rglob("*")) if path.is_file()]
    some = chance.sample(files, min(120, len(files)))
    some += chance.sample(some, len(some) // 10)
    chance.shuffle(some)
    return some


def _ecorad(*arguments: object) -> None:
    command = [sys.executable, "-m", "ecorad", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"ecorad {arguments[0]} failed: {done.stderr[-500:]}")
