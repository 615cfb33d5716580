"""What a meter read: energy in half-open intervals, and the energy of any window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecorad.model import InputError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_HOUR = 3_600_000_000
_ENOUGH = 100_000


def mean_power_kw(energy_kwh: Floats, duration_h: Floats) -> Floats:
    """Mean power over an interval: ``energy_kwh / duration_h``. [kW]"""
    return energy_kwh / duration_h


@dataclass(frozen=True, eq=False)
class Trace:
    """Readings of one meter, or of several that were added up.

    Parameters
    ----------
    start_us, end_us : ndarray of int64, shape (n,)
        Half-open intervals, UTC microseconds, sorted and apart; time between two of them is unknown.
    energy_kwh : ndarray of float64, shape (n,)
        Energy in each; NaN when not known. [kWh]

    Raises
    ------
    InputError
        For shapes that differ, an interval without length, or intervals that are not in order or overlap.

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> trace = Trace.of([0, hour], [hour, 2 * hour], [2.0, np.nan])
    >>> trace.known_kwh
    2.0
    >>> energy, known = trace.energy_between(np.array([hour // 2]), np.array([hour * 3 // 2]))
    >>> float(energy[0]), float(known[0])
    (1.0, 0.5)
    """

    start_us: Ints
    end_us: Ints
    energy_kwh: Floats

    def __post_init__(self) -> None:
        if not len(self.start_us) == len(self.end_us) == len(self.energy_kwh):
            raise InputError("a trace needs as many starts as ends and energies")
        if np.any(self.end_us <= self.start_us):
            raise InputError("an interval of a trace must have a length")
        if np.any(self.start_us[1:] < self.end_us[:-1]):
            raise InputError("the intervals of a trace must be in order and may not overlap")

    @classmethod
    def of(cls, start_us: ArrayLike, end_us: ArrayLike, energy_kwh: ArrayLike) -> Trace:
        """A trace from anything that becomes an array."""
        return cls(
            np.asarray(start_us, dtype=np.int64),
            np.asarray(end_us, dtype=np.int64),
            np.asarray(energy_kwh, dtype=np.float64),
        )

    def __len__(self) -> int:
        return len(self.start_us)

    @cached_property
    def is_known(self) -> NDArray[np.bool_]:
        """Which intervals have an energy, shape (n,)."""
        return ~np.isnan(self.energy_kwh)

    @cached_property
    def duration_h(self) -> Floats:
        """Length of each interval, shape (n,). [h]"""
        return (self.end_us - self.start_us) / MICROSECONDS_PER_HOUR

    @cached_property
    def power_kw(self) -> Floats:
        """Mean power in each interval, NaN when not known, shape (n,). [kW]"""
        return mean_power_kw(self.energy_kwh, self.duration_h)

    @cached_property
    def known_kwh(self) -> float:
        """All known energy. [kWh]"""
        return float(self._cumulative_kwh[-1])

    @cached_property
    def known_h(self) -> float:
        """Time with a known reading. [h]"""
        return float(self._cumulative_us[-1]) / MICROSECONDS_PER_HOUR

    @cached_property
    def resolution_s(self) -> float:
        """Median length of a known interval, NaN without any; of very many readings, of a hundred thousand. [s]"""
        step = max(1, len(self) // _ENOUGH)
        lengths = (self.end_us[::step] - self.start_us[::step])[self.is_known[::step]]
        if not len(lengths):
            lengths = (self.end_us - self.start_us)[self.is_known]
        return float(np.median(lengths)) / MICROSECONDS_PER_SECOND if len(lengths) else float("nan")

    @cached_property
    def _cumulative_kwh(self) -> Floats:
        return np.concatenate(([0.0], np.cumsum(np.where(self.is_known, self.energy_kwh, 0.0))))

    @cached_property
    def _cumulative_us(self) -> Ints:
        return np.concatenate(([0], np.cumsum(np.where(self.is_known, self.end_us - self.start_us, 0))))

    def energy_until(self, moment_us: Ints) -> tuple[Floats, Floats]:
        """Known energy and known time from the first reading to each moment.

        Power is taken as even inside an interval.

        Parameters
        ----------
        moment_us : ndarray of int64, shape (m,)
            UTC microseconds, in any order.

        Returns
        -------
        tuple of ndarray, shape (m,)
            Energy [kWh] and known time [us].
        """
        moment_us = np.asarray(moment_us, dtype=np.int64)
        if not len(self):
            return np.zeros(moment_us.shape), np.zeros(moment_us.shape)
        place = np.searchsorted(self.start_us, moment_us, side="right") - 1
        at = np.maximum(place, 0)
        length = self.end_us[at] - self.start_us[at]
        inside = np.where(place >= 0, np.clip(moment_us - self.start_us[at], 0, length), 0)
        share = np.where(self.is_known[at], inside / length, 0.0)
        energy = np.where(self.is_known[at], self.energy_kwh[at], 0.0)
        known_us = self._cumulative_us[at] + share * length
        return self._cumulative_kwh[at] + share * energy, known_us.astype(np.float64)

    def energy_between(self, start_us: Ints, end_us: Ints) -> tuple[Floats, Floats]:
        """Known energy inside each window, and the share of the window for which the meter was read.

        Unknown stretches add nothing and lower the share.

        Parameters
        ----------
        start_us, end_us : ndarray of int64, shape (m,)
            Windows, UTC microseconds, in any order; they may overlap.

        Returns
        -------
        energy_kwh, known_fraction : ndarray, shape (m,)
            [kWh] and [1]; the share of a window without length is 0.
        """
        start_us, end_us = np.asarray(start_us, dtype=np.int64), np.asarray(end_us, dtype=np.int64)
        energy_a, known_a = self.energy_until(start_us)
        energy_b, known_b = self.energy_until(end_us)
        length = (end_us - start_us).astype(np.float64)
        fraction = np.divide(known_b - known_a, length, out=np.zeros_like(length), where=length > 0)
        return np.maximum(energy_b - energy_a, 0.0) if self._is_positive else energy_b - energy_a, fraction

    @cached_property
    def _is_positive(self) -> bool:
        return bool(np.all(self.energy_kwh[self.is_known] >= 0))

    def within(self, start_us: int, end_us: int) -> Trace:
        """The part inside one window, intervals at its edges cut."""
        first = int(np.searchsorted(self.end_us, start_us, side="right"))
        last = int(np.searchsorted(self.start_us, end_us, side="left"))
        starts, ends = self.start_us[first:last], self.end_us[first:last]
        cut_starts, cut_ends = np.maximum(starts, start_us), np.minimum(ends, end_us)
        share = (cut_ends - cut_starts) / np.maximum(ends - starts, 1)
        return Trace(cut_starts, cut_ends, self.energy_kwh[first:last] * share)

    def cut_at(self, moments_us: Ints) -> Trace:
        """The same trace with its intervals cut at ``moments_us``, energy shared by length."""
        if not len(self) or not len(moments_us):
            return self
        moments = np.unique(moments_us)
        place = np.searchsorted(self.start_us, moments, side="right") - 1
        at = np.maximum(place, 0)
        moments = moments[(place >= 0) & (moments > self.start_us[at]) & (moments < self.end_us[at])]
        if not len(moments):
            return self
        place = np.searchsorted(self.start_us, moments, side="right") - 1
        starts = np.insert(self.start_us, place + 1, moments)
        source = np.insert(np.arange(len(self)), place + 1, place)
        ends = self.end_us[source]
        same = source[1:] == source[:-1]
        ends[:-1][same] = starts[1:][same]
        whole = (self.end_us - self.start_us)[source]
        return Trace(starts, ends, self.energy_kwh[source] * ((ends - starts) / whole))


EMPTY = Trace(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


def added(traces: Sequence[Trace]) -> Trace:
    """The sum of several traces, on the grid that all their edges make.

    Known only where every one of them is known: half a device is not a device.

    Examples
    --------
    >>> gantry = Trace.of([0, 60], [60, 120], [1.0, 1.0])
    >>> chiller = Trace.of([0], [120], [4.0])
    >>> added([gantry, chiller]).energy_kwh.tolist()
    [3.0, 3.0]
    """
    if len(traces) == 1:
        return traces[0]
    traces = [trace for trace in traces if len(trace)]
    if not traces:
        return EMPTY
    edges = np.unique(np.concatenate([side for trace in traces for side in (trace.start_us, trace.end_us)]))
    starts, ends = edges[:-1], edges[1:]
    energy = np.zeros(len(starts))
    for trace in traces:
        part, known = trace.energy_between(starts, ends)
        energy += np.where(known > 1 - 1e-9, part, np.nan)
    covered = np.zeros(len(starts), dtype=bool)
    for trace in traces:
        place = np.searchsorted(trace.start_us, starts, side="right") - 1
        covered |= (place >= 0) & (starts < trace.end_us[np.maximum(place, 0)])
    return Trace(starts[covered], ends[covered], energy[covered])
