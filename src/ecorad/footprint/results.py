"""What the footprint of a department is made of: devices, meters, modalities, totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue, Quantity

from .energy.allocation import Rule, Split
from .energy.clock import ClockTrack
from .energy.missing import Missing
from .energy.opening import Opening
from .energy.states import StateRuns
from .energy.trace import Floats, Ints
from .exam_parts import ExamParts, Kind
from .inputs import DeviceInput
from .reconciliation import Table
from .uncertainty import Term


@dataclass(frozen=True, kw_only=True)
class ExamTable:
    """Exams of one device, arrays of shape (exams,); energies NaN where not known.

    ``tier`` is 3, 2, 1 or NaN; ``flags`` are joined by ``|``: ``unread``, ``partly_read``, ``end_from_power``,
    ``end_unknown``, ``clock_unknown``, ``clock_uncertain``, ``coarse`` (shorter than two readings), ``own_mean``,
    ``too_short`` (than a reading, or than what the clock leaves open), ``join_refused``.
    """

    study_key: NDArray[np.object_]
    body_region: NDArray[np.object_]
    tier: Floats
    start_us: Ints
    end_us: Ints
    known_fraction: Floats
    flags: NDArray[np.object_]
    parts: Mapping[Rule, ExamParts]

    def __len__(self) -> int:
        return len(self.study_key)

    def kwh(self, kind: Kind, rule: Rule = "time") -> Floats:
        """Energy of each exam. [kWh]"""
        return self.parts[rule].value(kind, len(self))


@dataclass(frozen=True, kw_only=True)
class DeviceEnergy:
    """One device. ``None`` and unknown quantities mean: not known, see ``reason`` and ``issues``."""

    device: DeviceInput
    meters: tuple[str, ...]
    tier: int | None
    reason: str | None
    exams: ExamTable
    energy: Quantity
    energy_terms: tuple[Term, ...]
    measured_kwh: float | None
    missing: Missing | None
    split: Split | None
    runs: StateRuns | None
    idle_kw: Quantity
    floor: Quantity
    non_imaging_share: Quantity
    overnight_share: Quantity
    week_kw: Floats | None
    opening: Opening | None
    clock: ClockTrack | None
    resolution_s: float | None
    kwh_per_exam: Mapping[Kind, Quantity]
    attributional: Quantity
    consequential: Quantity
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeterEnergy:
    """One meter: four classes that add up to its known energy, and the hours it was not read.

    ``days`` is its balance by day (:func:`~ecorad.footprint.reconciliation.by_day`). ``behind`` names the meters behind
    a feeder: where they are all there is, its energy is theirs and is counted once; where more devices hang on it, the
    row tells of what they leave.
    """

    meter_key: str
    devices: tuple[str, ...]
    cooling: bool
    split: Split
    resolution_s: float | None
    accuracy_percent: float
    read_h: float
    missing: Missing
    days: Table
    behind: tuple[str, ...] = ()
    is_counted: bool = True


@dataclass(frozen=True, kw_only=True)
class GroupEnergy:
    """Exams of one modality or region: how many, by tier, and mean energy and CO2e of one."""

    name: str
    exams: int
    tiers: Mapping[int | None, tuple[int, float | None]]
    kwh_per_exam: Mapping[Kind, Quantity]
    allocated_by_rule: Mapping[Rule, Quantity]
    attributional: Quantity
    consequential: Quantity
    regions: tuple[GroupEnergy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DepartmentEnergy:
    """Everything about one department and period."""

    devices: tuple[DeviceEnergy, ...]
    meters: tuple[MeterEnergy, ...]
    modalities: tuple[GroupEnergy, ...]
    energy: Quantity
    energy_by_origin_kwh: Mapping[str, float]
    energy_by_class_kwh: Split | None
    energy_by_state_kwh: Mapping[str, float] | None
    floor: Quantity
    attributional: Quantity
    consequential: Quantity
    market: Quantity
    non_imaging_share: Quantity
    overnight_share: Quantity
    unexplained_share: Quantity
    cooling: Quantity
    cooling_attributional: Quantity
    not_included: tuple[tuple[str, str], ...]
    contributions: tuple[tuple[str, float], ...]
    co2e_contributions: tuple[tuple[str, float], ...]
    exam_energy: Mapping[str, NDArray[Any]]
    state_run: Mapping[str, NDArray[Any]]
    clock_offset: Mapping[str, NDArray[Any]]
    meter_day: Table
    feeder_day: Table
    bill: Table
    issues: tuple[Issue, ...] = field(default=())
