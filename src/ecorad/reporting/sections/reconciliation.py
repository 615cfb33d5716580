"""Feeders held against the meters behind them, and bills against their meters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..messages import period_text
from ..page import Cell, Table
from ..reader import Reader

Row = Mapping[str, Any]


def feeders(reader: Reader) -> Table | None:
    """One row a feeder: what it read, what the meters behind it read, what lies between, and the worst day."""
    rows = reader.statement.get("reconciliation", {}).get("feeders", [])
    if not rows:
        return None
    names = ("feeder", "behind", "read", "by_meters", "between", "worst_day")
    return Table(
        reader.text("reconciled.feeders_caption"),
        tuple(reader.text(f"reconciled.{name}") for name in names),
        tuple(_feeder(reader, row) for row in rows),
        frozenset({2, 3, 4}),
    )


def bills(reader: Reader) -> Table | None:
    """One row a bill: what was billed, what the meter read, what lies between where the whole period was read."""
    rows = reader.statement.get("reconciliation", {}).get("bills", [])
    if not rows:
        return None
    names = ("meter", "period", "billed", "read", "known", "between")
    return Table(
        reader.text("reconciled.bills_caption"),
        tuple(reader.text(f"reconciled.{name}") for name in names),
        tuple(_bill(reader, row) for row in rows),
        frozenset({2, 3, 4, 5}),
    )


def _feeder(reader: Reader, row: Row) -> tuple[Cell, ...]:
    return (
        row["meter"],
        reader.names(row["meters"]),
        reader.reconciled(row["feeder_kwh"]),
        reader.reconciled(row["meters_kwh"]),
        reader.reconciled(row["residual_kwh"]),
        f"{_days(reader, row['worst_day'])}: {reader.reconciled(row['worst_day_residual_kwh'])}",
    )


def _bill(reader: Reader, row: Row) -> tuple[Cell, ...]:
    return (
        row["meter"],
        _days(reader, row["from"], row["to"]),
        reader.reconciled(row["bill_kwh"]),
        reader.reconciled(row["meter_kwh"]),
        reader.share(row["known_fraction"], 1.0),
        reader.reconciled(row["residual_kwh"]),
    )


def _days(reader: Reader, first: str, last: str | None = None) -> str:
    return period_text(date.fromisoformat(first), date.fromisoformat(last or first), reader.messages.locale)
