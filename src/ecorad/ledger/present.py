"""The ledger as it is at one moment: whole batches only, while a writer may be at work."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from deltalake.exceptions import DeltaError

from ecorad.model import StoreError, table

from . import delta
from .engine import source
from .journal import entry_file, waiting_entries

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WAITING = "_waiting"
_TRIES = 100
_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class _Marks:
    """What changes when a batch is committed: if it is the same before and after, nothing was in between."""

    entries: tuple[int, ...]
    versions: tuple[int, ...]


class _DamagedError(Exception):
    """A file is not what was written."""


def stage_present(
    connection: DuckDBPyConnection, ledger_path: Path, names: Iterable[str], view: str, *, is_checked: bool
) -> None:
    """Make a view on everything received, for each stored table.

    A batch is in the ledger from the moment it is durable in the journal. So rows that wait there to be appended are
    read along, and a batch is seen in all tables or in none.

    Parameters
    ----------
    connection
        Engine.
    ledger_path : Path
        The ledger's folder.
    names : iterable of str
        The stored tables.
    view : str
        What is put behind a table's name to name its view.
    is_checked : bool
        Whether every file is read once more than needed and held against its sum.

    Raises
    ------
    StoreError
        ``ecorad.store.damaged`` if a file cannot be read; ``ecorad.store.unsteady`` if the ledger never stands still
        long enough, which no single writer can cause.
    """
    tables = tuple(names)
    for _ in range(_TRIES):
        before = _marks(ledger_path, tables)
        try:
            for name in tables:
                _stage(connection, ledger_path, name, before.entries, view, is_checked=is_checked)
            stands_still = _marks(ledger_path, tables) == before
        except (duckdb.Error, DeltaError, FileNotFoundError, _DamagedError):
            # Only what a writer changed under our eyes may fail; what fails while nothing changes is damage.
            if _marks(ledger_path, tables) == before:
                raise StoreError(
                    "a file of the ledger is missing or damaged; make the tables anew with `ecorad rebuild`, "
                    "or bring them back from a copy",
                    code="ecorad.store.damaged",
                ) from None
            continue
        if stands_still:
            return
        time.sleep(_PAUSE_S)
    raise StoreError("the ledger keeps changing while it is read; try again", code="ecorad.store.unsteady")


def _marks(ledger_path: Path, tables: tuple[str, ...]) -> _Marks:
    entries = tuple(waiting_entries(ledger_path))
    return _Marks(entries, tuple(delta.newest_version(ledger_path / name) for name in tables))


def _stage(
    connection: DuckDBPyConnection,
    ledger_path: Path,
    name: str,
    entries: tuple[int, ...],
    view: str,
    *,
    is_checked: bool,
) -> None:
    spec, folder = table(name), ledger_path / name
    # While an entry waits, its commit to the table may be half there, or torn by a power cut: the journal is read for
    # it, and the table as it was before.
    held = delta.contents(folder, delta.version_before(folder, entries[0]) if entries else None)
    if is_checked and delta.is_damaged(folder, held):
        raise _DamagedError
    rows = f"SELECT * FROM {source(held.files, spec, held.columns)}"
    paths = [entry_file(ledger_path, entry, name) for entry in entries if entry > held.entry]
    waiting = [path for path in paths if path.exists()]
    if waiting:
        # Taken into memory now: the writer strikes the entry as soon as it has appended it.
        connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}{WAITING}" AS SELECT * FROM {source(waiting, spec)}')
        rows = f'{rows} UNION ALL SELECT * FROM "{name}{WAITING}"'
    connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}{view}" AS {rows}')
