"""The one process that writes: classifies what arrives, writes it down, applies it.

A record's identity is its ``record_key``; its content is its ``source_digest``. The same content under the same key is
a duplicate and is not kept again; other content under a known key becomes the next version, and the old one stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ecorad.model import Outcome, Record, table
from ecorad.model.clock import to_us

from . import delta
from .batch import Arrival, Fates
from .engine import connect, source
from .journal import Journal
from .staging import stage, stage_readings, stage_rows
from .workspace import Workspace

if TYPE_CHECKING:
    import duckdb

STORED = ("instance", "irradiation_event", "dose_report", "rejection", "reading", "stock", "issue", "receipt")
# Tables of rows that an arrival holds under the table's own name.
_ROWS = ("irradiation_event", "dose_report", "rejection", "stock")


class LedgerWriter:
    """Commits batches of arrivals; open it with :func:`open_for_writing`."""

    def __init__(self, workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> None:
        self.workspace = workspace
        self.connection = connection
        self.journal = Journal(workspace.ledger_path, STORED)
        self.journal.recover(connection)

    def commit(self, arrivals: Sequence[Arrival], received_at: datetime) -> Fates:
        """Keep a batch; durable when this returns.

        Parameters
        ----------
        arrivals : sequence of Arrival
            In the order received.
        received_at : datetime
            Aware; the same for the whole batch.

        Returns
        -------
        Fates
            One outcome an arrival, in the same order.
        """
        if not arrivals:
            return Fates()
        # A commit that failed half way is finished first: an entry may not be overtaken by the next.
        self.journal.recover(self.connection)
        fates = Fates([Outcome.STORED] * len(arrivals))
        known_inputs = self._known_inputs(arrivals)
        queries = {
            "instance": self._records(
                "instance", [(i, a.instance) for i, a in enumerate(arrivals) if a.instance], arrivals
            ),
            **{
                name: self._records(name, [(i, r) for i, a in enumerate(arrivals) for r in getattr(a, name)], arrivals)
                for name in _ROWS
            },
            "reading": self._readings(arrivals),
        }
        rows = {name: self._row_fates(name) for name in queries}
        fate_of = {i: Outcome(fate) for i, fate in rows["instance"]}
        for i, arrival in enumerate(arrivals):
            fates.outcomes[i] = _outcome(arrival, i, fate_of, known_inputs)
        for counts in rows.values():
            fates.rows_stored += sum(count for (_, what), count in counts.items() if what == Outcome.STORED)
            fates.rows_duplicate += sum(count for (_, what), count in counts.items() if what == Outcome.DUPLICATE)
            fates.rows_new_version += sum(count for (_, what), count in counts.items() if what == Outcome.NEW_VERSION)
        queries["issue"] = self._issues(arrivals)
        queries["receipt"] = self._receipts(arrivals, fates.outcomes, rows, received_at)
        stamp = f"make_timestamptz({to_us(received_at.astimezone(UTC))})"
        batch = {name: _finished(name, query, stamp) for name, query in queries.items() if query}
        self.journal.apply(self.connection, self.journal.write(self.connection, batch))
        return fates

    def _held(self, name: str) -> str:
        """What to write after FROM to read a stored table as it is now."""
        return source(delta.data_files(self.workspace.ledger_path / name), table(name))

    def _known_inputs(self, arrivals: Sequence[Arrival]) -> set[int]:
        """Places of arrivals whose very bytes were received before, in this batch or an earlier one."""
        digests = [arrival.digest for arrival in arrivals]
        stage_rows(self.connection, "arriving", {"digest": ("string", digests)})
        receipts = self._held("receipt")
        known = self.connection.execute(
            f"SELECT DISTINCT digest FROM arriving SEMI JOIN {receipts} AS r ON r.source_digest = digest"
        ).fetchall()
        seen = {digest for (digest,) in known}
        found = set()
        for place, digest in enumerate(digests):
            if digest in seen:
                found.add(place)
            seen.add(digest)
        return found

    def _records(self, name: str, rows: Sequence[tuple[int, Record]], arrivals: Sequence[Arrival]) -> str | None:
        """Classify records; a query for those to keep, with their versions."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_fate (place BIGINT, fate VARCHAR)")
        if not rows:
            return None
        spec = table(name)
        stage(self.connection, f"{name}_in", spec, [row for _, row in rows], [arrivals[i].feed for i, _ in rows])
        places = [place for place, _ in rows]
        stage_rows(self.connection, f"{name}_place", {"arrival": ("int64", places)})
        known = self._held(name)
        self.connection.execute(_CLASSIFY.format(name=name, known=known))
        self.connection.execute(
            f"INSERT INTO {name}_fate SELECT p.arrival, c.fate FROM {name}_class c JOIN {name}_place p USING (place)"
        )
        columns = ", ".join(f't."{c}"' for c in spec.column_names if c not in {"received_at", "version"})
        return (
            f"SELECT {columns}, c.version FROM {name}_in t JOIN {name}_class c USING (place) "
            f"WHERE c.fate <> '{Outcome.DUPLICATE}' ORDER BY place"
        )

    def _readings(self, arrivals: Sequence[Arrival]) -> str | None:
        """Classify readings: the same interval with the same energy is a duplicate, with another energy a version."""
        self.connection.execute("CREATE OR REPLACE TEMP TABLE reading_fate (place BIGINT, fate VARCHAR)")
        blocks = [(i, arrival, block) for i, arrival in enumerate(arrivals) for block in arrival.readings]
        if not blocks:
            return None
        stage_readings(self.connection, "reading_in", blocks)
        known = self._held("reading")
        self.connection.execute(_CLASSIFY_READINGS.format(known=known))
        self.connection.execute("INSERT INTO reading_fate SELECT arrival, fate FROM reading_class")
        return (
            "SELECT record_key, source_digest, feed, event_time_utc, event_zone, meter_key, start_utc, end_utc, "
            f"energy_kwh, flags, version FROM reading_class WHERE fate <> '{Outcome.DUPLICATE}' "
            "ORDER BY meter_key, start_utc"
        )

    def _row_fates(self, name: str) -> dict[tuple[int, str], int]:
        rows = self.connection.execute(f"SELECT place, fate, count(*) FROM {name}_fate GROUP BY ALL").fetchall()
        return {(place, fate): count for place, fate, count in rows}

    def _issues(self, arrivals: Sequence[Arrival]) -> str | None:
        rows = [(arrival, issue) for arrival in arrivals for issue in arrival.issues]
        if not rows:
            return None
        columns: dict[str, tuple[str, list[Any]]] = {
            "record_key": ("string", [f"{a.digest}:{issue.code}:{issue.where}" for a, issue in rows]),
            "source_digest": ("string", [a.digest for a, _ in rows]),
            "feed": ("string", [a.feed for a, _ in rows]),
            "event_time_utc": ("timestamp", [None] * len(rows)),
            "event_zone": ("string", [None] * len(rows)),
            "code": ("string", [issue.code for _, issue in rows]),
            "where": ("string", [issue.where for _, issue in rows]),
            "count": ("int64", [issue.count for _, issue in rows]),
            "detail": ("string", [issue.detail for _, issue in rows]),
        }
        stage_rows(self.connection, "issue_in", columns)
        # What an input told before, it need not tell again.
        return f"""SELECT n.* EXCLUDE (place), 1::BIGINT AS version FROM issue_in AS n
            ANTI JOIN {self._held("issue")} AS k
            ON k.record_key = n.record_key AND k.count = n.count AND k.detail = n.detail
            QUALIFY row_number() OVER (PARTITION BY record_key, count, detail ORDER BY place) = 1 ORDER BY place"""

    def _receipts(
        self,
        arrivals: Sequence[Arrival],
        outcomes: Sequence[Outcome],
        rows: Mapping[str, Mapping[tuple[int, str], int]],
        received_at: datetime,
    ) -> str:
        kept, repeated = Counter[int](), Counter[int]()
        for counts in rows.values():
            for (i, fate), count in counts.items():
                (repeated if fate == Outcome.DUPLICATE else kept)[i] += count
        day = received_at.astimezone(self.workspace.site.zone).date()
        columns: dict[str, tuple[str, list[Any]]] = {
            "record_key": ("string", [a.digest for a in arrivals]),
            "source_digest": ("string", [a.digest for a in arrivals]),
            "feed": ("string", [a.feed for a in arrivals]),
            "event_time_utc": ("timestamp", [received_at] * len(arrivals)),
            "event_zone": ("string", [None] * len(arrivals)),
            "day": ("date", [day] * len(arrivals)),
            "outcome": ("string", [outcome.value for outcome in outcomes]),
            "code": ("string", [a.code for a in arrivals]),
            "kind": ("string", [a.kind for a in arrivals]),
            "bytes": ("int64", [a.bytes for a in arrivals]),
            "records": ("int64", [kept[i] for i in range(len(arrivals))]),
            "rows_duplicate": ("int64", [repeated[i] for i in range(len(arrivals))]),
            "rows_quarantined": ("int64", [a.rows_quarantined for a in arrivals]),
        }
        stage_rows(self.connection, "receipt_in", columns)
        return "SELECT * EXCLUDE (place), 1::BIGINT AS version FROM receipt_in ORDER BY place"


