"""Folders that others write into."""

from __future__ import annotations

import os

import pytest

from ecorad.intake.watch import ready
from ecorad.model import StoreError


def write(path, text="x", *, age_s=100.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (1e9 - age_s, 1e9 - age_s))


def names(folder, known=None, settle_s=30.0):
    return [name for name, _ in ready(folder, known or {}, settle_s=settle_s, now=1e9)]


def test_c8_a_file_that_is_being_written_waits_and_is_read_once(tmp_path):
    write(tmp_path / "done.dcm")
    write(tmp_path / "growing.dcm", age_s=1.0)
    write(tmp_path / "copy.dcm.part")
    write(tmp_path / ".hidden")
    assert names(tmp_path) == ["done.dcm"]
    known = dict(ready(tmp_path, {}, settle_s=30.0, now=1e9))
    (tmp_path / "copy.dcm.part").rename(tmp_path / "copy.dcm")
    write(tmp_path / "growing.dcm")
    assert names(tmp_path, known) == ["copy.dcm", "growing.dcm"]


def test_c9_links_pipes_and_devices_are_left_alone(tmp_path):
    write(tmp_path / "in" / "file.dcm")
    (tmp_path / "secret").write_text("s", "utf-8")
    (tmp_path / "in" / "link.dcm").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "in" / "pipe.dcm")
    assert names(tmp_path / "in", settle_s=0.0) == ["file.dcm"]


def test_c10_a_share_that_is_gone_is_not_an_empty_folder(tmp_path):
    with pytest.raises(StoreError) as caught:
        names(tmp_path / "gone")
    assert caught.value.code == "ecorad.pull.no_answer"


def test_c11_the_same_name_with_other_content_is_read_again(tmp_path):
    write(tmp_path / "a.csv", "one")
    known = dict(ready(tmp_path, {}, settle_s=0.0, now=1e9))
    assert names(tmp_path, known) == []
    write(tmp_path / "a.csv", "other", age_s=50.0)
    assert names(tmp_path, known) == ["a.csv"]


def test_a_file_dated_in_the_future_waits(tmp_path):
    write(tmp_path / "a.csv", age_s=-3600.0)
    assert names(tmp_path) == []
