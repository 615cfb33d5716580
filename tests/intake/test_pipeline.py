"""From sources to ledger: progress, interruption, settings that change, trouble that has a code."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from ecorad.intake import pipeline
from ecorad.intake.decoding import Decoder
from ecorad.intake.pipeline import ELSEWHERE, IngestReport, ingest, ingesting
from ecorad.intake.register import open_ledger
from ecorad.intake.sources import Input
from ecorad.ledger import LedgerWriter, Workspace, inputs, problems
from ecorad.model import InputError, StoreError, WorkspaceBusyError

SITE = '[site]\nname = "Test"\ntimezone = "Europe/Amsterdam"\n'
METER = '[[meter]]\nid = "mr1"\nkind = "interval"\ninterval_s = 900.0\n'
QUARTERS = [f"2026-03-02 {hour:02d}:{minute:02d}:00;1.5" for hour in range(8, 12) for minute in (0, 15, 30, 45)]
READINGS = "\n".join(["time;value", *QUARTERS]) + "\n"
SHEET = "Datum;Product;Aantal\n2026-03-02;Omnipaque 350;1,500\n2026-03-03;Omnipaque 350;2,500\n"
MAPPING = '[[ledger]]\nname = "contrast"\nkind = "contrast"\ndefaults = { movement = "used" }\n'
COLUMNS = 'columns = { day = "Datum", product = "Product", quantity = "Aantal" }\n'


@pytest.fixture
def folder(tmp_path):
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    return incoming


def site(tmp_path, text="") -> Workspace:
    """The workspace with another ``site.toml``."""
    path = tmp_path / "site"
    if not path.exists():
        return Workspace.create(path, SITE + text)
    (path / "site.toml").write_text(SITE + text, "utf-8")
    return Workspace.open(path)


def counts(report: IngestReport) -> dict[str, int]:
    told = report.as_json()
    ends = ("stored", "duplicate", "new_version", "quarantined", "refused")
    assert told["received"] == sum(told[end] for end in ends)
    return {end: told[end] for end in ends if told[end]}


def energy(workspace, meter="mr1"):
    with open_ledger(workspace) as ledger:
        line = ledger.readings(meter)
    return len(line.start_us), pytest.approx(float(line.energy_kwh.sum()))


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_told_for_each_input_read(tmp_path, folder, workers):
    for i in range(60):
        (folder / f"letter{i:02d}.txt").write_text(f"Dear colleague {i}")
    seen: list[tuple[int, int]] = []
    ingest(site(tmp_path), [folder], workers=workers, progress=lambda done, found: seen.append((done, found)))
    assert [done for done, _ in seen] == list(range(1, 61))
    assert all(done <= found for done, found in seen)
    assert seen[-1] == (60, 60)


@pytest.mark.parametrize(
    ("first", "second", "kwh"),
    [
        ('unit = "kWh"\n', 'unit = "Wh"\n', 0.024),
        ('unit = "kWh"\n', 'unit = "kWh"\ntimezone = "UTC"\n', 24.0),
        ('unit = "kWh"\n', 'unit = "kWh"\nscale = 2.0\n', 48.0),
    ],
)
def test_a_meter_file_given_again_after_its_entry_changed_is_read_anew(tmp_path, folder, first, second, kwh):
    (folder / "mr1.csv").write_text(READINGS)
    assert counts(ingest(site(tmp_path, METER + first), [folder])) == {"stored": 1}
    workspace = site(tmp_path, METER + second)
    assert counts(ingest(workspace, [folder / "mr1.csv"])) == {"new_version": 1}
    assert energy(workspace) == (16, kwh)
    assert counts(ingest(workspace, [folder])) == {"duplicate": 1}
    back = site(tmp_path, METER + first)
    assert counts(ingest(back, [folder])) == {"new_version": 1}
    assert energy(back) == (16, 24.0)


def test_what_does_not_change_readings_does_not_read_anew(tmp_path, folder):
    (folder / "mr1.csv").write_text(READINGS)
    ingest(site(tmp_path, METER + 'unit = "kWh"\n'), [folder])
    workspace = site(tmp_path, METER + 'unit = "kWh"\ncooling = true\naccuracy_percent = 1.0\nfeeds = ["77"]\n')
    assert counts(ingest(workspace, [folder])) == {"duplicate": 1}


def test_a_meter_that_is_registered_later_is_no_second_meter(tmp_path, folder):
    (folder / "mr1.csv").write_text(READINGS.replace("value", "energy kWh"))
    ingest(site(tmp_path), [folder])
    workspace = site(tmp_path, METER + 'unit = "kWh"\n')
    assert counts(ingest(workspace, [folder])) == {"new_version": 1}
    with open_ledger(workspace) as ledger:
        assert ledger.meter_keys() == ["mr1"]
        assert not [one for one in problems(ledger) if one["code"] == "ecorad.meter.unregistered"]


def test_what_was_quarantined_is_tried_again_and_struck_from_the_list(tmp_path, folder):
    (folder / "mr1.csv").write_text(READINGS)
    workspace = site(tmp_path, METER)  # no unit anywhere
    assert counts(ingest(workspace, [folder])) == {"quarantined": 1}
    assert len(list(workspace.quarantine_path.glob("*.json"))) == 1
    workspace = site(tmp_path, METER + 'unit = "kWh"\n')
    assert counts(ingest(workspace, [folder])) == {"stored": 1}
    assert list(workspace.quarantine_path.iterdir()) == []
    with open_ledger(workspace) as ledger:
        assert inputs(ledger)["quarantined"] == 0


def test_a_sheet_given_again_after_its_mapping_changed_is_read_anew(tmp_path, folder):
    (folder / "contrast.csv").write_text(SHEET)
    ingest(site(tmp_path, MAPPING + COLUMNS + 'decimal = ","\n'), [folder])
    workspace = site(tmp_path, MAPPING + COLUMNS + 'decimal = "."\n')
    assert counts(ingest(workspace, [folder])) == {"new_version": 1}
    with open_ledger(workspace) as ledger:
        assert ledger.columns("stock", ["quantity", "record_key"])["quantity"].sum() == 4000.0


def test_a_source_that_is_not_there_is_said_before_anything_is_read(tmp_path, folder):
    workspace = site(tmp_path)
    with pytest.raises(InputError) as error:
        ingest(workspace, [folder, tmp_path / "no such"])
    assert error.value.code == "ecorad.input.no_source"
    assert "no such" not in str(error.value)


def test_an_empty_source_is_said_and_not_counted(tmp_path, folder):
    report = ingest(site(tmp_path), [folder])
    assert counts(report) == {}
    assert report.exit_status == 0
    assert [code for code, _ in report.issues] == ["ecorad.source.no_files"]


def test_places_of_one_code_are_listed_up_to_a_bound_and_counted_to_the_end():
    report = IngestReport()
    for i in range(1500):
        report.tell("ecorad.source.empty", f"place {i}")
        report.tell("ecorad.source.empty", "place 0")
    assert len(report.issues) == 1001
    assert report.issues["ecorad.source.empty", ELSEWHERE] == 500
    assert report.issues.total() == 3000


def test_a_workspace_that_is_written_to_is_busy(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(pipeline, "PATIENCE_S", 0.1)
    workspace = site(tmp_path)
    with workspace.write_lock(), pytest.raises(WorkspaceBusyError):
        ingest(workspace, [folder])


def test_a_server_that_writes_for_a_moment_is_waited_for(tmp_path, folder):
    (folder / "letter.txt").write_text("Dear colleague")
    workspace = site(tmp_path)
    held = threading.Event()

    def server():
        with workspace.write_lock():
            held.set()
            time.sleep(1)

    other = threading.Thread(target=server)
    other.start()
    assert held.wait(10)
    assert counts(ingest(workspace, [folder], workers=1)) == {"refused": 1}
    other.join()


def _broken() -> Future[object]:
    future: Future[object] = Future()
    future.set_exception(BrokenProcessPool())
    return future


def test_no_input_is_blamed_for_a_process_that_never_starts(tmp_path, folder, monkeypatch):
    for i in range(60):
        (folder / f"letter{i}.txt").write_text(f"Dear {i}")
    monkeypatch.setattr("ecorad.intake.readers._submit", lambda pool, chunk: _broken())
    workspace = site(tmp_path)
    with pytest.raises(StoreError) as error:
        ingest(workspace, [folder], workers=2)
    assert error.value.code == "ecorad.intake.workers"
    with open_ledger(workspace) as ledger:
        assert inputs(ledger)["received"] == 0


# Run in a process of its own: each letter takes a while, and one of them can kill its reader.
SLOW = """
import os, signal, sys, time
from pathlib import Path
from ecorad.intake import decoding, pipeline
from ecorad.cli.failure import report_failure
plain = decoding.Decoder.decode
def slow(self, one):
    time.sleep(float(os.environ.get("TEST_SLOW_S", "0.02")))
    if one.name.endswith("killer.txt"):
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(self, one)
decoding.Decoder.decode = slow
if __name__ == "__main__":
    from ecorad.ledger import Workspace
    # A shell that runs the tests in the background has its children ignore Ctrl-C; a terminal does not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    def told(done, found):
        print(done, flush=True)
    try:
        report = pipeline.ingest(Workspace.open(Path(sys.argv[1])), [Path(sys.argv[2])], workers=2, progress=told)
    except KeyboardInterrupt as error:
        sys.exit(int(report_failure(error, as_json=False, folders=[])))
    print(report.as_json())
