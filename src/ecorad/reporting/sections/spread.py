"""Where the width of the department's intervals comes from: what to measure next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..page import Cell, Table
from ..reader import Reader

_SHOWN = 6
_NAMED = frozenset({"factor", "meter", "unread", "night"})


def spreads(reader: Reader) -> tuple[Table, ...]:
    """One table for energy and one for CO2e, largest contribution to variance first; none where nothing is known."""
    found = reader.statement.get("uncertainty", {})
    return tuple(_table(reader, name, found[name][:_SHOWN]) for name in ("energy_kwh", "co2e_kg") if found.get(name))


def _table(reader: Reader, name: str, rows: list[Mapping[str, Any]]) -> Table:
    columns = (reader.text("spread.source"), reader.text("spread.share"))
    cells: tuple[tuple[Cell, ...], ...] = tuple((_source(reader, row), reader.share(row["share"], 1.0)) for row in rows)
    return Table(reader.text(f"spread.of_{name}"), columns, cells, frozenset({1}))


def _source(reader: Reader, row: Mapping[str, Any]) -> str:
    kind = row["kind"] if row["kind"] in _NAMED else "method"
    is_device = kind == "night"
    name = reader.device_name({"device": row["source"]}) if is_device else row["source"]
    return reader.text(f"spread.{kind}", name=name)
