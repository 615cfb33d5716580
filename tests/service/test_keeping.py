"""Backup, restore and rebuild: whole or not at all, and nothing lost without a word."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from ecorad.intake.pipeline import ingest
from ecorad.ledger import Ledger, Workspace
from ecorad.model import WorkspaceError
from ecorad.service.backup import back_up, keys_beside, restore
from ecorad.service.rebuild import rebuild
from tests.service.peers import ct, file_bytes
from tests.service.test_drain import NOON_US, SITE, drained, lines, message, received, stored


@pytest.fixture
def site(tmp_path):
    workspace = Workspace.create(tmp_path / "site", SITE)
    received(workspace, "dicom", [(*stored(ct()), NOON_US)])
    received(workspace, "hl7", [message(1), message(2)])
    received(workspace, "meter", [(*lines(("mr1", NOON_US // 10**6, 6), ("mr1", NOON_US // 10**6 + 60, 6)), NOON_US)])
    drained(workspace, is_live=False)
    return workspace


def tables(workspace):
    with Ledger.read(workspace) as ledger:
        return {
            name: sorted(map(str, ledger.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {name}")))
            for name in ("instance", "reading", "receipt")
        }


def test_a_restored_site_is_the_site(site, tmp_path):
    target = tmp_path / "b.tar"
    back_up(site, target)
    restore(target, tmp_path / "again")
    again = Workspace.open(tmp_path / "again")
    assert tables(again) == tables(site)
    assert {p.name for p in again.keys_path.iterdir()} == {p.name for p in site.keys_path.iterdir()}
    assert again.keys_path.stat().st_mode & 0o077 == 0
    with tarfile.open(target) as tar:
        assert not [name for name in tar.getnames() if name.startswith("keys")]
    assert target.stat().st_mode & 0o077 == 0


def test_a_backup_that_is_not_whole_leaves_nothing(site, tmp_path):
    target = tmp_path / "b.tar"
    back_up(site, target)
    data = target.read_bytes()
    for hurt in (
        data[: len(data) // 2],
        data[:9000] + b"x" + data[9001:],
        b"",
        data.replace(b"site.toml", b"site.tomm", 1),
    ):
        target.write_bytes(hurt)
        with pytest.raises(WorkspaceError) as error:
            restore(target, tmp_path / "again")
        assert error.value.code == "ecorad.backup.damaged"
        assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["../escaped", "/etc/x", "a/../../b"])
def test_a_backup_writes_nowhere_else(tmp_path, name):
    target = tmp_path / "b.tar"
    contents = json.dumps({"format": 1, "files": [{"name": name, "bytes": 1, "sha256": "0"}]}).encode()
    with tarfile.open(target, "w") as tar:
        for member, data in (("contents.json", contents), (name, b"x")):
            info = tarfile.TarInfo(member)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with pytest.raises(WorkspaceError):
        restore(target, tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar"]


def test_h7_a_newer_backup_is_refused_and_a_full_folder_too(site, tmp_path):
    target = tmp_path / "b.tar"
    back_up(site, target)
    with pytest.raises(WorkspaceError) as error:
        restore(target, site.path)
    assert error.value.code == "ecorad.backup.exists"
    contents = json.dumps({"format": 2, "files": []}).encode()
    with tarfile.open(target, "w") as tar:
        info = tarfile.TarInfo("contents.json")
        info.size = len(contents)
        tar.addfile(info, io.BytesIO(contents))
    with pytest.raises(WorkspaceError) as error:
        restore(target, tmp_path / "again")
    assert error.value.code == "ecorad.backup.newer"
    assert keys_beside(target).exists()


def test_h5_tables_are_made_anew_from_the_journal(site):
    before = tables(site)
    for path in site.ledger_path.joinpath("instance").rglob("*.parquet"):
        path.write_bytes(b"damaged")
    found = rebuild(site)
    assert (found.journal_records, found.missing, found.is_kept) == (4, 0, True)
    assert tables(site) == before


def test_what_only_the_old_tables_know_brings_them_back(site, tmp_path):
    path = tmp_path / "one.dcm"
    path.write_bytes(file_bytes(ct()))
    ingest(site, [path], workers=1)
    before = tables(site)
    found = rebuild(site)
    assert (found.missing, found.is_kept) == (1, False)
    assert tables(site) == before
    assert not list(site.ledger_path.glob("aside*"))
    assert rebuild(site, [path]).is_kept
    assert len(tables(site)["instance"]) == 2
    again = rebuild(site, accept_loss=True)
    assert (again.missing, again.is_kept) == (1, True)
    assert len(tables(site)["instance"]) == 1


def test_the_journal_goes_on_after_a_rebuild(site):
    rebuild(site)
    received(site, "hl7", [message(3)])
    drained(site)
    assert len(tables(site)["receipt"]) == 5