"""


@pytest.fixture
def slow(tmp_path, folder):
    """A command that reads 600 letters slowly."""
    for i in range(600):
        (folder / f"letter{i:03d}.txt").write_text(f"Dear colleague {i}")
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    workspace = site(tmp_path)
    return workspace, [sys.executable, str(script), str(workspace.path), str(folder)]


def started(command, first):
    """The process, once it has told of ``first`` inputs; in a group of its own, as in a terminal."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    for line in process.stdout:
        if int(line) >= first:
            return process
    raise AssertionError(process.stderr.read())


def test_ctrl_c_keeps_what_was_read_and_leaves_no_traceback(slow, folder):
    workspace, command = slow
    process = started(command, 70)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to parent and workers alike
    with process:
        out, err = process.stdout.read(), process.stderr.read()  # with the lines that were read ahead
    assert process.returncode == 3, err
    assert "Traceback" not in err
    assert re.fullmatch(r"Stopped\..*\[ecorad\.interrupted\]\n", err)
    with open_ledger(workspace) as ledger:
        kept = inputs(ledger)["received"]
    last = int((out.split() or ["70"])[-1])
    assert 70 <= kept <= last + 1 < 600
    assert counts(ingest(workspace, [folder])) == {"refused": 600}
    with open_ledger(workspace) as ledger:
        assert inputs(ledger)["received"] == 600


