"""The problem: devices with modes, what each mode and switch costs, when each must be awake, who must be ready soon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError, PowerState

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Pair = tuple[PowerState, PowerState]

# What a plan can ask for. Scanning is not asked for, and nothing here touches a magnet's cooling: the power of each
# mode is what the meter shows in it, with the cold head running.
MODES = (PowerState.OFF, PowerState.POWER_SAVE, PowerState.IDLE, PowerState.READY)
AWAKE = frozenset({PowerState.IDLE, PowerState.READY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A switch from one mode to another.

    Parameters
    ----------
    minutes : float
        How long it takes, quality control after a start included.
    energy_kwh : float
        What it draws beyond the lower power of the two modes.
    """

    minutes: float = 0.0
    energy_kwh: float = 0.0

    def __post_init__(self) -> None:
        if not self.minutes >= 0 or not np.isfinite(self.minutes) or not np.isfinite(self.energy_kwh):
            raise InputError("a switch has a finite energy and takes 0 minutes or more", code="ecorad.power.switch")


@dataclass(frozen=True, kw_only=True, eq=False)
class PowerDevice:
    """One device over the horizon.

    Parameters
    ----------
    name : str
        As the roster calls it.
    power_kw : mapping of PowerState to float
        The modes it may be put into, with their own mean power. [kW]
    transitions : mapping of (PowerState, PowerState) to Transition
        The switches it can make; a pair that is not there cannot be made.
    required : ndarray of bool, shape (slots,)
        Where it must be awake: opening hours and booked exams.
    arrivals : ndarray, shape (slots,), optional
        Unbooked exams to be expected in each slot.
    least_min : mapping of PowerState to float
        Shortest stay in a mode, as its maker says. [min]
    initial : PowerState, optional
        Mode before the first slot; any, and at no cost, unless said.
    """

    name: str
    power_kw: Mapping[PowerState, float]
    transitions: Mapping[Pair, Transition]
    required: Bools
    arrivals: Floats | None = None
    least_min: Mapping[PowerState, float] = field(default_factory=dict)
    initial: PowerState | None = None

    def __post_init__(self) -> None:
        if not self.power_kw or not set(self.power_kw) <= set(MODES):
            raise InputError("a device has at least one of off, power_save, idle, ready", code="ecorad.power.mode")
        if not all(np.isfinite(kw) and kw >= 0 for kw in self.power_kw.values()):
            raise InputError("the power of a mode is a number from 0 up", code="ecorad.power.mode")
        if self.initial is not None and self.initial not in self.power_kw:
            raise InputError("a device begins in a mode that it has", code="ecorad.power.mode")


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadyRule:
    """At least ``at_least`` of ``devices`` (names) awake within ``within_min`` minutes, in each slot where ``slots``.

    A device that is examining counts as ready: it has power.
    """

    devices: tuple[str, ...]
    at_least: int
    within_min: float
    slots: Bools


@dataclass(frozen=True, kw_only=True, eq=False)
class PowerProblem:
    """Devices and rules over ``slots`` slots of ``slot_min`` minutes.

    Parameters
    ----------
    price : ndarray, shape (slots,), optional
        Cost of 1 kWh in each slot; 1 unless said, so that cost is energy.
    delay_cost_per_min : float
        Cost of each minute that an unbooked patient is expected to wait for a start.

    Raises
    ------
    InputError
        When shapes, names or numbers do not go together.
    """

    devices: tuple[PowerDevice, ...]
    slots: int
    slot_min: float
    rules: tuple[ReadyRule, ...] = ()
    price: Floats | None = None
    delay_cost_per_min: float = 0.0

    def __post_init__(self) -> None:
        if self.slots < 1 or not self.slot_min > 0:
            raise InputError("a plan needs slots of more than 0 minutes", code="ecorad.power.horizon")
        lengths = [len(device.required) for device in self.devices] + [len(rule.slots) for rule in self.rules]
        lengths += [len(device.arrivals) for device in self.devices if device.arrivals is not None]
        lengths += [] if self.price is None else [len(self.price)]
        if any(length != self.slots for length in lengths):
            raise InputError("every row of a plan has one value a slot", code="ecorad.power.horizon")
        names = [device.name for device in self.devices]
        if len(set(names)) != len(names):
            raise InputError("two devices of a plan have one name", code="ecorad.power.device")
        if any(not set(rule.devices) <= set(names) for rule in self.rules):
            raise InputError("a rule names a device that is not in the plan", code="ecorad.power.device")

    @property
    def slot_h(self) -> float:
        """Length of a slot. [h]"""
        return self.slot_min / 60.0

    @property
    def prices(self) -> Floats:
        """Cost of 1 kWh in each slot."""
        return np.ones(self.slots) if self.price is None else np.asarray(self.price, dtype=np.float64)
