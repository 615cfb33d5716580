"""From the journal to the ledger: each record exactly once, whenever the process is killed; meters sample by sample."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from ecorad.intake.pipeline import ingest
from ecorad.ledger import Ledger, LedgerWriter, Workspace, deliveries
from ecorad.ledger.spool import Spool
from ecorad.service.desk import FOLDER
from ecorad.service.dicom.kept import file_head, pack
from ecorad.service.dicom.wire import WireDataSet
from ecorad.service.drain import drainer as draining
from ecorad.service.drain.drainer import Drainer
from ecorad.service.drain.publish import publish
from ecorad.service.drain.samples import Sample, of_lines, of_message

from .peers import ct, file_bytes

SITE = """
[site]
name = "x"
timezone = "Europe/Amsterdam"
[[meter]]
id = "mr1"
unit = "kW"
kind = "power"
[[meter]]
id = "reg"
unit = "kWh"
kind = "register"
"""
NOON_US = round(datetime(2026, 3, 2, 11, 0, tzinfo=UTC).timestamp() * 1e6)


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "site", SITE)


def received(workspace, stream, records):
    """Put (payload, notes, time) into a stream as a listener would."""
    spool = Spool(workspace.ledger_path / FOLDER / stream)
    for payload, notes, at_us in records:
        spool.append(payload, notes, received_us=at_us).result(10)
    spool.close()


def stored(dataset):
    """A stored object as the node keeps it."""
    data = file_bytes(dataset)
    start = data.index(b"\x08\x00\x16\x00UI")
    taken = WireDataSet(is_implicit=False, is_big_endian=False)
    taken.feed(memoryview(data)[start:])
    head = file_head(dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.file_meta.TransferSyntaxUID)
    payload, notes = pack(head, taken.finish())
    return payload, {"kind": "dicom", "feed": "dicom-node", **notes}


def message(n, at_us=NOON_US):
    return b"MSH|%d" % n, {"kind": "hl7", "feed": "hl7"}, at_us + n


def counts(workspace):
    with Ledger.read(workspace) as ledger:
        return {
            (row["feed"], row["day"]): {k: v for k, v in row.items() if k not in {"feed", "day"} and v}
            for row in deliveries(ledger)
        }


def drained(workspace, **options):
    drainer = Drainer(workspace, meter_window_s=0, **options)
    try:
        while drainer.drain():
            pass
        return drainer
    finally:
        drainer.close()


def rows(workspace, query):
    with Ledger.read(workspace) as ledger:
        return ledger.rows(query)


def test_an_object_from_the_wire_is_the_record_of_its_file(workspace, tmp_path):
    dataset = ct(pixels=50_000)
    payload, notes = stored(dataset)
    received(workspace, "dicom", [(payload, notes, NOON_US)])
    drained(workspace)
    other = Workspace.create(tmp_path / "other", SITE)
    for key in workspace.keys_path.iterdir():
        shutil.copy(key, other.keys_path)
    path = tmp_path / "one.dcm"
    path.write_bytes(file_bytes(dataset))
    ingest(other, [path], workers=1)
    query = "SELECT COLUMNS(*)::VARCHAR FROM instance"
    [live], [file] = rows(workspace, query), rows(other, query)
    # The file header is the node's own: other bytes before the data set, hence another digest and length.
    apart = {"source_digest", "received_at", "feed", "data_bytes"}
    assert {k: v for k, v in live.items() if k not in apart} == {k: v for k, v in file.items() if k not in apart}


def test_b10_received_twice_is_a_duplicate(workspace):
    one = stored(ct())
    received(workspace, "dicom", [(*one, NOON_US), (*one, NOON_US + 5)])
    drained(workspace)
    assert counts(workspace) == {("dicom-node", "2026-03-02"): {"received": 2, "stored": 1, "duplicate": 1}}


def test_a_damaged_object_is_set_aside_and_can_be_looked_at(workspace):
    payload, notes = stored(ct(pixels=600))
    received(workspace, "dicom", [(payload, {**notes, "size": notes["size"] - 100}, NOON_US)])
    drained(workspace)
    assert counts(workspace) == {("dicom-node", "2026-03-02"): {"received": 1, "quarantined": 1}}
    [record] = workspace.quarantine_path.glob("*.received")
    head, _, body = record.read_bytes().partition(b"\n")
    assert json.loads(head)["stream"] == "dicom"
    assert body == payload
    assert record.stat().st_mode & 0o077 == 0


def test_messages_are_counted_by_local_day(workspace):
    midnight_us = round(datetime(2026, 3, 2, 23, 0, tzinfo=UTC).timestamp() * 1e6)  # local midnight
    received(workspace, "hl7", [message(1, midnight_us - 10), message(2, midnight_us), message(3, midnight_us)])
    drained(workspace)
    assert counts(workspace) == {
        ("hl7", "2026-03-02"): {"received": 1, "stored": 1},
        ("hl7", "2026-03-03"): {"received": 2, "stored": 2},
    }


class KilledError(BaseException):
    pass


@pytest.mark.parametrize("when", ["before the intent", "before the commit", "after the commit"])
def test_killed_at_any_step_each_record_counts_once(workspace, monkeypatch, when):
    received(workspace, "hl7", [message(n) for n in range(3)])
    with monkeypatch.context() as patch:
        commit, write = LedgerWriter.commit, draining.write_states

        def killing(self, *arguments):
            if when == "after the commit":
                commit(self, *arguments)
            raise KilledError

        def written(folder, now, intended=None):
            if when == "before the intent":
                raise KilledError
            write(folder, now, intended)

        patch.setattr(LedgerWriter, "commit", killing)
        patch.setattr(draining, "write_states", written)
        killed = Drainer(workspace, meter_window_s=0)
        with pytest.raises(KilledError):
            killed.drain()
        killed.close()
    received(workspace, "hl7", [message(9)])
    state = drained(workspace).state
    assert counts(workspace) == {("hl7", "2026-03-02"): {"received": 4, "stored": 4}}
    assert state.counts == {"hl7": {"2026-03-02": 4}}
    assert all(row["adds_up"] for row in publish(workspace, state)["rows"])


def test_a_clock_set_back_does_not_make_two_batches_alike(workspace):
    received(workspace, "hl7", [message(1)])
    drained(workspace)
    received(workspace, "hl7", [message(2, NOON_US - 3_600_000_000)])
    drained(workspace)
    stamps = rows(workspace, "SELECT DISTINCT epoch_us(received_at) AS at FROM receipt")
    assert len(stamps) == 2


def test_counts_that_differ_are_told(workspace):
    received(workspace, "hl7", [message(1)])
    state = drained(workspace).state
    state.count("hl7", "2026-03-02")
    [row] = publish(workspace, state)["rows"]
    assert not row["adds_up"]


def test_damage_in_the_journal_is_told_and_the_rest_is_read(workspace):
    received(workspace, "hl7", [message(n) for n in range(3)])
    [path] = (workspace.ledger_path / FOLDER / "hl7").glob("*.spool")
    data = bytearray(path.read_bytes())
    data[data.index(b"MSH|1")] ^= 1
    path.write_bytes(bytes(data))
    state = drained(workspace, is_live=False).state
    assert counts(workspace) == {("hl7", "2026-03-02"): {"received": 2, "stored": 2}}
    assert [(one["kind"], one["records"]) for one in state.damages] == [("body", 1)]


def test_segments_go_when_their_days_are_over_but_messages_stay(tmp_path):
    workspace = Workspace.create(tmp_path / "site", SITE + "[listen]\nkeep_days = 0\n")
    for _ in range(2):
        received(workspace, "dicom", [(*stored(ct()), NOON_US)])
        received(workspace, "hl7", [message(1)])
    drained(workspace, is_live=False)
    assert len(list((workspace.ledger_path / FOLDER / "dicom").glob("*.spool"))) == 1, "the last may still grow"
    assert len(list((workspace.ledger_path / FOLDER / "hl7").glob("*.spool"))) == 2
    drained(workspace, is_live=False)
    assert counts(workspace)["dicom-node", "2026-03-02"]["received"] == 2


def lines(*values):
    text = "\n".join(f"power,meter={m} value={v} {t}" for m, t, v in values)
    return text.encode(), {"kind": "meter", "feed": "http", "precision": "s"}


T = NOON_US // 1_000_000


def readings(workspace):
    query = "SELECT meter_key, epoch_us(start_utc) AS a, epoch_us(end_utc) AS b, energy_kwh, version FROM reading ORDER BY meter_key, start_utc"
    return [
        (
            r["meter_key"],
            r["a"] // 1_000_000 - T,
            r["b"] // 1_000_000 - T,
            r["energy_kwh"],
            r["version"],
        )
        for r in rows(workspace, query)
    ]


def test_samples_become_intervals_over_batches(workspace):
    """6 kW for a minute is 0.1 kWh; the interval between two batches is neither lost nor counted twice."""
    received(workspace, "meter", [(*lines(("mr1", T, 6), ("mr1", T + 60, 6)), NOON_US)])
    drained(workspace)
    assert readings(workspace) == [("mr1", 0, 60, pytest.approx(0.1), 1)]
    received(
        workspace, "meter", [(*lines(("mr1", T + 120, 12)), NOON_US + 1), (*lines(("mr1", T + 180, 0)), NOON_US + 2)]
    )
    drained(workspace)
    assert readings(workspace) == [
        ("mr1", 0, 60, pytest.approx(0.1), 1),
        ("mr1", 60, 120, pytest.approx(0.1), 1),
        ("mr1", 120, 180, pytest.approx(0.2), 1),
    ]


def test_a_register_is_differenced_over_batches(workspace):
    for n, value in enumerate((100.0, 100.5, 101.5)):
        received(workspace, "meter", [(*lines(("reg", T + 900 * n, value)), NOON_US + n)])
        drained(workspace)
    assert [(start, end, energy) for _, start, end, energy, _ in readings(workspace)] == [
        (0, 900, pytest.approx(0.5)),
        (900, 1800, pytest.approx(1.0)),
    ]


def test_a_message_twice_adds_nothing(workspace):
    one = lines(("mr1", T, 6), ("mr1", T + 60, 6), ("mr1", T + 120, 6))
    received(workspace, "meter", [(*one, NOON_US), (*one, NOON_US + 1)])
    drained(workspace)
    assert sum(row[3] for row in readings(workspace)) == pytest.approx(0.2)
    assert counts(workspace) == {("http", "2026-03-02"): {"received": 2, "stored": 1, "duplicate": 1}}


def test_unknown_meters_and_unreadable_messages_are_set_aside(workspace):
    mqtt = {"kind": "meter", "feed": "mqtt", "target": "mr1"}
    received(workspace, "meter", [(*lines(("other", T, 6)), NOON_US), (b"online", mqtt, NOON_US + 1)])
    drained(workspace)
    codes = {row["code"] for row in rows(workspace, "SELECT code FROM receipt")}
    assert codes == {"ecorad.service.unknown_meter", "ecorad.service.meter_payload"}


@pytest.mark.parametrize("at", [T * 10**9, -5, T + 90_000, 10**18, 10**19 - 1])
def test_e8_a_time_that_cannot_be_is_set_aside_and_what_comes_later_is_not_late(workspace, at):
    """Nanoseconds sent for seconds, or a clock of a day ahead: taken as they are they would end the drain for good."""
    received(workspace, "meter", [(*lines(("mr1", at, 6)), NOON_US)])
    more = lines(("mr1", T, 6), ("mr1", T + 60, 6), ("mr1", at, 6))
    received(workspace, "meter", [(*more, NOON_US + 1)])
    drained(workspace)
    assert readings(workspace) == [("mr1", 0, 60, pytest.approx(0.1), 1)]
    assert [row["code"] for row in rows(workspace, "SELECT code FROM receipt ORDER BY code NULLS LAST")] == [
        "ecorad.service.meter_time",
        None,
    ]


def test_a_blank_that_is_no_blank_to_all_ends_nothing(workspace):
    odd = b"mr1 value=\x1f.5 %d" % T, {"kind": "meter", "feed": "http", "precision": "s"}
    received(workspace, "meter", [(*odd, NOON_US), (*lines(("mr1", T + 60, 6), ("mr1", T + 120, 6)), NOON_US + 1)])
    drained(workspace)
    assert readings(workspace)[-1] == ("mr1", 60, 120, pytest.approx(0.1), 1)


@pytest.mark.parametrize("place", ["_message", "_with_readings"])
def test_a_fault_of_ours_costs_its_record_and_is_told(workspace, monkeypatch, place):
    from ecorad.service.drain.metering import Metering

    right = getattr(Metering, place)

    def wrong(self, one, *more):
        if "bad" in repr((one, more)):
            raise ValueError("Jansen^Anna")
        return right(self, one, *more)

    monkeypatch.setattr(Metering, place, wrong)
    bad = lines(("mr1", T, 6))[0], {"kind": "meter", "feed": "bad", "precision": "s"}
    good = lines(("reg", T, 100.0), ("reg", T + 900, 100.5))
    received(workspace, "meter", [(*bad, NOON_US), (*good, NOON_US + 1)])
    drained(workspace)
    assert [row[0] for row in readings(workspace)] == ["reg"]
    [told] = rows(workspace, "SELECT code, detail FROM issue WHERE code = 'ecorad.intake.defect'")
    assert "ValueError" in told["detail"]
    assert "Jansen" not in told["detail"]


@pytest.mark.parametrize(
    ("payload", "target", "value"),
    [
        (b" 12.5 ", "mr1", "12.5"),
        (b"-3e2", "mr1", "-3e2"),
        (b'{"value": 7}', "mr1", "7"),
        (b'{"a": {"b": "1.5"}}', "mr1:a.b", "1.5"),
        (b'{"power": true}', "mr1", None),
        (b'{"power": NaN}', "mr1", None),
        (b"NaN", "mr1", None),
        (b"1,5", "mr1", None),
        (b"[1]", "mr1", None),
        (b"[" * 60_000, "mr1", None),
        (b"\xff\xfe", "mr1", None),
        (b'{"value": 1, "time": "yesterday"}', "mr1", None),
        (b'{"value": 1, "time": "0001-01-01T00:00:00+14:00"}', "mr1", "1"),
        (b'{"value": 1, "time": "2026-03-01T00:00:00"}', "mr1", None),
    ],
)
def test_messages_of_meters(payload, target, value):
    found = of_message(payload, target, 5)
    assert (None if found is None else found.value) == value


def test_times_in_messages():
    told = {
        one: of_message(json.dumps({"value": 1, "ts": one}).encode(), "m", 5).time_us
        for one in (1.5, 1_772_323_200_000)
    }
    assert told == {1.5: 1_500_000, 1_772_323_200_000: 1_772_323_200_000_000}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mr1 value=1 5", ("mr1", 5_000_000, "1")),
        ("x,meter=mr1,b=c value=1i 5", ("mr1", 5_000_000, "1")),
        ("x,meter=m\\ 1 w=1.5,value=2", ("m 1", 9, "2")),
        ('x,meter=mr1 note="a, b=c",power=3 5', None),
        ("mr1 only=4 5", ("mr1", 5_000_000, "4")),
        ("mr1 value=abc 5", None),
        ("mr1 value=1 5 6", None),
        ("mr1", None),
    ],
)
def test_lines(line, expected):
    [found] = of_lines(line.encode(), "s", 9, {})
    assert found == (None if expected is None else Sample(*expected))


def test_the_field_a_meter_names_is_taken():
    [found] = of_lines(b"x,meter=mr1 a=1,b=2", "s", 9, {"mr1": "b"})
    assert found == Sample("mr1", 9, "2")


def test_b7_the_record_that_kills_its_reader_is_set_aside_alone(workspace, monkeypatch):
    from ecorad.service.drain.arrivals import Kept
    from ecorad.service.drain.pool import DecodingPool

    monkeypatch.setattr("ecorad.service.drain.pool.decode_all", dying)
    drainer = Drainer(workspace, meter_window_s=0)
    pool = DecodingPool(workspace.site, drainer._metering.pseudonymiser)
    records = [Kept({"kind": "hl7", "feed": "hl7"}, body) for body in (b"a", b"die", b"b")]
    found = pool.decode(records)
    pool.close()
    drainer.close()
    assert [one.code for one in found] == [None, "ecorad.intake.budget", None]


def test_a_process_that_cannot_start_blames_no_input(workspace, monkeypatch):
    from ecorad.model import StoreError

    monkeypatch.setattr("ecorad.service.drain.pool.decode_all", broken)
    received(workspace, "hl7", [message(1)])
    drainer = Drainer(workspace, meter_window_s=0)
    with pytest.raises(StoreError) as error:
        drainer.drain()
    drainer.close()
    assert error.value.code == "ecorad.service.no_decoder"
    monkeypatch.undo()
    drained(workspace)
    assert counts(workspace) == {("hl7", "2026-03-02"): {"received": 1, "stored": 1}}


def dying(records, site, pseudonymiser):
    """Stands for a decoder that crashes on one record."""
    import os

    from ecorad.service.drain.arrivals import decode_all

    if any(one.payload == b"die" for one in records):
        os._exit(9)
    return decode_all(records, site, pseudonymiser)


def broken(records, site, pseudonymiser):
    """Stands for a process that does not come up."""
    import os

    os._exit(9)


def test_h6_two_do_not_work_off_one_journal(workspace):
    from ecorad.model import WorkspaceBusyError

    first = Drainer(workspace)
    with pytest.raises(WorkspaceBusyError):
        Drainer(workspace)
    first.close()
    Drainer(workspace).close()
