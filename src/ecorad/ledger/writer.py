"""The one process that writes: classifies what arrives, writes it down, applies it.

A record's identity is its ``record_key``; its content is its ``source_digest``, or of an object the digest of what is
read of it, which comes in one wrapping from a folder and in another over the wire. The same content under the same key
is a duplicate and is not kept again; other content under a known key becomes the next version, and the old one stays.
A file of rows that is read under other settings than before has another :mod:`interpretation <.interpretations>`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ecorad.model import Outcome, Record, table, tables
from ecorad.model.clock import to_us

from . import delta, interpretations, wrappings
from .batch import Arrival, Fates, KnownFile, ReadAs
from .classify import CLASSIFY, CLASSIFY_READINGS
from .engine import WRITERS_MEMORY_MB, connect, source
from .interpretations import Held, Settled
from .journal import Journal
from .staging import ADDED, stage, stage_readings, stage_rows
from .workspace import Workspace

if TYPE_CHECKING:
    import duckdb

STORED = tuple(spec.name for spec in tables().values() if spec.kind == "stored")
# Tables of rows that an arrival holds under the table's own name; instances and readings have a way of their own.
_ROWS = tuple(one.name for one in fields(Arrival) if one.name in STORED and one.name != "instance")
_CONTENT = "coalesce(k.content_digest, k.source_digest)"
_KEPT = (Outcome.STORED.value, Outcome.DUPLICATE.value, Outcome.NEW_VERSION.value)


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
        fates = Fates()
        for part in interpretations.parts(arrivals):
            if part:
                fates.add(self._commit(part, received_at))
        return fates

    def known_files(self, stamps: Sequence[str]) -> dict[str, KnownFile]:
        """What the ledger holds of files with these stamps, by stamp."""
        if not stamps:
            return {}
        stage_rows(self.connection, "asked", {"stamp": ("string", list(stamps))})
        rows = self.connection.execute(
            f"""SELECT DISTINCT ON (r.file_stamp) r.file_stamp, r.source_digest, r.record_key
            FROM {self._received("receipt")} AS r SEMI JOIN asked ON stamp = r.file_stamp WHERE r.outcome IN {_KEPT}"""
        ).fetchall()
        return {stamp: KnownFile(digest, content) for stamp, digest, content in rows}

    def _commit(self, arrivals: Sequence[Arrival], received_at: datetime) -> Fates:
        # A commit that failed half way is finished first: an entry may not be overtaken by the next.
        self.journal.recover(self.connection)
        known_inputs = self._known_inputs(arrivals)
        arrivals = wrappings.under_known_digests(self.connection, arrivals, self._received("instance"), _ROWS)
        settled = self._settle(arrivals)
        instances = [(i, arrival.instance) for i, arrival in enumerate(arrivals) if arrival.instance]
        queries = {
            "instance": self._records("instance", instances, arrivals),
            **{
                name: self._records(name, [(i, r) for i, a in enumerate(arrivals) for r in getattr(a, name)], arrivals)
                for name in _ROWS
            },
            "reading": self._readings(arrivals),
        }
        rows = {name: self._row_fates(name) for name in queries}
        fate_of = {i: Outcome(fate) for i, fate in rows["instance"]}
        outcomes = [
            settled.fates[i] or _outcome(arrival, i, fate_of, known_inputs) for i, arrival in enumerate(arrivals)
        ]
        queries["interpretation"] = self._interpretations(arrivals, settled)
        queries["issue"] = self._issues(arrivals, settled.numbers)
        queries["receipt"] = self._receipts(arrivals, outcomes, rows, received_at)
        stamp = f"make_timestamptz({to_us(received_at.astimezone(UTC))})"
        batch = {name: _finished(name, query, stamp) for name, query in queries.items() if query}
        self.journal.apply(self.connection, self.journal.write(self.connection, batch))
        totals = Counter[str]()
        for counts in rows.values():
            for (_, fate), count in counts.items():
                totals[fate] += count
        return Fates(
            outcomes, totals[Outcome.STORED], totals[Outcome.DUPLICATE], rows_new_version=totals[Outcome.NEW_VERSION]
        )

    def _held(self, name: str) -> str:
        """What to write after FROM to read a stored table, with ``is_held``: whether no later reading struck the row.

        What this batch strikes counts as struck.
        """
        received = self._received(name)
        if name not in interpretations.TABLES:
            return f"(SELECT *, true AS is_held FROM {received})"
        return f"""(SELECT r.*, e.digest IS NULL AS is_held FROM {received} AS r
            LEFT JOIN ended AS e ON e.digest = r.source_digest AND e.number = r.interpretation)"""

    def _received(self, name: str) -> str:
        held = delta.contents(self.workspace.ledger_path / name)
        return source(held.files, table(name), held.columns)

    def _settle(self, arrivals: Sequence[Arrival]) -> Settled:
        """Number the interpretations; makes the tables ``arriving`` and ``ended``."""
        known = self.connection.execute(
            f"""SELECT source_digest, version, is_held, origin, target, configuration
            FROM {self._received("interpretation")} SEMI JOIN arriving ON digest = source_digest
            ORDER BY version, is_held DESC"""
        ).fetchall()
        held: dict[str, dict[int, Held]] = {}
        last: dict[str, int] = {}
        for digest, number, is_held, *read_as in known:
            last[digest] = number
            if is_held:
                held.setdefault(digest, {})[number] = Held(number, ReadAs(*read_as))
            else:
                held[digest].pop(number)
        settled = interpretations.settle(arrivals, {d: list(one.values()) for d, one in held.items()}, last)
        self._stage_arriving(arrivals, settled.numbers)
        self.connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE ended AS SELECT source_digest AS digest, version AS number
            FROM {self._received("interpretation")} WHERE NOT is_held"""
        )
        for place, one in settled.ended:
            self.connection.execute("INSERT INTO ended VALUES (?, ?)", [arrivals[place].digest, one.number])
        return settled

    def _stage_arriving(self, arrivals: Sequence[Arrival], numbers: Sequence[int]) -> None:
        digests = [arrival.digest for arrival in arrivals]
        columns: dict[str, tuple[str, list[Any]]] = {
            "digest": ("string", list(digests)),
            "interpretation": ("int64", list(numbers)),
        }
        stage_rows(self.connection, "arriving", columns)

    def _known_inputs(self, arrivals: Sequence[Arrival]) -> set[int]:
        """Places of arrivals whose very bytes were kept before, in this batch or an earlier one.

        What was only set aside before is not known: it is tried anew.
        """
        self._stage_arriving(arrivals, [interpretations.NONE] * len(arrivals))
        known = self.connection.execute(
            f"""SELECT DISTINCT digest FROM arriving SEMI JOIN {self._received("receipt")} AS r
            ON r.source_digest = digest AND r.outcome IN {_KEPT}"""
        ).fetchall()
        seen = {digest for (digest,) in known}
        found = set()
        for place, arrival in enumerate(arrivals):
            if arrival.digest in seen:
                found.add(place)
            if arrival.fate is None:
                seen.add(arrival.digest)
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
        content = _CONTENT if "content_digest" in spec.column_names else "k.source_digest"
        self.connection.execute(CLASSIFY.format(name=name, known=known, content=content))
        self.connection.execute(
            f"INSERT INTO {name}_fate SELECT p.arrival, c.fate FROM {name}_class c JOIN {name}_place p USING (place)"
        )
        columns = ", ".join(f't."{c}"' for c in spec.column_names if c not in ADDED)
        return (
            f"SELECT {columns}, t.feed, c.version, a.interpretation FROM {name}_in t JOIN {name}_class c USING (place) "
            f"JOIN {name}_place p USING (place) JOIN arriving a ON a.place = p.arrival "
            f"WHERE c.fate <> '{Outcome.DUPLICATE}' ORDER BY place"
        )

    def _readings(self, arrivals: Sequence[Arrival]) -> str | None:
        """Classify readings: the same interval with the same energy is a duplicate, with another energy a version."""
        self.connection.execute("CREATE OR REPLACE TEMP TABLE reading_fate (place BIGINT, fate VARCHAR)")
        blocks = [(i, arrival, block) for i, arrival in enumerate(arrivals) for block in arrival.readings]
        if not blocks:
            return None
        stage_readings(self.connection, "reading_in", blocks)
        self.connection.execute(CLASSIFY_READINGS.format(known=self._held("reading")))
        self.connection.execute("INSERT INTO reading_fate SELECT arrival, fate FROM reading_class")
        return (
            "SELECT c.record_key, c.source_digest, c.feed, c.event_time_utc, c.event_zone, c.meter_key, c.start_utc, "
            "c.end_utc, c.energy_kwh, c.flags, c.version, a.interpretation FROM reading_class c "
            f"JOIN arriving a ON a.place = c.arrival WHERE c.fate <> '{Outcome.DUPLICATE}' "
            "ORDER BY c.meter_key, c.start_utc"
        )

    def _row_fates(self, name: str) -> dict[tuple[int, str], int]:
        rows = self.connection.execute(f"SELECT place, fate, count(*) FROM {name}_fate GROUP BY ALL").fetchall()
        return {(place, fate): count for place, fate, count in rows}

    def _interpretations(self, arrivals: Sequence[Arrival], settled: Settled) -> str | None:
        """What began and what ended; what ends is said once more, and no longer held."""
        told = [(arrivals[place], one, True) for place, one in settled.begun]
        told += [(arrivals[place], one, False) for place, one in settled.ended]
        if not told:
            return None
        columns: dict[str, tuple[str, list[Any]]] = {
            "record_key": ("string", [a.digest for a, _, _ in told]),
            "source_digest": ("string", [a.digest for a, _, _ in told]),
            "feed": ("string", [a.feed for a, _, _ in told]),
            "event_time_utc": ("timestamp", [None] * len(told)),
            "event_zone": ("string", [None] * len(told)),
            "version": ("int64", [one.number for _, one, _ in told]),
            "origin": ("string", [one.read_as.origin for _, one, _ in told]),
            "target": ("string", [one.read_as.target for _, one, _ in told]),
            "configuration": ("string", [one.read_as.configuration for _, one, _ in told]),
            "is_held": ("bool", [is_held for _, _, is_held in told]),
        }
        stage_rows(self.connection, "interpretation_in", columns)
        return "SELECT * EXCLUDE (place) FROM interpretation_in ORDER BY place"

    def _issues(self, arrivals: Sequence[Arrival], numbers: Sequence[int]) -> str | None:
        rows = [(arrival, issue) for arrival in arrivals for issue in arrival.issues]
        if not rows:
            return None
        interpretation = [numbers[i] for i, arrival in enumerate(arrivals) for _ in arrival.issues]
        columns: dict[str, tuple[str, list[Any]]] = {
            "record_key": ("string", [f"{a.content}:{issue.code}:{issue.where}" for a, issue in rows]),
            "source_digest": ("string", [a.digest for a, _ in rows]),
            "feed": ("string", [a.feed for a, _ in rows]),
            "event_time_utc": ("timestamp", [None] * len(rows)),
            "event_zone": ("string", [None] * len(rows)),
            "code": ("string", [issue.code for _, issue in rows]),
            "where": ("string", [issue.where for _, issue in rows]),
            "count": ("int64", [issue.count for _, issue in rows]),
            "detail": ("string", [issue.detail for _, issue in rows]),
            "interpretation": ("int64", interpretation),
        }
        stage_rows(self.connection, "issue_in", columns)
        # What an input told before, it need not tell again.
        return f"""SELECT n.* EXCLUDE (place), 1::BIGINT AS version FROM issue_in AS n
            ANTI JOIN {self._held("issue")} AS k
            ON k.is_held AND k.record_key = n.record_key AND k.count = n.count AND k.detail = n.detail
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
            "record_key": ("string", [a.content for a in arrivals]),
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
            "file_stamp": ("string", [a.file_stamp for a in arrivals]),
        }
        stage_rows(self.connection, "receipt_in", columns)
        return "SELECT * EXCLUDE (place), 1::BIGINT AS version FROM receipt_in ORDER BY place"


@contextmanager
def open_for_writing(workspace: Workspace, patience_s: float = 0.0) -> Iterator[LedgerWriter]:
    """The writer of a workspace; whatever an earlier process left half done is finished first.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger.
    patience_s : float
        How long to wait for another writer to end. [s]

    Raises
    ------
    WorkspaceBusyError
        If another process writes.
    """
    with workspace.write_lock(patience_s), connect(WRITERS_MEMORY_MB) as connection:
        yield LedgerWriter(workspace, connection)


def _outcome(arrival: Arrival, place: int, instance_fates: Mapping[int, Outcome], known_inputs: set[int]) -> Outcome:
    """Quarantined and refused stand; an object is what its record is; of all else the bytes are known or new."""
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
