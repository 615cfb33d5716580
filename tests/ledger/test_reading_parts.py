"""Readings taken a few days at a time are the readings taken at once."""

import duckdb
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.ledger.reading_parts import SPAN_US, begins_once, parts_of, spans_held, together
from ecorad.ledger.readings import Readings, without_overlap
from ecorad.model import Period
from ecorad.model.clock import to_datetime
from tests.ledger.made import block, commit, made_workspace, of_meter, reading_from

SECOND = 1_000_000


def engine(rows):
    """An engine that holds intervals of one meter and one of another: start, end, energy, flags, version. [s]"""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        """CREATE TABLE reading_held (meter_key VARCHAR, start_utc TIMESTAMPTZ, end_utc TIMESTAMPTZ, energy_kwh DOUBLE,
        flags VARCHAR, version BIGINT, source_digest VARCHAR)"""
    )
    connection.execute('CREATE VIEW "reading" AS SELECT * FROM reading_held')
    insert = "INSERT INTO reading_held VALUES (?, make_timestamptz(?), make_timestamptz(?), ?, ?, ?, 'a')"
    for start, end, energy, flags, version in rows:
        value = None if np.isnan(energy) else energy
        connection.execute(insert, ["m", start * SECOND, end * SECOND, value, flags, version])
    connection.execute(insert, ["other", 0, SECOND, 99.0, "", 1])
    return connection


def told(readings):
    columns = (readings.start_us // SECOND, readings.end_us // SECOND, readings.energy_kwh, readings.flags)
    return [(s, e, repr(k), f) for s, e, k, f in zip(*(column.tolist() for column in columns), strict=True)]


@st.composite
def intervals(draw):
    lengths = st.sampled_from([1, 2, 3, 5, 20])
    energies = st.one_of(st.just(float("nan")), st.floats(0.0, 5.0))
    drawn = draw(
        st.lists(st.tuples(st.integers(0, 60), lengths, energies, st.sampled_from(["", "reset"])), max_size=20)
    )
    return [(s, s + n, e, flags, 1) for s, n, e, flags in {(s, n): (s, n, e, f) for s, n, e, f in drawn}.values()]


@settings(deadline=None, max_examples=40)
@given(intervals(), st.sampled_from([3, 10, 25]))
def test_parts_together_are_the_whole(rows, span_s):
    spans = [(n * SECOND, (n + span_s) * SECOND) for n in range(0, 81, span_s)]
    with engine(rows) as connection:
        at_once = together(parts_of(connection, "m", [(0, 100 * SECOND)], None))
        in_parts = together(parts_of(connection, "m", spans, None))
    assert told(in_parts) == told(at_once)


def test_a_part_ends_where_no_reading_reaches_over_its_end():
    """Ten-second readings; one reaches from one span into the next, where finer ones know more."""
    rows = [(0, 10, 1.0, "", 1), (5, 15, 2.0, "", 1), (10, 12, 0.1, "", 1), (12, 15, 0.2, "", 1), (15, 25, 3.0, "", 1)]
    with engine(rows) as connection:
        found = [told(part) for part in parts_of(connection, "m", [(0, 10 * SECOND), (10 * SECOND, 30 * SECOND)], None)]
    assert found[0] == []
    whole = without_overlap(Readings(*(np.array([row[n] * SECOND for row in rows]) for n in (0, 1)), *_rest(rows)))
    assert [row for part in found for row in part] == told(whole)


def _rest(rows):
    return np.array([row[2] for row in rows]), np.array([row[3] for row in rows], dtype=object)


def test_of_several_readings_of_a_moment_the_best_is_taken_with_its_flags():
    rows = [(0, 10, float("nan"), "gap", 3), (0, 10, 4.0, "late", 1), (0, 10, 5.0, "", 2), (10, 20, 1.0, "reset", 1)]
    with engine(rows) as connection:
        assert not begins_once(connection, "m", (0, 100 * SECOND))
        assert begins_once(connection, "m", (10 * SECOND, 100 * SECOND))
        found = together(parts_of(connection, "m", [(0, 100 * SECOND)], None))
    assert told(found) == [(0, 10, "5.0", ""), (10, 20, "1.0", "reset")]


def test_only_what_touches_the_period_is_taken():
    rows = [(n, n + 10, 1.0, "", 1) for n in range(0, 50, 10)]
    period = Period(to_datetime(15 * SECOND), to_datetime(30 * SECOND))
    with engine(rows) as connection:
        found = together(parts_of(connection, "m", [(0, 100 * SECOND)], period))
    assert [row[0] for row in told(found)] == [10, 20]


def test_only_spans_in_which_something_begins_are_looked_into():
    """A reading with a date of years ago makes one more of them, not thousands."""
    starts = [-900_000_000, 0, 10, SPAN_US // SECOND, 36 * 366 * 86_400]
    with engine([(n, n + 10, 1.0, "", 1) for n in reversed(starts)]) as connection:
        of_each = spans_held(connection)
        mine = [span for span, keys in of_each.items() if "m" in keys]
        found = together(parts_of(connection, "m", mine, None))
    assert [[n for n in starts if begin <= n * SECOND < end] for begin, end in mine] == [
        starts[:1], starts[1:3], starts[3:4], starts[4:]
    ]  # fmt: skip
    assert [row[0] for row in told(found)] == starts


def test_a_meter_counts_each_time_once(tmp_path):
    """Two files tell of the same two quarters of an hour, and the second of ten days later as well."""
    workspace = made_workspace(tmp_path)
    later = block("m", [7.0], start=4 * 24 * 25)
    commit(
        workspace, [of_meter("a", block("m", [1.0, 2.0, 3.0]))], [of_meter("b", block("m", [2.5, 3.5], start=1), later)]
    )
    with reading_from(workspace) as ledger:
        ledger.materialise("meter")
        (row,) = ledger.rows("SELECT readings, source_digest, epoch(last_utc - first_utc) AS length_s FROM meter")
        assert row["readings"] == len(ledger.readings("m").start_us) == 4
        assert row["length_s"] == 25 * 86_400 + 900
        assert [float(part.energy_kwh.sum()) for part in ledger.reading_parts("m") if len(part.start_us)][-1] == 7.0
