"""What a meter sent live: single samples out of a number, a JSON object or lines of line protocol."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MAX_PAYLOAD_BYTES = 4 << 20
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,12})?|\.\d{1,12})([eE][+-]?\d{1,2})?")
_TIME_KEYS = ("time", "timestamp", "ts", "Time")
_VALUE_KEYS = ("value", "power", "apower", "energy", "total")
_PRECISION_US = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
# Parts of a line (InfluxDB line protocol): commas, blanks and equals signs in names are escaped.
_PART = re.compile(r"(?:\\.|[^\\ ])+")
_FIELD = re.compile(r'((?:\\.|[^\\,=])+)=("(?:\\.|[^"\\])*"|[^,]+)(?:,|$)')


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one meter as written, at a moment. [us since 1970 UTC]"""

    meter: str
    time_us: int
    value: str


def of_message(payload: bytes, target: str, received_us: int) -> Sample | None:
    """The sample of an MQTT message; ``None`` when it holds none.

    Parameters
    ----------
    payload : bytes
        A number, or a JSON object.
    target : str
        ``meter``, or ``meter:key.key`` to say where in the object the value stands.
    received_us : int
        The moment, unless the object tells another.

    Examples
    --------
    >>> of_message(b"12.5", "mr1", 0)
    Sample(meter='mr1', time_us=0, value='12.5')
    >>> of_message(b'{"ENERGY": {"Total": 7}, "Time": "2026-03-01T00:00:00Z"}', "mr1:ENERGY.Total", 0)
    Sample(meter='mr1', time_us=1772323200000000, value='7')
    """
    meter, _, path = target.partition(":")
    text = payload.decode("utf-8", "replace").strip()
    if _NUMBER.fullmatch(text) and not path:
        return Sample(meter, received_us, text)
    try:
        told = json.loads(text, parse_constant=lambda _: None) if len(payload) <= 65_536 else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    value = _at(told, path) if path else next((told[key] for key in _VALUE_KEYS if key in told), None)
    moment = next((_moment(told[key]) for key in _TIME_KEYS if key in told), received_us)
    number = _number(value)
    return None if number is None or moment is None else Sample(meter, moment, number)


def of_lines(payload: bytes, precision: str, received_us: int, columns: Mapping[str, str]) -> Iterator[Sample | None]:
    """The samples of a text in line protocol, one a line; ``None`` for a line that holds none.

    The meter is the tag ``meter`` or else the measurement; the value is the field ``value``, the field that
    ``columns`` names for the meter, or the only one there is.

    >>> list(of_lines(b"power,meter=mr1 value=6.5 1772323200", "s", 0, {}))
    [Sample(meter='mr1', time_us=1772323200000000, value='6.5')]
    """
    for line in payload.decode("utf-8", "replace").splitlines():
        if line.strip() and not line.startswith("#"):
            yield _line(line.strip(), precision, received_us, columns)


def _line(line: str, precision: str, received_us: int, columns: Mapping[str, str]) -> Sample | None:
    parts = _PART.findall(line)
    if len(parts) not in {2, 3} or len(line) > 8192:
        return None
    measurement, *tags = re.split(r"(?<!\\),", parts[0])
    told = dict(tag.split("=", 1) for tag in tags if "=" in tag)
    meter = re.sub(r"\\(.)", r"\1", told.get("meter") or told.get("meter_id") or measurement)
    fields = {name: value.rstrip("iu") for name, value in _FIELD.findall(parts[1])}
    name = next((one for one in (columns.get(meter, ""), "value") if one in fields), None)
    if name is None and len(fields) == 1:
        name = next(iter(fields))
    number = _number(fields.get(name or ""))
    moment = received_us
    if len(parts) == 3:
        if not re.fullmatch(r"-?\d{1,19}", parts[2]):
            return None
        moment = round(int(parts[2]) * _PRECISION_US.get(precision, 1e-3))
    return None if number is None else Sample(meter, moment, number)


def _at(told: Mapping[str, Any], path: str) -> Any:
    value: Any = told
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    text = str(value) if isinstance(value, int | float) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text.strip()):
        return None
    # Of its own blanks: float() takes fewer letters for blanks than strip() does.
    return text.strip() if math.isfinite(float(text.strip())) else None


def _moment(value: Any) -> int | None:
    """Microseconds since 1970 of an ISO time with offset, or of a number of seconds or milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
        return round(value * (1e3 if value > 1e11 else 1e6))
    try:
        found = datetime.fromisoformat(value)
        return None if found.tzinfo is None else round(found.timestamp() * 1e6)
    except (TypeError, ValueError, OverflowError):
        return None
