"""The files of an audit: ``report.html``, ``audit.json`` and tables, each there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .html import render
from .published_schema import audit_schema, in_order

STAGING = ".audit-staging"
WIDTH = 120


def write_audit(
    statement: Mapping[str, Any],
    tables: Callable[[Path], None] | None,
    out_path: Path,
    language: str = "en",
) -> list[Path]:
    """Write the files of one audit into ``out_path``.

    Everything is first written and synced beside its place, then renamed into it, ``audit.json`` last: a run that is
    killed leaves each file as it was or as it should be, and the next run mends the rest.

    Parameters
    ----------
    statement : dict
        Follows ``schema/audit-1.json``.
    tables : callable, optional
        Called with an empty folder, writes its ``*.parquet`` files there; they become ``tables/*.parquet``, and
        tables of an earlier audit that it did not write again are removed.
    out_path : Path
        Created when absent; other files in it are left alone.
    language : {"en", "zh", "nl"}
        Language of ``report.html``.

    Returns
    -------
    list of Path
        The files written, ``audit.json`` last.
    """
    staging = out_path / STAGING
    if staging.exists():
        shutil.rmtree(staging)
    (staging / "tables").mkdir(parents=True)
    if tables is not None:
        tables(staging / "tables")
    (staging / "report.html").write_text(render(statement, language), "utf-8", newline="\n")
    (staging / "audit.json").write_text(audit_json(statement), "utf-8", newline="\n")
    made = sorted(path.name for path in (staging / "tables").glob("*.parquet"))
    names = [f"tables/{name}" for name in made] + ["report.html", "audit.json"]
    for name in names:
        _sync(staging / name)
    (out_path / "tables").mkdir(exist_ok=True)
    for name in names:
        (staging / name).replace(out_path / name)
    if tables is not None:
        for old in (out_path / "tables").glob("*.parquet"):
            if old.name not in made:
                old.unlink()
    shutil.rmtree(staging)
    _sync(out_path / "tables")
    _sync(out_path)
    return [out_path / name for name in names]


def audit_json(statement: Mapping[str, Any]) -> str:
    """The statement as ``audit.json``: UTF-8, keys in the order of the schema, a newline at the end.

    Keys that the schema does not name come after those it does, sorted. Numbers are written as they are, unrounded;
    what is not finite is refused.

    Raises
    ------
    ValueError
        For NaN or infinity: unknown is null.
    """
    return _written(in_order(statement, audit_schema()), 0) + "\n"


def _written(value: Any, indent: int) -> str:
    """JSON with short objects and lists on one line, so that a person can read it and a diff is small."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or not value or len(flat) + indent <= WIDTH:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [
            f"{pad}{json.dumps(key, ensure_ascii=False)}: {_written(inner, indent + 1)}" for key, inner in value.items()
        ]
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + _written(inner, indent + 1) for inner in value) + "\n" + " " * indent + "]"


def _sync(path: Path) -> None:
    """Make a file or a folder durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
