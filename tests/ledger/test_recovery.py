"""A process killed, or a machine cut off, between any two steps of a commit: nothing lost, nothing doubled, none half."""

from __future__ import annotations

import multiprocessing
import shutil
import signal

import pytest

from ecorad.ledger import Ledger, delta, inputs, open_for_writing, sums
from ecorad.ledger.journal import FOLDER, Journal, waiting_entries
from ecorad.ledger.present import stage_present
from ecorad.model import StoreError, WorkspaceBusyError

from .made import (
    NOON,
    block,
    commit,
    instance,
    made_workspace,
    movement,
    of_meter,
    of_object,
    of_sheet,
    reading_from,
    rows,
)

FIRST = [of_object(instance("a")), of_meter("m", block("m1", [1.0, 2.0])), of_sheet("s", movement("k", "s"))]
SECOND = [of_object(instance("b")), of_meter("n", block("m1", [3.0], start=2)), of_sheet("t", movement("l", "t"))]
TABLES = ("instance", "reading", "stock", "receipt", "interpretation")


class KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def workspace(tmp_path):
    workspace = made_workspace(tmp_path)
    commit(workspace, FIRST)
    return workspace


def killed(*_, **__):
    raise KilledError


def commit_until_killed(workspace):
    with pytest.raises(KilledError), open_for_writing(workspace) as writer:
        writer.commit(SECOND, NOON)


def is_whole(workspace):
    """Whether the second batch is there, all of it; fails when it is there in part."""
    with reading_from(workspace) as ledger:
        counted = inputs(ledger)
        line = ledger.readings("m1").energy_kwh.tolist()
    found = tuple(len(rows(workspace, name)) for name in ("instance", "reading", "stock"))
    assert (found, line, counted["stored"]) in (
        ((1, 2, 1), [1.0, 2.0], 3),
        ((2, 3, 2), [1.0, 2.0, 3.0], 6),
    )
    return found == (2, 3, 2)


def again(workspace):
    """The same batch once more, as a user would run it; then all is there once."""
    commit(workspace, SECOND)
    assert is_whole(workspace)
    assert waiting_entries(workspace.ledger_path) == []
    for name, count in (("instance", 2), ("reading", 3), ("stock", 2)):
        assert len(rows(workspace, name, received=True)) == count


def receipts(workspace):
    with reading_from(workspace) as ledger:
        return ledger.rows("SELECT outcome, count(*) AS n FROM receipt GROUP BY outcome ORDER BY outcome")


def test_killed_before_the_journal_is_whole_nothing_was_received(workspace, monkeypatch):
    monkeypatch.setattr(Journal, "apply", killed)
    commit_until_killed(workspace)
    monkeypatch.undo()
    entry = workspace.ledger_path / FOLDER / "2"
    entry.rename(entry.with_name("2.unfinished"))  # as before the rename
    (entry.with_name("2.unfinished") / "stock.parquet").write_bytes(b"PAR1 torn")
    assert not is_whole(workspace)
    again(workspace)
    assert not entry.with_name("2.unfinished").exists()
    assert receipts(workspace) == [{"outcome": "stored", "n": 6}]


def test_killed_between_journal_and_tables_the_batch_is_there_already(workspace, monkeypatch):
    monkeypatch.setattr(Journal, "apply", killed)
    commit_until_killed(workspace)
    monkeypatch.undo()
    assert is_whole(workspace)  # readers see what is durable
    again(workspace)
    assert receipts(workspace) == [{"outcome": "duplicate", "n": 3}, {"outcome": "stored", "n": 6}]


@pytest.mark.parametrize("tables_done", range(1, 4))
def test_killed_between_two_tables_the_batch_is_there_once(workspace, monkeypatch, tables_done):
    append, done = delta.append, []

    def some(folder, part, entry):
        if len(done) == tables_done:
            raise KilledError
        done.append(folder.name)
        append(folder, part, entry)

    monkeypatch.setattr(delta, "append", some)
    commit_until_killed(workspace)
    monkeypatch.undo()
    assert len(done) == tables_done
    assert is_whole(workspace)
    again(workspace)


def test_killed_before_the_entry_is_struck_no_table_is_touched_again(workspace, monkeypatch):
    monkeypatch.setattr(shutil, "rmtree", killed)
    commit_until_killed(workspace)
    monkeypatch.undo()
    folder = workspace.ledger_path / FOLDER
    (struck,) = folder.glob("2*")
    struck.rename(folder / "2")  # as before the strike
    versions = [delta.newest_version(workspace.ledger_path / name) for name in TABLES]
    assert is_whole(workspace)
    with open_for_writing(workspace):
        assert waiting_entries(workspace.ledger_path) == []
    assert [delta.newest_version(workspace.ledger_path / name) for name in TABLES] == versions
    again(workspace)


