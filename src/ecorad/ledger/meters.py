"""The meters of the register and those that only gave readings, with what was read."""

from __future__ import annotations

import duckdb

from ecorad.model import Site

from .reading_parts import HELD, beginning_in, begins_once, spans_held
from .staging import stage_rows

_DEFAULT_ACCURACY_PERCENT = 2.0


def stage_meters(connection: duckdb.DuckDBPyConnection, site: Site) -> None:
    """Make the table ``meter``; see ``meter.csv``."""
    entries = {entry.id: entry for entry in site.meters}  # of several epochs of one meter, the last
    rows = list(entries.values())
    stage_rows(
        connection,
        "meter_register",
        {
            "id": ("string", [entry.id for entry in rows]),
            "kind": ("string", [entry.kind or "" for entry in rows]),
            "unit": ("string", [entry.unit or "" for entry in rows]),
            "feeds": ("string", ["|".join(entry.feeds) for entry in rows]),
            "cooling": ("bool", [entry.cooling for entry in rows]),
            "accuracy_percent": ("float64", [entry.accuracy_percent for entry in rows]),
        },
    )
    _stage_seen(connection)
    connection.execute(
        f"""CREATE TEMP TABLE meter AS
        WITH seen AS (
            SELECT meter_key, arg_min(source_digest, (first_utc, source_digest)) AS source_digest, min(feed) AS feed,
                   max(received_at) AS received_at, min(first_utc) AS first_utc, max(last_utc) AS last_utc,
                   sum(readings)::BIGINT AS readings
            FROM meter_seen GROUP BY meter_key
        )
        SELECT coalesce(s.meter_key, r.id) AS record_key, coalesce(s.source_digest, '') AS source_digest,
               coalesce(s.feed, 'site') AS feed, s.received_at, s.first_utc AS event_time_utc,
               NULL::VARCHAR AS event_zone, 1::BIGINT AS version, coalesce(s.meter_key, r.id) AS meter_key,
               coalesce(r.kind, '') AS kind, coalesce(r.unit, '') AS unit, coalesce(r.feeds, '') AS feeds,
               coalesce(r.cooling, false) AS cooling,
               coalesce(r.accuracy_percent, {_DEFAULT_ACCURACY_PERCENT}) AS accuracy_percent,
               s.first_utc, s.last_utc, coalesce(s.readings, 0) AS readings
        FROM seen AS s FULL OUTER JOIN meter_register AS r ON r.id = s.meter_key"""
    )


def _stage_seen(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``meter_seen``: what was read of each meter in each span, so that no more is held at once."""
    query = """SELECT meter_key, arg_min(source_digest, (start_utc, source_digest)) AS source_digest, min(feed) AS feed,
                      max(received_at) AS received_at, min(start_utc) AS first_utc, max(end_utc) AS last_utc,
                      count(*) AS readings
               FROM {rows} WHERE {where} GROUP BY meter_key"""
    connection.execute(f"CREATE TEMP TABLE meter_seen AS {query.format(rows=HELD, where='false')}")
    for span, keys in spans_held(connection).items():
        # To choose among several readings of one time is dear, and there are hardly ever several.
        rows = HELD if all(begins_once(connection, key, span) for key in keys) else "reading"
        connection.execute(f"INSERT INTO meter_seen {query.format(rows=rows, where=beginning_in(span))}")
