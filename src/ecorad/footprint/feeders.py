"""Meters of several devices some of which have meters of their own: counted once, and held against one another."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecorad.model import Issue

from .energy.allocation import Split
from .energy.missing import estimate_missing
from .inputs import DepartmentInput, DeviceInput, MeterInput
from .reconciliation import NOTHING_KNOWN, Table, behind, by_day, feeder_balance
from .results import MeterEnergy

FEEDER = "ecorad.energy.feeder"
MORE_THAN_FEEDER = "ecorad.energy.meters_exceed_feeder"


@dataclass(frozen=True)
class Feeder:
    """A meter with others behind it; ``rest`` are the devices that only it sees, ``days`` its balance against them."""

    meter: MeterInput
    behind: tuple[MeterInput, ...]
    rest: tuple[str, ...]
    days: Table


def feeds_known(meter: MeterInput, known: Mapping[str, DeviceInput]) -> tuple[str, ...]:
    """The devices of the department that a meter feeds, each once."""
    return tuple(key for key in dict.fromkeys(meter.feeds) if key in known)


def without_what_is_behind(
    power: Sequence[MeterInput],
    own: Mapping[str, Sequence[MeterInput]],
    known: Mapping[str, DeviceInput],
    *,
    zone: str,
) -> tuple[list[MeterInput], dict[str, Feeder]]:
    """Meters as they count: of a feeder only what the meters behind it do not see, and the feeders by key.

    Parameters
    ----------
    power : sequence of MeterInput
        All meters but those of cooling.
    own : mapping of device to its meters
        Meters that feed one device.
    """
    counted, feeders = [], {}
    for meter in power:
        feeds = feeds_known(meter, known)
        inner = tuple(one for key in feeds for one in own.get(key, ()) if one.meter_key != meter.meter_key)
        if len(feeds) < 2 or not inner:
            counted.append(meter)
            continue
        rest = tuple(key for key in feeds if key not in own)
        traces = [one.trace for one in inner]
        feeders[meter.meter_key] = Feeder(meter, inner, rest, feeder_balance(meter.trace, traces, zone))
        if rest:
            counted.append(replace(meter, trace=behind(meter.trace, traces)[0], feeds=rest))
    return counted, feeders


def add_feeders(
    feeders: Mapping[str, Feeder],
    rows: MutableMapping[str, MeterEnergy],
    issues: list[Issue],
    department: DepartmentInput,
) -> None:
    """Rows and issues of the feeders, once those of the meters behind them are there."""
    for key, feeder in feeders.items():
        issues.append(Issue(FEEDER, where=key, count=len(feeder.behind)))
        read, metered = (float(np.nansum(feeder.days[name])) for name in ("feeder_kwh", "meters_kwh"))
        worst = max(one.accuracy_percent for one in (feeder.meter, *feeder.behind)) / 100.0
        if metered - read > 2.0 * worst * read:
            issues.append(Issue(MORE_THAN_FEEDER, where=key, detail=f"{metered - read:.1f} kWh"))
        names = tuple(one.meter_key for one in feeder.behind)
        if feeder.rest:
            rows[key] = replace(rows[key], behind=names)
            continue
        trace = feeder.meter.trace
        rows[key] = MeterEnergy(
            meter_key=key,
            devices=tuple(dict.fromkeys(device for name in names for device in rows[name].devices)),
            cooling=False,
            split=_together([rows[name].split for name in names], trace.known_kwh),
            resolution_s=trace.resolution_s if np.isfinite(trace.resolution_s) else None,
            accuracy_percent=feeder.meter.accuracy_percent,
            read_h=trace.known_h,
            missing=estimate_missing(trace, department.zone, department.first_us, department.last_us),
            days=by_day(trace, NOTHING_KNOWN, department.zone),
            behind=names,
            is_counted=False,
        )


def _together(parts: Sequence[Split], total_kwh: float) -> Split:
    """What the meters behind a feeder explain of it; the residual, which may be negative, is unexplained."""
    exams, gaps, off_hours, qc = (
        sum(getattr(part, f"{name}_kwh") for part in parts) for name in ("exams", "gaps", "off_hours", "qc")
    )
    return Split(exams, gaps, off_hours, total_kwh - exams - gaps - off_hours, qc)
