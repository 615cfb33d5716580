"""``[[bill]]`` of ``site.toml``: what the supplier billed for one meter, to hold the meter against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .errors import SiteError


@dataclass(frozen=True, slots=True, kw_only=True)
class BillEntry:
    """One bill: local days from ``first`` to ``last``, both inside. [kWh]"""

    meter: str
    first: date
    last: date
    energy_kwh: float


def parse_bill(value: Any, number: int, meters: set[str]) -> BillEntry:
    """One ``[[bill]]``.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.

    Examples
    --------
    >>> written = {"meter": "main", "from": date(2026, 3, 1), "to": date(2026, 3, 31), "energy_kwh": 18250}
    >>> parse_bill(written, 1, {"main"}).energy_kwh
    18250.0
    """
    place = f"[[bill]] {number}"
    if not isinstance(value, Mapping):
        raise SiteError(f"{place} must be a table")
    unknown = sorted(set(value) - {"meter", "from", "to", "energy_kwh"})
    if unknown:
        raise SiteError(f"{place}: {unknown[0]!r} is not a key; there are energy_kwh, from, meter, to")
    meter, energy = value.get("meter"), value.get("energy_kwh")
    if meter not in meters:
        raise SiteError(f"{place}: meter must be the id of a [[meter]]")
    first, last = (_day(value.get(key), f"{place}: {key}") for key in ("from", "to"))
    if last < first:
        raise SiteError(f"{place}: it ends before it begins")
    if isinstance(energy, bool) or not isinstance(energy, int | float) or not energy >= 0:
        raise SiteError(f"{place}: energy_kwh must be a number, 0 or more")
    return BillEntry(meter=str(meter), first=first, last=last, energy_kwh=float(energy))


def _day(value: Any, place: str) -> date:
    # A moment is a date as well, and would hide its hours.
    if type(value) is not date:
        raise SiteError(f"{place} must be a day like 2026-03-01")
    return value