def torn_commit(workspace, monkeypatch):
    """The second batch applied to every table but not struck: the moment at which power may fail."""
    monkeypatch.setattr(shutil, "rmtree", killed)
    commit_until_killed(workspace)
    monkeypatch.undo()
    folder = workspace.ledger_path / FOLDER
    (struck,) = folder.glob("2*")
    struck.rename(folder / "2")


def newest(workspace, name):
    return max((workspace.ledger_path / name / "_delta_log").glob("*.json"))


def part_of_newest(workspace, name):
    folder = workspace.ledger_path / name
    files = set(delta.contents(folder).files) - set(delta.contents(folder, 0).files)
    (only,) = files
    return only


def cut(path, to):
    path.write_bytes(path.read_bytes()[:to])


def at_line_end(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))


DAMAGE = {
    "part cut": lambda w, name: cut(part_of_newest(w, name), -40),
    "part empty": lambda w, name: cut(part_of_newest(w, name), 0),
    "part of zeros": lambda w, name: (p := part_of_newest(w, name)).write_bytes(bytes(p.stat().st_size)),
    "part missing": lambda w, name: part_of_newest(w, name).unlink(),
    "log cut": lambda w, name: cut(newest(w, name), -30),
    "log cut at a line's end": lambda w, name: at_line_end(newest(w, name)),
    "log empty": lambda w, name: cut(newest(w, name), 0),
    "log of zeros": lambda w, name: (p := newest(w, name)).write_bytes(bytes(p.stat().st_size)),
    "log missing": lambda w, name: newest(w, name).unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_torn_commit_is_never_read_and_is_made_good(workspace, monkeypatch, damage):
    torn_commit(workspace, monkeypatch)
    for name in ("instance", "reading", "receipt"):
        DAMAGE[damage](workspace, name)
    assert is_whole(workspace)  # for readers the journal speaks while the entry waits
    again(workspace)
    assert receipts(workspace) == [{"outcome": "duplicate", "n": 3}, {"outcome": "stored", "n": 6}]


@pytest.mark.parametrize("damage", ["part cut", "log cut", "log empty"])
def test_a_torn_first_commit_of_a_table_is_made_good(tmp_path, monkeypatch, damage):
    workspace = made_workspace(tmp_path)
    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KilledError), open_for_writing(workspace) as writer:
        writer.commit(FIRST, NOON)
    monkeypatch.undo()
    (struck,) = (workspace.ledger_path / FOLDER).iterdir()
    struck.rename(struck.with_name("1"))
    folder = workspace.ledger_path / "reading"
    cut(
        next(folder.rglob("*.parquet")) if damage == "part cut" else newest(workspace, "reading"),
        0 if "empty" in damage else -9,
    )
    assert not is_whole(workspace)  # the first batch alone
    commit(workspace, FIRST)
    assert len(rows(workspace, "reading", received=True)) == 2


def test_a_commit_of_another_program_is_left_alone(workspace, monkeypatch):
    """Who compacts the tables makes commits of no entry; they are not ours to take back."""
    torn_commit(workspace, monkeypatch)
    from deltalake import DeltaTable

    DeltaTable(str(workspace.ledger_path / "reading")).optimize.compact()
    version = delta.newest_version(workspace.ledger_path / "reading")
    assert is_whole(workspace)
    with open_for_writing(workspace):
        pass
    assert delta.newest_version(workspace.ledger_path / "reading") == version
    again(workspace)


def test_a_failed_commit_is_finished_before_the_next_of_the_same_process(workspace, monkeypatch):
    append = delta.append

    def full(folder, part, entry):
        if folder.name == "receipt":
            raise OSError(28, "No space left on device")
        append(folder, part, entry)

    with open_for_writing(workspace) as writer:
        monkeypatch.setattr(delta, "append", full)
        with pytest.raises(OSError, match="No space"):
            writer.commit(SECOND, NOON)
        monkeypatch.undo()
        third = writer.commit([of_object(instance("c"))], NOON)
    assert [one.value for one in third.outcomes] == ["stored"]
    assert len(rows(workspace, "instance")) == 3
    assert receipts(workspace) == [{"outcome": "stored", "n": 7}]


