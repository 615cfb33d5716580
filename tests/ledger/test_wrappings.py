"""One object in two wrappings is one content: nothing of it is stored, versioned or told a second time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecorad.ledger import deliveries, inputs, problems
from ecorad.model import Rejection

from .made import NOON, commit, digest, flagged, instance, made_workspace, of_object, reading_from, rows, set_aside


@pytest.fixture
def workspace(tmp_path):
    return made_workspace(tmp_path)


def wrapped(wrapping: str, data_set: str = "same", **fields):
    """An object with a rejection hanging on it and an issue, read from an input of its own."""
    one = instance("a", wrapping, content_digest=digest(data_set))
    rejection = Rejection(
        record_key="r",
        source_digest=one.source_digest,
        event_time_utc=NOON,
        event_zone="site",
        study_key="study",
        instance_key="r",
        kind="rejected",
    )
    return of_object(one, rejection=(rejection,), issues=(flagged("ecorad.dicom.charset", "PatientID"),), **fields)


def told(workspace):
    with reading_from(workspace) as ledger:
        counts = {name: count for name, count in inputs(ledger).items() if count}
        return counts, {row["code"]: row["count"] for row in problems(ledger)}


@pytest.mark.parametrize("together", [True, False])
def test_the_second_wrapping_is_a_duplicate_with_all_that_hangs_on_it(workspace, together):
    one, other = wrapped("file"), wrapped("wire")
    batches = [[one, other]] if together else [[one], [other]]
    outcomes = [fate.value for part in commit(workspace, *batches) for fate in part.outcomes]
    assert outcomes == ["stored", "duplicate"]
    for name in ("instance", "rejection", "issue"):
        assert len(rows(workspace, name, received=True)) == 1, name
    assert told(workspace) == ({"received": 1, "stored": 1}, {"ecorad.dicom.charset": 1})
    with reading_from(workspace) as ledger:
        assert [row["received"] for row in deliveries(ledger)] == [2]
        kept = {row["source_digest"] for row in ledger.rows("SELECT source_digest FROM receipt")}
    assert kept == {one.digest, other.digest}  # each receipt says which bytes it was for


def test_another_data_set_is_the_next_version_in_whatever_wrapping(workspace):
    fates = commit(
        workspace, [wrapped("file")], [wrapped("wire", "changed")], [wrapped("tape"), wrapped("x", "changed")]
    )
    outcomes = [fate.value for part in fates for fate in part.outcomes]
    assert outcomes == ["stored", "new_version", "duplicate", "duplicate"]
    assert len(rows(workspace, "rejection", received=True)) == 2


def test_a_ledger_written_before_data_sets_had_a_digest_still_knows_its_files(workspace):
    old = of_object(instance("a", "file"))
    fates = commit(workspace, [old], [wrapped("file")], [wrapped("file")])
    assert [fate.value for part in fates for fate in part.outcomes] == ["stored", "duplicate", "duplicate"]
    assert told(workspace)[0] == {"received": 1, "stored": 1}


def test_what_was_set_aside_and_is_read_at_last_is_one_input(workspace):
    later = wrapped("file")
    commit(workspace, [replace(set_aside("x"), digest=later.digest)], [later])
    assert told(workspace)[0] == {"received": 1, "stored": 1}
