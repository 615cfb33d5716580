"""Records on their way in: frozen dataclasses or arrays to typed columns the engine can read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

import arro3.core as arrow
import duckdb
import numpy as np

from ecorad.model import Record, TableSpec
from ecorad.model.clock import to_us

from .batch import Arrival, ReadingBlock

_ARROW = {
    "string": arrow.DataType.string(),
    "int64": arrow.DataType.int64(),
    "float64": arrow.DataType.float64(),
    "bool": arrow.DataType.bool(),
    # Stamps travel as whole numbers: microseconds and days since 1970.
    "timestamp": arrow.DataType.int64(),
    "date": arrow.DataType.int64(),
}
_SQL = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
    "date": "DATE",
}
ADDED = ("feed", "received_at", "version", "interpretation")


def stage(
    connection: duckdb.DuckDBPyConnection, name: str, spec: TableSpec, rows: Sequence[Record], feeds: Sequence[str]
) -> None:
    """Make the temporary table ``name``: the rows of ``spec`` without what the ledger adds, and their ``place``.

    ``place`` counts the rows from 0 in the order given, ``feed`` says how each came in.
    """
    columns = [column for column in spec.columns if column.name not in ADDED]
    cells = zip(*map(attrgetter(*(column.name for column in columns)), rows), strict=True)
    data = {column.name: _array(values, column.type) for column, values in zip(columns, cells, strict=True)}
    data["feed"] = arrow.Array(list(feeds), type=arrow.DataType.string())
    data["place"] = arrow.Array.from_numpy(np.arange(len(rows), dtype=np.int64))
    connection.register("staged", arrow.Table.from_pydict(data))
    selected = ", ".join(_converted(column.name, column.type) for column in columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {selected}, feed, place FROM staged")
    connection.unregister("staged")


def typed_null_table(spec: TableSpec) -> str:
    """A query for no rows, with the columns and types of a table."""
    cells = ", ".join(f'NULL::{_SQL[column.type]} AS "{column.name}"' for column in spec.columns)
    return f"SELECT {cells} LIMIT 0"


def sql_type(kind: str) -> str:
    """The engine's type of a dictionary type."""
    return _SQL[kind]


def _array(values: Sequence[Any], kind: str) -> arrow.Array:
    if kind in {"timestamp", "date"}:
        plain = {value: _plain(value) for value in set(values)}  # the objects of a series share most of them
        values = [plain[value] for value in values]
    return arrow.Array(values, type=_ARROW[kind])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_us(value.astimezone(UTC))
    if isinstance(value, date):
        return value.toordinal() - date(1970, 1, 1).toordinal()
    return value


def _converted(name: str, kind: str) -> str:
    if kind == "timestamp":
        return f'make_timestamptz("{name}") AS "{name}"'
    if kind == "date":
        return f'DATE \'1970-01-01\' + "{name}"::INTEGER AS "{name}"'
    return f'"{name}"'


def stage_rows(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, tuple[str, list[Any]]]) -> None:
    """Make the temporary table ``name`` from columns of (dictionary type, values), with their ``place``."""
    data = {column: _array(values, kind) for column, (kind, values) in columns.items()}
    length = len(next(iter(columns.values()))[1])
    data["place"] = arrow.Array.from_numpy(np.arange(length, dtype=np.int64))
    connection.register("staged", arrow.Table.from_pydict(data))
    selected = ", ".join(_converted(column, kind) for column, (kind, _) in columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {selected}, place FROM staged")
    connection.unregister("staged")


def stage_readings(
    connection: duckdb.DuckDBPyConnection, name: str, blocks: Sequence[tuple[int, Arrival, ReadingBlock]]
) -> None:
    """Make the temporary table ``name`` of readings; energy that is not a number becomes null."""
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    first = True
    for arrival_place, arrival, block in blocks:
        data = {
            "start_us": arrow.Array.from_numpy(np.ascontiguousarray(block.start_us, dtype=np.int64)),
            "end_us": arrow.Array.from_numpy(np.ascontiguousarray(block.end_us, dtype=np.int64)),
            "energy_kwh": arrow.Array.from_numpy(np.ascontiguousarray(block.energy_kwh, dtype=np.float64)),
            "flags": arrow.Array([flag or "" for flag in block.flags.tolist()], type=arrow.DataType.string()),
        }
        connection.register("staged", arrow.Table.from_pydict(data))
        start = f"CREATE TEMP TABLE {name} AS" if first else f"INSERT INTO {name}"
        connection.execute(
            f"""{start} SELECT concat($meter, '@', start_us) AS record_key, $digest AS source_digest, $feed AS feed,
                make_timestamptz(start_us) AS event_time_utc, $zone AS event_zone, $meter AS meter_key,
                make_timestamptz(start_us) AS start_utc, make_timestamptz(end_us) AS end_utc,
                CASE WHEN isnan(energy_kwh) THEN NULL ELSE energy_kwh END AS energy_kwh, flags,
                $arrival::BIGINT AS arrival,
                $arrival::BIGINT * 1000000000 + row_number() OVER () AS place FROM staged""",
            {
                "meter": block.meter_key,
                "digest": arrival.digest,
                "feed": arrival.feed,
                "zone": block.zone_source,
                "arrival": arrival_place,
            },
        )
        connection.unregister("staged")
        first = False