def test_damage_that_no_writer_causes_is_said(workspace):
    next((workspace.ledger_path / "reading").rglob("*.parquet")).unlink()
    with pytest.raises(StoreError) as error, Ledger.read(workspace):
        pass
    assert error.value.code == "ecorad.store.damaged"


@pytest.mark.parametrize("name", ["instance", "reading", "receipt"])
def test_a_bit_that_flips_anywhere_in_a_table_is_said(workspace, name):
    """Most of such bits change a value that the readers of Parquet and JSON take as it stands."""
    folder = workspace.ledger_path / name
    for path in [*folder.rglob("*.parquet"), *folder.rglob("*.json")]:
        sound = path.read_bytes()
        for place in range(0, len(sound), max(1, len(sound) // 4)):
            path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << place % 8]) + sound[place + 1 :])
            with pytest.raises(StoreError) as error, Ledger.read(workspace):
                pass
            assert error.value.code == "ecorad.store.damaged"
        path.write_bytes(sound)
    with Ledger.read(workspace) as ledger:
        assert ledger.rows("SELECT count(*) AS n FROM instance") == [{"n": 1}]


def test_sums_are_asked_unless_somebody_reads_every_few_seconds_or_there_are_none(workspace):
    folder = workspace.ledger_path / "reading"
    part = next(folder.rglob("*.parquet"))
    with (folder / sums.NAME).open("a") as file:
        file.write(f"00000000 {part.relative_to(folder)}\n")
    with pytest.raises(StoreError), Ledger.read(workspace):
        pass
    with Ledger.read(workspace, is_checked=False) as ledger:
        assert ledger.readings("m1").energy_kwh.tolist() == [1.0, 2.0]
    (folder / sums.NAME).unlink()
    assert not is_whole(workspace)


def test_a_reader_sees_an_entry_struck_under_its_eyes(workspace, monkeypatch):
    """Between listing what waits and reading it, the writer applies and strikes: the reader looks again."""
    from ecorad.ledger import present

    monkeypatch.setattr(Journal, "apply", killed)
    commit_until_killed(workspace)
    monkeypatch.undo()
    marks, calls = present._marks, []

    def then_struck(path, tables):
        found = marks(path, tables)
        calls.append(found)
        if len(calls) == 1:
            with open_for_writing(workspace):
                pass
        return found

    monkeypatch.setattr(present, "_marks", then_struck)
    monkeypatch.setattr(present, "_PAUSE_S", 0)
    assert stage_present.__module__ == present.__name__
    with reading_from(workspace) as ledger:
        assert ledger.readings("m1").energy_kwh.tolist() == [1.0, 2.0, 3.0]
        assert inputs(ledger)["stored"] == 6
    assert len(calls) > 2


def _write_on(path, stop):
    from ecorad.ledger import Workspace

    workspace = Workspace.open(path)
    with open_for_writing(workspace) as writer:
        for i in range(10_000):
            if stop.is_set():
                break
            writer.commit([of_object(instance(f"w{i}")), of_meter(f"meter {i}", block("m2", [1.0], start=i))], NOON)


def test_a_reader_during_a_writer_sees_whole_batches(workspace):
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=_write_on, args=(workspace.path, stop))
    process.start()
    seen = []
    try:
        while len(set(seen)) < 4 and process.is_alive():
            with reading_from(workspace) as ledger:
                objects = int(ledger.rows("SELECT count(*) AS n FROM instance")[0]["n"]) - 1
                readings = len(ledger.readings("m2").start_us)
                assert inputs(ledger)["stored"] - 3 == objects + readings
            assert objects == readings
            seen.append(objects)
    finally:
        stop.set()
        process.join(60)
    assert process.exitcode == 0
    assert seen == sorted(seen)
    assert len(set(seen)) >= 4


def _hold(path, held, leave):
    from ecorad.ledger import Workspace

    with Workspace.open(path).write_lock():
        held.set()
        leave.wait(120)


def test_a_second_writer_is_told_and_a_killed_one_is_no_obstacle(workspace):
    context = multiprocessing.get_context("spawn")
    held, leave = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(workspace.path, held, leave))
    process.start()
    assert held.wait(120)
    with pytest.raises(WorkspaceBusyError) as error, open_for_writing(workspace):
        pass
    assert error.value.code == "ecorad.workspace.busy"
    with reading_from(workspace):
        pass  # readers need no lock
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert (workspace.ledger_path / ".lock").exists()
    commit(workspace, SECOND)
    assert is_whole(workspace)
