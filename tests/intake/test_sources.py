"""Inputs out of files, folders and archives; whatever is wrong has a code and stops nothing else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from ecorad.intake import sources
from ecorad.intake.sources import inputs_of


def told(source: Path) -> list[tuple[str, str | None]]:
    """Place and trouble of each input."""
    return [(one.place, one.trouble) for one in inputs_of(source)]


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_a_folder_is_walked_in_a_stable_order(tmp_path):
    for name in ("b/2.txt", "b/1.txt", "a.txt", "c/deep/er.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [place for place, _ in told(tmp_path / "in")] == ["in/a.txt", "in/b/1.txt", "in/b/2.txt", "in/c/deep/er.txt"]


def test_an_empty_folder_has_nothing(tmp_path):
    assert told(tmp_path) == []


def test_file_and_folder_name_an_input_alike(tmp_path):
    """A meter may be told by its folder; and the same file given alone must be the same input."""
    (tmp_path / "mr1").mkdir()
    (tmp_path / "mr1" / "day.csv").write_text("x")
    (by_folder,), (by_file,) = inputs_of(tmp_path), inputs_of(tmp_path / "mr1" / "day.csv")
    assert by_folder.name == by_file.name == "mr1/day.csv"


def test_empty_files_are_said(tmp_path):
    (tmp_path / "a.dcm").touch()
    assert told(tmp_path / "a.dcm") == [("a.dcm", "ecorad.source.empty")]


def test_what_is_not_there_is_unreadable(tmp_path):
    assert told(tmp_path / "gone") == [("gone", "ecorad.source.unreadable")]


def test_links_below_a_source_are_not_followed(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "loop").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (tmp_path / "secret").write_text("x")
    (folder / "out").symlink_to(tmp_path / "secret")
    assert {trouble for _, trouble in told(folder)} == {"ecorad.source.not_regular"}
    assert all(one.is_refused for one in inputs_of(folder))


def test_a_link_that_is_named_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert told(tmp_path / "link") == [("link/a.txt", None)]
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert told(tmp_path / "loop") == [("loop", "ecorad.source.unreadable")]


def test_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert told(tmp_path) == [(f"{tmp_path.name}/pipe", "ecorad.source.not_regular")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_said(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0)
    assert told(tmp_path) == [(f"{tmp_path.name}/a", "ecorad.source.unreadable")]


def test_a_folder_that_cannot_be_listed_is_said(tmp_path, monkeypatch):
    def refused(_):
        raise PermissionError

    monkeypatch.setattr(os, "scandir", refused)
    assert told(tmp_path) == [(tmp_path.name, "ecorad.source.unreadable")]


@pytest.mark.parametrize("make", [zipped, tarred])
def test_c12_members_are_read_and_their_paths_never_used(tmp_path, make):
    path = make(tmp_path / "a.bin", {"../../escape.txt": b"one", "/etc/passwd": b"two", "d/empty": b""})
    found = list(inputs_of(path))
    assert [(one.content, one.trouble) for one in found] == [
        (b"one", None),
        (b"two", None),
        (b"", "ecorad.source.empty"),
    ]
    assert all(one.path is None for one in found)
    assert not (tmp_path.parent.parent / "escape.txt").exists()


@pytest.mark.parametrize(("opener", "suffix"), [(gzip.open, "gz"), (bz2.open, "bz2"), (lzma.open, "xz")])
def test_packed_files_are_unpacked_and_named_without_the_packer(tmp_path, opener, suffix):
    with opener(tmp_path / f"mr1.csv.{suffix}", "wb") as file:
        file.write(b"time;kWh\n")
    (one,) = inputs_of(tmp_path / f"mr1.csv.{suffix}")
    assert (one.content, one.name) == (b"time;kWh\n", f"{tmp_path.name}/mr1.csv")


def test_packed_tars_are_walked(tmp_path):
    path = tarred(tmp_path / "a.tgz", {"a.txt": b"one", "b.txt": b"two"}, "w:gz")
    assert [one.content for one in inputs_of(path)] == [b"one", b"two"]


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"a": b"x"}).read_bytes()
    for content in (inner, gzip.compress(b"x" * 100), tarred(tmp_path / "t", {"a": b"x"}).read_bytes()):
        (one,) = inputs_of(zipped(tmp_path / "outer.zip", {"in": content}))
        assert (one.trouble, one.is_refused) == ("ecorad.source.nested", True)


def test_c12_links_in_a_tar_are_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
    assert told(tmp_path / "a.tar") == [("a.tar!link", "ecorad.source.not_regular")]


def test_c12_a_bomb_ends_its_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_SMALL", 1000)
    path = zipped(tmp_path / "a.zip", {"good": b"x", "bomb": bytes(1_000_000), "late": b"y"}, zipfile.ZIP_DEFLATED)
    assert told(path) == [("a.zip!good", None), ("a.zip", "ecorad.source.bomb")]


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_cut_archive_gives_what_came_before(tmp_path, make):
    path = make(tmp_path / "a.bin", {"one": b"x" * 5000, "two": b"y" * 5000})
    path.write_bytes(path.read_bytes()[:7000])
    assert told(path)[-1] == ("a.bin", "ecorad.source.archive")


def test_a_member_with_a_password_is_said(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a": b"x" * 50})
    content = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        content[content.index(mark) + (6 if mark[2] == 3 else 8)] |= 1
    path.write_bytes(content)
    assert told(path) == [("a.zip!a", "ecorad.source.encrypted")]


def test_a_workbook_is_no_archive(tmp_path):
    path = zipped(tmp_path / "a.xlsx", {"[Content_Types].xml": b"<x/>"})
    (one,) = inputs_of(path)
    assert one.path == str(path)


def test_a_long_tar_is_not_remembered(tmp_path):
    path = tarred(tmp_path / "a.tar", {f"{i}.txt": b"x" for i in range(500)})
    walk = inputs_of(path)
    assert sum(one.content == b"x" for one in walk) == 500
    most = 0
    for _ in (walk := sources._tar_members(path, "a.tar")):
        most = max(most, len(walk.gi_frame.f_locals["archive"].members))
    assert most <= 1
