"""Any table to a file, in a stable order, with nothing in it that a spreadsheet would run."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO, Literal

from ecorad.model import InputError, TableSpec, table

from .snapshot import Ledger

Form = Literal["csv", "parquet", "jsonl"]
_OPTIONS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet", "jsonl": "FORMAT json"}
# A spreadsheet takes a cell that begins so for a formula; it gets an apostrophe before it.
_FORMULA = r"^[=+\-@\t\r]"

# Where key and version do not tell rows apart: the same input may arrive many times.
_FURTHER = {"receipt": ("received_at", "feed", "outcome"), "issue": ("count", "detail", "feed")}


def export_table(ledger: Ledger, name: str, form: str, target: Path | BinaryIO) -> int:
    """Write a table or view; returns the number of rows.

    Raises
    ------
    InputError
        For a result, which stands beside the report and not in the ledger, or an unknown form.
    UnknownNameError
        For a table that there is not.
    """
    spec = table(name)
    if spec.kind == "result":
        raise InputError(f"{name} is a result of the audit, not a record", code="ecorad.export.result")
    if form not in _OPTIONS:
        raise InputError(f"a form is one of {', '.join(_OPTIONS)}", code="ecorad.export.form")
    ledger.relation(name)
    order = ", ".join(f't."{column}"' for column in ("record_key", "version", *_FURTHER.get(name, ())))
    query = f'SELECT {_columns(spec, form)} FROM "{name}" AS t ORDER BY {order}'
    if isinstance(target, Path):
        return _copy(ledger, query, form, target)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows"
        count = _copy(ledger, query, form, path)
        with path.open("rb") as rows:
            shutil.copyfileobj(rows, target)
        return count


def _copy(ledger: Ledger, query: str, form: str, path: Path) -> int:
    quoted = str(path).replace("'", "''")
    ((count,),) = ledger.connection.execute(f"COPY ({query}) TO '{quoted}' ({_OPTIONS[form]})").fetchall()
    return int(count)


def _columns(spec: TableSpec, form: str) -> str:
    def cell(name: str, kind: str) -> str:
        quoted = f'"{name}"'
        if kind == "timestamp" and form != "parquet":
            return f"strftime({quoted}, '%Y-%m-%dT%H:%M:%S.%fZ') AS {quoted}"
        if kind == "string" and form == "csv":
            tamed = f"CASE WHEN regexp_matches({quoted}, '{_FORMULA}') THEN concat('''', {quoted}) ELSE {quoted} END"
            return f"{tamed} AS {quoted}"
        return quoted

    return ", ".join(cell(column.name, column.type) for column in spec.columns)
