"""Average and marginal carbon intensity of electricity: two types, because they answer two questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from ecorad.model import MixingError, Origin, Quantity

from . import draws as _draws
from .distribution import DRAWS, Distribution, Shape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNIT = "kg{CO2e}/kW.h"


@dataclass(frozen=True, slots=True)
class _Intensity:
    """Carbon intensity of electricity in one zone.

    Parameters
    ----------
    zone : str
        Grid zone.
    year : int or None
        Year of the row that was used, which may not be the year that was asked for.
    value, low, high : float
        Central value and 95 % interval. [kg CO2e/kWh]
    origin : Origin
        ``default`` when it stands in for another.
    factor_id : str
        The row that gave the value; also the seed of its draws.
    compared : tuple of str
        Rows of other sources that the interval covers.
    """

    zone: str
    year: int | None
    value: float
    low: float
    high: float
    origin: Origin
    factor_id: str
    compared: tuple[str, ...] = ()
    kind: ClassVar[str] = ""

    @property
    def factors(self) -> tuple[str, ...]:
        """Every row behind the value and its interval, sorted."""
        return tuple(sorted({self.factor_id, *self.compared}))

    def draws(self, n: int = DRAWS) -> NDArray[np.float64]:
        """Draws of the intensity, shape (n,); the same for everyone who uses this row. [kg CO2e/kWh]"""
        shape = Shape.LOGNORMAL if self.low > 0 else Shape.UNIFORM
        return _draws.draws(self.factor_id, Distribution(shape, self.value, self.low, self.high), n)

    def as_quantity(self) -> Quantity:
        """The intensity as a result."""
        return Quantity(
            self.value, UNIT, low=self.low, high=self.high, origin=self.origin, factors=self.factors, method=self.kind
        )

    def _same(self, other: object) -> Self:
        if not isinstance(other, type(self)):
            raise MixingError(
                f"{type(self).__name__} and {type(other).__name__} answer different questions",
                code="ecorad.mixing.grid",
            )
        return other

    def __lt__(self, other: object) -> bool:
        return self.value < self._same(other).value

    def __le__(self, other: object) -> bool:
        return self.value <= self._same(other).value

    def __gt__(self, other: object) -> bool:
        return self.value > self._same(other).value

    def __ge__(self, other: object) -> bool:
        return self.value >= self._same(other).value

    def __add__(self, other: object) -> Any:
        raise MixingError("carbon intensities are not added; add emissions", code="ecorad.mixing.grid")

    __radd__ = __sub__ = __rsub__ = __add__


@dataclass(frozen=True, slots=True)
class AverageIntensity(_Intensity):
    """What a kWh of the grid emitted on average: for inventories ("what is our footprint").

    >>> average = AverageIntensity("NL", 2024, 0.25, 0.24, 0.28, Origin.REPORTED, "example")
    >>> emissions_kg_co2e(1000.0, average).value
    250.0
    """

    kind: ClassVar[str] = "average"


@dataclass(frozen=True, slots=True)
class MarginalIntensity(_Intensity):
    """What one kWh more or less changes: for savings ("what would one exam less save")."""

    kind: ClassVar[str] = "marginal"


@dataclass(frozen=True, slots=True)
class _Emissions:
    value: float
    low: float
    high: float
    origin: Origin
    factors: tuple[str, ...]
    kind: ClassVar[str] = ""

    def __add__(self, other: object) -> Self:
        if not isinstance(other, type(self)):
            raise MixingError(
                f"{type(self).__name__} and {type(other).__name__} answer different questions and are not added",
                code="ecorad.mixing.grid",
            )
        worst = max(self.origin, other.origin, key=lambda origin: origin.rank)
        factors = tuple(sorted({*self.factors, *other.factors}))
        return type(self)(self.value + other.value, self.low + other.low, self.high + other.high, worst, factors)

    def as_quantity(self) -> Quantity:
        """The emissions as a result."""
        return Quantity(
            self.value,
            "kg{CO2e}",
            low=self.low,
            high=self.high,
            origin=self.origin,
            factors=self.factors,
            method=f"energy x {self.kind} grid intensity",
        )


@dataclass(frozen=True, slots=True)
class AverageEmissions(_Emissions):
    """Emissions by average intensity. [kg CO2e]"""

    kind: ClassVar[str] = "average"


@dataclass(frozen=True, slots=True)
class MarginalEmissions(_Emissions):
    """Emissions by marginal intensity. [kg CO2e]"""

    kind: ClassVar[str] = "marginal"


def emissions_kg_co2e(
    energy_kwh: float, intensity: AverageIntensity | MarginalIntensity
) -> AverageEmissions | MarginalEmissions:
    """Emissions of an amount of electricity; the kind of intensity decides the kind of the result.

    Parameters
    ----------
    energy_kwh : float
        Electricity, negative for a saving. [kWh]
    intensity : AverageIntensity or MarginalIntensity
        Of the zone and year of use.

    Returns
    -------
    AverageEmissions or MarginalEmissions
        With the interval of the intensity alone; that of the energy is for the caller to add. [kg CO2e]

    Raises
    ------
    MixingError
        If ``intensity`` is neither.
    """
    if not isinstance(intensity, AverageIntensity | MarginalIntensity):
        raise MixingError("emissions need an average or a marginal intensity", code="ecorad.mixing.grid")
    low, high = sorted((energy_kwh * intensity.low, energy_kwh * intensity.high))
    result = AverageEmissions if isinstance(intensity, AverageIntensity) else MarginalEmissions
    return result(energy_kwh * intensity.value, low, high, intensity.origin, intensity.factors)
