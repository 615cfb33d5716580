"""Fuzzing guided by which branches ran: what random damage does not reach. Nothing may escape from any reader.

Corpora are kept in ``.fuzz`` beside this folder, so that each run goes on where the one before stopped; a scale of 360
is a day of processor time.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .figure import Figure

FOLDER = Path(__file__).parents[1] / ".fuzz"
SECONDS = 30.0
NAMES = ("dicom", "dose reports", "meters", "sheets", "medication", "procedure steps", "wire", "messages")
_TARGET = "0 open; a day of processor time before a release"


@dataclass(frozen=True, slots=True)
class Effort:
    """What a fuzzer did with one target: inputs tried, branches that ran, inputs kept, what escaped."""

    name: str
    executions: int
    branches: int
    corpus: int
    escaped: int

    @classmethod
    def read(cls, name: str, folder: Path, told: str) -> Effort:
        """From the fuzzer's own words."""
        counts = [int(count) for count in re.findall(r"\bcov: (\d+)", told)]
        units = re.search(r"stat::number_of_executed_units: (\d+)", told)
        found = folder / "found"
        return cls(
            name,
            int(units[1]) if units else 0,
            max(counts, default=0),
            len(list((folder / "corpus").iterdir())),
            len(list(found.iterdir())),
        )


def measure(scale: float, seed: int) -> list[Figure]:
    """The line S24."""
    if importlib.util.find_spec("atheris") is None:
        return [Figure("S24", "fuzzing guided by branches", "not run: needs the extra `fuzz`", _TARGET, holds=False)]
    return [figure(tried(NAMES, SECONDS * scale, seed), SECONDS * scale, seed)]


def figure(efforts: Sequence[Effort], seconds: float, seed: int) -> Figure:
    """All targets in one line."""
    escaped = [f"{one.escaped} in {one.name}" for one in efforts if one.escaped]
    idle = [one.name for one in efforts if not one.executions]
    return Figure(
        "S24",
        f"fuzzing guided by branches, {len(efforts)} readers, {seconds:.0f} s of processor each",
        f"{', '.join(escaped) or '0'} escaped; {sum(one.executions for one in efforts):,} inputs, "
        f"{sum(one.branches for one in efforts):,} branches, {sum(one.corpus for one in efforts):,} inputs kept"
        f"{''.join(f'; {name} did not run' for name in idle)}",
        _TARGET,
        not escaped and not idle,
        str(seed),
    )


def tried(names: Sequence[str], seconds: float, seed: int) -> list[Effort]:
    """Each target for so long, as many at once as there are cores."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda name: _one(name, seconds, seed), names))


def _one(name: str, seconds: float, seed: int) -> Effort:
    folder = FOLDER / name.replace(" ", "_")
    command = [sys.executable, "-m", "prove.fuzz_one", name, str(folder), str(max(1, round(seconds))), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return Effort.read(name, folder, done.stderr)
