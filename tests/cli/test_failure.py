"""What is said when something cannot be done: never a traceback, never what may be somebody's name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecorad.cli.failure import Status, report_failure
from ecorad.model import InputError, SiteError, StoreError, UnknownNameError, WorkspaceBusyError, WorkspaceError

SITE = Path("mysite")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x"), Status.WRONG_USE),
        (SiteError("x"), Status.WRONG_USE),
        (UnknownNameError("x"), Status.WRONG_USE),
        (WorkspaceError("x"), Status.WRONG_USE),
        (StoreError("x"), Status.COULD_NOT),
        (WorkspaceBusyError("x"), Status.COULD_NOT),
        (KeyboardInterrupt(), Status.COULD_NOT),
        (OSError(28, "No space left on device"), Status.COULD_NOT),
        (ZeroDivisionError(), Status.COULD_NOT),
    ],
)
def test_each_kind_of_error_has_its_status(error, status):
    assert report_failure(error, as_json=False, folders=[]) is status


@pytest.mark.parametrize("path", ["mysite/incoming/Canary^Zebra.dcm", "/mnt/in/Canary^Zebra.dcm"])
def test_the_name_of_an_input_is_not_printed(path, capsys):
    report_failure(PermissionError(13, "Permission denied", path), as_json=True, folders=[SITE])
    printed = capsys.readouterr()
    assert "Canary" not in printed.out + printed.err
    assert "Permission denied [ecorad.io.eacces]" in printed.err


@pytest.mark.parametrize("path", ["mysite", "mysite/out/report.html", "mysite/site.toml"])
def test_what_the_user_named_and_what_is_ours_is_printed(path, capsys):
    report_failure(PermissionError(13, "Permission denied", path), as_json=False, folders=[SITE])
    assert path in capsys.readouterr().err


def test_an_unforeseen_error_tells_its_kind_but_not_its_text(capsys, monkeypatch):
    monkeypatch.delenv("ECORAD_TRACEBACK", raising=False)
    report_failure(ValueError("cannot read Canary^Zebra"), as_json=False, folders=[])
    error = capsys.readouterr().err
    assert "ValueError" in error
    assert "Canary" not in error
    assert "[ecorad.internal]" in error


def test_a_machine_gets_one_object(capsys):
    report_failure(StoreError("the disk is full", code="ecorad.store.full"), as_json=True, folders=[])
    told = json.loads(capsys.readouterr().out)
    assert told == {"error": {"code": "ecorad.store.full", "message": "the disk is full"}}
