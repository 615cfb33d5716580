"""What the command line says when something cannot be done: one sentence, a stable code, an exit status."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Any

import typer
from typer.exceptions import TyperException

from ecorad.model import (
    EcoradError,
    InputError,
    MixingError,
    UnknownNameError,
    WorkspaceError,
)

_WRONG_USE = (InputError, MixingError, UnknownNameError, WorkspaceError)
# Folders and files of a workspace whose names say nothing about anybody. What lies in incoming/ may.
_OURS = frozenset({"site.toml", "ledger", "keys", "out", "quarantine", "truth"})


class Status(IntEnum):
    """Exit statuses of every command."""

    DONE = 0
    QUARANTINED = 1
    WRONG_USE = 2
    COULD_NOT = 3


def report_failure(error: BaseException, *, as_json: bool, folders: Iterable[Path]) -> Status:
    """Tell ``error`` on stderr (and as one JSON object on stdout when asked), and give the exit status.

    Parameters
    ----------
    error : BaseException
        What stopped the command.
    as_json : bool
        Whether the caller reads JSON.
    folders : iterable of Path
        What the user named on the command line: only these paths may be printed back, since a file's name can hold
        a patient's.
    """
    if isinstance(error, TyperException):
        return _usage(error, as_json=as_json)
    message, code, status = _told(error, list(folders))
    typer.echo(f"{message} [{code}]", err=True)
    if as_json:
        _json_error(message, code)
    if code == "ecorad.internal" and os.environ.get("ECORAD_TRACEBACK"):
        typer.echo("".join(traceback.format_exception(error)), err=True)
    return status


def _usage(error: TyperException, *, as_json: bool) -> Status:
    usage: Any = error  # Typer's types do not say what its usage errors can do
    usage.show(file=sys.stderr)
    if as_json:
        _json_error(usage.format_message(), "ecorad.usage")
    return Status.WRONG_USE


def _json_error(message: str, code: str) -> None:
    from .console import print_json

    print_json({"error": {"code": code, "message": message}})


def _told(error: BaseException, folders: list[Path]) -> tuple[str, str, Status]:
    if isinstance(error, EcoradError):
        return error.message, error.code, Status.WRONG_USE if isinstance(error, _WRONG_USE) else Status.COULD_NOT
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        advice = "Stopped. Nothing that was kept is lost: the same command goes on where it was."
        return advice, "ecorad.interrupted", Status.COULD_NOT
    if isinstance(error, OSError):
        name = errno.errorcode.get(error.errno or 0, "error").lower()
        return (
            f"{error.strerror or 'Input or output failed'}{_where(error, folders)}",
            f"ecorad.io.{name}",
            Status.COULD_NOT,
        )
    # The text of an unforeseen error may quote the input, so only its kind and its place in our code are told.
    frames = traceback.extract_tb(error.__traceback__)
    place = next((f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames) if "ecorad" in f.filename), "?")
    advice = "This is a fault in Ecorad; with ECORAD_TRACEBACK=1 it says more (that text may quote your data)."
    return f"{type(error).__name__} at {place}. {advice}", "ecorad.internal", Status.COULD_NOT


def _where(error: OSError, folders: list[Path]) -> str:
    if not isinstance(error.filename, str):
        return ""
    path = Path(error.filename)
    for folder in folders:
        if path == folder:
            return f": {path}"
        if path.is_relative_to(folder) and _OURS & set(path.relative_to(folder).parts[:1]):
            return f": {path}"
    return ""
