"""The ``fleet`` section: each metered scanner by the year, beside the published ranges."""

from __future__ import annotations

from typing import Any

from ecorad.factors import FactorBook
from ecorad.footprint.fleet import DeviceYear, device_years, fleet_year
from ecorad.footprint.results import DepartmentEnergy

from .quantities import quantity


def fleet_section(found: DepartmentEnergy, hours: float, book: FactorBook) -> dict[str, Any]:
    """Energy of a year like this period, by scanner and together; ``devices`` is empty for a short period."""
    years = device_years(found.devices, hours, book)
    return {
        "energy_kwh": quantity(fleet_year(years), "period_too_short" if not years else None),
        "devices": [_row(one) for one in years],
    }


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
