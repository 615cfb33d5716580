"""The ``devices`` section: one row a scanner or other device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecorad.footprint.energy.clock import ClockTrack
from ecorad.footprint.energy.opening import Opening
from ecorad.footprint.energy.states import STATES
from ecorad.footprint.exam_parts import KINDS
from ecorad.footprint.results import DeviceEnergy, ExamTable
from ecorad.model.site import WEEKDAYS

from .quantities import number, quantity


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What the records say of a device, apart from its energy."""

    manufacturer: str | None
    model: str | None
    field_strength_t: float | None
    is_registered: bool


def device_rows(devices: tuple[DeviceEnergy, ...], facts: Mapping[str, DeviceFacts]) -> list[dict[str, Any]]:
    """One row a device, in the order given."""
    return [_row(device, facts[device.device.device_key]) for device in devices]


def _row(one: DeviceEnergy, facts: DeviceFacts) -> dict[str, Any]:
    device, reason = one.device, one.reason
    return {
        "device": device.device_key,
        "alias": device.alias,
        "modality": device.modality,
        "manufacturer": facts.manufacturer,
        "model": facts.model,
        "field_strength_t": number(facts.field_strength_t),
        "registered": facts.is_registered,
        "meters": list(one.meters),
        "tier": one.tier,
        "tiers": tier_counts(one.exams),
        "exams": len(one.exams),
        "resolution_s": number(one.resolution_s),
        "states_named": one.runs is not None and one.runs.is_named,
        "energy_kwh": quantity(one.energy, reason),
        "energy_by_state_kwh": _by_state(one),
        "energy_by_class_kwh": by_class(one),
        "floor_kwh": quantity(one.floor, reason or "no_meter"),
        "idle_kw": quantity(one.idle_kw, reason or "no_meter"),
        "non_imaging_share": quantity(one.non_imaging_share, reason or "no_exam_times"),
        "overnight_share": quantity(one.overnight_share, reason or "no_exam_times"),
        "co2e_kg": {
            "attributional": quantity(one.attributional, reason or "no_grid_zone"),
            "consequential": quantity(one.consequential, reason or "no_grid_zone"),
        },
        "kwh_per_exam": {
            kind: quantity(one.kwh_per_exam[kind], "no_exams" if not len(one.exams) else reason or "no_factor")
            for kind in KINDS
        },
        "opening_hours": None if one.opening is None else _opening(one.opening),
        "heat_map_kw": None
        if one.week_kw is None
        else [[number(cell) for cell in row] for row in one.week_kw.tolist()],
        "clock": _clock(one.clock, is_metered=bool(one.meters)),
    }


def tier_counts(exams: ExamTable) -> list[dict[str, Any]]:
    """Exams and their active energy by tier, best first; an exam without a tier has no known energy."""
    active = exams.kwh("active")
    rows = []
    for tier in (3, 2, 1, None):
        mine = np.isnan(exams.tier) if tier is None else exams.tier == tier
        if mine.any():
            known = active[mine & ~np.isnan(active)]
            rows.append({"tier": tier, "exams": int(mine.sum()), "kwh": float(known.sum()) if len(known) else None})
    return rows


def by_class(one: DeviceEnergy) -> dict[str, float | None]:
    """The four classes of a metered device; nothing is known of another's."""
    names = ("exams", "gaps", "off_hours", "unexplained")
    if one.split is None:
        return dict.fromkeys(names)
    return {name: float(getattr(one.split, f"{name}_kwh")) for name in names}


def _by_state(one: DeviceEnergy) -> dict[str, float | None]:
    energy = None if one.runs is None else one.runs.energy_by_state()
    return {state.value: None if energy is None else energy[state] for state in STATES}


def _opening(opening: Opening) -> dict[str, Any]:
    hours: dict[str, list[str] | None] = dict.fromkeys(WEEKDAYS)
    for day, (opens, closes) in opening.hours.items():
        hours[day] = [opens.strftime("%H:%M"), closes.strftime("%H:%M")]
    return {"source": "inferred" if opening.is_inferred else "site", **hours}


def _clock(track: ClockTrack | None, *, is_metered: bool) -> dict[str, Any]:
    empty = dict.fromkeys(("offset_s", "low", "high", "u_s"))
    if not is_metered:
        return {"status": "not_needed", **empty, "days": 0, "days_refused": 0}
    if track is None or not track.is_known:
        return {"status": "assumed", **empty, "days": 0, "days_refused": 0 if track is None else len(track.day)}
    known = ~np.isnan(track.offset_s)
    offsets, u = track.offset_s[known], track.u_s[known]
    return {
        "status": "estimated",
        "offset_s": float(np.median(offsets)) if len(offsets) else None,
        "low": float(offsets.min()) if len(offsets) else None,
        "high": float(offsets.max()) if len(offsets) else None,
        "u_s": float(np.median(u)) if len(u) else None,
        "days": int(known.sum()),
        "days_refused": int((~known).sum()),
    }
