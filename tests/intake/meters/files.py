"""Meter files made up for the tests, and short ways to read them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ecorad.intake.meters import DecodedReadings, ReadingColumns, decode
from ecorad.model import MeterEntry, Site

START = datetime(2026, 3, 2, tzinfo=UTC)


def site(*entries: MeterEntry, zone: str = "UTC") -> Site:
    return Site(name="Test", timezone=zone, meters=entries)


def meter(**fields: Any) -> MeterEntry:
    return MeterEntry(**{"id": "m", "kind": "power", "unit": "kW", **fields})


def table(values: Iterable[object], step_s: float = 900.0, header: str = "time,value", start: datetime = START) -> str:
    """One row a step, ISO times in UTC; a value ``...`` leaves its row out."""
    rows = [header]
    for i, value in enumerate(values):
        if value is not ...:
            rows.append(f"{(start + timedelta(seconds=i * step_s)).isoformat()},{value}")
    return "\n".join(rows) + "\n"


def read(content: str | bytes, entry: MeterEntry | None = None, **options: Any) -> DecodedReadings:
    raw = content.encode() if isinstance(content, str) else content
    entries = options.pop("entries", (entry,) if entry else ())
    place = site(*entries, zone=options.pop("zone", "UTC"))
    name = options.pop("name", "m.csv")
    return decode(io.BytesIO(raw), name=name, feed=options.pop("feed", None), site=place)


def only(found: DecodedReadings) -> ReadingColumns:
    assert len(found.readings) == 1
    return found.readings[0]


def codes(found: DecodedReadings) -> dict[str, str]:
    """Codes without their prefix, and where."""
    return {issue.code.removeprefix("ecorad.meter."): issue.where for issue in found.issues}


def energy(found: DecodedReadings) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 6) for value in only(found).energy_kwh]


def flagged(found: DecodedReadings, word: str) -> list[int]:
    """Places of the readings that carry a flag."""
    return [i for i, text in enumerate(only(found).flags) if word in str(text).split("|")]


def hours(columns: ReadingColumns) -> np.ndarray[Any, Any]:
    return (columns.end_us - columns.start_us) / 3.6e9


def rows(*lines: Sequence[object] | str) -> str:
    return "\n".join(line if isinstance(line, str) else ",".join(map(str, line)) for line in lines) + "\n"
