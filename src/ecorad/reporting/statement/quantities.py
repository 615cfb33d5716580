"""Quantities as the statement writes them."""

from __future__ import annotations

import math
from typing import Any

from ecorad.model import Origin, Quantity


def quantity(result: Quantity, reason: str | None = None) -> dict[str, Any]:
    """One quantity; an unknown one says why.

    >>> quantity(Quantity(None, "kW.h"), "no_meter")["reason"]
    'no_meter'
    """
    written = result.as_dict()
    if not result.is_known:
        written["reason"] = reason or "no_data"
    return written


def unknown(unit: str, reason: str, method: str = "") -> dict[str, Any]:
    """A quantity nobody knows, with the reason."""
    return quantity(Quantity(None, unit, method=method), reason)


def counted(value: float, unit: str, origin: Origin = Origin.MEASURED, method: str = "") -> dict[str, Any]:
    """A number that is exact as far as the records go: the interval has no width."""
    return quantity(Quantity(value, unit, low=value, high=value, origin=origin, method=method))


def number(value: float | None) -> float | None:
    """A bare number for reconciliation; not-a-number is written as null.

    >>> number(float("nan")) is None
    True
    """
    return None if value is None or math.isnan(value) else float(value)
