"""What a site has configured, what is missing, what that costs in accuracy, and the lines that would mend it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ecorad.model import Site

from .statement.quality import issue_meanings

Columns = Mapping[str, Any]
_MOST_NAMES = 6


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
    strangers = sorted((row for row in seen if not row["is_registered"]), key=lambda row: -row["instances"])
    if strangers:
        says = f"Devices that site.toml does not list: {len(strangers)}. Which are they?"
        costs = "They stand in the report under their pseudonyms, and no meter can be tied to them by name."
        blocks = (_device_lines(row, len(site.devices) + number) for number, row in enumerate(strangers, 1))
        yield Check("device.unregistered", "question", says, costs, tuple(line for block in blocks for line in block))
    silent = [row["alias"] for row in devices if row["is_registered"] and not row["instances"]]
    if silent:
        costs = "Wrong serial number, or nothing was delivered: it has no exams."
        says = f"Listed in site.toml, but not seen in DICOM: {', '.join(map(str, silent))}."
        yield Check("device.silent", "question", says, costs)


def _device_lines(row: Mapping[str, Any], number: int) -> tuple[str, ...]:
    told = [row["modality"], row["manufacturer"], row["manufacturer_model_name"], f"{row['instances']:,} objects"]
    lines = [("serial", row["device_key"]), ("alias", f"{row['modality'] or 'Device'} {number}")]
    lines += [("modality", row["modality"])] if row["modality"] else []
    written = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in lines)
    return (f"[[device]]    # {', '.join(_one_line(part) for part in told if part)}", *written)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _meter_checks(site: Site, meters: list[dict[str, Any]], devices: list[dict[str, Any]]) -> Iterator[Check]:
    read = [row for row in meters if row["readings"]]
    if not read:
        costs = "Energy comes from published power states and figures: true on average, wide for this department."
        says, lines = "No meter was read.", ("ecorad ingest DIR METER.csv --feed mr1",)
        yield Check("meters", "missing", says, costs, lines)
    else:
        yield Check("meters", "ok", f"Meters read: {len(read)}.")
    names = [str(row["alias"] or row["device_key"]) for row in devices if row["instances"]]
    homeless = [row for row in read if not _has_home(site, str(row["meter_key"]))]
    if homeless:
        says = f"Meters of which site.toml does not say what they feed: {len(homeless)}. Which scanner is behind each?"
        costs = "Their energy is unexplained: no exam and no scanner gets any of it."
        blocks = (_meter_lines(row, names) for row in sorted(homeless, key=lambda row: -row["readings"]))
        yield Check("meter.feeds_nothing", "question", says, costs, tuple(line for block in blocks for line in block))
    silent = [meter.id for meter in site.meters if meter.id not in {str(row["meter_key"]) for row in read}]
    if silent:
        says = f"Listed in site.toml, but never read: {', '.join(silent)}."
        yield Check("meter.silent", "question", says, "Its devices count as not metered.")


def _has_home(site: Site, meter_id: str) -> bool:
    entry = site.meter(meter_id)
    return entry is not None and bool(entry.feeds or entry.cooling)


def _meter_lines(row: Mapping[str, Any], names: list[str]) -> tuple[str, ...]:
    one = names[0] if len(names) == 1 else "ALIAS OR SERIAL OF THE SCANNER"
    lines = [f"id = {json.dumps(str(row['meter_key']), ensure_ascii=False)}", f"feeds = [{json.dumps(one)}]"]
    lines += [f"{key} = {json.dumps(row[key])}" for key in ("unit", "kind") if row.get(key)]
    return (f"[[meter]]    # {int(row['readings']):,} readings", *lines)


def _unmetered_checks(
    site: Site, devices: list[dict[str, Any]], meters: list[dict[str, Any]], statement: Mapping[str, Any] | None
) -> Iterator[Check]:
    fed = {name for row in meters if row["readings"] for name in str(row["feeds"] or "").split("|")}
    fed |= {entry.alias for entry in site.devices if {entry.serial, *entry.also_serials} & fed}
    advice = {row["device"]: row for row in (statement or {}).get("advice_on_data", []) if row["device"]}
    without = [row for row in devices if row["instances"] and not {row["device_key"], row["alias"]} & fed]
    without.sort(key=lambda row: -row["instances"])
    if not without:
        return
    bought = [f"{_name(row)}: {cost}" for row in without if (cost := _cost(advice.get(row["device_key"])))]
    says = f"Devices without a meter: {len(without)}. {', '.join(_name(row) for row in without[:_MOST_NAMES])}"
    says += ", ..." if len(without) > _MOST_NAMES else "."
    costs = "Their energy is modelled from published figures where there are any, else unknown."
    yield Check("device.unmetered", "missing", says, " ".join([costs, *bought[:3]]))


def _name(row: Mapping[str, Any]) -> str:
    told = (row["modality"], row["manufacturer_model_name"] or row["manufacturer"])
    return str(row["alias"] or " ".join(_one_line(part) for part in told if part) or row["device_key"])


def _cost(advice: Mapping[str, Any] | None) -> str:
    """What one week with a meter would buy, where the last audit worked it out."""
    if advice is None or advice["then"]["low"] is None:
        return ""
    now, then = advice["now"], advice["then"]
    is_now = "unknown" if now["low"] is None else f"{now['low']:,.0f} to {now['high']:,.0f} kWh"
    return f"now {is_now}; after a week with a meter expect {then['low']:,.0f} to {then['high']:,.0f} kWh."
