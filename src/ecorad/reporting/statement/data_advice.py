"""What one more meter or datum would buy: where the department's interval comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecorad.model import Quantity

from .quantities import quantity

# A week of readings, scaled by hours open and exams, stands for the rest of the period within this share. The published
# spread between weeks of one scanner is not known to us; the number is a working assumption and is said to be one.
WEEK_HALF_WIDTH = 0.10


@dataclass(frozen=True, slots=True)
class UnmeteredDevice:
    """A device whose energy is modelled or unknown. [kWh]"""

    device_key: str
    alias: str | None
    modality: str | None
    energy: Quantity


def meter_advice(devices: Sequence[UnmeteredDevice], total: Quantity) -> list[dict[str, Any]]:
    """One borrowed meter a device, largest narrowing of the department's interval first.

    Widths are taken apart in squares, as for devices that err independently. Devices whose energy is unknown come last:
    no published power of their kind is known, and those of which some is are the large ones.

    Examples
    --------
    >>> ct = UnmeteredDevice("d", "CT 1", "CT", Quantity(1000.0, "kW.h", low=500.0, high=2000.0))
    >>> row = meter_advice([ct], Quantity(5000.0, "kW.h", low=4400.0, high=6100.0))[0]
    >>> round(row["then"]["low"]), round(row["total_width_now"]), round(row["total_width_then"])
    (900, 1700, 825)
    """
    rows = [_advice(device, total) for device in devices]
    return sorted(rows, key=_order)


def _advice(device: UnmeteredDevice, total: Quantity) -> dict[str, Any]:
    now_width, total_width = _width(device.energy), _width(total)
    then = _after_a_week(device.energy)
    then_width = _width(then)
    total_then = None
    if now_width is not None and total_width is not None and then_width is not None:
        total_then = math.sqrt(max(total_width**2 - now_width**2, 0.0) + then_width**2)
    return {
        "device": device.device_key,
        "alias": device.alias,
        "modality": device.modality,
        "what": "borrow_meter_week",
        "of": "energy_kwh",
        "now": quantity(device.energy, "no_meter"),
        "then": quantity(then, "no_meter"),
        "total_width_now": total_width,
        "total_width_then": total_then,
    }


def _after_a_week(energy: Quantity) -> Quantity:
    if energy.value is None:
        return Quantity(None, energy.unit)
    half = WEEK_HALF_WIDTH * energy.value
    return Quantity(energy.value, energy.unit, low=energy.value - half, high=energy.value + half, origin=energy.origin)


def _width(result: Quantity) -> float | None:
    return None if result.low is None or result.high is None else result.high - result.low


def _order(row: dict[str, Any]) -> tuple[bool, float, str]:
    known = row["now"]["value"] is not None
    gain = (row["total_width_now"] or 0.0) - (row["total_width_then"] or row["total_width_now"] or 0.0)
    return (not known, -gain, row["device"])
