"""Sums over devices: modalities, the department, and the result tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue, Origin, Quantity, unknown

from .carbon import attributional_kg, consequential_kg, emitted_terms
from .device import mean_energy, mean_terms
from .energy.allocation import RULES, Split
from .energy.states import STATES
from .exam_parts import KINDS
from .inputs import UNKNOWN_MODALITY, DepartmentInput
from .reconciliation import Table, bill_balance
from .results import DepartmentEnergy, DeviceEnergy, ExamTable, GroupEnergy, MeterEnergy
from .uncertainty import Term, contributions, deviation, ratio, total

Group = tuple[ExamTable, NDArray[np.bool_]]
_EXAM = "kg{CO2e}/{exam}"


def summarise(
    department: DepartmentInput,
    devices: Sequence[DeviceEnergy],
    meters: Sequence[MeterEnergy],
    *,
    terms: Sequence[Term],
    cooling_terms: Sequence[Term],
    feeder_day: Table,
    issues: tuple[Issue, ...],
) -> DepartmentEnergy:
    """Totals over meters and unmetered devices, groups of exams, and the result tables.

    Parameters
    ----------
    terms : sequence of Term
        Energy of every meter but cooling, and of every device without one. [kWh]
    cooling_terms : sequence of Term
        Energy of the meters of cooling. [kWh]
    """
    splits = [meter.split for meter in meters if meter.is_counted and not meter.cooling]
    by_class = Split(*(sum(getattr(part, name) for part in splits) for name in Split.__dataclass_fields__))
    marginal = [
        term
        for device in devices
        for term in device.exams.parts[department.rule].terms("marginal", np.ones(len(device.exams), dtype=bool))
    ]
    floors = [device.floor for device in devices if device.floor.is_known]
    return DepartmentEnergy(
        devices=tuple(devices),
        meters=tuple(meters),
        modalities=_modalities(devices, department),
        energy=total(terms, "kW.h", "uncertainty"),
        energy_by_origin_kwh=_by_origin(terms),
        energy_by_class_kwh=by_class if splits else None,
        energy_by_state_kwh=_by_state(devices),
        floor=_added(floors),
        attributional=attributional_kg(terms, department.average),
        consequential=consequential_kg(marginal, department.marginal),
        market=attributional_kg(terms, department.contract),
        non_imaging_share=_department_share(devices, by_class, by_class.pool_kwh),
        overnight_share=_department_share(devices, by_class, by_class.off_hours_kwh),
        unexplained_share=_department_share((), by_class, by_class.unexplained_kwh, of_explained=False),
        cooling=total(cooling_terms, "kW.h", "cooling"),
        cooling_attributional=attributional_kg(cooling_terms, department.average),
        not_included=tuple(
            (device.device.device_key, device.reason or "no_data") for device in devices if not device.energy.is_known
        ),
        contributions=tuple(contributions(terms)),
        co2e_contributions=tuple(contributions(emitted_terms(terms, department.average))),
        exam_energy=_exam_energy(devices, department),
        state_run=_state_run(devices),
        clock_offset=_clock_offset(devices),
        meter_day=by_meter({meter.meter_key: meter.days for meter in meters}),
        feeder_day=feeder_day,
        bill=_bills(department),
        issues=issues,
    )


def by_meter(tables: Mapping[str, Table]) -> dict[str, NDArray[Any]]:
    """Tables of several meters as one, with their key and the date in front."""
    if not tables:
        return {}
    names = [name for name in next(iter(tables.values())) if name != "day"]
    return {
        "meter_key": _joined([np.full(len(one["day"]), key, dtype=object) for key, one in tables.items()], object),
        "date": _joined([one["day"] for one in tables.values()], "datetime64[D]"),
        **{name: _joined([one[name] for one in tables.values()], np.float64) for name in names},
    }


def _bills(department: DepartmentInput) -> dict[str, NDArray[Any]]:
    """The columns of table ``bill``, the bills of each meter that is known."""
    rows = []
    for meter in department.meters:
        mine = [bill for bill in department.bills if bill.meter_key == meter.meter_key]
        rows += [(meter.meter_key, bill_balance(meter.trace, mine))] if mine else []
    if not rows:
        return {}
    keys = _joined([np.full(len(one["bill_kwh"]), key, dtype=object) for key, one in rows], object)
    columns = {name: np.concatenate([one[name] for _, one in rows]) for name in rows[0][1]}
    moments = {f"{side}_utc": columns.pop(f"{side}_us").astype("datetime64[us]") for side in ("first", "last")}
    return {"meter_key": keys, **moments, **columns}


def _modalities(devices: Sequence[DeviceEnergy], department: DepartmentInput) -> tuple[GroupEnergy, ...]:
    by_name: dict[str, list[ExamTable]] = {}
    for device in devices:
        if len(device.exams):
            by_name.setdefault(device.device.modality or UNKNOWN_MODALITY, []).append(device.exams)
    rows = []
    for name, tables in by_name.items():
        whole = [(table, np.ones(len(table), dtype=bool)) for table in tables]
        names = sorted({str(region) for table in tables for region in table.body_region if region is not None})
        regions = [
            _group(region, [(table, table.body_region == region) for table in tables], department) for region in names
        ]
        rows.append(_group(name, whole, department, tuple(sorted(regions, key=_largest))))
    return tuple(sorted(rows, key=_largest))


def _largest(group: GroupEnergy) -> tuple[int, str]:
    return -group.exams, group.name


def _group(
    name: str, groups: Sequence[Group], department: DepartmentInput, regions: tuple[GroupEnergy, ...] = ()
) -> GroupEnergy:
    rule = department.rule
    return GroupEnergy(
        name=name,
        exams=sum(int(mask.sum()) for _, mask in groups),
        tiers=_tiers(groups),
        kwh_per_exam={kind: mean_energy(groups, kind, rule) for kind in KINDS},
        allocated_by_rule={one: mean_energy(groups, "allocated", one) for one in RULES},
        attributional=attributional_kg(mean_terms(groups, "allocated", rule), department.average, unit=_EXAM),
        consequential=consequential_kg(mean_terms(groups, "marginal", rule), department.marginal, unit=_EXAM),
        regions=regions,
    )


def _tiers(groups: Sequence[Group]) -> dict[int | None, tuple[int, float | None]]:
    found: dict[int | None, tuple[int, float | None]] = {}
    for value in (3, 2, 1, None):
        count, kwh, is_known = 0, 0.0, False
        for table, mask in groups:
            mine = mask & (np.isnan(table.tier) if value is None else table.tier == value)
            active = table.kwh("active")[mine]
            count += int(mine.sum())
            is_known |= bool(np.any(~np.isnan(active)))
            kwh += float(np.nansum(active))
        if count:
            found[value] = (count, kwh if is_known else None)
    return found


def _by_origin(terms: Sequence[Term]) -> dict[str, float]:
    found = {Origin.MEASURED.value: 0.0, Origin.MODELLED.value: 0.0, Origin.DEFAULT.value: 0.0}
    for term in terms:
        worst = max((source.origin for source in term.sources), key=lambda one: one.rank, default=Origin.MEASURED)
        # What a published row says of a class of device is, for this device, a model.
        name = Origin.MODELLED if worst is Origin.REPORTED else worst
        found[name.value] = found.get(name.value, 0.0) + term.value
    return found


def _by_state(devices: Sequence[DeviceEnergy]) -> dict[str, float] | None:
    known = [device.runs.energy_by_state() for device in devices if device.runs is not None]
    named = [states for states in known if states is not None]
    if not named:
        return None
    return {state.value: sum(states[state] for states in named) for state in STATES}


def _added(parts: Sequence[Quantity]) -> Quantity:
    """Independent intervals add in squares."""
    if not parts:
        return unknown("kW.h", "floor")
    value = sum(part.value or 0.0 for part in parts)
    half = [
        float(np.sqrt(sum((abs((part.value or 0.0) - (end or 0.0))) ** 2 for part, end in ends)))
        for ends in ([(part, part.low) for part in parts], [(part, part.high) for part in parts])
    ]
    return Quantity(value, parts[0].unit, low=value - half[0], high=value + half[1], method="floor")


def _department_share(
    devices: Sequence[DeviceEnergy], whole: Split, part_kwh: float, *, of_explained: bool = True
) -> Quantity:
    """A share of all metered energy whose use is known, with the errors of the exam windows of each device.

    Energy nobody can place says nothing of how the rest was used.
    """
    explained = whole.total_kwh - (whole.unexplained_kwh if of_explained else 0.0)
    if not explained > 1e-9 * abs(whole.total_kwh):
        return unknown("1", "exam_window")
    terms = [Term(part_kwh)]
    for device in devices:
        share = device.non_imaging_share
        if share.is_known and device.split is not None and share.high is not None and share.low is not None:
            half = 0.5 * (share.high - share.low)
            terms.append(Term(device.split.total_kwh, (deviation(f"share:{device.device.device_key}", half),)))
    return ratio(terms, [Term(explained)], method="exam_window")


def _exam_energy(devices: Sequence[DeviceEnergy], department: DepartmentInput) -> dict[str, NDArray[Any]]:
    """The columns of table ``exam_energy``; times are naive UTC timestamps on the meter's clock."""
    tables = [(device, device.exams) for device in devices if len(device.exams)]

    def column(of: Callable[[DeviceEnergy, ExamTable], Any], dtype: Any) -> NDArray[Any]:
        return _joined([np.asarray(of(device, table)) for device, table in tables], dtype)

    rule = department.rule
    return {
        "study_key": column(lambda _, t: t.study_key, object),
        "device_key": column(lambda d, t: np.full(len(t), d.device.device_key, dtype=object), object),
        "tier": column(lambda _, t: t.tier, np.float64),
        "modality": column(lambda d, t: np.full(len(t), d.device.modality, dtype=object), object),
        "started_utc": column(lambda _, t: t.start_us.astype("datetime64[us]"), "datetime64[us]"),
        "ended_utc": column(lambda _, t: t.end_us.astype("datetime64[us]"), "datetime64[us]"),
        "active_kwh": column(lambda _, t: t.kwh("active", rule), np.float64),
        "allocated_kwh": column(lambda _, t: t.kwh("allocated", rule), np.float64),
        "marginal_kwh": column(lambda _, t: t.kwh("marginal", rule), np.float64),
        "known_fraction": column(lambda _, t: t.known_fraction, np.float64),
        "flags": column(lambda _, t: t.flags, object),
    }


