"""The meters of a simulated department: what each kind would deliver of the true power."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError

from .power import DayOfPower
from .scanners import Scanner
from .settings import Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Z_95 = 1.959964
LONGEST_1_S_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one make of meter writes: kind, unit, file format."""

    kind: str
    unit: str
    resolution_s: int
    accuracy_percent: float
    header: tuple[str, str]
    time_format: str
    timezone: str | None
    stamp: str = "start"
    delimiter: str = ","
    decimal: str = "."
    newline: str = "\n"
    byte_order_mark: bool = False
    rotation: str = "all"


# time_format: "offset" ISO 8601, local with offset; "dutch" dd.mm.yyyy, local and naive; "zulu" ISO 8601, UTC with Z;
# "plain" UTC and naive.
DIALECTS = {
    "MR": Dialect(
        kind="power",
        unit="kW",
        resolution_s=10,
        accuracy_percent=0.5,
        header=("timestamp", "power_kw"),
        time_format="offset",
        timezone=None,
        rotation="week",
    ),
    "CT": Dialect(
        kind="interval",
        unit="kWh",
        resolution_s=60,
        accuracy_percent=0.5,
        header=("Datum", "Verbruik (kWh)"),
        time_format="dutch",
        timezone="local",
        stamp="end",
        delimiter=";",
        decimal=",",
        newline="\r\n",
        byte_order_mark=True,
    ),
    "DX": Dialect(
        kind="register",
        unit="kWh",
        resolution_s=900,
        accuracy_percent=1.0,
        header=("time_utc", "register_kwh"),
        time_format="zulu",
        timezone="UTC",
    ),
    "US": Dialect(
        kind="power",
        unit="W",
        resolution_s=60,
        accuracy_percent=1.0,
        header=("Time (UTC)", "Power [W]"),
        time_format="plain",
        timezone="UTC",
        delimiter=";",
        rotation="week",
    ),
    "XA": Dialect(
        kind="power",
        unit="W",
        resolution_s=1,
        accuracy_percent=0.5,
        header=("timestamp", "watt"),
        time_format="zulu",
        timezone="UTC",
        rotation="day",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimMeter:
    """One meter: its dialect, its own error, and what will go wrong with it. Moments in s since the start."""

    id: str
    scanner: Scanner
    dialect: Dialect
    resolution_s: int
    decimals: int
    gain: float
    register_max: float | None
    register_start_kwh: float
    resets_s: tuple[int, ...]
    gaps_s: tuple[tuple[int, int], ...]


def draw_meter(scanner: Scanner, *, length_s: int, resolution_s: int | None, settings: Settings, seed: int) -> SimMeter:
    """The meter of one scanner.

    Its gain is drawn from its accuracy, the half width of the 95 % interval. Without ``resolution_s`` each kind has
    its own; the 1 s meter writes every 10 s when the simulation is longer than a week, to bound its size.

    Raises
    ------
    InputError
        If ``resolution_s`` does not divide an hour.
    """
    dialect = DIALECTS[scanner.modality]
    own_s = 10 if dialect.resolution_s == 1 and length_s > LONGEST_1_S_DAYS * 86400 else dialect.resolution_s
    step_s = own_s if resolution_s is None else resolution_s
    if step_s < 1 or 3600 % step_s:
        raise InputError("meter_resolution_s must divide an hour")
    rng = random.Random(f"{seed}/{scanner.index}/meter")
    gain = 1.0 + rng.gauss(0.0, dialect.accuracy_percent / 100.0 / Z_95)
    register_max = 100_000.0 if dialect.kind == "register" else None
    # Rolls over after about a fifth of what an idle scanner would use.
    start = 100_000.0 - 0.2 * scanner.level_kw["idle"] * length_s / 3600.0 * rng.uniform(0.5, 1.0)
    resets = settings.register_resets if dialect.kind == "register" else 0
    return SimMeter(
        id=f"{scanner.alias.lower()}-meter",
        scanner=scanner,
        dialect=dialect,
        resolution_s=step_s,
        decimals=_decimals(dialect, scanner.level_kw["idle"], step_s),
        gain=gain,
        register_max=register_max,
        register_start_kwh=start,
        resets_s=tuple(sorted(rng.randrange(length_s // 2, length_s) for _ in range(resets))),
        gaps_s=_gaps(length_s, settings.gap_share, rng),
    )


def _decimals(dialect: Dialect, idle_kw: float, step_s: int) -> int:
    """As many decimals as keep one step below 2 % of an idle interval, at least a watt or a watt hour."""
    if dialect.kind == "power":
        return {"W": 1, "kW": 3}[dialect.unit]
    return max(3, math.ceil(-math.log10(0.02 * idle_kw * step_s / 3600.0)))


def _gaps(length_s: int, share: float, rng: random.Random) -> tuple[tuple[int, int], ...]:
    """Times without data of 20 to 90 min each, until they are ``share`` of the whole."""
    left_s = round(share * length_s)
    found = []
    while left_s >= 60:
        gap_s = min(left_s, rng.randint(1200, 5400))
        start_s = rng.randrange(0, max(1, length_s - gap_s))
        found.append((start_s, start_s + gap_s))
        left_s -= gap_s
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as written: moment of the stamp [s] and value in the unit and kind of the meter."""

    stamp_s: Ints
    value: Floats


class MeterReader:
    """Reads one meter day by day; a register and the remainder of a pulse counter go on from day to day."""

    def __init__(self, meter: SimMeter, seed: int) -> None:
        self.meter, self.seed = meter, seed
        self.counted_kwh = 0.0
        self.reset_base_kwh = 0.0
        self.is_first = True

    def read(self, chunk: DayOfPower) -> Rows:
        """The rows of one chunk, gaps left out."""
        meter = self.meter
        step_s = meter.resolution_s
        mean_kw = chunk.power_kw.reshape(-1, step_s).mean(axis=1)
        rng = np.random.default_rng([self.seed, meter.scanner.index, chunk.start_s, 2])
        mean_kw = mean_kw * (meter.gain * (1.0 + 0.001 * rng.standard_normal(len(mean_kw))))
        starts = np.arange(chunk.start_s, chunk.start_s + len(chunk.power_kw), step_s)
        counter = self.counted_kwh + np.concatenate(([0.0], np.cumsum(mean_kw) * step_s / 3600.0))
        rows = self._rows(starts, mean_kw, counter)
        self.counted_kwh = float(counter[-1])
        self.is_first = False
        return self._without_gaps(rows)

    def _rows(self, starts: Ints, mean_kw: Floats, counter: Floats) -> Rows:
        dialect, step_s = self.meter.dialect, self.meter.resolution_s
        stamps = starts + step_s if dialect.stamp == "end" else starts
        if dialect.kind == "power":
            return Rows(stamps, mean_kw * (1000.0 if dialect.unit == "W" else 1.0))
        quantum = 10.0**-self.meter.decimals
        pulses = np.floor(counter / quantum + 1e-9)
        if dialect.kind == "interval":
            return Rows(stamps, np.diff(pulses) * quantum)
        moments = np.append(starts, starts[-1] + step_s)
        first = 0 if self.is_first else 1
        return Rows(moments[first:], self._register(moments, pulses * quantum)[first:])

    def _register(self, moments: Ints, counted: Floats) -> Floats:
        """Register values: rolling over at its width, and from 0 again after each reset."""
        shown = self.meter.register_start_kwh + counted
        for reset_s in self.meter.resets_s:
            if reset_s >= moments[-1]:
                continue
            if reset_s >= moments[0]:
                self.reset_base_kwh = float(np.interp(reset_s, moments, counted))
            shown = np.where(moments > reset_s, counted - self.reset_base_kwh, shown)
        return shown % (self.meter.register_max or math.inf)

    def _without_gaps(self, rows: Rows) -> Rows:
        keep = np.ones(len(rows.stamp_s), dtype=bool)
        for start_s, end_s in self.meter.gaps_s:
            keep &= (rows.stamp_s < start_s) | (rows.stamp_s >= end_s)
        return Rows(rows.stamp_s[keep], rows.value[keep])
