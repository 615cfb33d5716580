"""Protocols of one modality and region beside each other, and what a person must say before one is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..page import Cell, Table
from ..reader import Reader, printable

Row = Mapping[str, Any]
# Longer names are cut: a table that nobody can read says nothing.
_LONGEST = 72
_JOIN = " + "
_SHOWN = ("kwh", "minutes", "dose_msv", "contrast_ml", "contrast_g")


def variants_tables(reader: Reader) -> tuple[Table, ...]:
    """One table a modality and region; columns that no variant tells are left out."""
    return tuple(_table(reader, row) for row in reader.statement.get("variants", []))


def _table(reader: Reader, group: Row) -> Table:
    told = [name for name in _SHOWN if any(one["medians"][name]["value"] is not None for one in group["variants"])]
    names = ("protocol", "exams", "days", *told, "rank")
    common = set.intersection(*(set(_parts(one)) for one in group["variants"]))
    return Table(
        _caption(reader, group, [part for part in _parts(group["variants"][0]) if part in common]),
        tuple(reader.text(f"variants.{name}") for name in names),
        tuple(_row(reader, n, one, told, common) for n, one in enumerate(group["variants"])),
        frozenset(range(1, 3 + len(told))),
        unfold=False,
    )


def _parts(one: Row) -> list[str]:
    return str(printable(one["protocol"])).split(_JOIN)


def _caption(reader: Reader, group: Row, common: list[str]) -> str:
    caption = reader.text(
        "variants.caption",
        modality=reader.named("modality", group["modality"]),
        region=reader.named("region", group["region"]),
        measure=reader.text(f"variants.{group['ranked_by']}"),
    )
    return caption + (reader.text("variants.common", names=_JOIN.join(common)) if common else "")


def _row(reader: Reader, place: int, one: Row, told: list[str], common: set[str]) -> tuple[Cell, ...]:
    """One variant by what it has beyond what all of them have."""
    name = _JOIN.join(part for part in _parts(one) if part not in common) or reader.text("variants.no_more")
    rank = "first" if place == 0 else "apart" if one["apart"] else "unsure"
    return (
        name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…",
        reader.integer(one["exams"]),
        reader.integer(one["days"]),
        *(reader.shown(one["medians"][measure]) for measure in told),
        reader.text(f"variants.{rank}"),
    )
