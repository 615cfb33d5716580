"""The rows of the fault model, by the tests that bear their names: each part of the model is a line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.reliability.test_rows import ROWS, named

from .figure import Figure

ROOT = Path(__file__).parents[1]
_PARTS = {
    "a": "associations: idle, slow, oversized, out of order, unknown callers, broken off",
    "b": "content of objects: cut, lying, bombs, nesting, character sets, versions, impossible values",
    "c": "the web port, watched folders, archives, procedure steps",
    "d": "HL7 over MLLP: framing, answers before durability, repetitions",
    "e": "meters: units, resets, roll-overs, clocks, late rows, dialects, messages",
    "h": "process and store: kills, full and failing disks, damage, clocks, budgets",
}


def measure(scale: float, seed: int) -> list[Figure]:
    """Run the tests of each part, as many parts at once as there are cores; they fail by themselves."""
    found = named()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda part: _part(part, _PARTS[part], found), _PARTS))


def _part(part: str, what: str, found: dict[str, list[str]]) -> Figure:
    rows = [f"{part}{number}" for number in range(1, ROWS[part] + 1)]
    tests = [test for row in rows for test in found.get(row, ())]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-n", "0", "--no-header", *tests]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", done.stdout)}
    passed, skipped = counts.get("passed", 0), counts.get("skipped", 0)
    failed = sum(count for word, count in counts.items() if word not in {"passed", "skipped"})
    bare = [row for row in rows if row not in found]
    return Figure(
        f"{part.upper()}1-{part.upper()}{ROWS[part]}",
        f"{what}; each row by tests of its name",
        f"{passed} tests hold, {failed} do not, {skipped} skipped; {len(bare)} rows without a test",
        "all",
        done.returncode == 0 and passed > 0 and not bare,
    )
