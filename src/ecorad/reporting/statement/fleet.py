"""The ``fleet`` section: each metered scanner by the year, beside the published ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecorad.factors import FactorBook
from ecorad.footprint.fleet import DeviceYear, device_years, fleet_year
from ecorad.footprint.results import DepartmentEnergy
from ecorad.model import DeviceEntry

from .quantities import quantity


def fleet_section(
    found: DepartmentEnergy, hours: float, book: FactorBook, entries: Mapping[str, DeviceEntry] | None = None
) -> dict[str, Any]:
    """Energy of a year like this period, by scanner and together; ``devices`` is empty for a short period.

    Parameters
    ----------
    entries : mapping of device key to DeviceEntry, optional
        What ``site.toml`` says of each, among it how long it works on without mains.
    """
    years = device_years(found.devices, hours, book)
    return {
        "energy_kwh": quantity(fleet_year(years), "period_too_short" if not years else None),
        "devices": [_row(one) for one in years],
        "outages": _outages(found, entries or {}),
    }


def _outages(found: DepartmentEnergy, entries: Mapping[str, DeviceEntry]) -> list[dict[str, Any]]:
    """Every device once anything is known of one: those that nobody asked about show as unknown."""
    told = {key: entry.survives_outage_min for key, entry in entries.items()}
    if all(minutes is None for minutes in told.values()):
        return []
    return [
        {
            "device": one.device.device_key,
            "alias": one.device.alias,
            "modality": one.device.modality,
            "survives_min": told.get(one.device.device_key),
        }
        for one in found.devices
    ]


def _row(one: DeviceYear) -> dict[str, Any]:
    states = None if one.by_state_kwh is None else {state.value: kwh for state, kwh in one.by_state_kwh.items()}
    return {
        "device": one.device_key,
        "alias": one.alias,
        "modality": one.modality,
        "energy_kwh": quantity(one.energy),
        "by_state_kwh": states,
        "non_productive_share": quantity(one.non_productive_share, "states_unknown"),
        "published": [
            {
                "factor": anchor.factor_id,
                "of": anchor.quantity,
                "low": anchor.low,
                "high": anchor.high,
                "position": anchor.position,
            }
            for anchor in one.anchors
        ],
    }
