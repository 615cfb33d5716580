"""The tables on disk: Delta folders of Parquet files, one part a month."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

if TYPE_CHECKING:
    import duckdb

MONTH = "month"
_APPLICATION = "journal"


def data_files(folder: Path) -> list[str]:
    """The Parquet files of a table's newest version, in a stable order; none when there is no table yet."""
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    return sorted(DeltaTable(str(folder)).file_uris())


def applied_entry(folder: Path) -> int:
    """Number of the last journal entry that the table holds; 0 for none."""
    if not DeltaTable.is_deltatable(str(folder)):
        return 0
    return DeltaTable(str(folder)).transaction_version(_APPLICATION) or 0


def append(folder: Path, rows: duckdb.DuckDBPyRelation, entry: int) -> None:
    """Append the rows of one journal entry, once: an entry the table already holds is left alone.

    The commit is durable when this returns. The library never calls fsync, so its files are synced here.
    """
    if applied_entry(folder) >= entry:
        return
    write_deltalake(
        str(folder),
        rows,
        mode="append",
        partition_by=[MONTH],
        commit_properties=CommitProperties(app_transactions=[Transaction(_APPLICATION, entry)]),
    )
    _sync_newest(folder)


def _sync_newest(folder: Path) -> None:
    log = folder / "_delta_log"
    newest = log / f"{DeltaTable(str(folder)).version():020d}.json"
    actions = [json.loads(line) for line in newest.read_text("utf-8").splitlines()]
    added = [folder / unquote(action["add"]["path"]) for action in actions if "add" in action]
    for path in [*added, newest]:
        sync(path)
    for directory in sorted({path.parent for path in added} | {log, folder, folder.parent}):
        sync(directory)


def sync(path: Path) -> None:
    """Force a file, or the entries of a folder, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
