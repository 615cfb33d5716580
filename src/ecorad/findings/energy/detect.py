"""All detectors over all devices of a department."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecorad.footprint.results import DepartmentEnergy, DeviceEnergy

from .finding import Finding
from .left_on import device_left_on, is_appliance
from .overnight import left_idle_overnight, left_on_weekend
from .power_save import power_save_unused
from .ready_state import ready_instead_of_idle
from .twins import unlike_its_twin
from .view import Setting, View
from .warm_up import warm_up_early
from .working_hours import idle_in_working_hours

DETECTORS: tuple[Callable[[View], Finding | None], ...] = (
    left_idle_overnight,
    left_on_weekend,
    power_save_unused,
    warm_up_early,
    idle_in_working_hours,
    ready_instead_of_idle,
    unlike_its_twin,
)


def energy_findings(found: DepartmentEnergy, setting: Setting) -> tuple[Finding, ...]:
    """What could change, the largest saving first.

    Only devices on meters of their own whose states have names are looked at, and devices that are no scanners. A kWh
    that two detectors would count is counted by one: nights, closures, starts, open hours and waits between exams are
    apart; only ``unlike_its_twin`` looks at the same hours from another side.
    """
    rows: list[Finding] = []
    for one in found.devices:
        if is_appliance(one):
            row = device_left_on(one, setting)
            rows += [] if row is None else [row]
        elif one.runs is not None and one.runs.is_named and len(one.runs.state):
            view = View(one, one.runs, setting, _twins(one, found.devices, setting))
            rows += [row for detector in DETECTORS if (row := detector(view)) is not None]
    return tuple(sorted(rows, key=lambda row: (-(row.kwh.value or 0.0), row.kind, row.device_key)))


def _twins(one: DeviceEnergy, devices: Sequence[DeviceEnergy], setting: Setting) -> tuple[DeviceEnergy, ...]:
    """Other devices of the same maker and model, where both are known."""
    mine = setting.models.get(one.device.device_key)
    if mine is None or None in mine:
        return ()
    return tuple(other for other in devices if other is not one and setting.models.get(other.device.device_key) == mine)
