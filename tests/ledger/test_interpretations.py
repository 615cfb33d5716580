"""The same bytes read under other settings: the new reading holds, the old one is kept and never counted beside it."""

from __future__ import annotations

import math

import pytest

from ecorad.ledger import inputs, problems
from ecorad.ledger.batch import ReadAs
from ecorad.ledger.interpretations import Held, parts, settle
from ecorad.model import Outcome

from .made import block, commit, flagged, made_workspace, movement, of_meter, of_sheet, reading_from, rows

KWH, WH, BERLIN = (ReadAs("mr1.csv", "mr1", text) for text in ("kWh", "Wh", "Berlin"))


@pytest.fixture
def workspace(tmp_path):
    return made_workspace(tmp_path)


def outcomes(fates):
    return [one.value for part in fates for one in part.outcomes]


def line(workspace, meter="m1"):
    with reading_from(workspace) as ledger:
        found = ledger.readings(meter)
        first = ledger.rows("SELECT min(epoch_us(start_utc)) AS t FROM reading_received WHERE version = 1")[0]["t"]
        return ((found.start_us - first) // 60_000_000).tolist(), found.energy_kwh.tolist()


def test_other_units_replace_the_energy(workspace):
    fates = commit(
        workspace,
        [of_meter("f", block("m1", [1.0, 2.0]), read_as=KWH)],
        [of_meter("f", block("m1", [0.001, 0.002]), read_as=WH)],
    )
    assert outcomes(fates) == ["stored", "new_version"]
    assert line(workspace) == ([0, 15], [0.001, 0.002])
    assert len(rows(workspace, "reading", received=True)) == 4


def test_another_zone_moves_every_reading_and_leaves_none_behind(workspace):
    commit(
        workspace,
        [of_meter("f", block("m1", [1.0, 2.0, 3.0]), read_as=KWH)],
        [of_meter("f", block("m1", [1.0, 2.0, 3.0], start=2), read_as=BERLIN)],
    )
    assert line(workspace) == ([30, 45, 60], [1.0, 2.0, 3.0])


def test_going_back_is_a_further_reading(workspace):
    first = of_meter("f", block("m1", [1.0]), read_as=KWH)
    second = of_meter("f", block("m1", [0.001]), read_as=WH)
    fates = commit(workspace, [first], [second], [first], [first])
    assert outcomes(fates) == ["stored", "new_version", "new_version", "duplicate"]
    assert line(workspace) == ([0], [1.0])
    with reading_from(workspace) as ledger:
        assert ledger.rows("SELECT version FROM interpretation") == [{"version": 3}]


def test_a_meter_that_is_registered_later_takes_its_readings_with_it(workspace):
    before = ReadAs("mr1.csv", "file:mr1", "unregistered")
    commit(
        workspace,
        [of_meter("f", block("file:mr1", [1.0]), read_as=before, issues=(flagged("ecorad.meter.unregistered"),))],
        [of_meter("f", block("m1", [1.0]), read_as=KWH)],
    )
    with reading_from(workspace) as ledger:
        assert ledger.meter_keys() == ["m1"]
        assert problems(ledger) == []


def test_two_meters_with_the_same_bytes_both_hold(workspace):
    zero = [0.0, 0.0]
    one = of_meter("f", block("m1", zero), read_as=ReadAs("m1/day.csv", "m1", "a"))
    two = of_meter("f", block("m2", zero), read_as=ReadAs("m2/day.csv", "m2", "b"))
    fates = commit(workspace, [one, two], [one, two])
    assert outcomes(fates) == ["stored", "stored", "duplicate", "duplicate"]
    with reading_from(workspace) as ledger:
        assert ledger.meter_keys() == ["m1", "m2"]


def test_a_renamed_copy_is_a_duplicate(workspace):
    copy = ReadAs("copy of mr1.csv", "mr1", "kWh")
    fates = commit(
        workspace,
        [of_meter("f", block("m1", [1.0]), read_as=KWH)],
        [of_meter("f", block("m1", [1.0]), read_as=copy)],
    )
    assert outcomes(fates) == ["stored", "duplicate"]


def test_what_another_file_told_as_well_comes_back_when_that_is_offered_again(workspace):
    """The second file's row was known; when the first is read anew, the row is nobody's until it is offered again."""
    other = of_meter("g", block("m1", [2.0, 3.0], start=1), read_as=ReadAs("g.csv", "g", "g"))
    commit(
        workspace,
        [of_meter("f", block("m1", [1.0, 2.0]), read_as=KWH)],
        [other],
        [of_meter("f", block("m9", [1.0, 2.0]), read_as=WH)],
        [other],
    )
    assert line(workspace) == ([15, 30], [2.0, 3.0])


def test_a_sheet_under_another_mapping_replaces_its_movements(workspace):
    old, new = ReadAs("s.xlsx", "contrast", "comma"), ReadAs("s.xlsx", "contrast", "point")
    fates = commit(
        workspace,
        [of_sheet("s", movement("k", "s", 1500.0), movement("gone", "s"), read_as=old)],
        [of_sheet("s", movement("k", "s", 1.5), read_as=new)],
    )
    assert outcomes(fates) == ["stored", "new_version"]
    with reading_from(workspace) as ledger:
        assert ledger.columns("stock", ["record_key", "quantity"])["quantity"].tolist() == [1.5]
        assert ledger.rows("SELECT max(version) AS v FROM stock_received WHERE record_key = 'k'") == [{"v": 2}]


def test_what_cannot_be_read_any_more_takes_nothing_back(workspace):
    from .made import set_aside

    commit(workspace, [of_meter("f", block("m1", [1.0]), read_as=KWH)], [set_aside("f", code="ecorad.meter.unit_kind")])
    assert line(workspace) == ([0], [1.0])
    with reading_from(workspace) as ledger:
        assert inputs(ledger)["stored"] == 1


def test_a_batch_with_two_readings_of_one_content_is_cut(workspace):
    batch = [
        of_meter("f", block("m1", [1.0]), read_as=KWH),
        of_meter("other", block("m3", [1.0])),
        of_meter("f", block("m1", [0.001]), read_as=WH),
    ]
    assert [len(part) for part in parts(batch)] == [2, 1]
    (fates,) = commit(workspace, batch)
    assert [one.value for one in fates.outcomes] == ["stored", "stored", "new_version"]
    assert line(workspace) == ([0], [0.001])


def test_what_was_set_aside_begins_no_interpretation():
    aside = of_meter("f", read_as=KWH, fate=Outcome.QUARANTINED, code="ecorad.meter.unit_unknown")
    settled = settle([aside], {}, {})
    assert (settled.numbers, settled.fates, settled.begun, settled.ended) == ([0], [None], [], [])


def test_same_name_or_same_target_is_the_same_thing():
    held = {"d": [Held(1, ReadAs("o", "t", "c"))]}

    def fate(origin, target, configuration):
        one = of_meter("x", read_as=ReadAs(origin, target, configuration))
        return settle([one], {one.digest: held["d"]}, {one.digest: 1}).fates[0]

    assert fate("o", "t", "c") == fate("p", "t", "c") == Outcome.DUPLICATE
    assert fate("o", "u", "d") == fate("p", "t", "d") == Outcome.NEW_VERSION
    assert fate("p", "u", "d") == Outcome.STORED


def test_unknown_energy_is_null_not_zero(workspace):
    commit(workspace, [of_meter("f", block("m1", [math.nan]), read_as=KWH)])
    with reading_from(workspace) as ledger:
        assert ledger.rows("SELECT energy_kwh FROM reading") == [{"energy_kwh": None}]
