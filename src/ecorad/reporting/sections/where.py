"""Where does it go: energy by state, each scanner, its week, energy per exam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..charts.stacked import Segment, StackedRow, stacked
from ..messages import number
from ..page import Cell, Picture, Table, csv_href
from ..reader import NBSP, Reader
from .fleet import fleet_table
from .much import period_in_words
from .per_exam import per_exam_picture, per_exam_table
from .week import WeekMaps, power_weeks

STATES = ("off", "power_save", "idle", "ready", "scan")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """The second question, answered."""

    title: str
    states: Picture | None
    scanners: Table
    weeks: WeekMaps | None
    per_exam: Picture | None
    modalities: Table
    fleet: Table | None


def where(reader: Reader) -> Where:
    """The second question, answered."""
    named = any(device["states_named"] for device in reader.statement["devices"])
    return Where(
        title=reader.text("states.title" if named else "states.title_plain"),
        states=_states(reader),
        scanners=_scanners(reader),
        weeks=power_weeks(reader),
        per_exam=per_exam_picture(reader, "allocated"),
        modalities=per_exam_table(reader, "allocated", "attributional", reader.text("dots.co2e_attributional")),
        fleet=fleet_table(reader),
    )


def _states(reader: Reader) -> Picture | None:
    devices = reader.statement["devices"]
    if not devices:
        return None
    rows = [_stacked_row(reader, device) for device in devices]
    reach = max((row.high or row.total for row in rows), default=0.0)
    unit, one = reader.scaled("kW.h", reach)
    named = any(device["states_named"] for device in devices)
    words = {
        "title": reader.text("states.title" if named else "states.title_plain"),
        "summary": reader.text(
            "states.summary", parts="; ".join(f"{row.name} {row.total_text or row.remark}" for row in rows)
        ),
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
    name, about = reader.device_name(device), _about(device)
    if device["energy_kwh"]["value"] is None:
        return StackedRow(name, about, (), remark=energy.text)
    return StackedRow(
        name,
        about,
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
        for device in reader.statement["devices"]
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


def _scanners(reader: Reader) -> Table:
    names = ("scanner", "exams", "energy", "idle", "overnight", "co2e", "per_exam", "tier")
    columns = tuple(reader.text(f"scanners.{name}") for name in names)
    rows = tuple(_scanner(reader, device) for device in reader.statement["devices"])
    return Table(reader.text("scanners.caption"), columns, rows, frozenset(range(1, 7)))


def _scanner(reader: Reader, device: Row) -> tuple[Cell, ...]:
    tier = reader.named("tier", None if device["tier"] is None else str(device["tier"]))
    if not device["registered"]:
        tier = f"{tier}; {reader.text('scanners.unregistered')}"
    quantities = (
        device["energy_kwh"],
        device["non_imaging_share"],
        device["overnight_share"],
        device["co2e_kg"]["attributional"],
        device["kwh_per_exam"]["allocated"],
    )
    shown = (reader.shown(quantity, per_exam=False) for quantity in quantities)
    return (reader.device_name(device), reader.integer(device["exams"]), *shown, tier)
