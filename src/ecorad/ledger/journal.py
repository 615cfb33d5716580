"""A batch is written down whole before any table changes: a kill at any moment loses nothing and doubles nothing.

An entry is a folder ``journal/<number>`` of Parquet files, one a table. It is written under another name, forced onto
the disk and renamed: from then on it will be applied, now or at the next opening. Each table remembers the last entry
it holds, so applying one twice changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ecorad.model import table

from . import delta

if TYPE_CHECKING:
    import duckdb

FOLDER = "journal"
_UNFINISHED = ".unfinished"


def waiting_entries(ledger_path: Path) -> list[int]:
    """Numbers of the entries that are written down but not struck, oldest first."""
    folder = ledger_path / FOLDER
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal()) if folder.is_dir() else []


def entry_file(ledger_path: Path, entry: int, name: str) -> Path:
    """Where an entry keeps its rows of a table."""
    return ledger_path / FOLDER / str(entry) / f"{name}.parquet"


class Journal:
    """The journal of one ledger folder; used by the one writing process alone."""

    def __init__(self, ledger_path: Path, tables: Iterable[str]) -> None:
        self.ledger_path = ledger_path
        self.tables = tuple(tables)
        self.folder = ledger_path / FOLDER
        self.folder.mkdir(exist_ok=True)
        delta.sync(ledger_path)

    def recover(self, connection: duckdb.DuckDBPyConnection) -> int:
        """Apply what was written down but not applied; throw away what was never finished. How many were applied."""
        for path in self.folder.glob(f"*{_UNFINISHED}"):
            shutil.rmtree(path)
        entries = waiting_entries(self.ledger_path)
        for entry in entries:
            for name in self.tables:
                path = entry_file(self.ledger_path, entry, name)
                if path.exists():
                    columns = table(name).column_names
                    delta.undo_if_torn(connection, self.ledger_path / name, path, entry, columns)
            self.apply(connection, entry)
        return len(entries)

    def write(self, connection: duckdb.DuckDBPyConnection, batch: Mapping[str, str]) -> int:
        """Write down one batch.

        Parameters
        ----------
        connection
            Engine that can run the queries.
        batch : mapping of table to query
            The rows to append to each table.

        Returns
        -------
        int
            The entry's number; it is durable.
        """
        entry = self._next()
        unfinished = self.folder / f"{entry}{_UNFINISHED}"
        unfinished.mkdir()
        for name, query in batch.items():
            path = unfinished / f"{name}.parquet"
            connection.execute(f"COPY ({query}) TO '{_quoted(path)}' (FORMAT parquet)")
            delta.sync(path)
        delta.sync(unfinished)
        unfinished.rename(self.folder / str(entry))
        delta.sync(self.folder)
        return entry

    def apply(self, connection: duckdb.DuckDBPyConnection, entry: int) -> None:
        """Append an entry's rows to the tables, then strike the entry."""
        for name in self.tables:
            path = entry_file(self.ledger_path, entry, name)
            if path.exists():
                rows = connection.sql(f"SELECT * FROM read_parquet('{_quoted(path)}')")
                delta.append(self.ledger_path / name, rows, entry)
        # Struck by one rename: what is left of it afterwards is thrown away like an entry never finished.
        struck = self.folder / f"{entry}{_UNFINISHED}"
        (self.folder / str(entry)).rename(struck)
        delta.sync(self.folder)
        shutil.rmtree(struck)

    def _next(self) -> int:
        """A number above every one used before."""
        applied = (delta.applied_entry(self.ledger_path / name) for name in self.tables)
        return max([0, *applied, *waiting_entries(self.ledger_path)]) + 1


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
