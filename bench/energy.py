"""Readings to states and energy of exams: ten scanners for thirty days, and one for a year, at a reading a second.

Readings are taken together in steps of ten seconds as they come, as states last longer. The memory of the year is the
most that a process of its own ever held.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
from arro3.core import RecordBatchReader

from ecorad.footprint.energy.even import on_a_grid
from ecorad.footprint.energy.join import join
from ecorad.footprint.energy.sharpen import coarsened
from ecorad.footprint.energy.states import STEP_S, StateRuns, classify
from ecorad.footprint.energy.trace import Ints, Trace, concatenated
from ecorad.model import PowerState

from .harness import Timing, timed

CORES = len(os.sched_getaffinity(0))
DAY_S = 86400
FIRST_US = 20_514 * DAY_S * 1_000_000
SECOND_US = 1_000_000
Scanner = tuple[Path, tuple[Ints, Ints], tuple[Ints, Ints]]
LEVELS_KW = {"off": 8.0, "idle": 12.0, "ready": 20.0, "scan": 36.0}


def measure() -> list[Timing]:
    """Time reading Parquet, and reading with states and exams."""
    with tempfile.TemporaryDirectory() as folder:
        month = [_written(Path(folder) / f"{n}.parquet", days=30, seed=n) for n in range(10)]
        year = _written(Path(folder) / "year.parquet", days=365, seed=99)
        anchor = timed(
            "26 M readings from Parquet alone", lambda: [sum(map(len, _parts(path))) for path, _, _ in month], repeats=3
        )
        whole = timed(
            f"26 M readings from Parquet to states and energy, {CORES} cores", lambda: _month(month), repeats=3
        )
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            scanner, memory_mb = alone.submit(_year, year).result()
    print(f"memory of the scanner-year: {memory_mb:,.0f} MB")
    return [anchor, whole, scanner]


def _year(year: Scanner) -> tuple[Timing, float]:
    scanner = timed("a scanner-year at 1 Hz to states and energy, streamed", lambda: _used(*year), repeats=3)
    # What getrusage tells of a child is at least what its parent had taken when it was made.
    peak = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return scanner, int(peak.split()[1]) / 1024


def _written(path: Path, *, days: int, seed: int) -> Scanner:
    """A file of one scanner's readings; its acquisitions and exams. [us]"""
    rng = np.random.default_rng(seed)
    scans, exams = [], []
    powers = []
    for day in range(days):
        level = np.full(DAY_S, LEVELS_KW["off"])
        level[7 * 3600 : 18 * 3600] = LEVELS_KW["idle"]
        moment = 8 * 3600
        while moment < 17 * 3600:
            first = now = moment + int(rng.integers(150, 600))
            beams = []
            for _ in range(5):
                last = now + int(rng.integers(60, 240))
                beams.append((now, last))
                now = last + int(rng.integers(15, 60))
            moment = beams[-1][1] + 90
            level[first - 150 : moment] = LEVELS_KW["ready"]
            for begin, end in beams:
                level[begin:end] = LEVELS_KW["scan"] * rng.uniform(0.7, 1.2)
            scans += [(day * DAY_S + begin, day * DAY_S + end) for begin, end in beams]
            exams.append((day * DAY_S + first, day * DAY_S + beams[-1][1]))
        powers.append(level * (1 + 0.05 * rng.standard_normal(DAY_S)))
    columns = {  # noqa: F841 - named in the query
        "second": np.arange(days * DAY_S, dtype=np.int64),
        "energy_kwh": np.concatenate(powers) / 3600.0,
    }
    query = f"SELECT make_timestamp({FIRST_US} + second * 1000000) AS start_utc, energy_kwh FROM columns"
    duckdb.sql(query).write_parquet(str(path))
    return path, _spans(scans), _spans(exams)


def _spans(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    moments = FIRST_US + np.array(pairs, dtype=np.int64) * 1_000_000
    return moments[:, 0], moments[:, 1]


def _read(path: Path, where: str = "true") -> Trace:
    columns = duckdb.cursor().sql(f"SELECT start_utc, energy_kwh FROM '{path}' WHERE {where}").fetchnumpy()
    found = on_a_grid(columns["start_utc"].view(np.int64), 1_000_000, columns["energy_kwh"])
    if found is None:
        raise SystemExit("the readings that were written are not those that were read")
    return found


def _month(scanners: list[Scanner]) -> list[StateRuns]:
    """Scanners side by side, one on each core: arrays are worked on without the interpreter."""
    with ThreadPoolExecutor(CORES) as threads:
        return list(threads.map(lambda one: _used(*one), scanners))


def _parts(path: Path) -> Iterator[Trace]:
    """Readings as the engine hands them over, about a day at a time."""
    rows = duckdb.cursor().sql(f"SELECT epoch_us(start_utc) AS start_us, energy_kwh FROM '{path}'")
    for batch in RecordBatchReader.from_arrow(rows):
        start_us, energy_kwh = (batch.column(n).to_numpy() for n in (0, 1))
        found = on_a_grid(start_us, SECOND_US, energy_kwh)
        if found is None:
            raise SystemExit("the readings that were written are not those that were read")
        yield found


def _used(path: Path, scans: tuple[Ints, Ints], exams: tuple[Ints, Ints]) -> StateRuns:
    """States and energy of exams; readings are taken together as they come, but where an exam begins or ends."""
    edges = np.concatenate(exams)
    trace = concatenated([coarsened(part, STEP_S, edges) for part in _parts(path)])
    runs = classify(trace, "MR", *scans, exam_start_us=exams[0], exam_end_us=exams[1])
    join(trace, *exams, runs.level_kw[PowerState.IDLE])
    return runs
