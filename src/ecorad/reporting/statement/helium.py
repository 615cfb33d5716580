"""The ``helium`` section: litres of each magnet, a resource of its own and no line of any footprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from ecorad.factors import FactorBook
from ecorad.footprint.helium import (
    HeliumBalance,
    Movement,
    captured_between_l,
    fewer_in_low_helium_l,
    helium_balance,
    without_error,
)
from ecorad.model import FactorNotFoundError, HeliumCapture, Quantity

from .contrast import NO_FACTOR
from .quantities import quantity, unknown

EPOCH = date(1970, 1, 1)


def helium_rows(
    magnets: Mapping[str | None, Sequence[Movement]],
    aliases: Mapping[str, str | None],
    book: FactorBook,
    capture: HeliumCapture,
) -> list[dict[str, Any]]:
    """One row a magnet with a helium sheet."""
    rows = []
    for device, movements in magnets.items():
        found = _balance(movements, book)
        row = _row(device, aliases.get(device) if device else None, movements, found)
        rows.append(row | _comparisons(found, book, capture))
    return rows


def _comparisons(found: HeliumBalance, book: FactorBook, capture: HeliumCapture) -> dict[str, Any]:
    """What a capture unit would bring back, and how much less a magnet with little helium holds."""
    reason = found.reason or "no_records"
    captured: dict[str, Any] | None = None
    if capture.recovery is not None:
        litres = captured_between_l(found.lost_l, capture.recovery) if found.is_told else Quantity(None, "L")
        captured = quantity(litres, reason)
    try:
        fewer = quantity(fewer_in_low_helium_l(found.stock_l, factor_book=book), reason)
    except FactorNotFoundError:
        fewer = unknown("L", NO_FACTOR)
    return {"captured_l": captured, "fewer_in_low_helium_l": fewer}


def _balance(movements: Sequence[Movement], book: FactorBook) -> HeliumBalance:
    """No trend where the factor set does not say how good a reading is: it would be told without an interval."""
    try:
        return helium_balance(movements, factor_book=book)
    except FactorNotFoundError:
        return without_error(movements, NO_FACTOR)


def _row(device: str | None, alias: str | None, movements: Sequence[Movement], found: HeliumBalance) -> dict[str, Any]:
    read = [one.day for one in movements if one.movement == "counted"]
    per_week = found.lost_l_per_week
    return {
        "device": device,
        "alias": alias,
        "readings": found.readings,
        "days": found.days,
        "last_reading": _date(max(read), 0.0) if read else None,
        "received_l": found.received_l,
        "stock_l": quantity(found.stock_l, found.reason or "no_records"),
        "lost_l": quantity(found.lost_l, found.reason or "no_records"),
        "lost_l_per_week": None if per_week is None else dict(zip(("value", "low", "high"), per_week, strict=True)),
        "is_told": found.is_told,
        "top_up": None if found.top_up is None else {**asdict(found.top_up), **_dates(max(read), found)},
    }


def _dates(last_day: float, found: HeliumBalance) -> dict[str, str | None]:
    if found.top_up is None:
        return {}
    names = ("days", "earliest_days", "latest_days")
    ahead = [getattr(found.top_up, name) for name in names]
    return {
        name: None if days is None else _date(last_day, days)
        for name, days in zip(("date", "earliest", "latest"), ahead, strict=True)
    }


def _date(day: float, ahead: float) -> str:
    return (EPOCH + timedelta(days=round(day + ahead))).isoformat()
