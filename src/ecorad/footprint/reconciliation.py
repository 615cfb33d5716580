"""Every meter, day by day: what its energy was used for, and what the meters say of the feeder and the bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model.clock import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, wall_us

from .energy.spans import Spans, is_inside, merged
from .energy.trace import Floats, Ints, Trace

CLASSES = ("exams", "qc", "warm_up", "gaps", "off_hours", "cooling", "unexplained")
_NONE: Ints = np.zeros(0, dtype=np.int64)
NO_SPANS: Spans = (_NONE, _NONE)
Table = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Uses:
    """When a meter's energy was used for what; spans on the meter's clock, in any order.

    Where spans overlap the first of exams, quality control and warm-up counts; then opening hours tell gaps from
    off-hours. ``opening`` is ``None`` when it is not known: the rest is unexplained.
    """

    exams: Spans = NO_SPANS
    qc: Spans = NO_SPANS
    warm_up: Spans = NO_SPANS
    opening: Spans | None = None
    is_cooling: bool = False


NOTHING_KNOWN = Uses()


@dataclass(frozen=True, slots=True)
class Bill:
    """What was billed for one feeder over a half-open period. [us, kWh]"""

    meter_key: str
    first_us: int
    last_us: int
    energy_kwh: float


def by_day(trace: Trace, uses: Uses, zone: str, *, floor_kw: float | None = None) -> dict[str, NDArray[Any]]:
    """The known energy of one meter by local day and class.

    Parameters
    ----------
    trace : Trace
        The meter; for a coarse one of a device, cut at the edges of its acquisitions.
    zone : str
        IANA zone whose days count.
    floor_kw : float, optional
        Power the device never goes below; its energy is told beside the classes, as a part of them. [kW]

    Returns
    -------
    dict of column to array
        ``day`` (local days since 1970-01-01), one column ``<class>_kwh`` for each of :data:`CLASSES`, ``meter_kwh``,
        their sum, ``floor_kwh`` (NaN when not known), ``read_h``.

    Examples
    --------
    >>> hour = MICROSECONDS_PER_HOUR
    >>> trace = Trace.of(np.arange(48) * hour, np.arange(1, 49) * hour, np.ones(48))
    >>> at = lambda *hours: np.array(hours) * hour
    >>> table = by_day(trace, Uses(exams=(at(9), at(11)), opening=(at(8, 32), at(18, 42))), "UTC")
    >>> table["exams_kwh"].tolist(), table["gaps_kwh"].tolist(), table["off_hours_kwh"].tolist()
    ([2.0, 0.0], [8.0, 10.0], [14.0, 14.0])
    """
    midnights, days = _midnights(trace, zone)
    spans = {name: merged(*getattr(uses, name)) for name in ("exams", "qc", "warm_up")}
    opening = None if uses.opening is None else merged(*uses.opening)
    edges = np.concatenate((midnights, *(side for one in spans.values() for side in one), *(opening or NO_SPANS)))
    edges = np.unique(np.clip(edges, midnights[0], midnights[-1])) if len(midnights) else edges[:0]
    energy_until, known_until = trace.energy_until(edges)
    energy, at = np.diff(energy_until), edges[:-1]
    code = _classes(at, spans, opening, is_cooling=uses.is_cooling)
    day = np.searchsorted(midnights, at, side="right") - 1
    count = max(len(midnights) - 1, 0)
    sums = np.bincount(day * len(CLASSES) + code, weights=energy, minlength=count * len(CLASSES))
    table = sums.reshape(count, len(CLASSES))
    read_h = np.bincount(day, weights=np.diff(known_until), minlength=count) / MICROSECONDS_PER_HOUR
    total = table.sum(axis=1)
    floor: Floats = np.full(count, np.nan) if floor_kw is None else np.minimum(floor_kw * read_h, total)
    return {
        "day": days,
        **{f"{name}_kwh": table[:, n] for n, name in enumerate(CLASSES)},
        "meter_kwh": total,
        "floor_kwh": floor,
        "read_h": read_h,
    }


def feeder_balance(feeder: Trace, meters: Sequence[Trace], zone: str) -> dict[str, NDArray[Any]]:
    """A feeder against the meters behind it, by local day, over the readings for which all of them are known.

    Returns
    -------
    dict of column to array
        ``day``, ``feeder_kwh``, ``meters_kwh``, ``residual_kwh`` (the former less the latter), ``compared_h``.

    Examples
    --------
    >>> hour = MICROSECONDS_PER_HOUR
    >>> feeder = Trace.of(np.arange(2) * hour, np.arange(1, 3) * hour, [10.0, 12.0])
    >>> ct = Trace.of([0], [hour], [4.0])
    >>> table = feeder_balance(feeder, [ct], "UTC")
    >>> float(table["feeder_kwh"][0]), float(table["residual_kwh"][0]), float(table["compared_h"][0])
    (10.0, 6.0, 1.0)
    """
    rest, own = behind(feeder, meters)
    midnights, days = _midnights(feeder, zone)
    feeder_part = Trace(rest.start_us, rest.end_us, np.where(rest.is_known, feeder.energy_kwh, np.nan))
    read, known = feeder_part.energy_until(midnights)
    metered = own.kwh_until(midnights)
    return {
        "day": days,
        "feeder_kwh": np.diff(read),
        "meters_kwh": np.diff(metered),
        "residual_kwh": np.diff(read) - np.diff(metered),
        "compared_h": np.diff(known) / MICROSECONDS_PER_HOUR,
    }


def behind(feeder: Trace, meters: Sequence[Trace]) -> tuple[Trace, Trace]:
    """What a feeder read beyond the meters behind it, and what these read, on the feeder's intervals.

    Not known where any of them is not: half a meter is not a meter.
    """
    own = np.zeros(len(feeder))
    for meter in meters:
        part, known = meter.energy_between(feeder.start_us, feeder.end_us)
        own += np.where(known > 1 - 1e-6, part, np.nan)
    own[~feeder.is_known] = np.nan
    rest = feeder.energy_kwh - own
    return Trace(feeder.start_us, feeder.end_us, rest), Trace(feeder.start_us, feeder.end_us, own)


def bill_balance(trace: Trace, bills: Sequence[Bill]) -> dict[str, NDArray[Any]]:
    """Bills against their meter: what was read in the period of each, the share of it that was read, the difference.

    Returns
    -------
    dict of column to array
        ``first_us``, ``last_us``, ``bill_kwh``, ``meter_kwh``, ``known_fraction``, ``residual_kwh`` (bill less meter;
        NaN unless the whole period was read).
    """
    first = np.array([bill.first_us for bill in bills], dtype=np.int64)
    last = np.array([bill.last_us for bill in bills], dtype=np.int64)
    billed = np.array([bill.energy_kwh for bill in bills], dtype=np.float64)
    read, known = trace.energy_between(first, last)
    return {
        "first_us": first,
        "last_us": last,
        "bill_kwh": billed,
        "meter_kwh": read,
        "known_fraction": known,
        "residual_kwh": np.where(known > 1 - 1e-6, billed - read, np.nan),
    }


def unread_days(trace: Trace, zone: str) -> int:
    """Whole local days between the first and the last reading of which less than a tenth was read."""
    midnights, _ = _midnights(trace, zone)
    if len(midnights) < 4:
        return 0
    _, read = trace.energy_between(midnights[1:-2], midnights[2:-1])
    return int(np.count_nonzero(read < 0.1))


def _classes(at: Ints, spans: Mapping[str, Spans], opening: Spans | None, *, is_cooling: bool) -> NDArray[np.int64]:
    """Index into :data:`CLASSES` of the energy from each moment on."""
    if is_cooling:
        return np.full(len(at), CLASSES.index("cooling"))
    if opening is None:
        code = np.full(len(at), CLASSES.index("unexplained"))
    else:
        code = np.where(is_inside(at, opening), CLASSES.index("gaps"), CLASSES.index("off_hours"))
    for name in ("warm_up", "qc", "exams"):
        code = np.where(is_inside(at, spans[name]), CLASSES.index(name), code)
    return code


def _midnights(trace: Trace, zone: str) -> tuple[Ints, Ints]:
    """Local midnights around a trace, UTC, and the local day each of them but the last begins."""
    if not len(trace):
        return _NONE, _NONE
    wall = wall_us(np.array([trace.start_us[0], trace.end_us[-1] - 1]), zone) // MICROSECONDS_PER_DAY
    days = np.arange(wall[0], wall[1] + 2, dtype=np.int64)
    guess = days * MICROSECONDS_PER_DAY
    for _ in range(2):
        # The offset of the zone is that of the moment itself, which is what is looked for.
        guess = guess - (wall_us(guess, zone) - days * MICROSECONDS_PER_DAY)
    return guess, days[:-1]
