"""What was changed and whether it worked: every declared change, as the records before and after it tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..change_check.words import (
    claims,
    controls_table,
    measures_table,
    published_table,
    quality,
    reasons,
    sentence,
    spans,
)
from ..page import Table
from ..reader import Reader, Shown, printable


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: what is told of it, and what that rests on."""

    title: str
    spans: str
    saved: tuple[Shown, ...]
    saved_days: str
    told: tuple[str, ...]
    quality: str
    tables: tuple[Table, ...]
    reasons: tuple[str, ...]


def changed(reader: Reader) -> tuple[Changed, ...]:
    """Every change of the statement, in the order in which the site declared them."""
    return tuple(_changed(reader, row) for row in reader.statement.get("changes", ()))


def _changed(reader: Reader, row: Mapping[str, Any]) -> Changed:
    told = [sentence(reader, one) for one in row["measures"] if one["verdict"] is not None]
    saved = row["saved"]
    tables = (measures_table(reader, row), controls_table(reader, row), published_table(reader, row))
    return Changed(
        title=f"{printable(row['change']['name'])}, {reader.device_name(row['change'])}",
        spans=spans(reader, row["change"]),
        saved=tuple(reader.shown(saved[name]) for name in ("kwh", "co2e_kg", "money")) if saved["days"] else (),
        saved_days=reader.text("verify.saved", days=reader.counted("day", saved["days"])),
        told=(*claims(reader, row), *(told or [reader.text("verify.nothing_told")])),
        quality=quality(reader, row["rejects"]) if told else "",
        tables=tuple(one for one in tables if one is not None),
        reasons=tuple(reasons(reader, row)),
    )
