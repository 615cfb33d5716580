"""The result of one device, from whichever tier it has data for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue, Origin, PowerState, Quantity, unknown

from .carbon import attributional_kg, consequential_kg
from .energy.allocation import RULES, Rule, Split
from .energy.opening import Opening
from .energy.states import StateRuns
from .energy.tiers import Modelled
from .energy.week import floor_kw, week_matrix
from .energy.windows import Windows
from .exam_energy import IDLE_HALF_WIDTH
from .exam_parts import KINDS, ExamParts, Kind
from .inputs import DepartmentInput, DeviceInput, MeterInput
from .metered import Metered, floor_is_seen
from .results import DeviceEnergy, ExamTable
from .shared import SharedMeter
from .uncertainty import Source, Term, ratio, relative_error, total

METHOD: Mapping[Kind, str] = {"active": "energy_tiers", "allocated": "allocation", "marginal": "marginal"}
UNSTABLE = 1e-12


def from_metered(
    device: DeviceInput, meters: Sequence[MeterInput], found: Metered, department: DepartmentInput
) -> DeviceEnergy:
    """A device on its own meter: tier 3."""
    part = _sum(found.splits)
    known = found.trace
    floor = floor_kw(known) if floor_is_seen(found.runs) else float("nan")
    missing = found.missing[0] if len(found.missing) == 1 else None
    return DeviceEnergy(
        device=device,
        meters=tuple(meter.meter_key for meter in meters),
        tier=3,
        reason=None,
        exams=found.exams,
        energy=total(found.energy_terms, "kW.h", "energy_tiers"),
        energy_terms=found.energy_terms,
        measured_kwh=part.total_kwh,
        missing=missing,
        split=part,
        runs=found.runs,
        idle_kw=_idle(found),
        floor=total([Term(floor * department.hours, (found.gain,))], "kW.h", "floor")
        if floor >= 0
        else unknown("kW.h", "floor"),
        non_imaging_share=_share(part, part.pool_kwh, found),
        overnight_share=_share(part, part.off_hours_kwh, found),
        week_kw=week_matrix(known, department.zone),
        opening=found.opening,
        clock=found.clock,
        resolution_s=known.resolution_s,
        kwh_per_exam=per_exam(found.exams, department),
        attributional=attributional_kg(found.energy_terms, department.average),
        consequential=_consequential(found.exams, department),
        issues=found.issues,
    )


def from_shared(device: DeviceInput, found: SharedMeter, department: DepartmentInput) -> DeviceEnergy:
    """A device that shares its meter: its exams, and their share of the rest."""
    exams = found.exams[device.device_key]
    everyone = np.ones(len(exams), dtype=bool)
    terms = tuple(exams.parts[department.rule].terms("allocated", everyone))
    energy = total(terms, "kW.h", "allocation", origin=Origin.MODELLED)
    return replace(
        _bare(device, exams, found.opening),
        meters=(found.meter.meter_key,),
        tier=3 if terms else None,
        reason=None if terms else "no_exams",
        energy=energy,
        energy_terms=terms,
        clock=found.clocks[device.device_key],
        resolution_s=found.meter.trace.resolution_s,
        kwh_per_exam=per_exam(exams, department),
        attributional=attributional_kg(terms, department.average),
        consequential=_consequential(exams, department),
    )


def from_model(
    device: DeviceInput, found: Windows, opening: Opening | None, model: Modelled, department: DepartmentInput
) -> DeviceEnergy:
    """A device without a meter, by tier 2 or 1."""
    exams = _unread(device, found, float(model.tier), model.parts)
    return replace(
        _bare(device, exams, opening),
        tier=model.tier,
        energy=total(model.energy, "kW.h", "energy_tiers", origin=Origin.MODELLED),
        energy_terms=model.energy,
        kwh_per_exam=per_exam(exams, department),
        attributional=attributional_kg(model.energy, department.average),
        consequential=_consequential(exams, department),
    )


def nothing_known(
    device: DeviceInput, found: Windows, opening: Opening | None, reason: str, *issues: Issue
) -> DeviceEnergy:
    """A device whose energy nobody knows: it is named, and not counted as 0."""
    exams = _unread(device, found, float("nan"), {rule: ExamParts() for rule in RULES})
    return replace(_bare(device, exams, opening), reason=reason, issues=issues)


def per_exam(exams: ExamTable, department: DepartmentInput) -> dict[Kind, Quantity]:
    """Mean energy of an exam of each kind, over the exams whose energy is known."""
    everyone = np.ones(len(exams), dtype=bool)
    return {kind: mean_energy(((exams, everyone),), kind, department.rule) for kind in KINDS}


def mean_energy(
    groups: Sequence[tuple[ExamTable, NDArray[np.bool_]]], kind: Kind, rule: Rule, unit: str = "kW.h/{exam}"
) -> Quantity:
    """Mean over chosen exams of several devices."""
    return total(mean_terms(groups, kind, rule), unit, METHOD[kind])


def mean_terms(groups: Sequence[tuple[ExamTable, NDArray[np.bool_]]], kind: Kind, rule: Rule) -> list[Term]:
    """Terms of the mean over chosen exams with known energy of several devices."""
    parts = [(table.parts[rule], mask) for table, mask in groups]
    count = sum(part.known(kind, mask) for part, mask in parts)
    return [term for part, mask in parts for term in part.terms(kind, mask, per=max(count, 1))]


def _consequential(exams: ExamTable, department: DepartmentInput) -> Quantity:
    everyone = np.ones(len(exams), dtype=bool)
    return consequential_kg(exams.parts[department.rule].terms("marginal", everyone), department.marginal)


def _unread(device: DeviceInput, found: Windows, tier: float, parts: Mapping[Rule, ExamParts]) -> ExamTable:
    count = len(found.exam)
    flags = np.full(count, "", dtype=object)
    flags[~found.end_is_known] = "end_unknown"
    return ExamTable(
        study_key=device.study_key[found.exam],
        body_region=device.body_region[found.exam],
        tier=np.full(count, tier),
        start_us=found.exam_start_us,
        end_us=found.exam_end_us,
        known_fraction=np.full(count, np.nan),
        flags=flags,
        parts=dict(parts),
    )


def _bare(device: DeviceInput, exams: ExamTable, opening: Opening | None) -> DeviceEnergy:
    share, kilograms = unknown("1", "exam_window"), unknown("kg{CO2e}", "carbon")
    return DeviceEnergy(
        device=device,
        meters=(),
        tier=None,
        reason=None,
        exams=exams,
        energy=unknown("kW.h", "energy_tiers"),
        energy_terms=(),
        measured_kwh=None,
        missing=None,
        split=None,
        runs=None,
        idle_kw=unknown("kW", "states"),
        floor=unknown("kW.h", "floor"),
        non_imaging_share=share,
        overnight_share=share,
        week_kw=None,
        opening=opening,
        clock=None,
        resolution_s=None,
        kwh_per_exam={kind: unknown("kW.h/{exam}", METHOD[kind]) for kind in KINDS},
        attributional=kilograms,
        consequential=kilograms,
    )


def _sum(parts: Sequence[Split]) -> Split:
    return Split(*(sum(getattr(part, name) for part in parts) for name in Split.__dataclass_fields__))


def _idle(found: Metered) -> Quantity:
    if not np.isfinite(found.idle_kw):
        return unknown("kW", "states")
    level: StateRuns = found.runs
    method = "states" if PowerState.IDLE in level.level_kw else "exam_window"
    learnt: Source = relative_error(f"level:{found.gain.name}", IDLE_HALF_WIDTH)
    return total([Term(found.idle_kw, (found.gain, learnt))], "kW", method)


def _share(part: Split, share_kwh: float, found: Metered) -> Quantity:
    """A share of the device's known energy; the gain cancels, the edges of exams do not."""
    if part.total_kwh <= UNSTABLE or part.unexplained_kwh > UNSTABLE * part.total_kwh:
        # Of energy nobody can place, no share is known: least of all 0.
        return unknown("1", "exam_window")
    rest = part.total_kwh - share_kwh
    whole = [Term(part.total_kwh, (found.gain,))]
    # What exams gain by an edge the rest loses: 1 - exams/total.
    apart = [*whole, Term(-rest, (found.gain, found.edge))]
    return ratio(apart, whole, method="exam_window")
