"""Several devices on one meter: exams share what they overlap, and the rest is shared by all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue

from .energy.allocation import Split, split
from .energy.clock import ClockTrack
from .energy.join import Joined, join
from .energy.missing import Missing, estimate_missing
from .energy.opening import Opening
from .energy.sharpen import touched
from .energy.spans import merged
from .energy.windows import Windows
from .exam_energy import exam_flags, exam_table
from .exam_parts import ExamParts
from .inputs import DepartmentInput, DeviceInput, MeterInput
from .metered import exam_windows, find_clock, find_opening
from .reconciliation import Table, Uses, by_day
from .refusal import EXAM_TOO_SHORT, too_short
from .results import ExamTable
from .uncertainty import meter_gain, relative_error

SHARED_METER = "ecorad.energy.shared_meter"


@dataclass(frozen=True, kw_only=True)
class SharedMeter:
    """What one meter tells of the devices it feeds together."""

    meter: MeterInput
    split: Split
    days: Table
    missing: Missing
    opening: Opening | None
    exams: Mapping[str, ExamTable]
    clocks: Mapping[str, ClockTrack | None]
    issues: tuple[Issue, ...]


def assess_shared(devices: Sequence[DeviceInput], meter: MeterInput, department: DepartmentInput) -> SharedMeter:
    """Energy of the exams of several devices on one meter.

    Overlapping exams share the overlapped energy equally, so that their sum is the meter's; which device drew what
    between exams cannot be known, so that states are not named and the rest is shared among all exams.
    """
    clocks = {device.device_key: find_clock(device, meter.trace, department.zone) for device in devices}
    each = [exam_windows(device, clocks[device.device_key], department.zone) for device in devices]
    whole = _together(each)
    opening = find_opening(whole, department)
    hours = None if opening is None else opening.spans
    uses = Uses(exams=(whole.exam_start_us, whole.exam_end_us), qc=(whole.qc_start_us, whole.qc_end_us), opening=hours)
    parts = split(
        meter.trace,
        whole.exam_start_us,
        whole.exam_end_us,
        hours,
        qc_start_us=whole.qc_start_us,
        qc_end_us=whole.qc_end_us,
    )
    joined = join(meter.trace, whole.exam_start_us, whole.exam_end_us, _quiet_kw(meter, whole, opening))
    short = [
        too_short(one, clocks[d.device_key], meter.trace.resolution_s) for d, one in zip(devices, each, strict=True)
    ]
    joined = joined.without(np.concatenate(short), "too_short")
    errors = (meter_gain(meter.meter_key, meter.accuracy_percent), relative_error(f"edges:{meter.meter_key}", 0.05))
    table = exam_table(
        _all(devices),
        replace(whole, exam=np.arange(len(whole.exam))),
        joined,
        flags=np.full(len(whole.exam), "", dtype=object),
        explained_kwh=parts.total_kwh - parts.unexplained_kwh,
        errors=errors,
        idle_kw=_quiet_kw(meter, whole, opening),
    )
    tables: dict[str, ExamTable] = {}
    first = 0
    for device, found in zip(devices, each, strict=True):
        last = first + len(found.exam)
        own = Joined(*(getattr(joined, name)[first:last] for name in _JOINED))
        clock = clocks[device.device_key]
        flags = exam_flags(found, own, np.zeros(0, dtype=np.int64), clock, meter.trace.resolution_s)
        tables[device.device_key] = _part(table, first, last, flags)
        first = last
    names = ", ".join(sorted(device.alias or device.device_key for device in devices))
    return SharedMeter(
        meter=meter,
        split=parts,
        days=by_day(meter.trace, uses, department.zone),
        missing=estimate_missing(meter.trace, department.zone, department.first_us, department.last_us),
        opening=opening,
        exams=tables,
        clocks=clocks,
        issues=(Issue(SHARED_METER, where=meter.meter_key, detail=names), *_too_short(devices, short)),
    )


def _too_short(devices: Sequence[DeviceInput], short: Sequence[NDArray[np.bool_]]) -> list[Issue]:
    return [
        Issue(EXAM_TOO_SHORT, where=device.alias or device.device_key, count=int(mask.sum()))
        for device, mask in zip(devices, short, strict=True)
        if mask.any()
    ]


_JOINED = ("active_kwh", "marginal_kwh", "known_fraction", "flags")


def _together(each: Sequence[Windows]) -> Windows:
    """Windows of several devices as if they were one."""
    names = Windows.__dataclass_fields__
    return Windows(**{name: np.concatenate([getattr(one, name) for one in each]) for name in names})


def _all(devices: Sequence[DeviceInput]) -> DeviceInput:
    """One device that stands for all: only the names of its exams are used."""
    first = devices[0]
    exams = [np.flatnonzero(device.is_exam) for device in devices]
    return replace(
        first,
        device_key="+".join(device.device_key for device in devices),
        study_key=np.concatenate([device.study_key[n] for device, n in zip(devices, exams, strict=True)]),
        body_region=np.concatenate([device.body_region[n] for device, n in zip(devices, exams, strict=True)]),
    )


def _part(table: ExamTable, first: int, last: int, flags: NDArray[np.object_]) -> ExamTable:
    parts = {
        rule: ExamParts(
            {
                kind: tuple((activity[first:last], sources) for activity, sources in rows)
                for kind, rows in whole.parts.items()
            }
        )
        for rule, whole in table.parts.items()
    }
    return ExamTable(
        study_key=table.study_key[first:last],
        body_region=table.body_region[first:last],
        tier=table.tier[first:last],
        start_us=table.start_us[first:last],
        end_us=table.end_us[first:last],
        known_fraction=table.known_fraction[first:last],
        flags=flags,
        parts=parts,
    )


def _quiet_kw(meter: MeterInput, found: Windows, opening: Opening | None) -> float:
    """Power of the whole group while open and nobody is examined. [kW]"""
    if opening is None:
        return float("nan")
    used = merged(
        np.concatenate((found.exam_start_us, found.qc_start_us)), np.concatenate((found.exam_end_us, found.qc_end_us))
    )
    quiet = meter.trace.is_known & (touched(meter.trace, opening.spans) > 0.99) & (touched(meter.trace, used) == 0)
    return float(np.median(meter.trace.power_kw[quiet])) if np.count_nonzero(quiet) >= 10 else float("nan")
