"""Durable records per second of the receive journal. Aim: 5,000 a second with many senders."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ecorad.ledger.spool import Spool

from .harness import Timing, timed

RECORDS = 20_000
BODY = os.urandom(1000)


def measure() -> list[Timing]:
    """One bare write and fdatasync a record is the anchor."""
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        folder = Path(name)
        anchor = timed("2,000 writes, each with its own fdatasync", lambda: _bare(folder / "bare", 2_000), repeats=3)
        one = timed("2,000 records, each awaited", lambda: _one_by_one(folder / "one", 2_000), repeats=3, anchor=anchor)
        many = timed(f"{RECORDS:,} records, 50 at a time", lambda: _together(folder / "many"), repeats=3)
    print(f"{2_000 / one.median_s:,.0f} records/s one by one, {RECORDS / many.median_s:,.0f} records/s 50 at a time")
    return [anchor, one, many]


def _bare(path: Path, count: int) -> None:
    with path.open("wb", buffering=0) as file:
        for _ in range(count):
            file.write(BODY)
            os.fdatasync(file.fileno())


def _one_by_one(folder: Path, count: int) -> None:
    spool = Spool(folder)
    for _ in range(count):
        spool.append(BODY, {"feed": "bench"}).result()
    spool.close()


def _together(folder: Path) -> None:
    spool = Spool(folder)
    for _ in range(RECORDS // 50):
        for one in [spool.append(BODY, {"feed": "bench"}) for _ in range(50)]:
            one.result()
    spool.close()
