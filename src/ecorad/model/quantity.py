"""A number that leaves a room: value, unit, interval, origin and the factor rows behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .errors import InputError, MixingError, UnitError
from .vocabulary import Origin, worst_origin

# UCUM codes; "kWh" is not one, "kW.h" is. Annotations in braces carry meaning here: kg{CO2e} is not kg.
UNITS = frozenset(
    "kW.h kW kg{CO2e} g{CO2e} kg g mg mL L MBq mGy mGy.cm Gy Gy.m2 mSv mmol s min h d GB km 1 % {exam} {item}"
    " kg{CO2e}/kW.h kg{CO2e}/{exam} kW.h/{exam} EUR USD GBP CHF CNY".split()
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One result with everything needed to trust or refuse it.

    Parameters
    ----------
    value : float or None
        Best estimate; ``None`` when it is not known.
    unit : str
        UCUM code, one of :data:`UNITS`.
    low, high : float or None
        95 % interval; both ``None`` only when the value is unknown or its interval is not known.
    origin : Origin
        The worst origin among the parts.
    factors : tuple of str
        Identifiers of the factor rows used, sorted.
    method : str
        Identifier of the method, as the method page of the docs names it.

    Raises
    ------
    UnitError
        For an unknown unit, or on adding different units.
    InputError
        For a value that is not finite or lies outside its own interval.

    Examples
    --------
    >>> scanners = Quantity(614.8, "kW.h", low=600.0, high=630.0)
    >>> cooling = Quantity(492.6, "kW.h", low=400.0, high=600.0, origin=Origin.MODELLED)
    >>> (scanners + cooling).value, (scanners + cooling).origin.value
    (1107.4, 'modelled')
    """

    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    origin: Origin = Origin.MEASURED
    factors: tuple[str, ...] = field(default=())
    method: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UnitError(f"unknown unit {self.unit!r}")
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise InputError("a quantity must be finite; unknown is None")
        if (self.low is None) != (self.high is None):
            raise InputError("an interval needs both ends")
        if self.value is not None and self.low is not None and self.high is not None:
            slack = 1e-9 * max(1.0, abs(self.value))
            if not self.low - slack <= self.value <= self.high + slack:
                raise InputError(f"{self.value} lies outside {self.low}..{self.high}")

    @property
    def is_known(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None

    def __add__(self, other: Quantity) -> Quantity:
        """Sum of two quantities; intervals add end to end, as for errors that are fully shared."""
        if self.unit != other.unit:
            raise UnitError(f"cannot add {self.unit} and {other.unit}")
        one_report((*self.factors, *other.factors))
        return Quantity(
            _add(self.value, other.value),
            self.unit,
            low=_add(self.low, other.low),
            high=_add(self.high, other.high),
            origin=worst_origin([self.origin, other.origin]),
            factors=tuple(sorted({*self.factors, *other.factors})),
            method=self.method if self.method == other.method else "",
        )

    def as_dict(self) -> dict[str, Any]:
        """The quantity as ``audit.json`` writes it."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "origin": self.origin.value,
            "factors": list(self.factors),
            "method": self.method,
        }


def unknown(unit: str, method: str = "") -> Quantity:
    """A quantity nobody knows: never 0.

    >>> unknown("kW.h").value is None
    True
    """
    return Quantity(None, unit, method=method)


def one_report(factor_ids: Iterable[str]) -> None:
    """Refuse warming potentials of two assessment reports in one sum.

    Parameters
    ----------
    factor_ids : iterable of str
        Rows behind the summands; those of potentials look like ``gwp100.SF6.AR5``.

    Raises
    ------
    MixingError
        Names the two reports.

    Examples
    --------
    >>> one_report(["gwp100.SF6.AR5", "gwp100.CH4.AR5", "grid.average.NL.2024.ember"])
    """
    names = (name.split(".") for name in factor_ids if name.startswith("gwp"))
    reports = sorted({f"{parts[0]} of {parts[2]}" for parts in names if len(parts) > 2})
    if len(reports) > 1:
        raise MixingError(f"{reports[0]} and {reports[1]} are not added", code="ecorad.mixing.gwp")


def _add(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left + right
