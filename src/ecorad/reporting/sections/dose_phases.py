"""Phases of CT on the page: what each takes, and what one phase less would have saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..page import Cell, Table
from ..reader import Reader

Row = Mapping[str, Any]
_NUMBERS = frozenset({2, 3, 4, 5, 6, 7})


def phases(reader: Reader, content: Row | None) -> Table | None:
    """One row a device, region and number of phases; ``None`` where no exam has two."""
    if not content or not content["groups"]:
        return None
    names = ("scanner", "region", "exams", "delays", "doses", "energies", "less_msv", "less_kwh")
    return Table(
        reader.text("phases.caption"),
        tuple(reader.text(f"phases.{name}") for name in names),
        tuple(_row(reader, row) for row in content["groups"]),
        _NUMBERS,
        unfold=False,
    )


def phases_note(reader: Reader, content: Row | None) -> str:
    """How many have several phases, how many do not tell, and who must judge."""
    if not content or not content["groups"]:
        return ""
    counts = {name: reader.integer(content[name]) for name in ("multi_phase", "regions", "not_told")}
    return reader.text("phases.note", **counts)


def _row(reader: Reader, row: Row) -> tuple[Cell, ...]:
    return (
        reader.device_name(row),
        reader.named("region", row["body_region"]),
        reader.integer(row["exams"]),
        _all(reader, row, "delay_s", "s"),
        _all(reader, row, "effective_msv", "mSv"),
        _all(reader, row, "kwh", "kWh"),
        reader.shown(row["saved_msv"]),
        reader.shown(row["saved_kwh"]),
    )


def _all(reader: Reader, row: Row, name: str, unit: str) -> str:
    """The same of each phase, in their order."""
    values = [phase[name] for phase in row["phases"]]
    if all(value is None for value in values):
        return reader.text("unknown")
    return f"{' + '.join(reader.plain(value) for value in values)} {unit}"
