"""The records of one period, out of the ledger, in the shape the footprint takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint import DepartmentInput, DeviceInput, MeterInput, devices_from_columns, unplaced
from ecorad.footprint.energy.even import gathered
from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.reconciliation import Bill
from ecorad.intake.register import feed_keys
from ecorad.ledger import Ledger, Readings, Workspace
from ecorad.model import Period, Site
from ecorad.model.clock import to_us

from .statement.devices import DeviceFacts
from .statement.method import Choices

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Records:
    """Columns of the period's studies, series and administrations; devices and meters with their readings."""

    studies: Columns
    series_count: int
    administrations: Columns
    devices: tuple[DeviceInput, ...]
    facts: Mapping[str, DeviceFacts]
    meters: tuple[MeterInput, ...]
    reading_flags: Mapping[str, Counter[str]]
    unplaced_exams: int
    undated_studies: int

    def department(self, site: Site, period: Period, chosen: Choices) -> DepartmentInput:
        """What the footprint needs, with the site's choices and factors."""
        return DepartmentInput(
            first_us=to_us(period.start),
            last_us=to_us(period.end),
            zone=site.timezone,
            devices=self.devices,
            meters=self.meters,
            opening_hours=site.opening_hours,
            rule=site.allocation,
            power_states=chosen.power_states,
            annual_energy=chosen.annual_energy,
            bills=bills_of(site),
            average=chosen.average,
            marginal=chosen.marginal,
            contract=chosen.contract,
        )


def gather(ledger: Ledger, workspace: Workspace, period: Period) -> Records:
    """Everything of one period: studies that began in it, readings inside it."""
    start, end = (f"make_timestamptz({to_us(moment)})" for moment in (period.start, period.end))
    inside = f"started_utc >= {start} AND started_utc < {end}"
    of_inside = f"study_key IN (SELECT study_key FROM study WHERE {inside})"
    studies = ledger.columns("study", where=inside)
    series = ledger.columns("series", _SERIES, where=of_inside, order_by=("series_key",))
    device = ledger.columns("device")
    used = {key for key in studies["device_key"] if key is not None}
    kept = np.array([bool(r) or k in used for k, r in zip(device["device_key"], device["is_registered"], strict=True)])
    device = {name: values[kept] if len(kept) else values for name, values in device.items()}
    inputs = sorted(devices_from_columns(device, studies, series), key=_by_name)
    ledger.materialise("meter")
    undated = ledger.columns("study", ["study_key"], where="started_utc IS NULL AND is_exam")
    meters, flags = _meters(ledger, workspace, period)
    return Records(
        studies=studies,
        series_count=len(series["series_key"]),
        administrations=ledger.columns("administration", where=of_inside),
        devices=tuple(inputs),
        facts=_facts(device),
        meters=meters,
        reading_flags=flags,
        unplaced_exams=unplaced(studies),
        undated_studies=len(undated["study_key"]),
    )


def protocols(ledger: Ledger, period: Period) -> tuple[dict[str, str], dict[str, str]]:
    """The commonest protocol of each study of the period, and all of them together.

    Of several as common the first in the alphabet counts. Together they are joined in that order, each once, so that a
    repeat changes nothing: in many scanners each sequence has a name of its own, and only all of them tell the variant.
    """
    start, end = (f"make_timestamptz({to_us(moment)})" for moment in (period.start, period.end))
    inside = f"study_key IN (SELECT study_key FROM study WHERE started_utc >= {start} AND started_utc < {end})"
    where = f"is_acquisition AND protocol_name IS NOT NULL AND {inside}"
    rows = ledger.columns("series", ["study_key", "protocol_name"], where=where, order_by=("series_key",))
    counts = Counter(zip(rows["study_key"], rows["protocol_name"], strict=True))
    commonest: dict[str, str] = {}
    for (study, name), _ in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        commonest.setdefault(study, name)
    together: dict[str, list[str]] = {}
    for study, name in sorted(counts):
        together.setdefault(study, []).append(name)
    return commonest, {study: " + ".join(names) for study, names in together.items()}


def bills_of(site: Site) -> tuple[Bill, ...]:
    """The bills of ``site.toml``, from local midnight to local midnight."""
    found = []
    for bill in site.bills:
        period = Period.of_days(bill.first, bill.last, site.timezone)
        found.append(Bill(bill.meter, to_us(period.start), to_us(period.end), bill.energy_kwh))
    return tuple(found)


_SERIES = ["series_key", "study_key", "device_key", "is_acquisition", "started_utc", "ended_utc", "duration_s"]


def _meters(
    ledger: Ledger, workspace: Workspace, period: Period
) -> tuple[tuple[MeterInput, ...], dict[str, Counter[str]]]:
    found = []
    flags: dict[str, Counter[str]] = {}
    rows = ledger.columns("meter", ["meter_key", "feeds", "cooling", "accuracy_percent"], order_by=("meter_key",))
    keys = feed_keys(workspace)
    for key, feeds, cooling, accuracy in zip(*rows.values(), strict=True):
        flags[key] = Counter()
        found.append(
            MeterInput(
                meter_key=key,
                trace=gathered(_traces(ledger.reading_parts(key, period), flags[key])),
                feeds=tuple(keys.get(feed, feed) for feed in feeds.split("|") if feed),
                cooling=bool(cooling),
                accuracy_percent=float(accuracy),
            )
        )
    return tuple(found), flags


def _traces(parts: Iterable[Readings], flags: Counter[str]) -> Iterator[Trace]:
    """Readings as they come, their flags counted."""
    for part in parts:
        flags.update(flag for cell in part.flags if cell for flag in cell.split("|"))
        yield Trace.of(part.start_us, part.end_us, part.energy_kwh)


def _facts(device: Columns) -> dict[str, DeviceFacts]:
    names = ("device_key", "manufacturer", "manufacturer_model_name", "field_strength_t", "is_registered")
    rows = zip(*(device[name] for name in names), strict=True)
    return {key: DeviceFacts(maker, model, float(tesla), bool(listed)) for key, maker, model, tesla, listed in rows}


def _by_name(device: DeviceInput) -> tuple[bool, str, str]:
    """Named devices first, by name; the others by key, which is stable for a site."""
    return (device.alias is None, device.alias or "", device.device_key)
