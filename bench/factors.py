"""Exams × factors × hour of the grid, grouped by site, month and modality with intervals. Aim: 50 M in 12 s and 1 GB.

The query of the anchor: exams as Parquet, a factor by modality, region, site and hour (96,000 rows) and the intensity
of every hour of two years (17,544 rows) as tables, 3,840 groups, two threads. The anchor is the same query without an
interval; the interval takes the groups' activities and multiplies them with the draws of the factors, so that it should
add less than a tenth. Processor seconds are printed too: they do not feel what else the machine does.
``ECORAD_BENCH_EXAMS=50000000`` for the full measure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ecorad.factors import book, grid_average
from ecorad.footprint.uncertainty import draws_by_group, of_factor

from .harness import Timing, timed

Floats = NDArray[np.float64]
EXAMS = int(os.environ.get("ECORAD_BENCH_EXAMS", "5000000"))
SITES, REGIONS, HOURS, MONTHS = 40, 25, 24, 24
MODALITIES = ("CT", "DX", "MR", "US")
FACTORS = ("exam.ct.mcalister", "exam.cxr.mcalister", "exam.mr.mcalister", "exam.us.mcalister")
MEMORY = "700MB"
REPEATS = 3
# Groups by site, month, modality and quantiles of the kilograms, as the anchor has them.
QUERY = """
    SELECT e.site, e.month, e.modality, count(*) AS n,
           sum(e.duration_h * f.kw) AS kwh, sum(e.duration_h * f.kw * g.kg_per_kwh) AS kg
    FROM exams e
    JOIN factor f USING (modality, region, site, hour)
    JOIN grid g ON g.hour_of_two_years = e.hour_of_two_years
    GROUP BY ALL ORDER BY ALL"""


def measure() -> list[Timing]:
    """The query, the query with intervals, and the evidence checker."""
    with tempfile.TemporaryDirectory(prefix="ecorad-bench-") as name:
        exams = Path(name) / "exams.parquet"
        _in_a_process_of_its_own(exams)
        connection = _connection(exams)
        with_intervals(connection)  # scipy and the draws are there from now on
        start = time.process_time()
        plain = timed(f"{EXAMS:,} exams by site, month, modality", lambda: _plain(connection), repeats=REPEATS)
        middle = time.process_time()
        full = timed("the same with 95 % intervals", lambda: with_intervals(connection), repeats=REPEATS, anchor=plain)
        without, more = (middle - start) / REPEATS, (time.process_time() - middle) / REPEATS
        print(f"processor: {without:.2f} s, with intervals {more:.2f} s ({more / without - 1:+.1%})")
        groups, of_group, of_month = with_intervals(connection)
        # Two runs of the query differ by more than the intervals add; so these are timed by themselves as well.
        start = time.process_time()
        for _ in range(REPEATS):
            bounds(groups)
        alone = (time.process_time() - start) / REPEATS
        print(f"the intervals alone: {alone:.2f} s of processor ({alone / without:+.1%})")
        print(f"{len(of_group):,} groups and {len(of_month):,} sums over modalities, each with 95 % bounds")
    own = timed("ecorad facts --json", lambda: _quiet(["facts", "--json"]), repeats=3)
    return [plain, full, own]


def with_intervals(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, Any], Floats, Floats]:
    """Groups with their kilograms, and 95 % bounds of each group and of each site and month over all modalities.

    A factor of each modality and the grid are shared by all groups. A group is one product, so its bounds are those of
    the product; a sum over modalities is groups × factors · factors × draws.
    """
    groups = _plain(connection)
    return groups, *bounds(groups)


def bounds(groups: dict[str, Any]) -> tuple[Floats, Floats]:
    """The part that the intervals add: bounds of each group, and of each site and month over all modalities."""
    grid = grid_average("NL", 2024).intensity
    sources = [of_factor(book().get(name)) for name in FACTORS]
    relative = [replace(source, draws=source.draws / source.value * (grid.draws() / grid.value)) for source in sources]
    each = np.quantile([source.draws for source in relative], [0.025, 0.975], axis=1)
    column = np.searchsorted(MODALITIES, groups["modality"].astype(str))
    of_group = groups["kg"][:, None] * each.T[column]
    place = groups["site"].astype(np.int64) * MONTHS + groups["month"]
    activity = np.zeros((SITES * MONTHS, len(MODALITIES)))
    np.add.at(activity, (place, column), groups["kg"])
    of_month = np.percentile(draws_by_group(activity, relative), [2.5, 97.5], axis=1).T
    return of_group, of_month


def _plain(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return {name: np.asarray(column) for name, column in connection.sql(QUERY).fetchnumpy().items()}


def _connection(exams: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(
        f"SET threads = 2; SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false; "
        "SET enable_progress_bar = false"
    )
    connection.execute(f"CREATE VIEW exams AS SELECT * FROM read_parquet('{exams}')")
    connection.execute(
        f"""CREATE TABLE factor AS
        SELECT m.modality, r.region, s.site, h.hour, 1.0 + (m.i * 7 + r.region + s.site + h.hour) % 20 AS kw
        FROM (SELECT unnest({list(MODALITIES)}) AS modality, unnest(range({len(MODALITIES)})) AS i) m,
             (SELECT range::SMALLINT AS region FROM range({REGIONS})) r,
             (SELECT range::SMALLINT AS site FROM range({SITES})) s,
             (SELECT range::TINYINT AS hour FROM range({HOURS})) h"""
    )
    connection.execute(
        """CREATE TABLE grid AS
        SELECT range::INTEGER AS hour_of_two_years, 0.25 + 0.1 * sin(range / 24.0) AS kg_per_kwh FROM range(17544)"""
    )
    return connection


def make_exams(path: Path) -> None:
    """Exams with site, month, modality, region, hour and duration, invented."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET memory_limit = '2GB'; SET preserve_insertion_order = false")
    connection.execute(
        f"""COPY (
            SELECT (h % {SITES})::SMALLINT AS site, (t // 731)::TINYINT AS month, m.modality,
                   (h // 64 % {REGIONS})::SMALLINT AS region, (t % 24)::TINYINT AS hour,
                   t::INTEGER AS hour_of_two_years, (0.05 + (h // 4096 % 100) / 100.0)::FLOAT AS duration_h
            FROM (SELECT range, hash(range) % 1000000007 AS h, hash(range + 17) % 17544 AS t FROM range({EXAMS})) e
            JOIN (SELECT unnest({list(MODALITIES)}) AS modality, unnest(range({len(MODALITIES)})) AS i) m
              ON m.i = h // 1000003 % {len(MODALITIES)}
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""
    )


def _in_a_process_of_its_own(path: Path) -> None:
    """So that the memory of making the exams is not counted."""
    code = f"from pathlib import Path; from bench.factors import make_exams; make_exams(Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True)


def _quiet(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "ecorad", *arguments]
    subprocess.run(command, check=True, capture_output=True)
