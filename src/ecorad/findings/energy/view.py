"""One metered device as the detectors see it: what it waited in, when, and what lower mode it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import Factor
from ecorad.footprint.carbon import Intensity
from ecorad.footprint.energy.spans import Spans, clipped, common, merged
from ecorad.footprint.energy.states import STATES, StateRuns
from ecorad.footprint.results import DeviceEnergy
from ecorad.model import Period, PowerState
from ecorad.model.clock import to_datetime, to_us
from ecorad.model.site_power import LOW_MODES, START_MIN, STOP_MIN, PowerEntry

Floats = NDArray[np.float64]
_HOUR_US = 3_600_000_000
AWAKE = (PowerState.IDLE, PowerState.READY)


@dataclass(frozen=True, slots=True)
class Low:
    """A mode below idle: its power, where that comes from (``measured``, ``site``, ``published``), its switches."""

    mode: PowerState
    kw: float
    source: str
    switch_kwh: float
    start_min: float
    factors: tuple[str, ...] = ()

    def pays_after_h(self, idle_kw: float) -> float:
        """A stretch shorter than this gains nothing: the break-even time, and time to go down and up. [h]"""
        return max(self.switch_kwh / max(idle_kw - self.kw, 1e-9), (self.start_min + STOP_MIN) / 60.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """What the site says, as far as a saving needs it.

    Parameters
    ----------
    zone : str
        IANA zone.
    first_us, last_us : int
        Period. [us]
    price : callable, optional
        Price of 1 kWh at a local moment.
    marginal : marginal intensity, optional
        Without it no CO2e is given.
    entries : mapping of device key to PowerEntry
        What the site says of modes.
    published : mapping of modality to (PowerState to Factor)
        Published powers.
    """

    zone: str
    first_us: int
    last_us: int
    currency: str = "EUR"
    price: Callable[[datetime], float | None] | None = None
    marginal: Intensity | None = None
    entries: Mapping[str, PowerEntry] = field(default_factory=dict)
    published: Mapping[str, Mapping[PowerState, Factor]] = field(default_factory=dict)
    accuracy_percent: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    opening_hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)


class About:
    """Whom a finding is about, and what a saving of it is worth."""

    def __init__(self, one: DeviceEnergy, site: Setting) -> None:
        self.one, self.site = one, site
        self.key, self.alias = one.device.device_key, one.device.alias
        self.meter = one.meters[0] if one.meters else self.key
        self.accuracy_percent = site.accuracy_percent.get(self.meter, 2.0)
        self.currency, self.marginal = site.currency, site.marginal

    def mean_price(self, spans: Spans) -> float | None:
        """Mean price over spans, hour by hour; ``None`` when any hour has none. [currency/kWh]"""
        if self.site.price is None or not len(spans[0]):
            return None
        tz = ZoneInfo(self.site.zone)
        prices = []
        for start, end in zip(*spans, strict=True):
            for moment in range(int(start), int(end), _HOUR_US):
                price = self.site.price(datetime.fromtimestamp(moment / 1e6, tz))
                if price is None:
                    return None
                prices.append((price, min(_HOUR_US, int(end) - moment)))
        return sum(price * length for price, length in prices) / sum(length for _, length in prices)


class View(About):
    """One device with named states.

    Parameters
    ----------
    one : DeviceEnergy
        With runs.
    site : Setting
        Period, prices, modes.
    twins : tuple of DeviceEnergy
        Other devices of the same maker and model with named states.
    """

    def __init__(self, one: DeviceEnergy, runs: StateRuns, site: Setting, twins: tuple[DeviceEnergy, ...] = ()) -> None:
        super().__init__(one, site)
        self.runs, self.twins = runs, twins
        self.entry = site.entries.get(self.key, PowerEntry())
        self.idle_kw = runs.level_kw.get(PowerState.IDLE)
        self.exams = merged(one.exams.start_us, one.exams.end_us)
        period = (site.first_us, site.last_us)
        self.open: Spans | None = None if one.opening is None else clipped(*one.opening.spans, *period)
        self.closed: Spans | None = None if self.open is None else without(_whole(*period), self.open)

    def in_states(self, *states: PowerState) -> Spans:
        """When the device was in one of these states."""
        codes = [STATES.index(state) for state in states]
        mine = np.isin(self.runs.state, codes)
        return merged(self.runs.start_us[mine], self.runs.end_us[mine])

    def waiting(self) -> Spans:
        """When it was awake and no exam was running."""
        return without(self.in_states(*AWAKE, PowerState.SCAN), self.exams)

    def energy_kwh(self, spans: Spans) -> Floats:
        """Measured energy inside each span. [kWh]"""
        return self._until(spans[1]) - self._until(spans[0])

    def seen(self, spans: Spans) -> NDArray[np.bool_]:
        """Which spans were read for at least nine tenths."""
        covered = self._read_until(spans[1]) - self._read_until(spans[0])
        return np.asarray(covered >= 0.9 * (spans[1] - spans[0]))

    def _until(self, moments: NDArray[np.int64]) -> Floats:
        return self._summed(moments, self.runs.energy_kwh)

    def _read_until(self, moments: NDArray[np.int64]) -> Floats:
        return self._summed(moments, (self.runs.end_us - self.runs.start_us).astype(np.float64))

    def _summed(self, moments: NDArray[np.int64], amount: Floats) -> Floats:
        """Amount of all runs before each moment, even inside a run."""
        start, end = self.runs.start_us, self.runs.end_us
        before = np.concatenate(([0.0], np.cumsum(amount)))
        place = np.searchsorted(start, moments, side="right") - 1
        at = np.maximum(place, 0)
        share = np.clip((moments - start[at]) / np.maximum(end[at] - start[at], 1), 0.0, 1.0)
        return np.asarray(np.where(place >= 0, before[at] + share * amount[at], 0.0))

    def low(self, *modes: PowerState, assume: bool = False) -> Low | None:
        """The lowest mode it has: seen on its meter, else named by the site.

        With ``assume``, where neither tells, a published one of its class.
        """
        found = [one for mode in modes or LOW_MODES if (one := self._low(mode, assume=assume)) is not None]
        measured = [one for one in found if one.source == "measured"]
        return min(measured or found, key=lambda one: one.kw, default=None)

    def _low(self, mode: PowerState, *, assume: bool) -> Low | None:
        if self.idle_kw is None or mode in self.entry.never:
            return None
        level = self._level(mode, assume=assume)
        if level is None or level[0] >= self.idle_kw:
            return None
        kw, source, rows = level
        start = self.entry.start_min.get(mode, START_MIN[mode]) + self.entry.qa_min.get(mode, 0.0)
        stop = self.entry.stop_min.get(mode, STOP_MIN)
        # Unless better is known, a device draws its idle power while it goes down and up.
        switch = self.entry.switch_kwh.get(mode, (self.idle_kw - kw) * (start + stop) / 60.0)
        return Low(mode, kw, source, switch, start, rows)

    def _level(self, mode: PowerState, *, assume: bool) -> tuple[float, str, tuple[str, ...]] | None:
        if mode in self.runs.level_kw:
            return self.runs.level_kw[mode], "measured", ()
        if mode in self.entry.kw:
            return self.entry.kw[mode], "site", ()
        rows = self.site.published.get(self.one.device.modality or "", {})
        if (assume or mode in self.entry.modes) and mode in rows and PowerState.IDLE in rows and self.idle_kw:
            low, idle = rows[mode], rows[PowerState.IDLE]
            return self.idle_kw * low.value / idle.value, "published", (low.factor_id, idle.factor_id)
        return None


def without(spans: Spans, others: Spans) -> Spans:
    """The parts of sorted, disjoint spans that no other covers.

    >>> [part.tolist() for part in without((np.array([0]), np.array([30])), (np.array([10]), np.array([20])))]
    [[0, 20], [10, 30]]
    """
    if not len(spans[0]) or not len(others[0]):
        return spans
    first = min(int(spans[0][0]), int(others[0][0])) - 1
    last = max(int(spans[1][-1]), int(others[1][-1])) + 1
    rest = (np.concatenate(([first], others[1])), np.concatenate((others[0], [last])))
    keep = rest[1] > rest[0]
    return common(spans, (rest[0][keep], rest[1][keep]))


def hours(spans: Spans) -> Floats:
    """Length of each span. [h]"""
    return np.asarray((spans[1] - spans[0]) / _HOUR_US)


def by_stretch(stretches: Spans, spans: Spans, amount: Floats) -> Floats:
    """Amounts of spans summed over the stretches they lie in, shape (stretches,)."""
    if not len(stretches[0]):
        return np.zeros(0)
    place = np.searchsorted(stretches[0], spans[0], side="right") - 1
    return np.bincount(place, weights=amount, minlength=len(stretches[0])).astype(np.float64)


def local_days(site: Setting) -> Spans:
    """The local days of the period."""
    days = Period(to_datetime(site.first_us), to_datetime(site.last_us)).local_days(site.zone)
    edges = [Period.of_days(day, day, site.zone) for day in days]
    starts, ends = ([to_us(getattr(edge, name)) for edge in edges] for name in ("start", "end"))
    return clipped(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64), site.first_us, site.last_us)


def _whole(first_us: int, last_us: int) -> Spans:
    return np.array([first_us], dtype=np.int64), np.array([last_us], dtype=np.int64)
