"""``ecorad export``: any table, with the column names of the data dictionary."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ecorad.model import InputError, table

from .console import note
from .options import Directory

FORMATS = ("csv", "parquet", "jsonl")


def export(
    directory: Directory,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="One of `ecorad tables`.", show_default=False)],
    form: Annotated[str, typer.Option("--format", metavar="csv|parquet|jsonl", help="Form of the file.")] = "csv",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="F", help="File to write; stdout unless said.")
    ] = None,
) -> None:
    """Write a table to a file, or to stdout."""
    if form not in FORMATS:
        raise InputError(f"--format must be one of {', '.join(FORMATS)}", code="ecorad.input.format")
    if out is None and form == "parquet":
        raise InputError("Parquet needs a file: add -o FILE", code="ecorad.input.format")
    from ecorad.ledger import Workspace

    workspace = Workspace.open(directory)
    target = out or sys.stdout.buffer
    if table(name).kind == "result":
        from ecorad.reporting.last_results import export_result

        rows = export_result(workspace.out_path, name, form, target)
    else:
        from ecorad.intake.register import open_ledger
        from ecorad.ledger import export_table

        with open_ledger(workspace) as ledger:
            rows = export_table(ledger, name, form, target)
    note(f"{rows:,} rows of {name}" + (f" in {out}" if out else ""))
