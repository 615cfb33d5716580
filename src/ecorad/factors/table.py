"""Reading one table of the book: ``<table>.csv`` with its rows, ``<table>.toml`` with its sources and licence."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ecorad.model import EcoradError, InputError, Origin, UnitError

from .boundary import FLAGS, Boundary
from .distribution import Bounds, Shape
from .factor import Evidence, Factor

COLUMNS = (
    *("factor_id", "quantity", "scope", "region", "year", "value", "low", "high", "unit", "bounds", "distribution"),
    *FLAGS,
    *("accounting", "grid_kind", "origin", "evidence", "enabled", "source_id", "locator", "note"),
)
_REQUIRED_KEYS = ("title", "licence", "attribution", "boundary", "share_alike", "script", "sources")


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: citation, DOI where there is one, when it was read, and its digest if it was a file."""

    source_id: str
    citation: str
    doi: str
    retrieved: str
    sha256: str
    original: str


@dataclass(frozen=True, slots=True)
class FactorTable:
    """One table: its rows in file order, and what its sidecar says."""

    name: str
    title: str
    licence: str
    attribution: str
    boundary: str
    share_alike: bool
    script: str
    sources: dict[str, Source]
    factors: tuple[Factor, ...]


def parse_table(name: str, csv_text: str, toml_text: str) -> FactorTable:
    """A table from the text of its two files.

    Parameters
    ----------
    name : str
        Name of the table, as messages give it.
    csv_text, toml_text : str
        Content of the two files.

    Raises
    ------
    InputError
        If a column, key, source or licence is missing, or a row cannot be right: names table, line and reason.
    """
    try:
        sidecar = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"{name}.toml cannot be read: {error}") from None
    missing = [key for key in _REQUIRED_KEYS if key not in sidecar or sidecar[key] == ""]
    if missing:
        raise _wrong(f"{name}.toml has no {missing[0]}")
    sources = {key: _source(name, key, entry) for key, entry in sidecar["sources"].items()}
    factors = tuple(_rows(name, csv_text.splitlines(), sources))
    return FactorTable(
        name=name,
        title=sidecar["title"],
        licence=sidecar["licence"],
        attribution=sidecar["attribution"],
        boundary=sidecar["boundary"],
        share_alike=bool(sidecar["share_alike"]),
        script=sidecar["script"],
        sources=sources,
        factors=factors,
    )


def _source(table: str, key: str, entry: dict[str, Any]) -> Source:
    if not entry.get("citation"):
        raise _wrong(f"{table}.toml: source {key!r} has no citation")
    texts = {name: str(entry.get(name, "")) for name in ("citation", "doi", "retrieved", "sha256", "original")}
    return Source(source_id=key, **texts)


def _rows(table: str, lines: Iterable[str], sources: dict[str, Source]) -> Iterable[Factor]:
    reader = csv.reader(lines)
    header = next(reader, None)
    if header is None or tuple(header) != COLUMNS:
        raise _wrong(f"{table}.csv line 1: the columns must be {','.join(COLUMNS)}")
    for cells in reader:
        place = f"{table}.csv line {reader.line_num}"
        if len(cells) != len(COLUMNS):
            raise _wrong(f"{place}: {len(cells)} cells instead of {len(COLUMNS)}")
        row = dict(zip(COLUMNS, cells, strict=True))
        if row["source_id"] not in sources:
            raise _wrong(f"{place}: source {row['source_id']!r} is not in {table}.toml")
        try:
            yield _factor(table, row)
        except (EcoradError, ValueError) as error:
            reason = error.message if isinstance(error, EcoradError) else str(error)
            kind = UnitError if isinstance(error, UnitError) else InputError
            raise kind(f"{place}: {reason}", code="ecorad.factor.table") from None


def _factor(table: str, row: dict[str, str]) -> Factor:
    flags = frozenset(flag for flag in FLAGS if _yes(row[flag], flag))
    return Factor(
        factor_id=row["factor_id"],
        table=table,
        quantity=row["quantity"],
        scope=row["scope"],
        region=row["region"],
        year=int(row["year"]) if row["year"] else None,
        value=_number(row["value"], "value"),
        low=_number(row["low"], "low"),
        high=_number(row["high"], "high"),
        unit=row["unit"],
        bounds=Bounds(row["bounds"]),
        shape=Shape(row["distribution"]),
        boundary=Boundary(flags),
        accounting=row["accounting"],
        grid_kind=row["grid_kind"],
        origin=Origin(row["origin"]),
        evidence=Evidence(row["evidence"]),
        enabled=_yes(row["enabled"], "enabled"),
        source_id=row["source_id"],
        locator=row["locator"],
        note=row["note"],
    )


def _number(text: str, column: str) -> float:
    if not text:
        raise InputError(f"{column} is empty")
    if "," in text:
        raise InputError(f"{column} has a comma; a factor table is written with a decimal point")
    return float(text)


def _yes(text: str, column: str) -> bool:
    if text not in {"yes", "no"}:
        raise InputError(f"{column} must be yes or no")
    return text == "yes"


def _wrong(message: str) -> InputError:
    return InputError(message, code="ecorad.factor.table")
