"""The live listeners and the receive journal, by their own tests: attacks, floods, damage, answers before durability."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from .figure import Figure

ROOT = Path(__file__).parents[1]
_SUITES = {
    "S2-S4": ("receive journal: torn tails, flipped bits, zeroed blocks, failing disks", "tests/ledger"),
    "S8-S10": ("associations, idle connections, slow and oversized PDUs, MLLP framing", "tests/service"),
    "B, C, E": ("bad input by row", "tests/intake"),
}


def measure(scale: float, seed: int) -> list[Figure]:
    """Run each suite; its tests fail by themselves where something does not hold."""
    return [_suite(sheet, what, folder) for sheet, (what, folder) in _SUITES.items()]


def _suite(sheet: str, what: str, folder: str) -> Figure:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-n", "0", "--no-header", folder]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|errors?|skipped)", done.stdout)}
    passed, skipped = counts.get("passed", 0), counts.get("skipped", 0)
    failed = sum(count for word, count in counts.items() if word not in {"passed", "skipped"})
    found = f"{passed} tests hold, {failed} do not, {skipped} skipped"
    return Figure(sheet, f"{what} (`{folder}`)", found, "all", done.returncode == 0 and passed > 0)
