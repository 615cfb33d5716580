"""Where does it go: energy by state, each scanner, its week, energy per exam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..charts.stacked import Segment, StackedRow, stacked
from ..messages import number
from ..page import Cell, Picture, Table, csv_href
from ..reader import NBSP, Reader
from .exam_model import ExamModel, exam_model
from .fleet import fleet_table, outage_table
from .much import period_in_words
from .per_exam import per_exam_picture, per_exam_table
from .variants import variants_tables
from .week import WeekMaps, power_weeks

STATES = ("off", "power_save", "idle", "ready", "scan")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """The second question, answered."""

    title: str
    states: Picture | None
    scanners: Table | None
    unknown: tuple[str, ...]
    weeks: WeekMaps | None
    per_exam: Picture | None
    modalities: Table
    fleet: Table | None
    outages: Table | None
    exam_model: ExamModel | None
    variants: tuple[Table, ...]


def where(reader: Reader) -> Where:
    """The second question, answered."""
    named = any(device["states_named"] for device in reader.statement["devices"])
    return Where(
        title=reader.text("states.title" if named else "states.title_plain"),
        states=_states(reader),
        scanners=_scanners(reader),
        unknown=_unknown(reader),
        weeks=power_weeks(reader),
        per_exam=per_exam_picture(reader, "allocated"),
        modalities=per_exam_table(reader, "allocated", "attributional", reader.text("dots.co2e_attributional")),
        fleet=fleet_table(reader),
        outages=outage_table(reader),
        exam_model=exam_model(reader),
        variants=variants_tables(reader),
    )


def _states(reader: Reader) -> Picture | None:
    devices = _ordered(reader)
    if not devices:
        return None
    rows = [_stacked_row(reader, device) for device in devices]
    reach = max((row.high or row.total for row in rows), default=0.0)
    unit, one = reader.scaled("kW.h", reach)
    named = any(device["states_named"] for device in devices)
    words = {
        "title": reader.text("states.title" if named else "states.title_plain"),
        "summary": reader.text("states.summary", parts="; ".join(f"{row.name} {row.total_text}" for row in rows)),
    }

    def tick(value: float) -> str:
        return f"{number(value / one, reader.messages.locale)}{NBSP}{unit}" if value else "0"

    return Picture(
        stacked("states-w", rows, width=1000, tick_text=tick, **words),
        stacked("states-n", rows, width=360, tick_text=tick, **words),
        reader.text(
            "states.caption" if named else "states.caption_plain", period=period_in_words(reader.statement, reader)
        ),
        _states_table(reader),
        "energy_by_state.csv",
        csv_href(
            ["device", "alias", *STATES, "total_kwh", "low", "high", "floor_kwh"], [_raw_states(d) for d in devices]
        ),
        _key(reader) if named else (),
    )


def _key(reader: Reader) -> tuple[tuple[str, str], ...]:
    states = tuple((f"s-{state}", reader.named("state", state)) for state in STATES)
    return (*states, ("floorkey", reader.text("states.floor")))


def _stacked_row(reader: Reader, device: Row) -> StackedRow:
    energy = reader.shown(device["energy_kwh"])
    return StackedRow(
        reader.device_name(device),
        _about(device),
        _segments(reader, device),
        low=device["energy_kwh"]["low"],
        high=device["energy_kwh"]["high"],
        floor=device["floor_kwh"]["value"],
        total_text=energy.text,
    )


def _segments(reader: Reader, device: Row) -> tuple[Segment, ...]:
    states = device["energy_by_state_kwh"]
    found = [
        Segment(f"s-{state}", reader.named("state", state), states[state], reader.energy(states[state]))
        for state in STATES
        if states[state]
    ]
    rest = device["energy_kwh"]["value"] - sum(segment.value for segment in found)
    if found and rest < 0.005 * device["energy_kwh"]["value"]:
        return tuple(found)
    name = reader.text("states.estimated") if not device["meters"] else reader.named("state", "not_named")
    return (*found, Segment("s-none", name, rest, reader.energy(rest)))


def _about(device: Row) -> str:
    """Maker and model; the model alone stands in the name of a device without an alias."""
    parts = (device["manufacturer"], device["model"] if device["alias"] else None)
    model = " ".join(part for part in parts if part)
    tesla = device.get("field_strength_t") if device["alias"] else None
    return f"{model}, {tesla:g} T" if tesla and f"{tesla:g}" not in model else model


def _states_table(reader: Reader) -> Table:
    columns = (
        reader.text("states.scanner"),
        *(reader.named("state", state) for state in STATES),
        reader.text("states.floor"),
        reader.text("states.total"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            reader.device_name(device),
            *(reader.energy(device["energy_by_state_kwh"][state]) for state in STATES),
            reader.shown(device["floor_kwh"]),
            reader.shown(device["energy_kwh"]),
        )
        for device in _ordered(reader)
    )
    return Table(reader.text("states.title"), columns, rows, frozenset(range(1, 8)), unfold=False)


def _raw_states(device: Row) -> list[str | float | None]:
    energy = device["energy_kwh"]
    return [
        device["device"],
        device["alias"],
        *(device["energy_by_state_kwh"][state] for state in STATES),
        energy["value"],
        energy["low"],
        energy["high"],
        device["floor_kwh"]["value"],
    ]


def _ordered(reader: Reader) -> list[Row]:
    """Scanners of known electricity: those with a name of the site first, then the largest first."""
    known = [device for device in reader.statement["devices"] if device["energy_kwh"]["value"] is not None]
    return sorted(
        known, key=lambda device: (not device["alias"], 0 if device["alias"] else -device["energy_kwh"]["value"])
    )


def _unknown(reader: Reader) -> tuple[str, ...]:
    """Scanners of unknown electricity, one line for each reason."""
    unknown = [device for device in reader.statement["devices"] if device["energy_kwh"]["value"] is None]
    reasons = sorted({device["energy_kwh"].get("reason") or "not_said" for device in unknown})
    return tuple(
        reader.text(
            "scanners.unknown",
            reason=reader.reason(reason),
            names=reader.names(
                [reader.device_name(d) for d in unknown if (d["energy_kwh"].get("reason") or "not_said") == reason]
            ),
        )
        for reason in reasons
    )


def _scanners(reader: Reader) -> Table | None:
    devices = _ordered(reader)
    if not devices:
        return None
    quantities = {
        "energy": [device["energy_kwh"] for device in devices],
        "idle": [device["non_imaging_share"] for device in devices],
        "overnight": [device["overnight_share"] for device in devices],
        "co2e": [device["co2e_kg"]["attributional"] for device in devices],
        "per_exam": [device["kwh_per_exam"]["allocated"] for device in devices],
    }
    told = [name for name, column in quantities.items() if any(one["value"] is not None for one in column)]
    some_registered = any(device["registered"] for device in devices)
    rows: list[tuple[Cell, ...]] = [
        (
            reader.device_name(device),
            reader.integer(device["exams"]),
            *(reader.shown(quantities[name][i], per_exam=False) for name in told),
            _evidence(reader, device, some_registered),
        )
        for i, device in enumerate(devices)
    ]
    columns = tuple(reader.text(f"scanners.{name}") for name in ("scanner", "exams", *told, "tier"))
    return Table(reader.text("scanners.caption"), columns, tuple(rows), frozenset(range(1, len(columns) - 1)))


def _evidence(reader: Reader, device: Row, some_registered: bool) -> str:
    tier = reader.named("tier", None if device["tier"] is None else str(device["tier"]))
    if device["registered"] or not some_registered:
        return tier
    return f"{tier}; {reader.text('scanners.unregistered')}"
