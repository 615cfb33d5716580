"""The tables on disk: Delta folders of Parquet files, one part a month."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

MONTH = "month"
_APPLICATION = "journal"
_LOG = "_delta_log"


def data_files(folder: Path) -> list[Path]:
    """The Parquet files of a table's newest version, in a stable order; none when there is no table yet."""
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    # Not file_uris(): that escapes blanks and letters of the path above the table, which no reader takes back.
    names = DeltaTable(str(folder)).get_add_actions(flatten=True).column("path").to_pylist()
    return sorted(folder / name for name in names)


def applied_entry(folder: Path) -> int:
    """Number of the last journal entry that the table holds; 0 for none."""
    if not DeltaTable.is_deltatable(str(folder)):
        return 0
    return DeltaTable(str(folder)).transaction_version(_APPLICATION) or 0


def newest_version(folder: Path) -> int:
    """Version of the last commit, by its file; -1 for none."""
    newest = _newest_commit(folder)
    return -1 if newest is None else int(newest.stem)


def append(folder: Path, rows: DuckDBPyRelation, entry: int) -> None:
    """Append the rows of one journal entry, once: an entry the table already holds is left alone.

    The commit is durable when this returns. The library never calls fsync, so its files are synced here, those of an
    entry already held as well: whoever appended them may have been killed before that.
    """
    if applied_entry(folder) < entry:
        write_deltalake(
            str(folder),
            rows,
            mode="append",
            partition_by=[MONTH],
            commit_properties=CommitProperties(app_transactions=[Transaction(_APPLICATION, entry)]),
        )
    _sync_newest(folder)


def undo_if_torn(
    connection: DuckDBPyConnection, folder: Path, written: Path, entry: int, columns: Sequence[str]
) -> bool:
    """Take back the commit of a journal entry if a power cut left it incomplete; whether it was taken back.

    Only the newest commit can be so, because no commit is begun before the one before it is durable. Its rows are
    compared with those written down in the journal.

    Parameters
    ----------
    connection
        Engine that reads Parquet.
    folder : Path
        The table.
    written : Path
        The entry's file in the journal.
    entry : int
        Its number.
    columns : sequence of str
        Columns of the table.
    """
    newest = _newest_commit(folder)
    if newest is None:
        return False
    actions = _actions(newest)
    entries = [action["txn"]["version"] for action in actions or [] if "txn" in action]
    if entries and entries[0] != entry:
        return False
    if actions and entries and _same_rows(connection, _added(folder, actions), written, columns):
        return False
    # A checkpoint of this commit says the same and goes with it; the log is whole without checkpoints.
    for path in (*folder.joinpath(_LOG).glob(f"{newest.stem}.checkpoint*"), folder / _LOG / "_last_checkpoint", newest):
        path.unlink(missing_ok=True)
    sync(folder / _LOG)
    return True


def sync(path: Path) -> None:
    """Force a file, or the entries of a folder, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _newest_commit(folder: Path) -> Path | None:
    commits = (path for path in folder.joinpath(_LOG).glob("*.json") if path.stem.isdecimal())
    return max(commits, default=None, key=lambda path: path.name)


def _actions(commit: Path) -> list[dict[str, Any]] | None:
    """What a commit says; ``None`` when it is cut off."""
    try:
        return [json.loads(line) for line in commit.read_text("utf-8").splitlines()]
    except ValueError:
        return None


def _added(folder: Path, actions: Sequence[dict[str, Any]]) -> list[Path]:
    return [folder / action["add"]["path"] for action in actions if "add" in action]


def _same_rows(connection: DuckDBPyConnection, files: Sequence[Path], written: Path, columns: Sequence[str]) -> bool:
    listed = ", ".join(f'"{column}"' for column in columns)

    def sums(paths: Sequence[Path]) -> tuple[Any, ...] | None:
        texts = [str(path) for path in paths]
        query = (
            f"SELECT count(*), bit_xor(hash(row)), sum(hash(row)) FROM "
            f"(SELECT row({listed}) AS row FROM read_parquet($files, hive_partitioning = false))"
        )
        found: tuple[Any, ...] | None = connection.execute(query, {"files": texts}).fetchone()
        return found

    try:
        return sums(files) == sums([written])
    except duckdb.Error:
        return False


def _sync_newest(folder: Path) -> None:
    newest = _newest_commit(folder)
    if newest is None:
        return
    log = folder / _LOG
    added = _added(folder, _actions(newest) or [])
    checkpoint = [*log.glob(f"{newest.stem}.checkpoint*"), *log.glob("_last_checkpoint")]
    for path in [*added, *checkpoint, newest]:
        sync(path)
    for directory in sorted({path.parent for path in added} | {log, folder, folder.parent}):
        sync(directory)
