"""The tables made anew from the receive journal and from sources; the old ones stay until nothing is missing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ecorad.intake.pipeline import ingest
from ecorad.ledger import Ledger, Workspace
from ecorad.ledger.spool import Damage, read_stream
from ecorad.model import EcoradError

from .desk import FOLDER, STREAMS
from .drain.drainer import Drainer, spool_path
from .drain.journal_state import JournalState, read_states, write_states
from .drain.publish import publish
from .server import sole_server

_ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it.

    ``missing`` are inputs that the old tables had and the new ones have not (``None`` when the old ones cannot be
    read); ``is_kept`` whether the new tables were taken.
    """

    journal_records: int
    source_inputs: int
    damages: tuple[tuple[str, Damage], ...]
    missing: int | None
    is_kept: bool
    aside: Path


def rebuild(workspace: Workspace, sources: Sequence[Path] = (), *, accept_loss: bool = False) -> Rebuilt:
    """Make the tables anew.

    Parameters
    ----------
    workspace : Workspace
        No server may be running for it.
    sources : sequence of Path
        What was ingested from files and is to be read again.
    accept_loss : bool
        Take the new tables even if inputs of the old ones are missing.

    Raises
    ------
    WorkspaceBusyError
        If a server is running, or another process writes.
    """
    folder = spool_path(workspace)
    with sole_server(workspace):
        damages = tuple((s, one) for s in STREAMS for one in read_stream(folder / s) if isinstance(one, Damage))
        before, _ = read_states(folder)
        aside = _move_aside(workspace)
        write_states(folder, JournalState())
        records = _worked_off(workspace)
        read = ingest(workspace, list(sources)).received if sources else 0
        missing = _missing(workspace, aside)
        is_kept = accept_loss or not missing
        if not is_kept:
            _move_back(workspace, aside)
            write_states(folder, before)
        with Ledger.read(workspace):
            publish(workspace, read_states(folder)[0])
    return Rebuilt(records, read, damages, missing, is_kept, aside)


def _worked_off(workspace: Workspace) -> int:
    drainer = Drainer(workspace, meter_window_s=0, is_live=False)
    total = 0
    try:
        while taken := drainer.drain():
            total += taken
    finally:
        drainer.close()
    return total


def _move_aside(workspace: Workspace) -> Path:
    """The tables into a folder of their own; the receive journal stays where it is."""
    with workspace.write_lock():
        number = 1
        while (aside := workspace.ledger_path / f"{_ASIDE}-{number}").exists():
            number += 1
        aside.mkdir()
        for path in _tables(workspace):
            path.rename(aside / path.name)
    return aside


def _move_back(workspace: Workspace, aside: Path) -> None:
    with workspace.write_lock():
        for path in _tables(workspace):
            shutil.rmtree(path)
        for path in aside.iterdir():
            path.rename(workspace.ledger_path / path.name)
        aside.rmdir()


def _tables(workspace: Workspace) -> list[Path]:
    folders = [path for path in workspace.ledger_path.iterdir() if path.is_dir()]
    return [path for path in folders if path.name != FOLDER and not path.name.startswith(_ASIDE)]


def _missing(workspace: Workspace, aside: Path) -> int | None:
    """How many inputs the old receipts call stored that the new ones do not know."""
    old = [str(path) for path in (aside / "receipt").rglob("*.parquet")]
    if not old:
        return 0 if not any(aside.iterdir()) else None
    try:
        with Ledger.read(workspace) as ledger:
            kept = {row["d"] for row in ledger.rows("SELECT DISTINCT source_digest AS d FROM receipt")}
        with duckdb.connect() as connection:
            rows = connection.execute(
                "SELECT DISTINCT source_digest FROM read_parquet($1) WHERE outcome IN ('stored', 'new_version')", [old]
            ).fetchall()
    except (duckdb.Error, EcoradError):
        return None
    return len({digest for (digest,) in rows} - kept)
