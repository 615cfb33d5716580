"""A file that has not changed since it was read is known without being opened; any doubt, and it is read."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from ecorad.intake import decoding, known_files
from ecorad.intake.pipeline import ingest
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace, deliveries, inputs
from tests.intake.dicom.objects import dicom

SITE = '[site]\nname = "x"\ntimezone = "Europe/Amsterdam"\n'


@pytest.fixture(autouse=True)
def _settled(monkeypatch):
    """Files of a test are younger than any that a department offers."""
    monkeypatch.setattr(known_files, "_SETTLED_S", 0.0)


@pytest.fixture
def opened(monkeypatch):
    """Names of the files that were opened for decoding."""
    names: list[str] = []
    before = decoding._opened

    def note(one):
        names.append(Path(one.place).name)
        return before(one)

    monkeypatch.setattr(decoding, "_opened", note)
    return names


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "incoming"
    found.mkdir()
    for number in range(3):
        (found / f"{number}.dcm").write_bytes(an_object(number))
    return found


@pytest.fixture
def workspace(tmp_path):
    return Workspace.create(tmp_path / "site", SITE)


def an_object(number: int) -> bytes:
    return dicom(SOPInstanceUID=f"1.2.3.{number}")


def fates(workspace, folder, **how):
    told = ingest(workspace, [folder], workers=1, **how).as_json()
    ends = ("stored", "duplicate", "new_version", "quarantined", "refused")
    assert told["received"] == sum(told[end] for end in ends)
    return {end: told[end] for end in ends if told[end]}


def test_what_has_not_changed_is_not_opened_and_counts_as_before(workspace, folder, opened):
    assert fates(workspace, folder) == {"stored": 3}
    with open_ledger(workspace) as ledger:
        before = inputs(ledger)
    opened.clear()
    assert fates(workspace, folder) == {"duplicate": 3}
    assert opened == []
    with open_ledger(workspace) as ledger:
        assert inputs(ledger) == before
        (day,) = deliveries(ledger)
        assert (day["received"], day["stored"], day["duplicate"]) == (6, 3, 3)
        (sizes,) = ledger.rows("SELECT list(DISTINCT bytes) AS n FROM receipt")
        assert sizes["n"] == [(folder / "0.dcm").stat().st_size]


def test_a_new_file_among_known_ones_is_read_alone(workspace, folder, opened):
    fates(workspace, folder)
    (folder / "1a.dcm").write_bytes(an_object(7))
    opened.clear()
    assert fates(workspace, folder) == {"stored": 1, "duplicate": 3}
    assert opened == ["1a.dcm"]


def test_other_bytes_of_the_same_length_and_time_are_read(workspace, folder, opened):
    fates(workspace, folder)
    path = folder / "1.dcm"
    status = path.stat()
    path.write_bytes(an_object(8))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    opened.clear()
    assert fates(workspace, folder) == {"stored": 1, "duplicate": 2}
    assert opened == ["1.dcm"]


def test_a_file_in_the_place_of_another_is_read(workspace, folder, opened):
    fates(workspace, folder)
    (folder / "0.dcm").rename(folder / "2.dcm")
    opened.clear()
    assert fates(workspace, folder) == {"duplicate": 2}
    assert opened == ["2.dcm"]


def test_a_file_that_changed_just_now_is_read_again(workspace, folder, opened, monkeypatch):
    monkeypatch.setattr(known_files, "_SETTLED_S", 3600.0)
    fates(workspace, folder)
    opened.clear()
    assert fates(workspace, folder) == {"duplicate": 3}
    assert len(opened) == 3


def test_all_is_read_when_asked_or_when_more_is_read_of_an_object(workspace, folder, opened, monkeypatch):
    fates(workspace, folder)
    opened.clear()
    assert fates(workspace, folder, anew=True) == {"duplicate": 3}
    assert len(opened) == 3
    monkeypatch.setattr(known_files, "_READ_AS", known_files._READ_AS + 1)
    opened.clear()
    assert fates(workspace, folder) == {"duplicate": 3}
    assert len(opened) == 3
    opened.clear()
    fates(workspace, folder)
    assert opened == []


def test_a_ledger_from_before_reads_what_it_does_not_hold(tmp_path, workspace, folder, opened):
    """A backup is put back: what came after it was made is not in it."""
    fates(workspace, folder)
    shutil.copytree(workspace.path, tmp_path / "backup")
    (folder / "3.dcm").write_bytes(an_object(3))
    fates(workspace, folder)
    opened.clear()
    assert fates(Workspace.open(tmp_path / "backup"), folder) == {"stored": 1, "duplicate": 3}
    assert opened == ["3.dcm"]


def test_what_was_set_aside_is_tried_anew(workspace, folder, opened):
    (folder / "cut.dcm").write_bytes(an_object(9)[:200])
    assert fates(workspace, folder)["quarantined"] == 1
    opened.clear()
    assert fates(workspace, folder) == {"duplicate": 3, "quarantined": 1}
    assert set(opened) == {"cut.dcm"}


def test_members_of_archives_and_sheets_are_read_each_time(workspace, tmp_path, opened):
    source = tmp_path / "in"
    source.mkdir()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.dcm", an_object(1))
    (source / "a.zip").write_bytes(packed.getvalue())
    (source / "mr1.csv").write_text("time;kWh\n2026-03-02 08:00:00;1.5\n2026-03-02 08:15:00;1.5\n")
    fates(workspace, source)
    opened.clear()
    fates(workspace, source)
    assert {"a.zip!a.dcm", "mr1.csv"} <= set(opened)


def test_no_path_is_kept(workspace, folder):
    named = folder / "Jansen_Piet_1970.dcm"
    named.write_bytes(an_object(5))
    fates(workspace, folder)
    with open_ledger(workspace) as ledger:
        stamps = [row["file_stamp"] for row in ledger.rows("SELECT file_stamp FROM receipt")]
    assert len(set(stamps)) == 4
    assert all(len(stamp) == 24 and set(stamp) <= set("0123456789abcdef") for stamp in stamps)


def test_another_key_gives_other_stamps(tmp_path, folder):
    def stamps(name):
        workspace = Workspace.create(tmp_path / name, SITE)
        fates(workspace, folder)
        with open_ledger(workspace) as ledger:
            return {row["file_stamp"] for row in ledger.rows("SELECT file_stamp FROM receipt")}

    assert stamps("one").isdisjoint(stamps("other"))
