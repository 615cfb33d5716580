"""The query engine: one DuckDB in memory, reading the ledger's Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ecorad.model import TableSpec

from .delta import data_files
from .staging import typed_null_table

_MEMORY = "1500MB"


@contextmanager
def connect() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that keeps nothing, thinks in UTC, and stays within its memory."""
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute(f"SET threads = {os.cpu_count() or 1}")
        yield connection
    finally:
        connection.close()


def source(folder: Path, spec: TableSpec) -> str:
    """What to write after FROM to read a stored table as it is now; a table not yet made has no rows."""
    files = data_files(folder)
    if not files:
        return f"({typed_null_table(spec)})"
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    columns = ", ".join(f'"{name}"' for name in spec.column_names)
    return f"(SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false))"