@contextmanager
def open_for_writing(workspace: Workspace) -> Iterator[LedgerWriter]:
    """The writer of a workspace; whatever an earlier process left half done is finished first.

    Raises
    ------
    WorkspaceBusyError
        If another process writes.
    """
    with workspace.write_lock(), connect() as connection:
        yield LedgerWriter(workspace, connection)


def _outcome(arrival: Arrival, place: int, instance_fates: Mapping[int, Outcome], known_inputs: set[int]) -> Outcome:
    """Quarantined and refused stand; a one-record input is what its record is; a file of rows is known or not."""
    if arrival.fate is not None:
        return arrival.fate
    if arrival.instance is not None:
        return instance_fates[place]
    return Outcome.DUPLICATE if place in known_inputs else Outcome.STORED


def _finished(name: str, query: str, stamp: str) -> str:
    """Columns in the order of the dictionary, with the time of receipt and the month it is filed under."""
    spec = table(name)
    moment = "start_utc" if name == "reading" else "event_time_utc"
    columns = ", ".join(stamp + " AS received_at" if c == "received_at" else f'"{c}"' for c in spec.column_names)
    return f"SELECT {columns}, coalesce(strftime({moment}, '%Y-%m'), 'unknown') AS {delta.MONTH} FROM ({query})"


