"""What a meter read: energy in half-open intervals, and the energy of any window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecorad.model import InputError

from .spans import Spans

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
    def is_whole(self) -> bool:
        """Whether every moment from the first reading to the last was read."""
        return bool(self.is_known.all()) and bool(np.array_equal(self.start_us[1:], self.end_us[:-1]))

    @cached_property
    def _cumulative_kwh(self) -> Floats:
        found = np.zeros(len(self) + 1)
        np.cumsum(self.energy_kwh if self.is_whole else np.where(self.is_known, self.energy_kwh, 0.0), out=found[1:])
        return found

    @cached_property
    def _cumulative_us(self) -> Ints:
        if self.is_whole and len(self):
            return np.asarray(np.append(self.start_us, self.end_us[-1]) - self.start_us[0])
        return np.concatenate(([0], np.cumsum(np.where(self.is_known, self.end_us - self.start_us, 0))))

    def place_of(self, moment_us: Ints) -> Ints:
        """Index of the last reading that began at or before each moment, -1 before the first."""
        return np.asarray(np.searchsorted(self.start_us, moment_us, side="right") - 1)

    def touched_by(self, start_us: int, end_us: int) -> tuple[int, int]:
        """First reading with time in a window, and the one after its last."""
        first, last = (int(place) for place in self.place_of(np.array([start_us, end_us - 1], dtype=np.int64)))
        if first >= 0 and sum(int(one[0]) for one in self._at(np.array([first]))) <= start_us:
            first += 1
        return max(first, 0), last + 1

    def borders_of(self, moment_us: Ints) -> Ints:
        """Where the readings begin and end that some moments lie in, in any order, some twice."""
        place = self.place_of(moment_us)
        start, length = self._at(place[place >= 0])
        return np.concatenate((start, start + length))

    @property
    def follows(self) -> NDArray[np.bool_]:
        """Whether each reading but the first begins where the one before it ends, shape (n - 1,)."""
        return np.asarray(self.start_us[1:] == self.end_us[:-1])

    def thinned(self, most: int) -> Trace:
        """One reading in so many that there are not twice ``most``."""
        step = max(1, len(self) // most)
        return Trace(self.start_us[::step], self.end_us[::step], self.energy_kwh[::step])

    def part(self, first: int, last: int) -> Trace:
        """The readings from ``first`` to before ``last``; nothing is copied."""
        return Trace(self.start_us[first:last], self.end_us[first:last], self.energy_kwh[first:last])

    def picked(self, which: Ints) -> Trace:
        """Single readings, in order."""
        start, length = self._at(which)
        return Trace(start, start + length, self.energy_kwh[which].astype(np.float64))

    def known(self) -> Trace:
        """The known readings alone."""
        return self if self.is_known.all() else self.picked(np.flatnonzero(self.is_known))

    def known_spans(self) -> Spans:
        """Stretches that were read without a hole, in order."""
        starts, ends = self.start_us, self.end_us
        if not self.is_known.all():
            starts, ends = starts[self.is_known], ends[self.is_known]
        holes = np.flatnonzero(starts[1:] != ends[:-1])
        return np.append(starts[:1], starts[holes + 1]), np.append(ends[holes], ends[-1:])

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
        return self.kwh_until(moment_us), self._known_until(moment_us)

    def kwh_until(self, moment_us: Ints) -> Floats:
        """Known energy from the first reading to each moment, shape (m,). [kWh]"""
        if not len(self):
            return np.zeros(np.shape(moment_us))
        at, share = self._into(moment_us)
        return self._kwh_before(at) + share * np.where(self.is_known[at], self.energy_kwh[at], 0.0)

    def _known_until(self, moment_us: Ints) -> Floats:
        """Known time from the first reading to each moment, shape (m,). [us]"""
        if not len(self):
            return np.zeros(np.shape(moment_us))
        at, share = self._into(moment_us)
        return np.asarray(self._us_before(at) + share * self._at(at)[1], dtype=np.float64)

    def _into(self, moment_us: Ints) -> tuple[Ints, Floats]:
        """The reading each moment lies in or after, and the share of it that has passed, 0 where it is not known."""
        moment_us = np.asarray(moment_us, dtype=np.int64)
        place = self.place_of(moment_us)
        at = np.maximum(place, 0)
        start, length = self._at(at)
        inside = np.where(place >= 0, np.clip(moment_us - start, 0, length), 0)
        return at, np.where(self.is_known[at], inside / length, 0.0)

    def _at(self, place: Ints) -> tuple[Ints, Ints]:
        """Start and length of single readings. [us]"""
        return self.start_us[place], self.end_us[place] - self.start_us[place]

    def _kwh_before(self, place: Ints) -> Floats:
        """Known energy before single readings. [kWh]"""
        return self._cumulative_kwh[place]

    def _us_before(self, place: Ints) -> Floats:
        """Known time before single readings. [us]"""
        return self._cumulative_us[place].astype(np.float64)

    def energy_in_steps(self, edges_us: Ints) -> Floats:
        """Known energy between each edge and the next, shape (edges - 1,). [kWh]

        Parameters
        ----------
        edges_us : ndarray of int64, shape (edges,)
            UTC microseconds, in order, each once, from the first reading to the last.
        """
        return np.diff(self.kwh_until(edges_us))

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
        return not np.any(self.energy_kwh < 0)

    def touching(self, start_us: Ints, end_us: Ints) -> NDArray[np.intp]:
        """Indices, in order, of a part that holds every reading with time inside any window.

        Parameters
        ----------
        start_us, end_us : ndarray of int64, shape (m,)
            Windows in order that do not overlap.
        """
        if not len(self) or not len(start_us):
            return np.zeros(0, dtype=np.intp)
        first, last = np.maximum(self.place_of(start_us), 0), self.place_of(end_us)
        first[1:] = np.maximum(first[1:], last[:-1] + 1)
        length = np.maximum(last + 1 - first, 0)
        return np.repeat(first - np.concatenate(([0], np.cumsum(length)[:-1])), length) + np.arange(length.sum())

    def within(self, start_us: int, end_us: int) -> Trace:
        """The part inside one window, intervals at its edges cut."""
        first, last = self.touched_by(start_us, end_us)
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


def concatenated(parts: Sequence[Trace]) -> Trace:
    """Parts in order, as one trace.

    >>> concatenated([Trace.of([0], [1], [1.0]), Trace.of([5], [6], [2.0])]).end_us.tolist()
    [1, 6]
    """
    if not parts:
        return EMPTY
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("start_us", "end_us", "energy_kwh")]
    return Trace.of(*columns)


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
