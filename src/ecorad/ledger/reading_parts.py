"""The readings of a meter a few days at a time, so that a year at a reading a second need not be held at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

import duckdb
import numpy as np

from ecorad.model import Period
from ecorad.model.clock import MICROSECONDS_PER_DAY, to_us

from .readings import Readings, without_overlap

HELD = "reading_held"
SPAN_US = 10 * MICROSECONDS_PER_DAY
Span = tuple[int, int]
_BEST = "energy_kwh IS NULL, end_utc, version DESC, energy_kwh DESC, source_digest"


def span_of(at_us: int) -> Span:
    """The span of the clock that holds a moment. [us]

    >>> span_of(SPAN_US + 5) == (SPAN_US, 2 * SPAN_US)
    True
    """
    number = at_us // SPAN_US
    return number * SPAN_US, (number + 1) * SPAN_US


def spans_held(connection: duckdb.DuckDBPyConnection) -> dict[Span, list[str]]:
    """The meters whose readings begin in each span, in order of time; a span in which none does is left out.

    One reading with a date of years ago would else make thousands of them.
    """
    pairs = connection.execute(
        f"SELECT min(epoch_us(start_utc)), meter_key FROM {HELD} GROUP BY epoch_us(start_utc) // {SPAN_US}, meter_key"
    ).fetchall()
    found: dict[Span, list[str]] = {}
    for at_us, meter_key in sorted(pairs):
        found.setdefault(span_of(at_us), []).append(meter_key)
    return found


def beginning_in(span: Span) -> str:
    """The condition that an interval begins in a span; whole files and parts of them are left aside by it."""
    begin, end = span
    return f"start_utc >= make_timestamptz({begin}) AND start_utc < make_timestamptz({end})"


def begins_once(connection: duckdb.DuckDBPyConnection, meter_key: str, span: Span) -> bool:
    """Whether no two readings of a meter begin at one moment of a span."""
    query = f"SELECT start_utc FROM {HELD} WHERE meter_key = $meter AND {beginning_in(span)}"
    found = connection.sql(query, params={"meter": meter_key}).fetchnumpy()["start_utc"]
    start = np.ma.getdata(found).astype("datetime64[us]").view(np.int64)
    return bool(np.all(np.diff(np.sort(start)) > 0))


def parts_of(
    connection: duckdb.DuckDBPyConnection, meter_key: str, spans: Iterable[Span], period: Period | None
) -> Iterator[Readings]:
    """Readings of one meter, newest versions only, sorted, without overlaps; the same as all of them at once.

    A part ends where no interval reaches over its end: which of several intervals is kept hangs on those it overlaps.
    """
    left: Readings | None = None
    for span in spans:
        found = _fetched(connection, meter_key, span, period)
        found = found if left is None else _joined(left, found)
        whole = _whole(found, span[1])
        yield without_overlap(_cut(found, 0, whole))
        left = _cut(found, whole, len(found.start_us))
    if left is not None:
        yield without_overlap(left)


def _whole(readings: Readings, end_us: int) -> int:
    """How many readings, in order of start, are told apart from all that begin after the last of them or later."""
    if not len(readings.start_us):
        return 0
    reach = np.maximum.accumulate(readings.end_us)
    if reach[-1] <= end_us:
        return len(reach)
    apart = np.flatnonzero(readings.start_us[1:] >= reach[:-1]) + 1
    return int(apart[-1]) if len(apart) else 0


def _fetched(connection: duckdb.DuckDBPyConnection, meter_key: str, span: Span, period: Period | None) -> Readings:
    """Raw intervals that begin in a span, one of each start; the best is looked for only where there are several."""
    where = f"meter_key = $meter AND {beginning_in(span)}"
    if period is not None:
        first, last = to_us(period.start), to_us(period.end)
        where += f" AND end_utc > make_timestamptz({first}) AND start_utc < make_timestamptz({last})"
    values = {"meter": meter_key}
    times = "start_utc, end_utc, energy_kwh"
    found = _in_order(_numbers(connection.sql(f"SELECT {times} FROM {HELD} WHERE {where}", params=values)))
    rows = f"{HELD} WHERE {where}"
    if not np.all(found.start_us[1:] > found.start_us[:-1]):
        rows = f"""(SELECT * FROM "reading" WHERE {where} QUALIFY row_number()
            OVER (PARTITION BY start_utc ORDER BY {_BEST}) = 1 ORDER BY start_utc) WHERE true"""
        found = _numbers(connection.sql(f"SELECT {times} FROM {rows}", params=values))
    # Most readings have no flags, and texts are dear.
    flagged = connection.sql(f"SELECT epoch_us(start_utc), flags FROM {rows} AND flags <> ''", params=values).fetchall()
    if flagged:
        at = np.searchsorted(found.start_us, np.array([moment for moment, _ in flagged], dtype=np.int64))
        found.flags[at] = [text for _, text in flagged]
    return found


def _numbers(rows: duckdb.DuckDBPyRelation) -> Readings:
    found = rows.fetchnumpy()
    start, end = (
        np.ma.getdata(found[name]).astype("datetime64[us]").view(np.int64) for name in ("start_utc", "end_utc")
    )
    energy = np.ma.filled(np.ma.asarray(found["energy_kwh"], dtype=np.float64), np.nan)
    return Readings(start, end, energy, np.full(len(start), "", dtype=object))


def _in_order(readings: Readings) -> Readings:
    """By start; as a rule they are nearly so, and a stable sort of that is quick."""
    if np.all(readings.start_us[1:] >= readings.start_us[:-1]):
        return readings
    order = np.argsort(readings.start_us, kind="stable")
    return Readings(*(getattr(readings, field.name)[order] for field in fields(Readings)))


def _cut(readings: Readings, first: int, last: int) -> Readings:
    return Readings(*(getattr(readings, field.name)[first:last] for field in fields(Readings)))


def _joined(first: Readings, second: Readings) -> Readings:
    names = [field.name for field in fields(Readings)]
    return Readings(*(np.concatenate((getattr(first, name), getattr(second, name))) for name in names))


def together(parts: Iterable[Readings]) -> Readings:
    """All parts as one."""
    none = Readings(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, dtype=object))
    held = [none, *parts]
    return Readings(*(np.concatenate([getattr(part, field.name) for part in held]) for field in fields(Readings)))
