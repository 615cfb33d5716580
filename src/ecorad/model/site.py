"""``site.toml``: what a site says about itself, its devices, its meters and its choices."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import SiteError

MeterKind = Literal["power", "interval", "register"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """One ``[[device]]``: its entry holds from ``since`` until ``until`` (open when ``None``)."""

    serial: str
    alias: str
    modality: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    also_serials: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEntry:
    """One ``[[meter]]``.

    ``scale`` multiplies each written value (current-transformer ratio), ``register_max`` is where a cumulative
    register rolls over, ``plausible_kw`` the range outside which a reading is flagged as a slip of unit.
    """

    id: str
    feeds: tuple[str, ...] = ()
    unit: str | None = None
    kind: MeterKind | None = None
    interval_s: float | None = None
    timezone: str | None = None
    stamp: Literal["start", "end"] = "start"
    columns: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1.0
    register_max: float | None = None
    plausible_kw: tuple[float, float] | None = None
    cooling: bool = False
    accuracy_percent: float = 2.0
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMapping:
    """One ``[[ledger]]``: how the columns of a sheet are called and what its rows are."""

    name: str
    kind: str
    columns: Mapping[str, str]
    sheet: str | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    decimal: Literal[".", ","] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site.

    Parameters
    ----------
    name, timezone, grid_zone : str
        Name for the report, IANA zone, grid zone of the electricity factors (``NL``).
    opening_hours : mapping of weekday to (open, close), optional
        Local times per weekday; when empty the audit infers them and says so.
    identifiers : {"pseudonymise", "retain"}
        Whether patient, study and device identifiers are kept only as keyed pseudonyms (default) or as they are.
    allocation : {"time", "exam", "active"}
        Rule by which gaps and off-hours are shared among exams.
    """

    name: str
    timezone: str = "UTC"
    grid_zone: str | None = None
    language: str = "en"
    currency: str = "EUR"
    tariff_per_kwh: float | None = None
    opening_hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    identifiers: Literal["pseudonymise", "retain"] = "pseudonymise"
    allocation: Literal["time", "exam", "active"] = "time"
    phantom_patient_ids: tuple[str, ...] = ()
    devices: tuple[DeviceEntry, ...] = ()
    meters: tuple[MeterEntry, ...] = ()
    ledgers: tuple[LedgerMapping, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The site's IANA zone."""
        return ZoneInfo(self.timezone)

    def meter(self, meter_id: str) -> MeterEntry | None:
        """The entry of meter ``meter_id``, if the register has one."""
        return next((meter for meter in self.meters if meter.id == meter_id), None)


def load_site(path: Path) -> Site:
    """Read and check ``site.toml``.

    Raises
    ------
    SiteError
        Names the first key that cannot be used and what would be accepted.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SiteError(f"{path.name} is missing; `ecorad init` writes one", code="ecorad.site.missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteError(f"{path.name} is not TOML: {error}") from None
    return parse_site(content)


def parse_site(content: Mapping[str, Any]) -> Site:
    """A :class:`Site` from the parsed content of ``site.toml``.

    >>> parse_site({"site": {"name": "Demo", "timezone": "Europe/Amsterdam"}}).zone.key
    'Europe/Amsterdam'
    """
    main = _table(content, "site")
    known = {"name", "timezone", "grid_zone", "language", "currency", "tariff_per_kwh", "opening_hours"}
    known |= {"identifiers", "allocation", "phantom_patient_ids"}
    _reject_unknown(main, known, "[site]")
    devices = tuple(_device(row, i) for i, row in enumerate(_rows(content, "device"), 1))
    meters = tuple(_meter(row, i) for i, row in enumerate(_rows(content, "meter"), 1))
    _reject_twice([meter.id for meter in meters if meter.until is None], "[[meter]] id")
    return Site(
        name=_text(main, "name", "[site]"),
        timezone=_zone(main.get("timezone", "UTC"), "[site] timezone"),
        grid_zone=_optional_text(main, "grid_zone", "[site]"),
        language=_choice(main, "language", ("en", "zh", "nl"), "[site]"),
        currency=main.get("currency", "EUR"),
        tariff_per_kwh=_optional_number(main, "tariff_per_kwh", "[site]"),
        opening_hours=_opening_hours(main.get("opening_hours", {})),
        identifiers=_choice(main, "identifiers", ("pseudonymise", "retain"), "[site]"),
        allocation=_choice(main, "allocation", ("time", "exam", "active"), "[site]"),
        phantom_patient_ids=_texts(main.get("phantom_patient_ids", []), "[site] phantom_patient_ids"),
        devices=devices,
        meters=meters,
        ledgers=tuple(_ledger(row, i) for i, row in enumerate(_rows(content, "ledger"), 1)),
    )


def _device(row: Mapping[str, Any], number: int) -> DeviceEntry:
    place = f"[[device]] {number}"
    known = {"serial", "alias", "modality", "manufacturer", "model", "also_serials", "stations", "since", "until"}
    _reject_unknown(row, known, place)
    serial = _text(row, "serial", place)
    return DeviceEntry(
        serial=serial,
        alias=_optional_text(row, "alias", place) or f"device {number}",
        modality=_optional_text(row, "modality", place),
        manufacturer=_optional_text(row, "manufacturer", place),
        model=_optional_text(row, "model", place),
        also_serials=_texts(row.get("also_serials", []), f"{place} also_serials"),
        stations=_texts(row.get("stations", []), f"{place} stations"),
        since=_moment(row, "since", place),
        until=_moment(row, "until", place),
    )


def _meter(row: Mapping[str, Any], number: int) -> MeterEntry:
    place = f"[[meter]] {number}"
    known = {"id", "feeds", "unit", "kind", "interval_s", "timezone", "stamp", "columns", "scale", "register_max"}
    known |= {"plausible_kw", "cooling", "accuracy_percent", "since", "until"}
    _reject_unknown(row, known, place)
    zone = row.get("timezone")
    plausible = row.get("plausible_kw")
    if plausible is not None and not (
        isinstance(plausible, list) and len(plausible) == 2 and plausible[0] < plausible[1]
    ):
        raise SiteError(f"{place}: plausible_kw must be [lowest, highest]")
    columns = row.get("columns", {})
    if not isinstance(columns, dict) or not set(columns) <= {"time", "value", "end", "meter_id"}:
        raise SiteError(f"{place}: columns may name time, value, end, meter_id")
    return MeterEntry(
        id=_text(row, "id", place),
        feeds=_texts(row.get("feeds", []), f"{place} feeds"),
        unit=_choice_or_none(row, "unit", ("W", "kW", "Wh", "kWh", "MWh", "J"), place),
        kind=_choice_or_none(row, "kind", ("power", "interval", "register"), place),
        interval_s=_optional_number(row, "interval_s", place),
        timezone=None if zone is None else _zone(zone, f"{place} timezone"),
        stamp=_choice(row, "stamp", ("start", "end"), place),
        columns=dict(columns),
        scale=_optional_number(row, "scale", place) or 1.0,
        register_max=_optional_number(row, "register_max", place),
        plausible_kw=None if plausible is None else (float(plausible[0]), float(plausible[1])),
        cooling=bool(row.get("cooling", False)),
        accuracy_percent=_optional_number(row, "accuracy_percent", place) or 2.0,
        since=_moment(row, "since", place),
        until=_moment(row, "until", place),
    )


def _ledger(row: Mapping[str, Any], number: int) -> LedgerMapping:
    place = f"[[ledger]] {number}"
    _reject_unknown(row, {"name", "kind", "columns", "sheet", "defaults", "date_format", "decimal"}, place)
    columns = row.get("columns", {})
    if not isinstance(columns, dict) or not columns:
        raise SiteError(f"{place}: columns must map our names to the sheet's headers")
    return LedgerMapping(
        name=_text(row, "name", place),
        kind=_text(row, "kind", place),
        columns=dict(columns),
        sheet=_optional_text(row, "sheet", place),
        defaults=dict(row.get("defaults", {})),
        date_format=_optional_text(row, "date_format", place),
        decimal=_choice_or_none(row, "decimal", (".", ","), place),
    )


def _opening_hours(value: Any) -> dict[str, tuple[time, time]]:
    hours: dict[str, tuple[time, time]] = {}
    for day, span in dict(value).items():
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in span.split("-"))
        except (AttributeError, ValueError):
            raise SiteError(f'[site] opening_hours: {day} must look like "07:30-18:00"') from None
        if day not in WEEKDAYS or opens >= closes:
            raise SiteError(
                f"[site] opening_hours: {day} must be one of {', '.join(WEEKDAYS)} and open before it closes"
            )
        hours[day] = (opens, closes)
    return hours


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    if not isinstance(value, dict):
        raise SiteError(f"[{name}] is missing")
    return value


def _rows(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = content.get(name, [])
    if not isinstance(value, list):
        raise SiteError(f"write [[{name}]], with two brackets: there may be several")
    return value


def _reject_unknown(row: Mapping[str, Any], known: set[str], place: str) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise SiteError(f"{place}: {unknown[0]!r} is not a key; there are {', '.join(sorted(known))}")


def _reject_twice(names: list[str], place: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SiteError(f"{place} {twice[0]!r} is given twice; end the first with `until`")


def _text(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SiteError(f"{place}: {key} must be a text")
    return value.strip()


def _optional_text(row: Mapping[str, Any], key: str, place: str) -> str | None:
    return _text(row, key, place) if key in row else None


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SiteError(f"{place} must be a list of texts")
    return tuple(value)


def _optional_number(row: Mapping[str, Any], key: str, place: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise SiteError(f"{place}: {key} must be a number above 0")
    return float(value)


def _choice_or_none(row: Mapping[str, Any], key: str, choices: tuple[str, ...], place: str) -> Any:
    value = row.get(key)
    if value is not None and value not in choices:
        raise SiteError(f"{place}: {key} must be one of {', '.join(choices)}")
    return value


def _choice(row: Mapping[str, Any], key: str, choices: tuple[str, ...], place: str) -> Any:
    return _choice_or_none(row, key, choices, place) or choices[0]


def _moment(row: Mapping[str, Any], key: str, place: str) -> datetime | None:
    value = row.get(key)
    if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
        raise SiteError(f"{place}: {key} must be a date and time with an offset, like 2026-03-01T00:00:00+01:00")
    return value


def _zone(value: Any, place: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, TypeError):
        raise SiteError(f"{place} must be an IANA zone like Europe/Amsterdam") from None
