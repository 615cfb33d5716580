"""The result tables of the last audit: read back by column, or written in another form."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError, UnknownNameError, table

_OPTIONS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet", "jsonl": "FORMAT json"}


def read_result(out_path: Path, name: str) -> dict[str, list[Any]] | None:
    """A result of the last audit by column; ``None`` when there is none. Empty cells are ``None``, times ISO 8601 text.

    Parameters
    ----------
    out_path : Path
        Where the audit wrote.
    name : str
        A table of kind ``result`` of the data dictionary.
    """
    path = _path(out_path, name)
    if not path.exists():
        return None
    import duckdb

    columns = table(name).columns
    listed = ", ".join(_cell(column.name, column.type, "text") for column in columns)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(f"SELECT {listed} FROM read_parquet(?)", [str(path)]).fetchall()
    return {column.name: [row[place] for row in rows] for place, column in enumerate(columns)}


def result_columns(out_path: Path, name: str) -> dict[str, NDArray[Any]] | None:
    """A result of the last audit as arrays; ``None`` when there is none.

    Times are UTC microseconds (the smallest integer where unknown), days are local days since 1970-01-01, numbers that
    are not known are not a number.
    """
    found = read_result(out_path, name)
    return None if found is None else {column: _array(column, values) for column, values in found.items()}


def arrays_of(columns: Mapping[str, NDArray[Any]], name: str) -> dict[str, NDArray[Any]]:
    """A result that was not written yet, as :func:`result_columns` would give it."""
    nothing: NDArray[Any] = np.zeros(0)
    found: dict[str, NDArray[Any]] = {}
    for column in table(name).columns:
        values = np.asarray(columns[column.name] if columns else nothing)
        if column.type in {"timestamp", "date"}:
            found[column.name] = values.astype(f"datetime64[{'D' if column.type == 'date' else 'us'}]").astype(np.int64)
        else:
            found[column.name] = values.astype(np.float64 if column.type in {"int64", "float64"} else object)
    return found


def _array(name: str, values: list[Any]) -> NDArray[Any]:
    if name.endswith("_utc"):
        text = [value.removesuffix("Z") if value else "NaT" for value in values]
        return np.array(text, dtype="datetime64[us]").astype(np.int64)
    if name == "date":
        return np.array(values, dtype="datetime64[D]").astype(np.int64)
    if name.endswith(("_kwh", "_h", "_fraction")) or name == "tier":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=object)


def export_result(out_path: Path, name: str, form: str, target: Path | BinaryIO) -> int:
    """Write a result of the last audit; returns the number of rows.

    Parameters
    ----------
    form : {"csv", "parquet", "jsonl"}
        Form of the file.
    target : Path or binary file
        Where to.

    Raises
    ------
    InputError
        For an unknown form, or if no audit was made yet.
    """
    if form not in _OPTIONS:
        raise InputError(f"a form is one of {', '.join(_OPTIONS)}", code="ecorad.export.form")
    path = _path(out_path, name)
    if not path.exists():
        raise InputError(f"{name} is made by the audit: run `ecorad audit` first", code="ecorad.input.no_audit")
    if isinstance(target, Path):
        return _copy(path, name, form, target)
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows"
        count = _copy(path, name, form, rows)
        with rows.open("rb") as content:
            shutil.copyfileobj(content, target)
    return count


def _path(out_path: Path, name: str) -> Path:
    if table(name).kind != "result":
        raise UnknownNameError(f"{name} is a table of the ledger, not a result of the audit")
    return out_path / "tables" / f"{name}.parquet"


def _copy(source: Path, name: str, form: str, target: Path) -> int:
    import duckdb

    listed = ", ".join(_cell(column.name, column.type, form) for column in table(name).columns)
    # The file has its rows in the order of the audit; COPY keeps it.
    query = f"COPY (SELECT {listed} FROM read_parquet({_quoted(source)})) TO {_quoted(target)} ({_OPTIONS[form]})"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _cell(name: str, kind: str, form: str) -> str:
    if kind == "timestamp" and form != "parquet":
        return f'strftime("{name}", \'%Y-%m-%dT%H:%M:%S.%gZ\') AS "{name}"'
    return f'"{name}"'


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
