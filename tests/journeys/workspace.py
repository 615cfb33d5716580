"""Driving the command line as a user would, from outside the process."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ECORAD = (sys.executable, "-m", "ecorad")


def ecorad(*arguments: object, accept: tuple[int, ...] = (0,), **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``ecorad`` and insist on its exit status."""
    done = subprocess.run(
        [*ECORAD, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "COLUMNS": "120", **environment},
        check=False,
    )
    assert done.returncode in accept, f"exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done


def ecorad_json(*arguments: object, accept: tuple[int, ...] = (0,)) -> Any:
    """Run ``ecorad ... --json`` and parse the one object it prints."""
    return json.loads(ecorad(*arguments, "--json", accept=accept).stdout)


def exported(workspace: Path, table: str) -> list[dict[str, str]]:
    """The rows of a table as ``ecorad export`` gives them."""
    target = workspace / f"{table}.export.csv"
    ecorad("export", workspace, table, "--format", "csv", "-o", target)
    with target.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def new_workspace(folder: Path, **fields: str) -> Path:
    """An empty workspace in the Netherlands."""
    workspace = folder / "site"
    options = {"zone": "NL", "timezone": "Europe/Amsterdam", **fields}
    ecorad("init", workspace, *(part for key, value in options.items() for part in (f"--{key}", value)))
    return workspace


def adds_up(counts: dict[str, Any]) -> bool:
    """Whether every input ended in exactly one way."""
    ends = ("stored", "duplicate", "new_version", "quarantined", "refused")
    return counts["received"] == sum(counts[end] for end in ends)
