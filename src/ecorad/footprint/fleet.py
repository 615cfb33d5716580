"""A device and a fleet by the year, as the literature gives them, beside what the literature gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ecorad.factors import Factor, FactorBook
from ecorad.model import PowerState, Quantity

from .results import DeviceEnergy

HOURS_A_YEAR = 8760.0
METHOD = "fleet_year"
# Two weeks, as the shortest of the published meterings; a year made from less follows its weekdays and holidays.
FEWEST_H = 14 * 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One published range, and where a device stands to it: ``inside``, ``below`` or ``above``."""

    factor_id: str
    quantity: str
    low: float
    high: float
    position: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceYear:
    """One device by the year.

    Parameters
    ----------
    energy : Quantity
        Energy of a year like the period. [kWh]
    by_state_kwh : mapping of PowerState to float, optional
        The same by power state, where states have names. [kWh]
    non_productive_share : Quantity
        Share of energy in any state but scan. [1]
    anchors : tuple of Anchor
        Published ranges of its class.
    """

    device_key: str
    alias: str | None
    modality: str | None
    energy: Quantity
    by_state_kwh: Mapping[PowerState, float] | None
    non_productive_share: Quantity
    anchors: tuple[Anchor, ...]

    @property
    def is_outside(self) -> bool:
        """Whether any published range does not hold it."""
        return any(one.position != "inside" for one in self.anchors)


def a_year(energy: Quantity, hours: float) -> Quantity:
    """Energy of a year from that of a period. [kWh]

    >>> a_year(Quantity(2400.0, "kW.h", low=2300.0, high=2500.0), 240.0).value
    87600.0
    """
    if energy.value is None:
        return replace(energy, method=METHOD)
    scale = HOURS_A_YEAR / hours
    low, high = (None if end is None else end * scale for end in (energy.low, energy.high))
    return replace(energy, value=energy.value * scale, low=low, high=high, method=METHOD)


def device_years(devices: Sequence[DeviceEnergy], hours: float, book: FactorBook) -> tuple[DeviceYear, ...]:
    """Every device whose energy is measured, by the year.

    Parameters
    ----------
    hours : float
        Length of the period. [h]
    book : FactorBook
        Where the published ranges stand.

    Returns
    -------
    tuple of DeviceYear
        Empty for a period too short to stand for a year.
    """
    if hours < FEWEST_H:
        return ()
    return tuple(_year(one, hours, book) for one in devices if one.tier == 3 and one.split is not None)


def _year(one: DeviceEnergy, hours: float, book: FactorBook) -> DeviceYear:
    energy = a_year(one.energy, hours)
    by_state = None if one.runs is None else one.runs.energy_by_state()
    share = Quantity(None, "1", method=METHOD)
    states: dict[PowerState, float] | None = None
    if by_state is not None and energy.value is not None and sum(by_state.values()) > 0:
        whole = sum(by_state.values())
        # What was read stands for what was not: the year has the states in the same parts.
        states = {state: energy.value * kwh / whole for state, kwh in by_state.items()}
        value = 1.0 - by_state[PowerState.SCAN] / whole
        low, high = one.non_imaging_share.low, one.non_imaging_share.high
        # The edges of scans are as sure as those of exams.
        half = None if low is None or high is None else (high - low) / 2.0
        ends = (None, None) if half is None else (max(value - half, 0.0), min(value + half, 1.0))
        share = Quantity(value, "1", low=ends[0], high=ends[1], origin=energy.origin, method=METHOD)
    return DeviceYear(
        device_key=one.device.device_key,
        alias=one.device.alias,
        modality=one.device.modality,
        energy=energy,
        by_state_kwh=states,
        non_productive_share=share,
        anchors=_anchors(one.device.modality, energy, share, book),
    )


def _anchors(modality: str | None, energy: Quantity, share: Quantity, book: FactorBook) -> tuple[Anchor, ...]:
    """The widest published range of each quantity: between single studies, many a scanner stands outside one."""
    if modality is None:
        return ()
    found = []
    for quantity, value in (("annual_energy", energy), ("share_of_energy", share)):
        rows = [row for row in book.find(quantity=quantity, scope=modality) if _fits(row)]
        row = max(rows, key=lambda row: (row.high / row.low, row.factor_id), default=None)
        if row is not None and value.value is not None:
            low, high = row.low, row.high
            position = "below" if value.value < low else "above" if value.value > high else "inside"
            found.append(Anchor(factor_id=row.factor_id, quantity=quantity, low=low, high=high, position=position))
    return tuple(found)


def _fits(row: Factor) -> bool:
    """Annual energies, and the share of energy in any state but scan; not the share of one state."""
    return row.quantity == "annual_energy" or ".nonproductive." in row.factor_id


def fleet_year(years: Sequence[DeviceYear]) -> Quantity:
    """Energy of all devices together by the year; intervals added end to end. [kWh]"""
    known = [one.energy for one in years if one.energy.value is not None]
    return sum(known[1:], start=known[0]) if known else Quantity(None, "kW.h", method=METHOD)
