"""Rows A12, C1 to C7, C12, C15, E12, E13 and H8 to H11 of the fault model: faces that are there, faces that are not."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from ecorad.intake.pipeline import ingest
from ecorad.intake.sources import inputs_of
from ecorad.ledger import Ledger, Workspace
from ecorad.ledger.spool import read_stream
from ecorad.service.desk import FOLDER
from ecorad.service.drain.samples import of_message
from tests.service.peers import Raw, ct, pdv
from tests.service.test_dicom_node import ACCEPT, CT, EXPLICIT, REJECT, node, peer, store_command
from tests.service.test_drain import NOON_US, SITE, counts, drained, lines, message, received
from tests.service.test_serve import TOKEN, Server

from .decoded import outcome

DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from ecorad.service.desk import Desk
from ecorad.service.dicom.node import Node
class Dying(Desk):
    async def keep(self, *args):
        await super().keep(*args)
        if sys.argv[3] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
async def main():
    node = Node(Dying(Path(sys.argv[1]), reserve_bytes=0), ae_title="ECORAD")
    async with await node.listen("127.0.0.1", int(sys.argv[2])) as server:
        print("ready", flush=True)
        await server.serve_forever()
asyncio.run(main())
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "site", SITE)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a12_killed_between_the_disk_and_the_answer_there_is_one_row(workspace):
    port, one = free_port(), ct()
    for way in ("die", "live"):
        command = [sys.executable, "-c", DYING, str(workspace.ledger_path / FOLDER), str(port), way]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        association = peer(port)
        status = association.send_c_store(one).get("Status")
        association.abort() if association.is_established else None
        assert (status is None) == (way == "die"), "no answer from the dead, success from the living"
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
        process.stdout.close()
    drained(workspace, is_live=False)
    [found] = counts(workspace).values()
    assert found == {"received": 2, "stored": 1, "duplicate": 1}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Server(tmp_path_factory.mktemp("serve") / "site").start()
    yield one
    status, said = one.stop()
    assert status == 0
    assert "Traceback" not in said


@pytest.mark.parametrize("path", ["/studies", "/dicom-web/studies", "/wado", "/", "/receipts"])
def test_c1_objects_are_not_taken_over_the_web(server, path):
    body = b"--x\r\nContent-Type: application/dicom\r\n\r\n" + b"--x\r\n" * 10_000  # no closing boundary
    told = {"content-type": 'multipart/related; type="application/dicom"; boundary=x'}
    assert server.ask("POST", path, body, told)[0] in {404, 405}


def test_c4_no_face_reads_xml(server):
    bomb = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    for path in ("/studies", "/workitems", "/receipts"):
        assert server.ask("POST", path, bomb, {"content-type": "application/dicom+xml"})[0] in {404, 405}
    assert outcome(bomb, "a.xml").code == "ecorad.intake.unrecognised"


@pytest.mark.parametrize("query", ["StudyDate='+OR+1=1--", "PatientName=%25", "x=" + "OR+1" * 3000, "_trace=1"])
def test_c5_no_query_changes_what_the_page_shows(server, query):
    assert server.ask("GET", "/studies?" + query)[0] == 404
    server.rows(lambda rows: True)  # published, and everything that other tests sent is worked off
    plain, asked = (json.loads(server.ask("GET", path)[1]) for path in ("/receipts.json", "/receipts.json?" + query))
    assert plain["rows"] == asked["rows"]


@pytest.mark.parametrize("query", ["limit=1000000000", "offset=-1", "includefield=all"])
def test_c6_no_query_makes_an_answer_larger(server, query):
    assert len(server.ask("GET", "/receipts?" + query)[1]) <= len(server.ask("GET", "/receipts")[1]) + 100
    told = {"authorization": f"Bearer {TOKEN}"}
    assert server.ask("POST", "/write?precision=" + "s" * 5_000, "mr1 value=1 1", told)[0] == 400


def test_c7_no_address_in_an_object_is_asked(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        told = {
            "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
            "00080018": {"vr": "UI", "Value": ["1.2.3"]},
            "0020000D": {"vr": "UI", "Value": ["1.2"]},
            "0020000E": {"vr": "UI", "Value": ["1.2.9"]},
            "00081030": {"vr": "LO", "BulkDataURI": f"http://127.0.0.1:{port}/a"},
            "7FE00010": {"vr": "OW", "BulkDataURI": "http://169.254.169.254/latest"},
            "00189999": {"vr": "UN", "BulkDataURI": "file:///etc/passwd"},
        }
        found = outcome(json.dumps(told).encode(), "a.json")
        assert found.fate is None
        with pytest.raises(TimeoutError):
            listener.accept()


def test_c12_forged_sizes_and_very_many_members(tmp_path):
    path = tmp_path / "forged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dcm", bytes(8 << 20))
    data = path.read_bytes()
    for wanted in (b"PK\x01\x02", b"PK\x03\x04"):  # both headers say that it unpacks to sixteen bytes
        at = data.index(wanted) + (24 if wanted == b"PK\x01\x02" else 22)
        data = data[:at] + (16).to_bytes(4, "little") + data[at + 4 :]
    path.write_bytes(data)
    found = list(inputs_of(path))
    assert sum(len(one.content or b"") for one in found) <= 16 or all(one.trouble for one in found)
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.txt", b"")
    told = inputs_of(many)
    assert next(told) is not None  # one after the other, never all of them at once
    assert sum(1 for _ in told) == 19_999


def test_c15_two_devices_under_one_ae_title_stay_two():
    from ecorad.intake.dicom import device_key
    from ecorad.intake.identity import Pseudonymiser

    from .decoded import site

    def key(serial, station):
        return device_key("Maker", "M", serial, station, site(), Pseudonymiser(bytes(32)), ae_title="SHARED")

    assert key("1", "A") != key("2", "A")
    assert key(None, "A") != key(None, "B")
    assert key("1", "A") == key("1", "B"), "the serial number tells, whatever the console is called"


def test_e12_messages_of_meters_that_are_hostile_or_repeated(workspace):
    deep = b"[" * 10_000 + b"]" * 10_000
    for payload in (
        deep,
        b'{"value": ' + deep + b"}",
        b'{"a": 1}' * 2,
        b"NaN",
        b"1e999",
        b"\xff\xfe",
        b"true",
        b"12,5",
    ):
        assert of_message(payload, "mr1", 5) is None
    assert of_message(b"1" * (10 << 20), "mr1", 5) is None
    assert of_message(b'{"value": 1}' + b" " * 70_000, "mr1", 5) is None
    notes = {"kind": "meter", "feed": "mqtt", "target": "mr1"}
    timed = [json.dumps({"value": 6, "ts": NOON_US // 10**6 + 60 * n}).encode() for n in range(3)]
    again = [timed[0], timed[1], timed[1], timed[2], timed[0]]  # delivered twice, and an old one that was retained
    received(workspace, "meter", [(one, notes, NOON_US + 500 + n) for n, one in enumerate(again)])
    drained(workspace)
    [found] = counts(workspace).values()
    assert found == {"received": 5, "stored": 3, "duplicate": 2}
    with Ledger.read(workspace) as ledger:
        [row] = ledger.rows("SELECT count(*) AS n, sum(energy_kwh) AS kwh FROM reading WHERE energy_kwh > 0")
    assert row["kwh"] == pytest.approx(6 * 2 / 60), "two minutes at 6 kW, once"


def test_e12_a_topic_that_nobody_entered_is_set_aside(workspace):
    notes = {"kind": "meter", "feed": "mqtt", "target": ""}
    received(workspace, "meter", [(b"6", notes, NOON_US), (b"6", {**notes, "target": "no such"}, NOON_US + 1)])
    drained(workspace)
    assert list(counts(workspace).values()) == [{"received": 2, "quarantined": 2}]


def test_e13_one_bad_line_of_ten_thousand_costs_itself(server):
    at = NOON_US // 10**6
    text = [f"mr1 value=6 {at + 60 * n}" for n in range(10_000)]
    text[5_000] = "mr1 value=six whatever"
    assert server.write("\n".join(text)) == 204
    rows, _ = server.rows(lambda found: found.get("http", {}).get("stored") == 1)
    assert rows["http"]["received"] == 1
    with Ledger.read(server.workspace) as ledger:
        [row] = ledger.rows("SELECT max(rows_quarantined) AS bad FROM receipt")
        [sums] = ledger.rows("SELECT count(*) AS n, sum(energy_kwh) AS kwh FROM reading WHERE energy_kwh > 0")
    assert row["bad"] == 1
    assert 9_900 < sums["n"] < 10_000
    assert sums["kwh"] == pytest.approx(sums["n"] * 6 / 60)


def test_h11_a_full_log_stops_no_intake(tmp_path):
    one = Server(tmp_path / "site")
    command = [sys.executable, "-m", "ecorad", "serve", str(one.folder), "--port", str(one.ports["web"])]
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(command, stdout=full, stderr=full)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                if one.ask("GET", "/receipts.json")[0] == 200:
                    break
            assert process.poll() is None
            time.sleep(0.1)
        assert one.write("mr1 value=1 1772323200") == 204
        assert one.ask("POST", "/write", b"\xff" * 100, {"authorization": f"Bearer {TOKEN}"})[0] == 204
    finally:
        process.terminate()
        process.wait(40)


def test_h10_a_clock_that_jumps_loses_and_mixes_nothing(workspace):
    year_us, hour_us = 365 * 86_400 * 10**6, 3600 * 10**6
    jumps = [0, 1, year_us, year_us + 1, -hour_us, -hour_us + 1, 2, 3]
    received(workspace, "hl7", [message(n, NOON_US + jump - n) for n, jump in enumerate(jumps)])
    found = list(read_stream(workspace.ledger_path / FOLDER / "hl7"))
    assert [one.sequence for one in found] == sorted(one.sequence for one in found), "order is that of arrival"
    drained(workspace)
    rows = counts(workspace).values()
    assert sum(row["received"] for row in rows) == sum(row["stored"] for row in rows) == len(jumps)
    with Ledger.read(workspace) as ledger:
        [batches] = ledger.rows("SELECT count(*) AS n, count(DISTINCT source_digest) AS d FROM receipt")
    assert batches["n"] == batches["d"] == len(jumps)


def test_h10_a_clock_set_back_makes_no_meter_wait(workspace):
    """Samples that seem to come from the future are not held until that future is there."""
    ahead_us = time.time_ns() // 1000 + 3600 * 10**6
    at = NOON_US // 10**6
    received(workspace, "meter", [(*lines(("mr1", at, 6), ("mr1", at + 60, 6)), ahead_us)])
    from ecorad.service.drain.drainer import Drainer

    drainer = Drainer(workspace, meter_window_s=300)
    assert drainer.drain() == 1
    drainer.close()


def test_h11_no_title_writes_a_line_of_its_own(workspace, tmp_path, capfd):
    """Line feeds and escapes in a calling title reach no log and no journal as they are."""
    from tests.service.peers import listening

    title = "A\r\nE\x1b[31mADMIN"
    with listening(tmp_path / "spool", node) as (_, _, port), Raw(port) as raw:
        kind, _ = raw.associate(calling=title, contexts=((1, CT, (EXPLICIT,)),))
        assert kind in {ACCEPT, REJECT}
        if kind == ACCEPT:
            one = ct()
            uid = str(one.SOPInstanceUID)
            value = uid.encode() + b"\0" * (len(uid) % 2)
            raw.send(
                pdv(1, 3, store_command(uid))
                + pdv(1, 2, b"\x08\x00\x18\x00UI" + len(value).to_bytes(2, "little") + value)
            )
            raw.receive()
    said = capfd.readouterr()
    assert "ADMIN" not in said.out + said.err
    for path in (tmp_path / "spool").rglob("*.spool"):
        assert b"\r\nE\x1b" not in path.read_bytes()


def test_h8_an_upgrade_killed_half_way_leaves_a_ledger_that_opens(workspace, tmp_path):
    """No release rewrites tables in place: killed at any moment, what was published is untouched and opens."""
    from tests.reliability.decoded import file_bytes

    path = tmp_path / "one.dcm"
    path.write_bytes(file_bytes(ct()))
    ingest(workspace, [path], workers=1)
    before = {p: p.read_bytes() for p in workspace.ledger_path.rglob("*.parquet")}
    child = "import sys; from pathlib import Path; from ecorad.ledger import Workspace; from ecorad.intake.pipeline import ingest\n"
    child += "ingest(Workspace.open(Path(sys.argv[1])), [Path(sys.argv[2])], workers=1)"
    for after_s in (0.4, 0.8, 1.2):
        path.write_bytes(file_bytes(ct()))
        process = subprocess.Popen([sys.executable, "-c", child, str(workspace.path), str(path)])
        time.sleep(after_s)
        process.kill()
        process.wait(10)
        assert all(p.read_bytes() == content for p, content in before.items()), "published files never change"
    with Ledger.read(workspace) as ledger:
        assert ledger.rows("SELECT count(*) AS n FROM instance")[0]["n"] >= 1
    assert ingest(workspace, [path], workers=1).received == 1


def test_h9_a_reader_that_hangs_is_ended_and_the_rest_goes_on(workspace, monkeypatch):
    from ecorad.service.drain.arrivals import Kept
    from ecorad.service.drain.pool import DecodingPool

    monkeypatch.setattr("ecorad.service.drain.pool.decode_all", hanging)
    monkeypatch.setattr("ecorad.service.drain.pool._CHUNK_S", 20.0)
    monkeypatch.setattr("ecorad.service.drain.pool._ONE_S", 1.0)
    from ecorad.intake.register import pseudonymiser_of

    pool = DecodingPool(workspace.site, pseudonymiser_of(workspace))
    records = [Kept({"kind": "hl7", "feed": "hl7"}, body) for body in (b"a", b"hang", b"b")]
    assert [one.code for one in pool.decode(records)] == [None, "ecorad.intake.budget", None]
    pool.close()


def hanging(records, site, pseudonymiser):
    """Stands for a decoder that waits for ever on one record; quick to be noticed where it is alone or not."""
    from ecorad.service.drain.arrivals import decode_all

    if any(one.payload == b"hang" for one in records):
        threading.Event().wait(60 if len(records) == 1 else 25)
    return decode_all(records, site, pseudonymiser)
