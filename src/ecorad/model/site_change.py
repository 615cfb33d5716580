"""``[[change]]``: what was changed on a device, when, and what was promised of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .errors import SiteError

# What a claim may be about; the room that measures has the same names, and a test holds the two together.
CLAIMABLE = (
    "kwh_per_day",
    "off_hours_kwh_per_day",
    "exams_per_day",
    "minutes_per_exam",
    "kwh_per_exam",
    "contrast_ml_per_exam",
    "dose_msv_per_exam",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """One ``[[change]]``.

    Parameters
    ----------
    name, device : str
        What it is called, and the alias or serial number it is about.
    on : date
        First local day with it.
    ramp_days : int
        Days from ``on`` that belong to neither side: people learn.
    first, last : date, optional
        Bounds of the comparison; all records unless said. In the file: ``from`` and ``to``.
    left_out : tuple of date
        Days on which something else happened. In the file: ``without``.
    body_regions : tuple of str
        Only exams of these; all unless said.
    controls : tuple of str
        Devices on which nothing was changed.
    by_minutes : bool
        Adjust energy for scan minutes instead of exams: only where the change cannot have touched their length.
    claim_of, claim_percent : optional
        What was promised to fall, and by how much.
    reject_margin : float
        A rise of the share of rejects that would not matter.
    """

    name: str
    device: str
    on: date
    ramp_days: int = 0
    first: date | None = None
    last: date | None = None
    left_out: tuple[date, ...] = ()
    body_regions: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    by_minutes: bool = False
    claim_of: str | None = None
    claim_percent: float | None = None
    reject_margin: float = 0.02


_KEYS = {"name", "device", "on", "ramp_days", "from", "to", "without", "body_regions", "controls", "by_minutes"}
_KEYS |= {"claim_of", "claim_percent", "reject_margin"}


def parse_change(value: Any, number: int) -> ChangeEntry:
    """One ``[[change]]``.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.

    Examples
    --------
    >>> parse_change({"name": "eco", "device": "MR 1", "on": date(2026, 3, 2)}, 1).ramp_days
    0
    """
    place = f"[[change]] {number}"
    if not isinstance(value, dict):
        raise SiteError(f"{place} must be a table")
    unknown = sorted(set(value) - _KEYS)
    if unknown:
        raise SiteError(f"{place}: {unknown[0]!r} is not a key; there are {', '.join(sorted(_KEYS))}")
    on = _day(value, "on", place)
    if on is None:
        raise SiteError(f"{place}: on must be a day like 2026-03-02")
    claim_of = value.get("claim_of")
    if claim_of is not None and claim_of not in CLAIMABLE:
        raise SiteError(f"{place}: claim_of must be one of {', '.join(CLAIMABLE)}")
    if (claim_of is None) != ("claim_percent" not in value):
        raise SiteError(f"{place}: claim_of and claim_percent belong together")
    return ChangeEntry(
        name=_text(value, "name", place),
        device=_text(value, "device", place),
        on=on,
        ramp_days=int(_number(value, "ramp_days", 0, place, 366)),
        first=_day(value, "from", place),
        last=_day(value, "to", place),
        left_out=tuple(_as_day(one, f"{place} without") for one in _list(value, "without", place)),
        body_regions=tuple(map(str, _list(value, "body_regions", place))),
        controls=tuple(map(str, _list(value, "controls", place))),
        by_minutes=value.get("by_minutes", False) is True,
        claim_of=claim_of,
        claim_percent=None if claim_of is None else _number(value, "claim_percent", 0, place, 100),
        reject_margin=_number(value, "reject_margin", 0.02, place, 1),
    )


def _text(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise SiteError(f"{place}: {key} must be a text")
    return value.strip()


def _list(row: Mapping[str, Any], key: str, place: str) -> list[Any]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise SiteError(f"{place}: {key} must be a list")
    return value


def _number(row: Mapping[str, Any], key: str, default: float, place: str, most: float) -> float:
    value = row.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise SiteError(f"{place}: {key} must be a number from 0 to {most:g}")
    return float(value)


def _day(row: Mapping[str, Any], key: str, place: str) -> date | None:
    return None if key not in row else _as_day(row[key], f"{place} {key}")


def _as_day(value: Any, place: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise SiteError(f"{place} must be a day like 2026-03-02, without quotes")
    return value
