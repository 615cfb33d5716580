"""The tables on disk: Delta folders of Parquet files, one part a month."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction, write_deltalake

from . import sums

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

MONTH = "month"
_APPLICATION = "journal"
_LOG = "_delta_log"


@dataclass(frozen=True, slots=True)
class Contents:
    """One version of a table: its Parquet files, the columns it has, the last journal entry that it holds."""

    version: int = -1
    files: tuple[Path, ...] = ()
    columns: frozenset[str] = frozenset()
    entry: int = 0


def contents(folder: Path, version: int | None = None) -> Contents:
    """What a version of a table holds, the newest unless said; nothing when there is no table yet."""
    if version == -1 or not DeltaTable.is_deltatable(str(folder)):
        return Contents()
    found = DeltaTable(str(folder), version=version)
    # Not file_uris(): that escapes blanks and letters of the path above the table, which no reader takes back.
    names = found.get_add_actions(flatten=True).column("path").to_pylist()
    columns = frozenset(column.name for column in found.schema().fields)
    return Contents(found.version(), tuple(sorted(folder / name for name in names)), columns, _entry_of(found))


def applied_entry(folder: Path) -> int:
    """Number of the last journal entry that the table holds; 0 for none."""
    return _entry_of(DeltaTable(str(folder))) if DeltaTable.is_deltatable(str(folder)) else 0


def version_before(folder: Path, entry: int) -> int:
    """The newest version that was complete before a journal entry was begun to be applied; -1 for none.

    Commits of that entry and later ones are left out whether they are whole or torn.
    """
    for commit in _commits(folder):
        actions = _actions(commit)
        if actions and all(said < entry for said in _entries(actions)) and not _is_cut(actions):
            return int(commit.stem)
    return -1


def newest_version(folder: Path) -> int:
    """Version of the last commit, by its file; -1 for none."""
    newest = _newest_commit(folder)
    return -1 if newest is None else int(newest.stem)


def append(folder: Path, rows: DuckDBPyRelation, entry: int) -> None:
    """Append the rows of one journal entry, once: an entry the table already holds is left alone.

    The commit is durable when this returns, and the sums of its files are kept. The library never calls fsync, so its
    files are synced here, those of an entry already held as well: whoever appended them may have been killed before
    that.
    """
    if applied_entry(folder) < entry:
        write_deltalake(
            str(folder),
            rows,
            mode="append",
            partition_by=[MONTH],
            schema_mode="merge",  # the dictionary may have gained a column since the table was made
            commit_properties=CommitProperties(app_transactions=[Transaction(_APPLICATION, entry)]),
            # A checkpoint may be torn as well; then the log must be whole without it.
            post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
        )
    _settle_newest(folder)


def is_damaged(folder: Path, held: Contents) -> bool:
    """Whether a file of this version, or of the log as far as it is read for it, is not what was written."""
    log = sorted(path for path in folder.joinpath(_LOG).glob("*") if _version_of(path) in range(held.version + 1))
    checkpoints = [place for place, path in enumerate(log) if ".checkpoint" in path.name]
    read = log[checkpoints[-1] :] if checkpoints else log
    return any(True for _ in sums.damaged(folder, (*read, *held.files)))


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
    actions = _actions(newest) or []
    entries = _entries(actions)
    if actions and entry not in entries and not _is_cut(actions):
        return False  # of an entry before, or of another program that tidied up
    if entry in entries and _same_rows(connection, _added(folder, actions), written, columns):
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


def _entry_of(found: DeltaTable) -> int:
    return found.transaction_version(_APPLICATION) or 0


def _version_of(path: Path) -> int | None:
    """Of a commit or checkpoint, by its name."""
    number = path.name.split(".")[0]
    return int(number) if number.isdecimal() else None


def _commits(folder: Path) -> list[Path]:
    """The commits of a table, newest first."""
    commits = (path for path in folder.joinpath(_LOG).glob("*.json") if path.stem.isdecimal())
    return sorted(commits, key=lambda path: path.name, reverse=True)


def _newest_commit(folder: Path) -> Path | None:
    return next(iter(_commits(folder)), None)


def _entries(actions: Sequence[dict[str, Any]]) -> list[int]:
    """Journal entries that a commit says it applies: one, or none when it is not ours."""
    said = (action["txn"] for action in actions if "txn" in action)
    return [txn["version"] for txn in said if txn.get("appId") == _APPLICATION]


def _is_cut(actions: Sequence[dict[str, Any]]) -> bool:
    """Whether a commit is an append of ours that ends, at the end of a line, before it names its entry."""
    operations = [action["commitInfo"].get("operation") for action in actions if "commitInfo" in action]
    return not _entries(actions) and operations in ([], ["WRITE"])


def _actions(commit: Path) -> list[dict[str, Any]] | None:
    """What a commit says; ``None`` when it is cut off, or its blocks never reached the disk."""
    try:
        found = [json.loads(line) for line in commit.read_text("utf-8").splitlines()]
    except (ValueError, FileNotFoundError):
        return None
    return found if all(isinstance(action, dict) for action in found) else None


def _added(folder: Path, actions: Sequence[dict[str, Any]]) -> list[Path]:
    return [folder / action["add"]["path"] for action in actions if "add" in action]


def _same_rows(connection: DuckDBPyConnection, files: Sequence[Path], written: Path, columns: Sequence[str]) -> bool:
    listed = ", ".join(f'"{column}"' for column in columns)

    def sums(paths: Sequence[Path]) -> tuple[Any, ...]:
        texts = [str(path) for path in paths]
        query = (
            f"SELECT count(*), bit_xor(hash(row)), sum(hash(row)) FROM "
            f"(SELECT row({listed}) AS row FROM read_parquet($files, hive_partitioning = false))"
        )
        # All of it: an answer half fetched would block the connection for the next relation.
        found: list[tuple[Any, ...]] = connection.execute(query, {"files": texts}).fetchall()
        return found[0]

    try:
        return sums(files) == sums([written])
    except duckdb.Error:
        return False


def _settle_newest(folder: Path) -> None:
    newest = _newest_commit(folder)
    if newest is None:
        return
    log = folder / _LOG
    added = _added(folder, _actions(newest) or [])
    checkpoint = [*log.glob(f"{newest.stem}.checkpoint*")]
    for path in [*added, *checkpoint, *log.glob("_last_checkpoint"), newest]:
        sync(path)
    sums.keep(folder, [*added, *checkpoint, newest])
    for directory in sorted({path.parent for path in added} | {log, folder, folder.parent}):
        sync(directory)
