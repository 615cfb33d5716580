"""The result tables of an audit as Parquet: exams, runs of states, clock offsets, meters by day, feeders, bills."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import arro3.core as arrow
import duckdb
import numpy as np
from numpy.typing import NDArray

from ecorad.footprint import DepartmentEnergy
from ecorad.ledger.staging import sql_type
from ecorad.model import TableSpec, table

RESULTS = ("exam_energy", "state_run", "clock_offset", "meter_day", "feeder_day", "bill")


def write_results(found: DepartmentEnergy, folder: Path) -> None:
    """Write ``<result>.parquet`` for each result into ``folder``, columns as in the data dictionary."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in RESULTS:
            _write(connection, table(name), getattr(found, name), folder / f"{name}.parquet")


def _write(
    connection: duckdb.DuckDBPyConnection, spec: TableSpec, columns: Mapping[str, NDArray[Any]], path: Path
) -> None:
    nothing: NDArray[Any] = np.zeros(0)
    data = {column.name: _array(columns[column.name] if columns else nothing, column.type) for column in spec.columns}
    connection.register("rows", arrow.Table.from_pydict(data))
    cells = ", ".join(_cell(column.name, column.type) for column in spec.columns)
    quoted = str(path).replace("'", "''")
    connection.execute(f"COPY (SELECT {cells} FROM rows) TO '{quoted}' (FORMAT parquet)")
    connection.unregister("rows")


def _array(values: NDArray[Any], kind: str) -> arrow.Array:
    if kind == "string":
        return arrow.Array([None if value is None else str(value) for value in values], type=arrow.DataType.string())
    if kind in {"timestamp", "date"}:
        values = np.asarray(values).astype("datetime64[us]").astype(np.int64)
    elif kind in {"int64", "float64"}:
        values = np.asarray(values, dtype=np.float64)
    return arrow.Array.from_numpy(np.ascontiguousarray(values))


def _cell(name: str, kind: str) -> str:
    quoted = f'"{name}"'
    if kind == "timestamp":
        return f"make_timestamptz({quoted}) AS {quoted}"
    if kind == "date":
        return f"make_timestamp({quoted})::DATE AS {quoted}"
    if kind in {"int64", "float64"}:  # not a number stands for not known
        return f"(CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END)::{sql_type(kind)} AS {quoted}"
    return quoted
