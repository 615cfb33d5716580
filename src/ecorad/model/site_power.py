"""What ``site.toml`` says for the power plan: modes of a device, who must stay ready, prices by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from .errors import SiteError
from .vocabulary import PowerState

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOW_MODES = (PowerState.OFF, PowerState.POWER_SAVE)
Hours = tuple[time, time]
# Working assumptions until the site says better, and said to be such wherever they are used: the long end of the 5 to
# 20 minutes that a start is said to delay a patient, half of it from the lighter mode, and the way down. [min]
START_MIN: Mapping[PowerState, float] = {PowerState.OFF: 20.0, PowerState.POWER_SAVE: 10.0}
STOP_MIN = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerEntry:
    """``[device.power]``: what a plan may ask of a device; mappings are from mode to number.

    Parameters
    ----------
    modes : tuple of PowerState
        Low modes it has, beside those seen on its meter.
    never : tuple of PowerState
        Modes that its maker or the physicist rules out.
    kw : mapping
        Mean power of a mode where its meter has not seen it. [kW]
    start_min, stop_min : mapping
        Minutes from a low mode until it can examine, and from the last exam into the mode. [min]
    switch_kwh : mapping
        What going down and up again draws beyond the power of the low mode. [kWh]
    least_min : mapping
        Shortest stay in a mode. [min]
    qa_min : mapping
        Quality control after a start from a mode. [min]
    """

    modes: tuple[PowerState, ...] = ()
    never: tuple[PowerState, ...] = ()
    kw: Mapping[PowerState, float] = field(default_factory=dict)
    start_min: Mapping[PowerState, float] = field(default_factory=dict)
    stop_min: Mapping[PowerState, float] = field(default_factory=dict)
    switch_kwh: Mapping[PowerState, float] = field(default_factory=dict)
    least_min: Mapping[PowerState, float] = field(default_factory=dict)
    qa_min: Mapping[PowerState, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyEntry:
    """One ``[[ready]]``: at least ``at_least`` of ``devices`` can examine within ``within_min``, in ``hours``."""

    devices: tuple[str, ...]
    at_least: int
    within_min: float
    hours: Hours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffEntry:
    """One ``[[tariff]]``: the price of 1 kWh on ``days`` in ``hours``; the first that holds counts."""

    price_per_kwh: float
    days: tuple[str, ...] = WEEKDAYS
    hours: Hours | None = None

    def holds(self, local: datetime) -> bool:
        """Whether a local moment has this price."""
        return WEEKDAYS[local.weekday()] in self.days and is_within(local.time(), self.hours)


def is_within(moment: time, hours: Hours | None) -> bool:
    """Whether a time of day lies in half-open hours, which may run over midnight; every time does in ``None``.

    >>> is_within(time(1), (time(22), time(6))), is_within(time(6), (time(22), time(6)))
    (True, False)
    """
    if hours is None:
        return True
    start, end = hours
    return start <= moment < end if start < end else moment >= start or moment < end


def parse_power(value: Any, place: str) -> PowerEntry:
    """``[device.power]``.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.
    """
    row = _table(value, f"{place} power", set(PowerEntry.__dataclass_fields__))
    numbers = {
        key: _numbers(row.get(key, {}), f"{place} power.{key}")
        for key in ("kw", "start_min", "stop_min", "switch_kwh", "least_min", "qa_min")
    }
    return PowerEntry(
        modes=_modes(row.get("modes", []), f"{place} power.modes"),
        never=_modes(row.get("never", []), f"{place} power.never"),
        **numbers,
    )


def parse_ready(value: Any, number: int) -> ReadyEntry:
    """One ``[[ready]]``."""
    place = f"[[ready]] {number}"
    row = _table(value, place, set(ReadyEntry.__dataclass_fields__))
    devices = _texts(row.get("devices", []), f"{place} devices")
    at_least = row.get("at_least", 1)
    if isinstance(at_least, bool) or not isinstance(at_least, int) or not 1 <= at_least <= len(set(devices)):
        raise SiteError(f"{place}: at_least must be a whole number from 1 to the number of its devices")
    return ReadyEntry(
        devices=devices,
        at_least=at_least,
        within_min=_number(row.get("within_min"), f"{place} within_min"),
        hours=_hours(row.get("hours"), place),
    )


def parse_tariff(value: Any, number: int) -> TariffEntry:
    """One ``[[tariff]]``."""
    place = f"[[tariff]] {number}"
    row = _table(value, place, set(TariffEntry.__dataclass_fields__))
    days = _texts(row.get("days", list(WEEKDAYS)), f"{place} days")
    if not set(days) <= set(WEEKDAYS):
        raise SiteError(f"{place}: days must be of {', '.join(WEEKDAYS)}")
    price = _number(row.get("price_per_kwh"), f"{place} price_per_kwh")
    return TariffEntry(price_per_kwh=price, days=days, hours=_hours(row.get("hours"), place))


def _table(value: Any, place: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SiteError(f"{place} must be a table")
    unknown = sorted(set(value) - known)
    if unknown:
        raise SiteError(f"{place}: {unknown[0]!r} is not a key; there are {', '.join(sorted(known))}")
    return value


def _modes(value: Any, place: str) -> tuple[PowerState, ...]:
    return tuple(_mode(text, place) for text in _texts(value, place))


def _mode(text: str, place: str) -> PowerState:
    if text not in {mode.value for mode in LOW_MODES}:
        raise SiteError(f"{place}: a mode is one of {', '.join(mode.value for mode in LOW_MODES)}")
    return PowerState(text)


def _numbers(value: Any, place: str) -> dict[PowerState, float]:
    if not isinstance(value, dict):
        raise SiteError(f"{place} must be a table like {{ off = 20 }}")
    return {_mode(key, place): _number(one, f"{place}.{key}") for key, one in value.items()}


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise SiteError(f"{place} must be a number from 0 up")
    return float(value)


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SiteError(f"{place} must be a list of texts")
    return tuple(value)


def _hours(value: Any, place: str) -> Hours | None:
    if value is None:
        return None
    try:
        start, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except (AttributeError, ValueError):
        raise SiteError(f'{place}: hours must look like "22:00-06:00"') from None
    if start == end:
        raise SiteError(f"{place}: hours must not end when they start; leave them out for the whole day")
    return start, end
