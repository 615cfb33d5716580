"""The ``totals``, ``meters``, ``scopes`` and ``cooling`` sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecorad.footprint.energy.states import STATES
from ecorad.footprint.results import DepartmentEnergy, MeterEnergy
from ecorad.model import Origin, Quantity

from .quantities import number, quantity, unknown

_CO2E = "kg{CO2e}"
_CLASSES = ("exams", "gaps", "off_hours", "unexplained")
# What the statement names and this version does not compute; scope and line after the GHG Protocol.
_NOT_COMPUTED = (
    ("3", "equipment", "not_computed"),
    # Bottles have been compared with each other; of a millilitre or a bottle no figure is published.
    ("3", "contrast", "no_published_figure"),
    ("3", "consumables", "not_computed"),
    ("3", "travel", "not_computed"),
    ("3", "data", "not_computed"),
)


def totals(
    found: DepartmentEnergy, tariff_per_kwh: float | None, currency: str, grid_zone: str | None
) -> dict[str, Any]:
    """The department in figures, cooling apart."""
    no_grid = "no_grid_zone" if grid_zone is None else "no_data"
    metered = [device for device in found.devices if device.tier == 3]
    return {
        "devices": len(found.devices),
        "devices_metered": len(metered),
        "exams": sum(len(device.exams) for device in found.devices),
        "energy_kwh": quantity(found.energy, "no_records"),
        "co2e_kg": {
            "attributional": quantity(found.attributional, no_grid),
            "consequential": quantity(found.consequential, no_grid),
        },
        "non_imaging_share": quantity(found.non_imaging_share, "no_meter"),
        "overnight_share": quantity(found.overnight_share, "no_meter"),
        "unexplained_share": quantity(found.unexplained_share, "no_meter"),
        "energy_by_class_kwh": _classes(found),
        "energy_by_state_kwh": _states(found),
        "floor_kwh": quantity(found.floor, "no_meter"),
        "money": _money(found.energy, tariff_per_kwh, currency),
        "not_included": _not_included(found),
    }


def meter_rows(meters: tuple[MeterEnergy, ...], aliases: dict[str, str | None]) -> list[dict[str, Any]]:
    """One row a meter: four classes that add up to what it read; none for a feeder whose devices all have their own."""
    return [
        {
            "meter": meter.meter_key,
            "devices": list(meter.devices),
            "aliases": [aliases.get(key) for key in meter.devices],
            "cooling": meter.cooling,
            "total_kwh": meter.split.total_kwh if meter.read_h else None,
            **{f"{name}_kwh": getattr(meter.split, f"{name}_kwh") if meter.read_h else None for name in _CLASSES},
            "qc_kwh": meter.split.qc_kwh if meter.read_h else None,
            "resolution_s": number(meter.resolution_s),
            "accuracy_percent": meter.accuracy_percent,
            "read_hours": meter.read_h,
            "unread_hours": meter.missing.hours,
        }
        for meter in meters
        if meter.is_counted
    ]


def scopes(found: DepartmentEnergy, grid_zone: str | None, sf6_co2e_kg: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lines of the GHG Protocol; what was not computed says so.

    ``sf6_co2e_kg`` is that of the ``contrast`` section: gas of opened vials, let out by the department itself.
    """
    no_grid = "no_grid_zone" if grid_zone is None else "no_data"
    lines = [
        {"scope": "1", "item": "sf6", "co2e_kg": dict(sf6_co2e_kg)},
        {"scope": "2", "item": "electricity_location", "co2e_kg": quantity(found.attributional, no_grid)},
        {"scope": "2", "item": "electricity_market", "co2e_kg": quantity(found.market, "no_contract")},
    ]
    return lines + [
        {"scope": scope, "item": item, "co2e_kg": unknown(_CO2E, reason)} for scope, item, reason in _NOT_COMPUTED
    ]


def cooling(found: DepartmentEnergy) -> dict[str, Any]:
    """Cooling, never inside the totals."""
    no_carbon = "no_grid_zone" if found.cooling.is_known else "no_meter"
    return {
        "energy_kwh": quantity(found.cooling, "no_meter"),
        "co2e_kg": quantity(found.cooling_attributional, no_carbon),
        "included_in_totals": False,
    }


def _classes(found: DepartmentEnergy) -> dict[str, float | None]:
    split = found.energy_by_class_kwh
    return {name: None if split is None else getattr(split, f"{name}_kwh") for name in _CLASSES}


def _states(found: DepartmentEnergy) -> dict[str, float | None]:
    by_state = found.energy_by_state_kwh
    return {state.value: None if by_state is None else by_state.get(state.value, 0.0) for state in STATES}


def _money(energy: Quantity, tariff_per_kwh: float | None, currency: str) -> dict[str, Any]:
    if tariff_per_kwh is None:
        return unknown(currency, "no_tariff")
    if energy.value is None or energy.low is None or energy.high is None:
        return unknown(currency, "no_records")
    low, high = energy.low * tariff_per_kwh, energy.high * tariff_per_kwh
    worst = max(energy.origin, Origin.REPORTED, key=lambda origin: origin.rank)
    return quantity(
        Quantity(energy.value * tariff_per_kwh, currency, low=low, high=high, origin=worst, factors=energy.factors)
    )


def _not_included(found: DepartmentEnergy) -> list[dict[str, Any]]:
    aliases = {device.device.device_key: device.device.alias for device in found.devices}
    return [{"device": key, "alias": aliases.get(key), "reason": reason} for key, reason in found.not_included]
