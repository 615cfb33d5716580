"""What a night's plan is made from: the last audit's results and what the site says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from numpy.typing import NDArray

from ecorad.factors import Factor, FactorBook, MarginalIntensity, marginal_or_average, power_states
from ecorad.ledger import Workspace
from ecorad.model import FactorNotFoundError, InputError, PowerState, Site
from ecorad.model.site_power import WEEKDAYS, PowerEntry
from ecorad.planning.power.learned import DeviceHistory

from ..last_results import result_columns
from ..site_modes import power_entries

_TABLES = ("state_run", "exam_energy")


@dataclass(frozen=True, kw_only=True)
class PlanInputs:
    """Devices with named states, opening hours by device, published rows, grid.

    ``unknown`` are devices whose states nobody could name: (name, reason).
    """

    audit: Mapping[str, Any]
    devices: tuple[DeviceHistory, ...]
    hours: Mapping[str, Mapping[str, tuple[time, time]]]
    unknown: tuple[tuple[str, str], ...]
    published: Mapping[str, Mapping[PowerState, Factor]]
    break_even: Mapping[str, Mapping[PowerState, Factor]]
    marginal: MarginalIntensity | None
    last_us: int


def gather_inputs(workspace: Workspace, book: FactorBook, out_path: Path | None = None) -> PlanInputs:
    """Everything a plan needs, out of the last audit.

    Raises
    ------
    InputError
        When no audit was made yet.
    """
    folder = out_path or workspace.out_path
    path = folder / "audit.json"
    tables = {name: result_columns(folder, name) for name in _TABLES} if path.exists() else {}
    if not path.exists() or None in tables.values():
        raise InputError("a plan rests on an audit: run `ecorad audit` first", code="ecorad.input.no_audit")
    audit: dict[str, Any] = json.loads(path.read_text("utf-8"))
    runs, exams = (tables[name] or {} for name in _TABLES)
    entries = power_entries(workspace)
    accuracy = {key: meter["accuracy_percent"] for meter in audit["meters"] for key in meter["devices"]}
    devices, unknown, hours = [], [], {}
    for row in audit["devices"]:
        name = device_label(row)
        hours[name] = _hours(row["opening_hours"])
        if not row["states_named"]:
            unknown.append((name, "no_meter" if not row["meters"] else "states_unknown"))
            continue
        devices.append(_history(row, runs, exams, accuracy.get(row["device"], 2.0), entries.get(row["device"])))
    modalities = {device.modality for device in devices if device.modality}
    return PlanInputs(
        audit=audit,
        devices=tuple(devices),
        hours=hours,
        unknown=tuple(unknown),
        published={name: _powers(name, book) for name in modalities},
        break_even={name: _break_even(name, book) for name in modalities},
        marginal=_marginal(workspace.site, audit, book),
        last_us=int(runs["end_utc"].max()) if len(runs["end_utc"]) else 0,
    )


def device_label(row: Mapping[str, Any]) -> str:
    """The site's name of a device, else the end of its pseudonym."""
    return str(row["alias"] or f"{row['modality'] or 'device'} {str(row['device'])[-4:]}")


def first_night(inputs: PlanInputs, zone: str) -> date:
    """The first evening that the records have not seen."""
    last = datetime.fromtimestamp(inputs.last_us / 1e6, ZoneInfo(zone))
    return last.date() if last.time() <= time(12) else last.date() + timedelta(days=1)


def _history(
    row: Mapping[str, Any],
    runs: Mapping[str, NDArray[Any]],
    exams: Mapping[str, NDArray[Any]],
    accuracy: float,
    entry: PowerEntry | None,
) -> DeviceHistory:
    mine, own = runs["device_key"] == row["device"], exams["device_key"] == row["device"]
    start, end, kwh = runs["start_utc"][mine], runs["end_utc"][mine], runs["energy_kwh"][mine]
    return DeviceHistory(
        key=row["device"],
        name=device_label(row),
        modality=row["modality"],
        state=runs["state"][mine],
        start_us=start,
        end_us=end,
        energy_kwh=kwh,
        exam_start_us=exams["started_utc"][own],
        exam_end_us=exams["ended_utc"][own],
        floor_kw=_floor_kw(start, end, kwh),
        accuracy_percent=float(accuracy),
        entry=entry or PowerEntry(),
    )


def _floor_kw(start_us: NDArray[Any], end_us: NDArray[Any], energy_kwh: NDArray[Any]) -> float | None:
    """The lowest power it drew for an hour or longer. [kW]"""
    hours = (end_us - start_us) / 3.6e9
    long = hours >= 1.0
    return float((energy_kwh[long] / hours[long]).min()) if long.any() else None


def _hours(row: Mapping[str, Any] | None) -> dict[str, tuple[time, time]]:
    if row is None:
        return {}
    spans = {day: row.get(day) for day in WEEKDAYS}
    return {day: (time.fromisoformat(span[0]), time.fromisoformat(span[1])) for day, span in spans.items() if span}


def _powers(modality: str, book: FactorBook) -> dict[PowerState, Factor]:
    try:
        return power_states(modality, factor_book=book)
    except FactorNotFoundError:
        return {}


def _break_even(modality: str, book: FactorBook) -> dict[PowerState, Factor]:
    """Published break-even times of a class; rows are named by mode. [min]"""
    rows = book.find(quantity="break_even", scope=modality)
    return {mode: row for row in rows for mode in PowerState if row.factor_id.split(".")[2:3] == [mode.value]}


def _marginal(site: Site, audit: Mapping[str, Any], book: FactorBook) -> MarginalIntensity | None:
    if site.grid_zone is None:
        return None
    year = int(audit["period"]["to"][:4])
    return marginal_or_average(site.grid_zone, year, factor_book=book).intensity
