"""The data dictionary: one CSV per table, read by code, docs and ``ecorad tables`` alike."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .errors import UnknownNameError

TYPES = frozenset({"string", "int64", "float64", "bool", "timestamp", "date"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``timestamp`` is UTC with microseconds; ``unit`` is UCUM or empty."""

    name: str
    type: str
    unit: str
    nullable: bool
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: its columns in order. ``kind`` is ``stored``, ``view`` or ``result``."""

    name: str
    kind: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the dictionary."""
        return tuple(column.name for column in self.columns)


@cache
def tables() -> dict[str, TableSpec]:
    """Every table by name, in the order of ``tables/index.csv``.

    >>> tables()["reading"].columns[7].name
    'meter_key'
    """
    folder = files(__package__) / "tables"
    index = csv.DictReader((folder / "index.csv").read_text("utf-8").splitlines())
    return {row["table"]: _read(row["table"], row["kind"], row["meaning"]) for row in index}


def table(name: str) -> TableSpec:
    """The table called ``name``.

    Raises
    ------
    UnknownNameError
        Names every table there is.
    """
    try:
        return tables()[name]
    except KeyError:
        raise UnknownNameError(f"no table {name!r}; there are {', '.join(tables())}") from None


def _read(name: str, kind: str, meaning: str) -> TableSpec:
    text = (files(__package__) / "tables" / f"{name}.csv").read_text("utf-8")
    columns = tuple(
        Column(r["column"], r["type"], r["unit"], r["nullable"] == "yes", r["meaning"], r["source"])
        for r in csv.DictReader(text.splitlines())
    )
    lead = _LEAD if kind != "result" else ()
    return TableSpec(name, kind, meaning, (*lead, *columns))


def _common() -> tuple[Column, ...]:
    text = (files(__package__) / "tables" / "common.csv").read_text("utf-8")
    return tuple(
        Column(r["column"], r["type"], r["unit"], r["nullable"] == "yes", r["meaning"], r["source"])
        for r in csv.DictReader(text.splitlines())
    )


_LEAD = _common()
