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
from .factor_choices import FactorChoices, factor_choices
from .listen import DicomListener, HttpReceiver, Listen, MllpListener, MqttSource, Tls
from .site_bill import BillEntry, parse_bill
from .site_change import ChangeEntry, parse_change
from .site_helium import HeliumCapture, parse_helium
from .site_medication import MedicationSource, parse_medication
from .site_power import WEEKDAYS as WEEKDAYS  # noqa: PLC0414 - a name of this module for others
from .site_power import PowerEntry, ReadyEntry, TariffEntry, parse_power, parse_ready, parse_tariff
from .site_wastewater import Wastewater, parse_wastewater

MeterKind = Literal["power", "interval", "register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """One ``[[device]]``: its entry holds from ``since`` until ``until`` (open when ``None``).

    ``regions`` are the body regions it can examine, ``survives_outage_min`` how long it works on without mains.
    """

    serial: str
    alias: str
    modality: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    also_serials: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    power: PowerEntry = field(default_factory=PowerEntry)
    regions: tuple[str, ...] = ()
    survives_outage_min: float | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEntry:
    """One ``[[meter]]``.

    ``only`` says which rows of a file count, by the texts of a column (``{"Register": ("Day", "Night")}``).
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
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
    factors: FactorChoices = field(default_factory=FactorChoices)
    listen: Listen = field(default_factory=Listen)
    ready: tuple[ReadyEntry, ...] = ()
    tariffs: tuple[TariffEntry, ...] = ()
    bills: tuple[BillEntry, ...] = ()
    changes: tuple[ChangeEntry, ...] = ()
    medication: MedicationSource = field(default_factory=MedicationSource)
    wastewater: Wastewater = field(default_factory=Wastewater)
    helium: HeliumCapture = field(default_factory=HeliumCapture)

    def price_per_kwh(self, local: datetime) -> float | None:
        """Price of electricity at a local moment; ``None`` when none is known. [currency/kWh]"""
        return next((one.price_per_kwh for one in self.tariffs if one.holds(local)), self.tariff_per_kwh)

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
    _reject_twice([str(row.get("name")) for row in _rows(content, "change")], "[[change]] name")
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
        ready=tuple(parse_ready(row, i) for i, row in enumerate(_rows(content, "ready"), 1)),
        tariffs=tuple(parse_tariff(row, i) for i, row in enumerate(_rows(content, "tariff"), 1)),
        bills=tuple(parse_bill(row, i, {one.id for one in meters}) for i, row in enumerate(_rows(content, "bill"), 1)),
        changes=tuple(parse_change(row, i) for i, row in enumerate(_rows(content, "change"), 1)),
        medication=parse_medication(content),
        wastewater=parse_wastewater(content),
        helium=parse_helium(content),
        factors=factor_choices(content),
        listen=_listen(content["listen"], {meter.id for meter in meters}) if "listen" in content else Listen(),
    )


def _device(row: Mapping[str, Any], number: int) -> DeviceEntry:
    place = f"[[device]] {number}"
    known = {"serial", "alias", "modality", "manufacturer", "model", "also_serials", "stations", "since", "until"}
    known |= {"power", "regions", "survives_outage_min"}
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
        power=parse_power(row.get("power", {}), place),
        regions=_texts(row.get("regions", []), f"{place} regions"),
        survives_outage_min=_minutes(row, "survives_outage_min", place),
        since=_moment(row, "since", place),
        until=_moment(row, "until", place),
    )


