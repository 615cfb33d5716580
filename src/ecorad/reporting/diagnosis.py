"""What a site has configured, what is missing, what that costs in accuracy, and the lines that would mend it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ecorad.model import Site

from .statement.quality import issue_meanings

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Parameters
    ----------
    name : str
        Stable name (``grid_zone``, ``device.unregistered``).
    state : {"ok", "missing", "question"}
        ``question`` has a proposed answer in ``lines``.
    says : str
        What is the case, one sentence.
    costs : str
        What it does to the results; empty when all is well.
    lines : tuple of str
        Lines to paste into ``site.toml``, or commands.
    """

    name: str
    state: Literal["ok", "missing", "question"]
    says: str
    costs: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, the deliveries by feed and day, and the codes of what could not be used."""

    checks: tuple[Check, ...]
    deliveries: tuple[Mapping[str, Any], ...] = field(default=())
    problems: tuple[Mapping[str, Any], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The diagnosis as ``ecorad doctor --json`` prints it."""
        return {
            "checks": [{**asdict(check), "lines": list(check.lines)} for check in self.checks],
            "deliveries": [dict(row) for row in self.deliveries],
            "problems": [dict(row) for row in self.problems],
        }


def diagnose(
    site: Site,
    devices: Columns,
    meters: Columns,
    *,
    statement: Mapping[str, Any] | None = None,
    deliveries: Sequence[Mapping[str, Any]] = (),
    problems: Sequence[Mapping[str, Any]] = (),
) -> Diagnosis:
    """Look at a site.

    Parameters
    ----------
    site : Site
        Its ``site.toml``.
    devices, meters : mapping of column to values
        The tables of these names.
    statement : mapping, optional
        Its last ``audit.json``: then the cost of a missing meter is a figure.
    deliveries : sequence of mapping
        ``feed, day, received, stored, duplicate, new_version, quarantined, refused``.
    problems : sequence of mapping
        ``code, count`` of what was set aside or flagged.

    Returns
    -------
    Diagnosis
    """
    device_rows, meter_rows = _rows(devices), _rows(meters)
    checks = [
        *_site_checks(site),
        *_device_checks(site, device_rows),
        *_meter_checks(site, meter_rows, device_rows),
        *_unmetered_checks(site, device_rows, meter_rows, statement),
    ]
    told = tuple({**row, **_meaning(str(row["code"]))} for row in problems)
    return Diagnosis(tuple(checks), tuple(deliveries), told)


def _rows(columns: Columns) -> list[dict[str, Any]]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _meaning(code: str) -> dict[str, str]:
    means, remedy = issue_meanings().get(code, ("", ""))
    return {"means": means, "remedy": remedy}


def _site_checks(site: Site) -> Iterator[Check]:
    if site.grid_zone:
        yield Check("grid_zone", "ok", f"Electricity is that of {site.grid_zone}.")
    else:
        lines = ('[site] grid_zone = "NL"',)
        yield Check(
            "grid_zone", "missing", "site.toml names no grid zone.", "No CO2e can be given, only energy.", lines
        )
    if site.tariff_per_kwh is None:
        costs = "No money is shown beside energy."
        yield Check("tariff", "missing", "site.toml names no tariff.", costs, ("[site] tariff_per_kwh = 0.24",))
    if not site.opening_hours:
        lines = ('[site] opening_hours = { mon = "07:30-18:00", tue = "07:30-18:00" }',)
        costs = "What counts as a gap and what as off-hours rests on hours inferred from the exams."
        yield Check("opening_hours", "missing", "site.toml names no opening hours.", costs, lines)


