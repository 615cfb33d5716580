"""What went into patients as ionising dose: by region, beside reference levels and background; repeats by room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..messages.format import Locale, number
from ..page import Cell, Table
from ..reader import DASH, NBSP, Reader, Shown
from .dose_phases import phases, phases_note
from .dose_size import size, size_note

Row = Mapping[str, Any]
# How people say each quantity: unit, and how many of it one of the statement's unit is.
_SAID = {
    "dlp_mgy_cm": ("mGy·cm", 1.0),
    "dose_area_product_gy_m2": ("Gy·cm²", 1e4),
    "dose_rp_gy": ("mGy", 1e3),
    "glandular_left_mgy": ("mGy", 1.0),
    "glandular_right_mgy": ("mGy", 1.0),
    "fluoroscopy_s": ("min", 1 / 60),
    "activity_mbq": ("MBq", 1.0),
    "ssde_mgy": ("mGy", 1.0),
    "effective_dose_msv": ("mSv", 1.0),
}


@dataclass(frozen=True, slots=True)
class Dose:
    """Dose of the period; ``quantities`` is ``None`` where no record tells one and only steps and repeats are shown."""

    title: str
    intro: str
    effective: Shown | None
    effective_note: str
    background: str
    quantities: Table | None
    levels: Table | None
    alerts: Table | None
    repeats: Table | None
    stopped: Table | None
    phases: Table | None = None
    phases_note: str = ""
    size: Table | None = None
    size_note: str = ""


def dose(reader: Reader) -> Dose | None:
    """The section; ``None`` where no record tells a dose, a repeat, or a step that was broken off."""
    content = reader.statement.get("dose") or {}
    broken_off = stopped(reader, content.get("stopped", []))
    repeats = _repeats(reader, content.get("repeats", []))
    if not content.get("studies"):
        return _without_dose(reader, repeats, broken_off) if repeats or broken_off else None
    return Dose(
        title=reader.text("dose.title"),
        intro=reader.text(
            "dose.intro",
            studies=reader.counted("study", content["studies"]),
            events=reader.integer(content["events"]),
        ),
        effective=reader.shown(content["effective"]["median_msv"]) if content["effective"]["known"] else None,
        effective_note=_effective(reader, content["effective"]) + _left_out(reader, content["effective"]),
        background=_background(reader, content["background"]),
        quantities=_quantities(reader, content["quantities"]),
        levels=_levels(reader, content["reference_levels"]),
        alerts=_alerts(reader, content["alerts"]),
        repeats=repeats,
        stopped=broken_off,
        phases=phases(reader, content.get("phases")),
        phases_note=phases_note(reader, content.get("phases")),
        size=size(reader, content.get("size")),
        size_note=size_note(reader, content.get("size")),
    )


def _without_dose(reader: Reader, repeats: Table | None, broken_off: Table | None) -> Dose:
    """What rooms repeated and broke off, where nothing tells a dose: an MR room breaks off, too."""
    return Dose(
        title=reader.text("dose.title_without"),
        intro=reader.text("dose.intro_without"),
        effective=None,
        effective_note="",
        background="",
        quantities=None,
        levels=None,
        alerts=None,
        repeats=repeats,
        stopped=broken_off,
    )


def said(reader: Reader, name: str, value: float | None) -> str:
    """A dose in the unit people say."""
    return reader.text("unknown") if value is None else said_in(reader.messages.locale, name, value)


def said_in(locale: Locale, name: str, value: float) -> str:
    """A dose in the unit people say, as a language writes it.

    >>> from ecorad.reporting.messages import messages
    >>> said_in(messages("nl").locale, "dose_area_product_gy_m2", 1.5e-5).replace(NBSP, " ")
    '0,15 Gy·cm²'
    """
    unit, times = _SAID[name]
    return f"{number(value * times, locale)}{NBSP}{unit}"


def _effective(reader: Reader, content: Row) -> str:
    if not content["ct_studies"]:
        return reader.text("dose.none_effective")
    known = reader.text("dose.known", known=reader.integer(content["known"]), all=reader.integer(content["ct_studies"]))
    if content["median_background_days"] is None:
        return known
    days = reader.plain(content["median_background_days"], "", 2)
    return reader.text("dose.like_background", days=days) + reader.text("sentence_gap") + known


def _left_out(reader: Reader, content: Row) -> str:
    """Which studies are in no effective dose, for want of a sourced conversion."""
    rows = content.get("not_converted", [])
    if not rows:
        return ""
    gap = reader.text("list_gap")
    kinds = gap.join(f"{reader.named('modality', row['modality'])} {reader.integer(row['studies'])}" for row in rows)
    total = reader.integer(sum(row["studies"] for row in rows))
    return reader.text("sentence_gap") + reader.text("dose.not_converted", studies=total, kinds=kinds)


def _background(reader: Reader, content: Row) -> str:
    rate = reader.plain(content["msv_per_year"], "mSv")
    return reader.text("dose.background_world" if content["is_world"] else "dose.background", rate=rate)


def _quantities(reader: Reader, rows: list[Row]) -> Table:
    names = ("examination", "quantity", "studies", "median", "middle_half", "largest")
    return Table(
        reader.text("dose.quantities"),
        tuple(reader.text(f"dose.{name}") for name in names),
        tuple(_quantity(reader, row) for row in rows),
        frozenset({2, 3, 4, 5}),
    )


def _quantity(reader: Reader, row: Row) -> tuple[Cell, ...]:
    name = row["quantity"]
    unit, times = _SAID[name]
    half = f"{reader.plain(row['lower_quartile'] * times)}{DASH}{reader.plain(row['upper_quartile'] * times, unit)}"
    return (
        _examination(reader, row),
        reader.text(f"dose.{name}"),
        reader.integer(row["studies"]),
        said(reader, name, row["median"]),
        half,
        said(reader, name, row["largest"]),
    )


def _examination(reader: Reader, row: Row) -> str:
    return f"{reader.named('modality', row['modality'])}, {reader.named('region', row['body_region'] or 'none')}"


def _levels(reader: Reader, rows: list[Row]) -> Table | None:
    if not rows:
        return None
    names = ("scanner", "examination", "exams", "median", "level", "standing")
    cells = tuple(
        (
            reader.device_name(row),
            _examination(reader, row),
            reader.integer(row["exams"]),
            said(reader, row["quantity"], row["median"]),
            said(reader, row["quantity"], row["level"]),
            reader.text(f"dose.{row['standing']}"),
        )
        for row in rows
    )
    return Table(
        reader.text("dose.levels"), tuple(reader.text(f"dose.{name}") for name in names), cells, frozenset({2, 3, 4})
    )


def _alerts(reader: Reader, rows: list[Row]) -> Table | None:
    if not rows:
        return None
    cells = tuple(
        (
            reader.device_name(row),
            row["study"],
            said(reader, row["quantity"], row["value"]),
            said(reader, row["quantity"], row["usual"]),
        )
        for row in rows
    )
    names = ("scanner", "study", "value", "usual")
    return Table(
        reader.text("dose.alerts"), tuple(reader.text(f"dose.{name}") for name in names), cells, frozenset({2, 3})
    )


def _repeats(reader: Reader, rows: list[Row]) -> Table | None:
    if not rows:
        return None
    cells = tuple(
        (
            reader.device_name(row),
            row["protocol"] or reader.text("dose_size.not_shown" if row.get("withheld") else "unknown"),
            reader.integer(row["exposures"]),
            reader.share(row["floor"], 1.0),
            reader.share(row["ceiling"], 1.0),
            reader.text("list_gap").join(
                f"{reader.named('repeat_cause', one['cause'].replace(' ', '_').replace('-', '_'))} {one['count']}"
                for one in row["causes"]
            ),
        )
        for row in rows
    )
    names = ("scanner", "protocol", "exposures", "at_least", "at_most", "causes")
    return Table(
        reader.text("dose.repeats"), tuple(reader.text(f"dose.{name}") for name in names), cells, frozenset({2, 3, 4})
    )


def stopped(reader: Reader, rows: list[Row]) -> Table | None:
    """Procedure steps that were broken off, by room and cause."""
    if not rows:
        return None
    cells = tuple(
        (
            reader.device_name(row),
            reader.integer(row["ended"]),
            reader.share(row["stopped"], float(row["ended"])),
            reader.text("list_gap").join(
                f"{reader.named('stop_cause', one['cause'].replace(' ', '_'))} {one['count']}" for one in row["causes"]
            ),
        )
        for row in rows
    )
    names = ("scanner", "steps", "broken_off", "causes")
    return Table(
        reader.text("dose.stopped"), tuple(reader.text(f"dose.{name}") for name in names), cells, frozenset({1, 2})
    )
