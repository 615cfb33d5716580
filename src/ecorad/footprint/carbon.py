"""Electricity to CO2e: two questions, two kinds of intensity, two results that are never mixed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ecorad.model import MixingError, Quantity

from .uncertainty import Drawable, Source, Term, of_factor, total

UNIT = "kg{CO2e}"
METHOD = "carbon"


class Intensity(Drawable, Protocol):
    """A grid intensity; ``kind`` is ``average`` or ``marginal``. [kg CO2e/kWh]"""

    @property
    def kind(self) -> str:
        """Which question it answers."""
        ...


def emitted_kg(energy_kwh: float, intensity_kg_per_kwh: float) -> float:
    """CO2e of electricity: ``energy_kwh * intensity_kg_per_kwh``. [kg]

    GHG Protocol Scope 2 Guidance (2015), section 6.5: activity data times emission factor.

    >>> emitted_kg(1000.0, 0.2527)
    252.7
    """
    return energy_kwh * intensity_kg_per_kwh


def average_source(intensity: Intensity) -> Source:
    """The source of an average intensity.

    Raises
    ------
    MixingError
        For a marginal one.
    """
    return _source(intensity, "average")


def marginal_source(intensity: Intensity) -> Source:
    """The source of a marginal intensity.

    Raises
    ------
    MixingError
        For an average one.
    """
    return _source(intensity, "marginal")


def attributional_kg(energy: Iterable[Term], intensity: Intensity | None, *, unit: str = UNIT) -> Quantity:
    """What a share of everything emitted: energy times average intensity.

    Unknown when the intensity or the energy is.

    Raises
    ------
    MixingError
        For a marginal intensity.
    """
    return _emitted(energy, None if intensity is None else average_source(intensity), unit)


def consequential_kg(marginal: Iterable[Term], intensity: Intensity | None, *, unit: str = UNIT) -> Quantity:
    """What one exam less would have saved: energy above idle times marginal intensity.

    Raises
    ------
    MixingError
        For an average intensity.
    """
    return _emitted(marginal, None if intensity is None else marginal_source(intensity), unit)


def emitted_terms(energy: Iterable[Term], intensity: Intensity | None) -> list[Term]:
    """The summands of :func:`attributional_kg`; none without an intensity."""
    return [] if intensity is None else [term.times(average_source(intensity)) for term in energy]


def _emitted(energy: Iterable[Term], source: Source | None, unit: str) -> Quantity:
    if source is None:
        return Quantity(None, unit, method=METHOD)
    return total([term.times(source) for term in energy], unit, METHOD)


def _source(intensity: Intensity, kind: str) -> Source:
    if getattr(intensity, "kind", None) != kind:
        raise MixingError(f"this question needs a {kind} grid intensity", code="ecorad.mixing.grid")
    return of_factor(intensity)
