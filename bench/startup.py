"""How long a user waits before anything happens. Aim: ``import ecorad`` and ``ecorad --help`` under 0.5 s."""

from __future__ import annotations

import subprocess
import sys

from .harness import Timing, timed


def measure() -> list[Timing]:
    """An empty Python is the anchor."""
    empty = timed("python -c pass", lambda: _python("-c", "pass"))
    return [
        empty,
        timed("import ecorad", lambda: _python("-c", "import ecorad"), anchor=empty),
        timed("import ecorad.model", lambda: _python("-c", "import ecorad.model"), anchor=empty),
        timed("ecorad --help", lambda: _python("-m", "ecorad", "--help"), anchor=empty),
        timed("ecorad tables", lambda: _python("-m", "ecorad", "tables"), anchor=empty),
    ]


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
