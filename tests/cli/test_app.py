"""The command as a whole: help, version, exit statuses, what goes to which stream."""

from __future__ import annotations

import json

import pytest

from ecorad.cli.app import run


def test_without_a_command_it_gives_help(capsys):
    assert run([]) == 0
    assert "simulate" in capsys.readouterr().out


def test_the_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ecorad ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["tablse"],
        ["tables", "--nonsense"],
        ["ingest"],
        ["simulate", "x", "--days", "0"],
        ["simulate", "x", "--days", "two"],
    ],
)
def test_wrong_use_is_status_2_and_goes_to_stderr(arguments, capsys):
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Error" in printed.err


def test_a_mistyped_command_is_guessed(capsys):
    run(["tablse"])
    assert "'tables'" in capsys.readouterr().err


def test_an_error_has_its_code_and_no_traceback(capsys):
    assert run(["tables", "exam"]) == 2
    error = capsys.readouterr().err
    assert error.rstrip().endswith("[ecorad.unknown_name]")
    assert "Traceback" not in error


@pytest.mark.parametrize("arguments", [["tables", "exam", "--json"], ["ingest", "--json"]])
def test_an_error_is_one_object_for_a_machine(arguments, capsys):
    assert run(arguments) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"].startswith("ecorad.")
