"""Dose index of CT against size of the patient, on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..page import Cell, Table
from ..reader import DASH, Reader, printable

Row = Mapping[str, Any]
_NAMES = ("scanner", "protocol", "scans", "sizes", "ctdi", "per_cm", "following", "above")


def size(reader: Reader, content: Row | None) -> Table | None:
    """One row a scanner and protocol; ``None`` where none has enough scans that tell a size."""
    if not content or not content["protocols"]:
        return None
    return Table(
        reader.text("dose_size.caption"),
        tuple(reader.text(f"dose_size.{name}") for name in _NAMES),
        tuple(_row(reader, row) for row in content["protocols"]),
        frozenset({2, 3, 4, 5, 7}),
        unfold=False,
    )


def size_note(reader: Reader, content: Row | None) -> str:
    """What fixed means, and how many scans tell no size; empty where no CT scan tells a dose index."""
    if not content or not content["scans_with_size"] + content["scans_without_size"]:
        return ""
    without = reader.integer(content["scans_without_size"])
    if not content["protocols"]:
        return reader.text("dose_size.none", without=without)
    return reader.text("dose_size.note", without=without)


def _row(reader: Reader, row: Row) -> tuple[Cell, ...]:
    sizes, slope = row["size_cm"], row["per_cm"]
    return (
        reader.device_name(row),
        printable(row["protocol"]) if row["protocol"] else reader.text("dose_size.not_shown"),
        reader.integer(row["scans"]),
        f"{reader.plain(sizes['low'])}{DASH}{reader.plain(sizes['high'], 'cm')}",
        reader.plain(row["ctdi_vol_at_median_mgy"], "mGy"),
        reader.text("unknown") if slope["value"] is None else _percent(reader, slope),
        reader.text(f"dose_size.{row['following']}"),
        reader.integer(len(row["above"])),
    )


def _percent(reader: Reader, slope: Row) -> str:
    """A slope as percent more for each cm, with its interval."""
    value, low, high = (reader.plain(100.0 * slope[name], digits=2) for name in ("value", "low", "high"))
    return reader.text("dose_size.slope", value=value, low=low, high=high)
