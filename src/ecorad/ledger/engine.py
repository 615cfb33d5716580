"""The query engine: one DuckDB in memory, reading the ledger's Parquet files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ecorad.model import TableSpec

from .staging import sql_type, typed_null_table

MEMORY_MB = 1500
# Of one batch, what it says of known rows; what does not fit waits on the disk.
WRITERS_MEMORY_MB = 100


@contextmanager
def connect(memory_mb: int = MEMORY_MB) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that keeps nothing, thinks in UTC, stays within its memory and never asks the network for anything."""
    with tempfile.TemporaryDirectory(prefix="ecorad-") as spill:
        connection = duckdb.connect()
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"SET memory_limit = '{memory_mb}MB'")
            connection.execute(f"SET threads = {len(os.sched_getaffinity(0))}")
            connection.execute("SET autoinstall_known_extensions = false")
            # Unless told, it would spill into the folder that the user happens to stand in.
            connection.execute(f"SET temp_directory = '{spill}'")
            yield connection
        finally:
            connection.close()


def source(files: Sequence[Path], spec: TableSpec, present: Collection[str] | None = None) -> str:
    """What to write after FROM to read the files of a stored table; a table not yet made has no rows.

    Parameters
    ----------
    files : sequence of Path
        Parquet files.
    spec : TableSpec
        The table; a column that a file was written without is empty in its rows.
    present : collection of str, optional
        Columns that at least one file has; all of the table unless said.
    """
    if not files:
        return f"({typed_null_table(spec)})"
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    columns = ", ".join(
        f'"{column.name}"'
        if present is None or column.name in present
        else f'NULL::{sql_type(column.type)} AS "{column.name}"'
        for column in spec.columns
    )
    return f"(SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true))"