def _state_run(devices: Sequence[DeviceEnergy]) -> dict[str, NDArray[Any]]:
    """The columns of table ``state_run``."""
    named = [(device.device.device_key, device.runs) for device in devices if device.runs and device.runs.is_named]
    names = np.array([state.value for state in STATES], dtype=object)
    return {
        "device_key": _joined([np.full(len(runs.state), key, dtype=object) for key, runs in named], object),
        "state": _joined([names[runs.state] for _, runs in named], object),
        "start_utc": _joined([runs.start_us for _, runs in named], "datetime64[us]"),
        "end_utc": _joined([runs.end_us for _, runs in named], "datetime64[us]"),
        "energy_kwh": _joined([runs.energy_kwh for _, runs in named], np.float64),
    }


def _clock_offset(devices: Sequence[DeviceEnergy]) -> dict[str, NDArray[Any]]:
    """The columns of table ``clock_offset``; days that gave nothing are rows with NaN."""
    known = [(device.device.device_key, device.clock) for device in devices if device.clock is not None]
    return {
        "device_key": _joined([np.full(len(clock.day), key, dtype=object) for key, clock in known], object),
        "date": _joined([clock.day for _, clock in known], "datetime64[D]"),
        "offset_s": _joined([clock.offset_s for _, clock in known], np.float64),
        "u_s": _joined([clock.u_s for _, clock in known], np.float64),
        "series": _joined([clock.series for _, clock in known], np.int64),
    }


def _joined(parts: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype=dtype)