def test_workers_leave_when_their_parent_is_killed(slow):
    _, command = slow
    process = started(command, 1)
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    deadline = time.monotonic() + 60
    while _in_session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    left = _in_session(process.pid)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


def _in_session(leader: int) -> list[int]:
    """Live processes of a session, its leader and zombies left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        if int(fields[3]) == leader and fields[0] != "Z" and int(path.parent.name) != leader:
            found.append(int(path.parent.name))
    return found


def test_an_input_that_kills_its_reader_is_lost_alone(slow, folder):
    workspace, command = slow
    (folder / "killer.txt").write_text("Dear killer")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env={**os.environ, "TEST_SLOW_S": "0"}
    )
    assert done.returncode == 0, done.stderr
    with open_ledger(workspace) as ledger:
        told = Counter({one["code"]: one["count"] for one in problems(ledger)})
        assert told == {"ecorad.intake.unrecognised": 600, "ecorad.intake.budget": 1}


def test_what_an_archive_gives_is_read_in_another_process(tmp_path, monkeypatch):
    """It may hold anything; within the limits of a process that may die."""

    def here(*_):
        raise AssertionError("decoded by the process that keeps the ledger")

    monkeypatch.setattr(Decoder, "decode", here)
    batches = [[Input(f"archive/{n}", "x.csv", len(READINGS), content=READINGS.encode())] for n in range(2)]
    others = {child.pid for child in multiprocessing.active_children()}
    with ingesting(site(tmp_path, METER + 'unit = "kWh"\n'), "mr1") as take_in:
        reader = {child.pid for child in multiprocessing.active_children()} - others
        found = [counts(take_in(batch)) for batch in batches]
        assert len(reader) == 1
        assert reader <= {child.pid for child in multiprocessing.active_children()}
    assert found == [{"stored": 1}, {"duplicate": 1}]


def test_readings_are_kept_before_they_fill_the_memory(tmp_path, folder, monkeypatch):
    """However many files of readings a folder has, some are held at once."""
    monkeypatch.setattr(pipeline, "_COMMIT_READINGS", 2 * len(QUARTERS))
    sizes: list[int] = []
    before = LedgerWriter.commit

    def commit(self, arrivals, received_at):
        sizes.append(len(arrivals))
        return before(self, arrivals, received_at)

    monkeypatch.setattr(LedgerWriter, "commit", commit)
    for day in range(2, 7):
        (folder / f"mr1_{day}.csv").write_text(READINGS.replace("2026-03-02", f"2026-03-0{day}"))
    workspace = site(tmp_path, METER + 'unit = "kWh"\n')
    assert counts(ingest(workspace, [folder], feed="mr1", workers=1)) == {"stored": 5}
    assert sizes == [2, 2, 1]


def test_tables_travel_in_small_parcels_and_objects_in_large_ones():
    tables = [Input("t", "t", 3 << 20, path="t", table_bytes=3 << 20) for _ in range(4)]
    objects = [Input("o", "o", 3 << 20, path="o") for _ in range(4)]
    members = [Input("m", "m", 3 << 20, content=bytes(3 << 20)) for _ in range(4)]
    for many in (tables, members):
        assert [len(chunk) for chunk in pipeline._chunks([], iter(many))] == [3, 1]
    assert [len(chunk) for chunk in pipeline._chunks([], iter(objects))] == [4]