# Incoming rows are taken in order; those whose content is known under their key are duplicates, the others continue
# the versions. ``known`` is read once, and only its key columns.
_CLASSIFY = """
CREATE OR REPLACE TEMP TABLE {name}_class AS
WITH stored AS (
    SELECT k.record_key, k.source_digest, k.version FROM {known} AS k
    SEMI JOIN {name}_in AS n ON n.record_key = k.record_key
), latest AS (
    SELECT record_key, max(version) AS version FROM stored GROUP BY record_key
), marked AS (
    SELECT n.place, n.record_key,
           s.record_key IS NOT NULL
           OR row_number() OVER (PARTITION BY n.record_key, n.source_digest ORDER BY n.place) > 1 AS is_known
    FROM {name}_in AS n
    LEFT JOIN (SELECT DISTINCT record_key, source_digest FROM stored) AS s USING (record_key, source_digest)
), counted AS (
    SELECT m.place, m.is_known, coalesce(l.version, 0)
           + sum(CASE WHEN m.is_known THEN 0 ELSE 1 END) OVER (PARTITION BY m.record_key ORDER BY m.place) AS version
    FROM marked AS m LEFT JOIN latest AS l USING (record_key)
)
SELECT place, version::BIGINT AS version,
       CASE WHEN is_known THEN 'duplicate' WHEN version = 1 THEN 'stored' ELSE 'new_version' END AS fate
FROM counted
"""
_CLASSIFY_READINGS = """
CREATE OR REPLACE TEMP TABLE reading_class AS
WITH stored AS (
    SELECT k.meter_key, k.start_utc, k.end_utc, k.energy_kwh, k.version FROM {known} AS k
    SEMI JOIN reading_in AS n ON n.meter_key = k.meter_key AND n.start_utc = k.start_utc
), latest AS (
    SELECT meter_key, start_utc, max(version) AS version FROM stored GROUP BY ALL
), marked AS (
    SELECT n.*, s.meter_key IS NOT NULL
           OR row_number() OVER (PARTITION BY n.meter_key, n.start_utc, n.end_utc, n.energy_kwh ORDER BY n.place) > 1
           AS is_known
    FROM reading_in AS n
    LEFT JOIN (SELECT DISTINCT meter_key, start_utc, end_utc, energy_kwh FROM stored) AS s
      ON s.meter_key = n.meter_key AND s.start_utc = n.start_utc AND s.end_utc = n.end_utc
     AND s.energy_kwh IS NOT DISTINCT FROM n.energy_kwh
), counted AS (
    SELECT m.*, (coalesce(l.version, 0) + sum(CASE WHEN m.is_known THEN 0 ELSE 1 END)
           OVER (PARTITION BY m.meter_key, m.start_utc ORDER BY m.place))::BIGINT AS version
    FROM marked AS m LEFT JOIN latest AS l ON l.meter_key = m.meter_key AND l.start_utc = m.start_utc
)
SELECT *, CASE WHEN is_known THEN 'duplicate' WHEN version = 1 THEN 'stored' ELSE 'new_version' END AS fate FROM counted
"""