def _only(value: Any, place: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise SiteError(f"{place}: only must map a column to the texts of the rows that count")
    return {
        str(column): _texts([texts] if isinstance(texts, str) else texts, f"{place} only")
        for column, texts in value.items()
    }


def _meter(row: Mapping[str, Any], number: int) -> MeterEntry:
    place = f"[[meter]] {number}"
    known = {"id", "feeds", "unit", "kind", "interval_s", "timezone", "stamp", "columns", "only", "scale"}
    known |= {"register_max", "plausible_kw", "cooling", "accuracy_percent", "since", "until"}
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
        only=_only(row.get("only", {}), place),
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


def _listen(row: Any, meters: set[str]) -> Listen:
    if not isinstance(row, dict):
        raise SiteError("[listen] must be a table")
    _reject_unknown(row, {"reserve_mb", "keep_days", "dicom", "mllp", "mqtt", "http"}, "[listen]")
    parts = {name: _table(row, name) for name in ("dicom", "mllp", "mqtt", "http") if name in row}
    reserve, keep = (row.get(key, value) for key, value in (("reserve_mb", 1024), ("keep_days", 30)))
    for key, value in (("reserve_mb", reserve), ("keep_days", keep)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise SiteError(f"[listen]: {key} must be a number, 0 or more")
    return Listen(
        reserve_mb=float(reserve),
        keep_days=float(keep),
        dicom=_listen_dicom(parts["dicom"]) if "dicom" in parts else None,
        mllp=_listen_mllp(parts["mllp"]) if "mllp" in parts else None,
        mqtt=_listen_mqtt(parts["mqtt"], meters) if "mqtt" in parts else None,
        http=_listen_http(parts["http"]) if "http" in parts else None,
    )


def _listen_dicom(row: Mapping[str, Any]) -> DicomListener:
    place = "[listen.dicom]"
    known = {"ae_title", "host", "port", "callers", "max_associations", "max_per_address", "tls"}
    _reject_unknown(row, known, place)
    title = row.get("ae_title", "ECORAD")
    callers = _texts(row.get("callers", []), f"{place} callers")
    for one in (title, *callers):
        if not isinstance(one, str) or not 1 <= len(one.strip()) <= 16:
            raise SiteError(f"{place}: AE titles have 1 to 16 letters")
    host = _callers_named(row, callers, place)
    return DicomListener(
        ae_title=title.strip(),
        host=host,
        port=_whole(row, "port", 11112, place),
        callers=callers,
        max_associations=_whole(row, "max_associations", 1000, place),
        max_per_address=_whole(row, "max_per_address", 500, place),
        tls=_tls(row, place),
    )


def _listen_mllp(row: Mapping[str, Any]) -> MllpListener:
    place = "[listen.mllp]"
    _reject_unknown(row, {"host", "port", "callers", "max_connections", "tls"}, place)
    callers = _texts(row.get("callers", []), f"{place} callers")
    return MllpListener(
        host=_callers_named(row, callers, place),
        port=_whole(row, "port", 2575, place),
        callers=callers,
        max_connections=_whole(row, "max_connections", 200, place),
        tls=_tls(row, place),
    )


def _listen_mqtt(row: Mapping[str, Any], meters: set[str]) -> MqttSource:
    place = "[listen.mqtt]"
    _reject_unknown(row, {"host", "port", "topics", "client_id", "username", "password_file", "ca"}, place)
    topics = row.get("topics", {})
    if not isinstance(topics, dict) or not topics or not all(isinstance(one, str) for one in topics.values()):
        raise SiteError(f'{place}: topics must lead from topic to meter, like {{ "plug/1/power" = "mr1" }}')
    for topic, target in topics.items():
        if target.partition(":")[0] not in meters:
            raise SiteError(f"{place}: topic {topic!r} leads to a meter that has no [[meter]]")
    return MqttSource(
        host=_optional_text(row, "host", place) or "127.0.0.1",
        port=_whole(row, "port", 8883 if "ca" in row else 1883, place),
        topics=dict(topics),
        client_id=_optional_text(row, "client_id", place) or "ecorad",
        username=_optional_text(row, "username", place),
        password_file=_optional_text(row, "password_file", place),
        ca=_optional_text(row, "ca", place),
    )


def _listen_http(row: Mapping[str, Any]) -> HttpReceiver:
    _reject_unknown(row, {"token_file"}, "[listen.http]")
    return HttpReceiver(token_file=_optional_text(row, "token_file", "[listen.http]"))


def _callers_named(row: Mapping[str, Any], callers: tuple[str, ...], place: str) -> str:
    """The host of a listener; one that others can reach must say who may call."""
    host = _optional_text(row, "host", place) or "127.0.0.1"
    if host not in {"127.0.0.1", "::1", "localhost"} and not callers:
        raise SiteError(f"{place}: {host} can be reached by others, so callers must name who may call")
    return host


def _tls(row: Mapping[str, Any], place: str) -> Tls | None:
    if "tls" not in row:
        return None
    tls = _table(row, "tls")
    _reject_unknown(tls, {"certificate", "private_key", "client_ca"}, f"{place} tls")
    return Tls(
        certificate=_text(tls, "certificate", f"{place} tls"),
        private_key=_text(tls, "private_key", f"{place} tls"),
        client_ca=_optional_text(tls, "client_ca", f"{place} tls"),
    )


def _whole(row: Mapping[str, Any], key: str, default: int, place: str) -> int:
    value = row.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65535:
        raise SiteError(f"{place}: {key} must be a whole number from 1 to 65535")
    return value


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


def _minutes(row: Mapping[str, Any], key: str, place: str) -> float | None:
    """Minutes, 0 included: a scanner that stops at once is known to."""
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise SiteError(f"{place}: {key} must be a number from 0 up")
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
