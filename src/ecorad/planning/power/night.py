"""One night of a site: its slots, where each device must be awake, who may come unbooked, how it was done before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ecorad.model import PowerState
from ecorad.model.clock import to_us
from ecorad.model.site_power import WEEKDAYS

from .learned import DeviceHistory, Learned
from .problem import Bools, Floats

Ints = NDArray[np.int64]
OpeningHours = Mapping[str, tuple[time, time]]
SLOT_MIN = 15
_SLOT_US = SLOT_MIN * 60_000_000
_NOON = time(12)
# A night counts as seen when this share of it was read.
_READ = 0.9


@dataclass(frozen=True, eq=False)
class Night:
    """From noon of one local day to noon of another, in slots of a quarter of an hour.

    >>> Night.of(date(2026, 3, 28), 1, "Europe/Amsterdam").slots  # summer time begins
    92
    """

    first: date
    days: int
    zone: str
    edges_us: Ints

    @classmethod
    def of(cls, first: date, days: int, zone: str) -> Night:
        """From noon of ``first``, ``days`` days long."""
        tz = ZoneInfo(zone)
        start = to_us(datetime.combine(first, _NOON, tzinfo=tz))
        end = to_us(datetime.combine(first + timedelta(days=days), _NOON, tzinfo=tz))
        return cls(first, days, zone, np.arange(start, end + 1, _SLOT_US, dtype=np.int64))

    @property
    def slots(self) -> int:
        """How many."""
        return len(self.edges_us) - 1

    def local(self) -> list[datetime]:
        """Local start of each slot."""
        tz = ZoneInfo(self.zone)
        return [datetime.fromtimestamp(int(edge) / 1e6, tz) for edge in self.edges_us[:-1]]

    def covered(self, start_us: Ints, end_us: Ints) -> Floats:
        """Hours of each slot that spans cover, each span counted, shape (slots,). [h]"""
        return sum_in_slots(self.edges_us, start_us, end_us, np.ones(len(start_us)))


def sum_in_slots(edges_us: Ints, start_us: Ints, end_us: Ints, weight: Floats) -> Floats:
    """Hours times weight of spans in each slot, shape (slots,)."""
    inside = (end_us > edges_us[0]) & (start_us < edges_us[-1])
    start_us, end_us, weight = start_us[inside], end_us[inside], weight[inside]
    if not len(start_us):
        return np.zeros(len(edges_us) - 1)
    overlap = np.minimum(end_us[:, None], edges_us[None, 1:]) - np.maximum(start_us[:, None], edges_us[None, :-1])
    return np.asarray((np.maximum(overlap, 0) * weight[:, None]).sum(axis=0) / 3.6e9)


def open_slots(night: Night, hours: OpeningHours) -> Bools:
    """Slots that touch opening hours, shape (slots,)."""
    tz = ZoneInfo(night.zone)
    found = np.zeros(night.slots, dtype=bool)
    for n in range(-1, night.days + 1):
        day = night.first + timedelta(days=n)
        span = hours.get(WEEKDAYS[day.weekday()])
        if span is not None:
            opens, closes = (to_us(datetime.combine(day, moment, tzinfo=tz)) for moment in span)
            found |= (night.edges_us[1:] > opens) & (night.edges_us[:-1] < closes)
    return found


def booked_slots(night: Night, booked: Sequence[tuple[int, int]]) -> Bools:
    """Slots that touch a booked exam; bookings are (start, end) in UTC microseconds."""
    found = np.zeros(night.slots, dtype=bool)
    for start, end in booked:
        found |= (night.edges_us[1:] > start) & (night.edges_us[:-1] < end)
    return found


@dataclass(frozen=True, eq=False)
class Before:
    """How nights like this one went: expected unbooked exams, and power by night and slot.

    Parameters
    ----------
    arrivals : ndarray, shape (slots,)
        Expected unbooked exams outside opening hours.
    power_kw : ndarray, shape (nights, slots)
        Power while waiting: of the mode it was in, of idle while it examined. [kW]
    switches : ndarray, shape (nights,)
        Energy of its switches out of low modes. [kWh]
    """

    arrivals: Floats
    power_kw: Floats
    switches: Floats

    @property
    def nights(self) -> int:
        """How many were seen."""
        return len(self.power_kw)


def before(device: DeviceHistory, learned: Learned, night: Night, hours: OpeningHours) -> Before:
    """Earlier nights between the same kinds of day (open or closed); all nights where there are fewer than two."""
    rows, switches, arrivals = [], [], np.zeros(night.slots)
    for one in nights_alike(device, night, hours):
        power, kwh = _waited(device, learned, one)
        if power is None:
            continue
        rows.append(power)
        switches.append(kwh)
        is_closed = ~open_slots(one, hours)
        arrivals += np.where(is_closed, _starts(device, one), 0.0)
    seen = max(len(rows), 1)
    power_kw = np.array(rows) if rows else np.zeros((0, night.slots))
    return Before(arrivals / seen, power_kw, np.array(switches))


def nights_alike(device: DeviceHistory, night: Night, hours: OpeningHours) -> list[Night]:
    """Earlier nights between the same kinds of day (open or closed); all where there are fewer than two."""
    earlier = _earlier_nights(device, night)
    alike = [one for one in earlier if _kind(one, hours) == _kind(night, hours)]
    return alike if len(alike) >= 2 else earlier


def _kind(night: Night, hours: OpeningHours) -> tuple[bool, ...]:
    days = (night.first + timedelta(days=n) for n in range(night.days + 1))
    return tuple(WEEKDAYS[day.weekday()] in hours for day in days)


def _earlier_nights(device: DeviceHistory, night: Night) -> list[Night]:
    """Nights of the same length that lie in the records of a device, before ``night``."""
    if not len(device.start_us):
        return []
    tz = ZoneInfo(night.zone)
    day = datetime.fromtimestamp(int(device.start_us[0]) / 1e6, tz).date()
    found = []
    while day < night.first:
        one = Night.of(day, night.days, night.zone)
        if one.edges_us[-1] <= night.edges_us[0] and one.slots == night.slots:
            found.append(one)
        day += timedelta(days=1)
    return found


def _waited(device: DeviceHistory, learned: Learned, night: Night) -> tuple[Floats | None, float]:
    """Power by slot of one past night, and the energy of its switches."""
    hours = night.covered(device.start_us, device.end_us)
    if hours.sum() < _READ * night.slots * SLOT_MIN / 60:
        return None, 0.0
    level = np.array([_waiting_kw(state, learned) for state in device.state])
    energy = sum_in_slots(night.edges_us, device.start_us, device.end_us, level)
    mean = energy.sum() / hours.sum()
    power = np.where(hours > 0, energy / np.where(hours > 0, hours, 1.0), mean)
    low = np.array([learned.round_trip_kwh.get(PowerState(state), np.nan) for state in device.state])
    ends_here = (device.end_us > night.edges_us[0]) & (device.end_us < night.edges_us[-1])
    left = ends_here[:-1] & np.isnan(low[1:]) & ~np.isnan(low[:-1]) if len(low) > 1 else np.zeros(0, dtype=bool)
    return power, float(low[:-1][left].sum()) if len(left) else 0.0


def _waiting_kw(state: str, learned: Learned) -> float:
    """Whatever it examines it would examine under any plan: then only its idle power counts."""
    known = learned.power_kw.get(PowerState(state))
    return learned.power_kw[PowerState.IDLE] if known is None else known


def _starts(device: DeviceHistory, night: Night) -> Floats:
    slot = np.searchsorted(night.edges_us, device.exam_start_us, side="right") - 1
    inside = (slot >= 0) & (slot < night.slots)
    return np.bincount(slot[inside], minlength=night.slots).astype(np.float64)