def _device_checks(site: Site, devices: list[dict[str, Any]]) -> Iterator[Check]:
    seen = [row for row in devices if row["instances"]]
    if not seen:
        costs = "No exams are known: energy can be counted, but not by exam."
        yield Check("dicom", "missing", "No DICOM was received.", costs, ("ecorad ingest DIR FOLDER_WITH_DICOM",))
        return
    listed = sum(bool(row["is_registered"]) for row in seen)
    yield Check("devices", "ok", f"Devices seen in DICOM: {len(seen)}, of which site.toml lists {listed}.")
    for number, row in enumerate((row for row in seen if not row["is_registered"]), 1):
        known = [row["modality"], row["manufacturer"], row["manufacturer_model_name"]]
        says = f"A device that site.toml does not list: {', '.join(str(part) for part in known if part) or 'unknown'}."
        costs = "It stands in the report under its pseudonym, and no meter can name it by serial number."
        yield Check("device.unregistered", "question", says, costs, _device_lines(row, len(site.devices) + number))
    silent = [row["alias"] for row in devices if row["is_registered"] and not row["instances"]]
    if silent:
        costs = "Wrong serial number, or nothing was delivered: it has no exams."
        says = f"Listed in site.toml, but not seen in DICOM: {', '.join(map(str, silent))}."
        yield Check("device.silent", "question", says, costs)


def _device_lines(row: Mapping[str, Any], number: int) -> tuple[str, ...]:
    lines = [("serial", row["device_key"]), ("alias", f"{row['modality'] or 'Device'} {number}")]
    lines += [("modality", row["modality"])] if row["modality"] else []
    return ("[[device]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in lines))


def _meter_checks(site: Site, meters: list[dict[str, Any]], devices: list[dict[str, Any]]) -> Iterator[Check]:
    read = [row for row in meters if row["readings"]]
    if not read:
        costs = "Energy comes from published power states and figures: true on average, wide for this department."
        says, lines = "No meter was read.", ("ecorad ingest DIR METER.csv --feed mr1",)
        yield Check("meters", "missing", says, costs, lines)
    else:
        yield Check("meters", "ok", f"Meters read: {len(read)}.")
    names = [str(row["alias"] or row["device_key"]) for row in devices if row["instances"]]
    for row in read:
        entry = site.meter(str(row["meter_key"]))
        if entry is None or not (entry.feeds or entry.cooling):
            why = "site.toml does not list it" if entry is None else "site.toml names no device it feeds"
            says = f"Meter {row['meter_key']}, {int(row['readings']):,} readings: {why}."
            costs = "All of its energy is unexplained: no exam and no scanner gets any of it."
            yield Check("meter.feeds_nothing", "question", says, costs, _meter_lines(row, names))
    silent = [meter.id for meter in site.meters if meter.id not in {str(row["meter_key"]) for row in read}]
    if silent:
        says = f"Listed in site.toml, but never read: {', '.join(silent)}."
        yield Check("meter.silent", "question", says, "Its devices count as not metered.")


def _meter_lines(row: Mapping[str, Any], names: list[str]) -> tuple[str, ...]:
    one = names[0] if len(names) == 1 else "ALIAS OR SERIAL OF THE DEVICE"
    lines = [
        "[[meter]]",
        f"id = {json.dumps(str(row['meter_key']), ensure_ascii=False)}",
        f"feeds = [{json.dumps(one)}]",
    ]
    lines += [f"{key} = {json.dumps(row[key])}" for key in ("unit", "kind") if row.get(key)]
    return tuple(lines)


def _unmetered_checks(
    site: Site, devices: list[dict[str, Any]], meters: list[dict[str, Any]], statement: Mapping[str, Any] | None
) -> Iterator[Check]:
    fed = {name for row in meters if row["readings"] for name in str(row["feeds"] or "").split("|")}
    fed |= {entry.alias for entry in site.devices if {entry.serial, *entry.also_serials} & fed}
    advice = {row["device"]: row for row in (statement or {}).get("advice_on_data", []) if row["device"]}
    for row in devices:
        if not row["instances"] or {row["device_key"], row["alias"]} & fed:
            continue
        name = row["alias"] or row["device_key"]
        costs = (
            _cost(advice.get(row["device_key"])) or "Its energy is modelled from published figures, if there are any."
        )
        yield Check("device.unmetered", "missing", f"{name} ({row['modality'] or 'unknown'}) has no meter.", costs)


def _cost(advice: Mapping[str, Any] | None) -> str:
    """What one week with a meter would buy, where the last audit worked it out."""
    if advice is None or advice["then"]["low"] is None:
        return ""
    now, then = advice["now"], advice["then"]
    is_now = "unknown" if now["low"] is None else f"{now['low']:,.0f} to {now['high']:,.0f} kWh"
    return f"Its energy is {is_now}; with a meter for one week expect {then['low']:,.0f} to {then['high']:,.0f} kWh."
