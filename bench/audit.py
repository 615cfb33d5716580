"""A year of a department, audited: 100,000 exams, five scanners, a reading a minute. Aim: under 60 s and 2 GB.

A simulated fortnight is ingested and then repeated over the year inside the ledger; exams are set down again half a day
later until there are enough. What is measured is the whole command, start to page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace, delta
from ecorad.model import tables
from ecorad.simulation import simulate

from .harness import Timing, timed

# ECORAD_BENCH_EXAMS=100000 for the full measure.
EXAMS = int(os.environ.get("ECORAD_BENCH_EXAMS", "20000"))
FORTNIGHT_S = 14 * 86_400
HALF_DAY_S = 43_200
# What makes a row one of a kind.
KEYS = {
    "instance": ("record_key", "source_digest", "study_key", "series_key", "accession_key", "patient_key"),
    "reading": ("record_key", "source_digest"),
    "receipt": ("record_key", "source_digest"),
}


def measure() -> list[Timing]:
    """The audit of a year."""
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        folder = Path(name) / "site"
        exams, readings = _year(folder)
        what = f"ecorad audit, {exams:,} exams, {readings:,} readings"
        return [timed(what, lambda: _ecorad("audit", folder), repeats=3)]


def _year(folder: Path) -> tuple[int, int]:
    simulate(folder, days=14, scanners=5, seed=1, meter_resolution_s=60)
    _ecorad("ingest", folder, folder / "incoming")
    workspace = Workspace.open(folder)
    with open_ledger(workspace) as ledger:
        a_fortnight = ledger.rows("SELECT count(DISTINCT study_key) AS n FROM instance")[0]["n"]
        rounds = -(-EXAMS // a_fortnight)
        for entry in range(1, rounds):
            year_part, again = entry % 26, entry // 26
            shift_s = year_part * FORTNIGHT_S + again * HALF_DAY_S
            for table_name, keys in KEYS.items():
                if table_name == "reading" and again:
                    continue  # the meters have been read for this fortnight
                rows = ledger.connection.sql(_repeated(table_name, keys, shift_s, entry))
                delta.append(workspace.ledger_path / table_name, rows, 1000 + entry)
    with open_ledger(workspace) as ledger:
        exams = ledger.rows("SELECT count(DISTINCT study_key) AS n FROM instance")[0]["n"]
        readings = ledger.rows("SELECT count(*) AS n FROM reading")[0]["n"]
    return exams, readings


def _repeated(name: str, keys: tuple[str, ...], shift_s: int, entry: int) -> str:
    """A query for the rows of a table, moved in time under other keys, with the month they fall into."""
    moved = []
    for column in tables()[name].columns:
        if column.type == "timestamp" and column.name != "received_at":
            moved.append(f'"{column.name}" + INTERVAL {shift_s} SECOND AS "{column.name}"')
        elif column.name in keys:
            moved.append(f'"{column.name}" || \'-{entry}\' AS "{column.name}"')
        else:
            moved.append(f'"{column.name}"')
    moment = "start_utc" if name == "reading" else "event_time_utc"
    month = f"coalesce(strftime({moment}, '%Y-%m'), 'unknown')"
    return f'SELECT *, {month} AS month FROM (SELECT {", ".join(moved)} FROM "{name}")'


def _ecorad(*arguments: object) -> None:
    command = [sys.executable, "-m", "ecorad", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
