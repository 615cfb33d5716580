"""Each metered scanner by the year, beside the published range of its class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..page import Cell, Table
from ..reader import DASH, Reader

Row = Mapping[str, Any]


def fleet_table(reader: Reader) -> Table | None:
    """The table, or nothing for a statement without one or a period too short."""
    rows = reader.statement.get("fleet", {}).get("devices", [])
    if not rows:
        return None
    columns = tuple(
        reader.text(f"fleet.{name}") for name in ("scanner", "year", "published", "share", "share_published")
    )
    return Table(
        reader.text("fleet.caption"), columns, tuple(_row(reader, row) for row in rows), frozenset({1, 2, 3, 4})
    )


def outage_table(reader: Reader) -> Table | None:
    """How long each scanner works on without mains; nothing where the site says nothing of any."""
    rows = reader.statement.get("fleet", {}).get("outages", [])
    if not rows:
        return None
    columns = tuple(reader.text(f"fleet.{name}") for name in ("scanner", "outage"))
    cells = tuple((reader.device_name(row), reader.plain(row["survives_min"], "min")) for row in rows)
    return Table(reader.text("fleet.outage_caption"), columns, cells, frozenset({1}))


def _row(reader: Reader, row: Row) -> tuple[Cell, ...]:
    anchors = {anchor["of"]: anchor for anchor in row["published"]}
    return (
        reader.device_name(row),
        reader.shown(row["energy_kwh"]),
        _published(reader, anchors.get("annual_energy"), "kW.h"),
        reader.shown(row["non_productive_share"]),
        _published(reader, anchors.get("share_of_energy"), "1"),
    )


def _published(reader: Reader, anchor: Row | None, unit: str) -> str:
    if anchor is None:
        return reader.text("fleet.none")
    name, one = reader.scaled(unit, anchor["high"])
    low, high = (reader.plain(anchor[end] / one) for end in ("low", "high"))
    text = reader.with_unit(f"{low}{DASH}{high}", name)
    return text if anchor["position"] == "inside" else f"{text}, {reader.text('fleet.' + anchor['position'])}"
