"""``site.toml`` of a simulated department."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .days import OPENING_HOURS
from .headers import PHANTOM_ID
from .meters import SimMeter
from .scanners import Scanner
from .sheets import LEDGER_TOML

TARIFF_EUR_PER_KWH = 0.24


def site_toml(
    name: str, zone: str, grid_zone: str | None, scanners: Sequence[Scanner], meters: Sequence[SimMeter]
) -> str:
    """The text of ``site.toml``: devices, meters, opening hours, tariff, ledger sheets."""
    hours = ", ".join(f'{day} = "{opens:%H:%M}-{closes:%H:%M}"' for day, (opens, closes) in OPENING_HOURS.items())
    lines = [
        "[site]",
        f"name = {_quoted(name)}",
        f"timezone = {_quoted(zone)}",
        *([f"grid_zone = {_quoted(grid_zone)}"] if grid_zone else []),
        'currency = "EUR"',
        f"tariff_per_kwh = {TARIFF_EUR_PER_KWH}",
        f"phantom_patient_ids = [{_quoted(PHANTOM_ID)}]",
        f"opening_hours = {{ {hours} }}",
        "",
    ]
    for scanner in scanners:
        lines += ["[[device]]", *_pairs(_device(scanner)), ""]
    for meter in meters:
        time, value = (_quoted(text) for text in meter.dialect.header)
        lines += ["[[meter]]", *_pairs(_meter(meter, zone)), f"columns = {{ time = {time}, value = {value} }}", ""]
    return "\n".join(lines) + "\n" + LEDGER_TOML


def _device(scanner: Scanner) -> dict[str, object]:
    return {
        "serial": scanner.serial,
        "alias": scanner.alias,
        "modality": scanner.modality,
        "manufacturer": scanner.model.manufacturer,
        "model": scanner.model.model,
        "stations": [scanner.station],
    }


def _meter(meter: SimMeter, zone: str) -> dict[str, object]:
    dialect = meter.dialect
    highest_kw = 3.0 * max(meter.scanner.level_kw.values())
    found: dict[str, object] = {
        "id": meter.id,
        "feeds": [meter.scanner.serial],
        "unit": dialect.unit,
        "kind": dialect.kind,
        "interval_s": meter.resolution_s,
        "stamp": dialect.stamp,
        "accuracy_percent": dialect.accuracy_percent,
        "plausible_kw": [0, round(highest_kw, 1)],
    }
    if dialect.timezone is not None:
        found["timezone"] = zone if dialect.timezone == "local" else dialect.timezone
    if meter.register_max is not None:
        found["register_max"] = meter.register_max
    return found


def _pairs(values: dict[str, object]) -> list[str]:
    # JSON and TOML write texts, numbers and lists of them alike.
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
