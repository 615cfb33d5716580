"""Appending: once, by key and content; changed content is a version; every input ends in exactly one way."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecorad.ledger import deliveries, inputs, problems
from ecorad.model import Outcome

from .made import (
    NOON,
    block,
    commit,
    flagged,
    instance,
    made_workspace,
    movement,
    of_meter,
    of_object,
    of_sheet,
    reading_from,
    rows,
    set_aside,
)


@pytest.fixture
def workspace(tmp_path):
    return made_workspace(tmp_path)


def outcomes(fates):
    return [one.value for part in fates for one in part.outcomes]


def test_the_same_content_is_kept_once(workspace):
    batch = [of_object(instance("a")), of_meter("m", block("m1", [1.0, 2.0])), of_sheet("s", movement("k", "s"))]
    first, second = commit(workspace, batch, batch)
    assert outcomes([first]) == ["stored"] * 3
    assert outcomes([second]) == ["duplicate"] * 3
    assert (first.rows_stored, first.rows_duplicate) == (4, 0)
    assert (second.rows_stored, second.rows_duplicate, second.rows_new_version) == (0, 4, 0)
    for name, count in (("instance", 1), ("reading", 2), ("stock", 1)):
        assert len(rows(workspace, name, received=True)) == count


def test_the_same_content_twice_in_one_batch_is_kept_once(workspace):
    twice = [of_object(instance("a")), of_object(instance("a")), of_meter("m", block("m1", [1.0]))] * 2
    (fates,) = commit(workspace, twice)
    assert Counter(outcomes([fates])) == {"stored": 2, "duplicate": 4}
    assert len(rows(workspace, "instance", received=True)) == 1


def test_other_content_under_a_known_key_is_the_next_version_and_the_old_one_stays(workspace):
    old = instance("a", "1", kvp=100.0, created_utc=NOON)
    new = instance("a", "2", kvp=120.0, created_utc=NOON + timedelta(minutes=1))
    fates = commit(workspace, [of_object(old)], [of_object(new)])
    assert outcomes(fates) == ["stored", "new_version"]
    with reading_from(workspace) as ledger:
        assert ledger.columns("instance", ["kvp"])["kvp"].tolist() == [120.0]
        received = ledger.rows("SELECT version, kvp FROM instance_received ORDER BY version")
    assert received == [{"version": 1, "kvp": 100.0}, {"version": 2, "kvp": 120.0}]


def test_the_newest_object_is_told_by_its_own_time_not_by_arrival(workspace):
    old = instance("a", "1", kvp=100.0, created_utc=NOON)
    new = instance("a", "2", kvp=120.0, created_utc=NOON + timedelta(minutes=1))
    commit(workspace, [of_object(new)], [of_object(old)])
    with reading_from(workspace) as ledger:
        assert ledger.columns("instance", ["kvp"])["kvp"].tolist() == [120.0]


def test_a_corrected_export_wins_over_the_one_before_however_often_both_come(workspace):
    wrong, right = of_meter("v1", block("m1", [1.0, 9.0])), of_meter("v2", block("m1", [1.0, 2.0]))
    fates = commit(workspace, [wrong], [right], [wrong, right])
    assert outcomes(fates) == ["stored", "stored", "duplicate", "duplicate"]
    with reading_from(workspace) as ledger:
        assert ledger.readings("m1").energy_kwh.tolist() == [1.0, 2.0]


def test_what_is_known_is_not_displaced_by_what_is_not(workspace):
    commit(workspace, [of_meter("full", block("m1", [1.0]))], [of_meter("holes", block("m1", [float("nan")]))])
    with reading_from(workspace) as ledger:
        assert ledger.readings("m1").energy_kwh.tolist() == [1.0]


def test_what_was_set_aside_is_tried_again(workspace):
    aside = set_aside("m", code="ecorad.meter.unit_unknown")
    fates = commit(workspace, [aside], [of_meter("m", block("m1", [1.0]))], [of_meter("m", block("m1", [1.0]))])
    assert outcomes(fates) == ["quarantined", "stored", "duplicate"]
    with reading_from(workspace) as ledger:
        assert inputs(ledger) == {
            "received": 1, "stored": 1, "duplicate": 0, "new_version": 0, "quarantined": 0, "refused": 0
        }  # fmt: skip
        assert problems(ledger) == []


def test_an_issue_told_twice_is_counted_once(workspace):
    one = of_meter("m", block("m1", [1.0]), issues=(flagged("ecorad.meter.gap", count=3),))
    commit(workspace, [one], [one])
    with reading_from(workspace) as ledger:
        assert problems(ledger) == [{"code": "ecorad.meter.gap", "count": 3}]


def test_deliveries_are_counted_by_feed_and_local_day(workspace):
    late = NOON.replace(hour=23, minute=30)  # half past midnight in Amsterdam
    commit(workspace, [of_object(instance("a")), set_aside("x")], begin=NOON)
    commit(workspace, [of_object(instance("a")), set_aside("y", Outcome.REFUSED)], begin=late)
    with reading_from(workspace) as ledger:
        told = deliveries(ledger)
    assert [(row["day"], row["received"], row["stored"], row["duplicate"]) for row in told] == [
        ("2026-03-02", 2, 1, 0),
        ("2026-03-03", 2, 0, 1),
    ]


def test_an_empty_batch_leaves_no_trace(workspace):
    (fates,) = commit(workspace, [])
    assert fates.outcomes == []
    assert not (workspace.ledger_path / "receipt").exists()


def test_rows_are_filed_by_month_of_the_event(workspace):
    commit(workspace, [of_object(instance("a")), of_object(instance("b", event_time_utc=None, start_utc=None))])
    parts = {path.parent.name for path in (workspace.ledger_path / "instance").rglob("*.parquet")}
    assert parts == {"month=2026-03", "month=unknown"}
    assert len(rows(workspace, "instance")) == 2


# The same pieces in any order, cut into any batches, delivered once or more.
POOL = [
    of_object(instance("a", "1", kvp=100.0, created_utc=NOON)),
    of_object(instance("a", "2", kvp=120.0, created_utc=NOON + timedelta(hours=1))),
    of_object(instance("b", series_key="other")),
    of_meter("m-one", block("m1", [1.0, 2.0, float("nan")])),
    of_meter("m-two", block("m1", [3.0, 4.0], start=2), issues=(flagged("ecorad.meter.gap"),)),
    of_meter("m-overlap", block("m1", [2.0], start=1)),
    of_sheet("s", movement("k1", "s"), movement("k2", "s", row=3), rows_quarantined=1),
    set_aside("bad"),
    set_aside("letter", Outcome.REFUSED, "ecorad.intake.unrecognised"),
]
KINDS = ("instance", "stock", "issue", "study", "series")


@st.composite
def histories(draw):
    """Every piece at least once, some again, in some order, in some batches."""
    again = draw(st.lists(st.sampled_from(range(len(POOL))), max_size=6))
    order = draw(st.permutations([*range(len(POOL)), *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=3)))
    return [[POOL[i] for i in order[a:b]] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def state(workspace):
    with reading_from(workspace) as ledger:
        line = ledger.readings("m1")
        held = (line.start_us.tolist(), line.energy_kwh.tolist(), inputs(ledger), problems(ledger))
    return [*held, *(rows(workspace, name) for name in KINDS)]


@pytest.fixture(scope="module")
def undisturbed():
    with TemporaryDirectory() as folder:
        workspace = made_workspace(Path(folder))
        commit(workspace, POOL)
        return state(workspace)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_any_order_and_any_repetition_gives_the_same_ledger(undisturbed, history):
    with TemporaryDirectory() as folder:
        workspace = made_workspace(Path(folder))
        fates = commit(workspace, *history)
        told = Counter(outcomes(fates))
        assert told.total() == sum(map(len, history))
        with reading_from(workspace) as ledger:
            counted = deliveries(ledger)
        assert sum(row["received"] for row in counted) == sum(map(len, history))
        for outcome in Outcome:
            assert sum(row[outcome.value] for row in counted) == told[outcome.value]
        found = state(workspace)
    assert repr(found) == repr(undisturbed)  # as text, because not a number differs from itself
