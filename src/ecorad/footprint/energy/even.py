"""Readings that follow one another at one pace, held without an array of times."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecorad.model import InputError

from .spans import Spans
from .trace import MICROSECONDS_PER_HOUR, MICROSECONDS_PER_SECOND, Floats, Ints, Trace, concatenated

# Only finer readings are so many that their times are worth leaving out. [us]
FINE_US = 10 * MICROSECONDS_PER_SECOND
# A grid of which less was read is no smaller than its readings with their times.
LEAST_READ = 0.5
# Readings between two sums that are kept, and readings looked at together.
_BLOCK = 4096
_PART = 64 * _BLOCK


class Even(Trace):
    """A trace whose readings lie on a grid: ``first_us + n * step_us``, each as long as a step.

    Says what a :class:`Trace` of the same readings says. Times are made when somebody asks for them, and of sums only
    one in thousands is kept, so that a year at a reading a second takes 126 MB and not a gigabyte.

    Parameters
    ----------
    first_us, step_us : int
        UTC microseconds.
    energy_kwh : ndarray of float32 or float64, shape (n,)
        NaN where nothing was read. [kWh]

    Examples
    --------
    >>> trace = Even(0, 1_000_000, np.array([1.0, np.nan, 3.0, 4.0]))
    >>> trace.end_us.tolist(), trace.known_kwh
    ([1000000, 2000000, 3000000, 4000000], 8.0)
    >>> energy, known = trace.energy_between(np.array([500_000]), np.array([2_500_000]))
    >>> float(energy[0]), float(known[0])
    (2.0, 0.5)
    """

    first_us: int
    step_us: int

    def __init__(self, first_us: int, step_us: int, energy_kwh: NDArray[np.floating]) -> None:
        if step_us <= 0:
            raise InputError("an interval of a trace must have a length")
        self.__dict__.update(first_us=int(first_us), step_us=int(step_us), energy_kwh=energy_kwh)

    def __len__(self) -> int:
        return len(self.energy_kwh)

    @property
    def start_us(self) -> Ints:
        """Made anew each time, shape (n,)."""
        return self.first_us + np.arange(len(self), dtype=np.int64) * self.step_us

    @property
    def end_us(self) -> Ints:
        """Made anew each time, shape (n,)."""
        return self.start_us + self.step_us

    @cached_property
    def duration_h(self) -> Floats:
        """Length of each interval, shape (n,), one number for all. [h]"""
        return np.broadcast_to(np.float64(self.step_us / MICROSECONDS_PER_HOUR), (len(self),))

    @property
    def power_kw(self) -> Floats:
        """Mean power in each interval, made anew each time, shape (n,). [kW]"""
        return np.asarray(self.energy_kwh / self.duration_h)

    @cached_property
    def resolution_s(self) -> float:
        """Length of a reading, NaN when none is known. [s]"""
        return self.step_us / MICROSECONDS_PER_SECOND if self.is_known.any() else float("nan")

    @cached_property
    def is_whole(self) -> bool:
        """Whether every moment from the first reading to the last was read."""
        # A sum is not a number as soon as one of its terms is none.
        return not np.isnan(np.sum(self.energy_kwh, dtype=np.float64))

    @cached_property
    def is_known(self) -> NDArray[np.bool_]:
        """Which intervals have an energy, shape (n,)."""
        return np.broadcast_to(np.True_, (len(self),)) if self.is_whole else ~np.isnan(self.energy_kwh)

    @cached_property
    def known_kwh(self) -> float:
        """All known energy. [kWh]"""
        return float(self._kwh_of_blocks[-1])

    @cached_property
    def known_h(self) -> float:
        """Time with a known reading. [h]"""
        read = len(self) if self.is_whole else np.count_nonzero(self.is_known)
        return float(read * self.step_us / MICROSECONDS_PER_HOUR)

    def place_of(self, moment_us: Ints) -> Ints:
        """Index of the last reading that began at or before each moment, -1 before the first."""
        return np.asarray(np.clip((np.asarray(moment_us) - self.first_us) // self.step_us, -1, len(self) - 1))

    @property
    def follows(self) -> NDArray[np.bool_]:
        """Whether each reading but the first begins where the one before it ends, shape (n - 1,)."""
        return np.broadcast_to(np.True_, (max(len(self) - 1, 0),))

    def thinned(self, most: int) -> Trace:
        """One reading in so many that there are not twice ``most``."""
        step = max(1, len(self) // most)
        energy = self.energy_kwh[::step].astype(np.float64)
        start = self.first_us + np.arange(len(energy), dtype=np.int64) * (step * self.step_us)
        return Trace(start, start + self.step_us, energy)

    def part(self, first: int, last: int) -> Trace:
        """The readings from ``first`` to before ``last``; nothing is copied."""
        first = min(max(first, 0), len(self))
        return Even(self.first_us + first * self.step_us, self.step_us, self.energy_kwh[first:last])

    def within(self, start_us: int, end_us: int) -> Trace:
        """The part inside one window, intervals at its edges cut."""
        first = max(0, -(-(start_us - self.first_us) // self.step_us))
        last = min(len(self), (end_us - self.first_us) // self.step_us)
        cut = (start_us - self.first_us) % self.step_us and start_us > self.first_us
        cut = cut or ((end_us - self.first_us) % self.step_us and end_us < self.first_us + len(self) * self.step_us)
        if not cut:
            return self.part(first, max(first, last))
        return self.picked(np.arange(max(0, first - 1), min(last + 1, len(self)))).within(start_us, end_us)

    def known_spans(self) -> Spans:
        """Stretches that were read without a hole, in order."""
        if self.is_whole:
            edges = np.array([0, len(self)])[: 2 * bool(len(self))]
        else:
            edges = np.flatnonzero(np.diff(self.is_known, prepend=False, append=False))
        moments = self.first_us + edges.astype(np.int64) * self.step_us
        return moments[::2], moments[1::2]

    def energy_in_steps(self, edges_us: Ints) -> Floats:
        """Known energy between each edge and the next, shape (edges - 1,). [kWh]

        Parameters
        ----------
        edges_us : ndarray of int64, shape (edges,)
            UTC microseconds, in order, each once, from the first reading to the last.
        """
        place, rest = np.divmod(edges_us - self.first_us, self.step_us)
        if len(place) < 2:
            return np.zeros(0)
        energy = self._known_energy(0, int(place[-1]))
        found = np.zeros(len(place) - 1)
        held = place[1:] > place[:-1]
        if held.any():
            found[held] = np.add.reduceat(energy, place[:-1][held], dtype=np.float64)
        inside = np.flatnonzero(rest)
        if len(inside):
            # What an edge leaves of its reading to the step before it.
            before = np.zeros(len(place))
            at = place[inside]
            before[inside] = np.nan_to_num(self.energy_kwh[at].astype(np.float64)) * (rest[inside] / self.step_us)
            found += np.diff(before)
        return found

    def _at(self, place: Ints) -> tuple[Ints, Ints]:
        return self.first_us + place * self.step_us, np.full(np.shape(place), self.step_us)

    def _kwh_before(self, place: Ints) -> Floats:
        return self._sums(self._kwh_of_blocks, of_energy=True, at=place)

    def _us_before(self, place: Ints) -> Floats:
        read = place if self.is_whole else self._sums(self._read_of_blocks, of_energy=False, at=place)
        return np.asarray(read * np.float64(self.step_us))

    def _sums(self, of_blocks: Floats, *, of_energy: bool, at: Ints) -> Floats:
        """Known energy, or known readings, before each place."""
        places, back = np.unique(at, return_inverse=True)
        begin = int(places[0]) // _BLOCK
        edges = np.unique(np.append(places, begin * _BLOCK))
        last = int(edges[-1])
        values = self._known_energy(begin * _BLOCK, last) if of_energy else self.is_known[begin * _BLOCK : last]
        sums = np.full(len(edges), of_blocks[begin])
        if len(edges) > 1:
            sums[1:] += np.cumsum(np.add.reduceat(values, edges[:-1] - begin * _BLOCK, dtype=np.float64))
        return np.asarray(sums[len(edges) - len(places) :][back].reshape(np.shape(at)))

    @cached_property
    def _kwh_of_blocks(self) -> Floats:
        """Known energy before every so many readings, shape (blocks,). [kWh]"""
        parts = [
            np.add.reduceat(values, np.arange(0, len(values), _BLOCK), dtype=np.float64)
            for values in (self._known_energy(first, first + _PART) for first in range(0, len(self), _PART))
        ]
        return np.cumsum(np.concatenate([[0.0], *parts]))

    @cached_property
    def _read_of_blocks(self) -> Floats:
        """Readings that are known before every so many of them, shape (blocks,)."""
        blocks = np.arange(0, len(self), _BLOCK)
        return np.cumsum(np.append(0.0, np.add.reduceat(self.is_known, blocks, dtype=np.float64)))

    def _known_energy(self, first: int, last: int) -> NDArray[np.floating]:
        """Energy of readings, 0 where it is not known."""
        part = self.energy_kwh[first:last]
        return part if self.is_whole else np.nan_to_num(part)


def on_a_grid(start_us: Ints, length_us: int, energy_kwh: NDArray[np.floating]) -> Even | None:
    """Readings of one length as an :class:`Even`, ``None`` when their starts do not follow one another at that pace.

    >>> on_a_grid(np.array([0, 10, 20]), 10, np.ones(3)).known_kwh
    3.0
    >>> on_a_grid(np.array([0, 10, 21]), 10, np.ones(3)) is None
    True
    """
    if not len(start_us):
        return None
    first = int(start_us[0])
    ruler = first + np.arange(min(len(start_us), _PART), dtype=np.int64) * length_us
    for begin in range(0, len(start_us), _PART):
        part = start_us[begin : begin + _PART]
        if not np.array_equal(part, ruler[: len(part)]):
            return None
        ruler += _PART * length_us
    return Even(first, length_us, energy_kwh)


def gathered(parts: Iterable[Trace]) -> Trace:
    """Parts of one meter's readings, in order, as one trace, :class:`Even` where that is smaller.

    Of readings finer than ten seconds each part is laid down as it comes, in single precision: seven digits of an
    energy, of which a meter knows three. A reading that lasts several steps is spread over them, as power is even
    inside a reading; holes are filled with unknown readings.

    Examples
    --------
    >>> def seconds(*edges):
    ...     at = np.array(edges) * 1_000_000
    ...     return Trace(at[:-1], at[1:], np.ones(len(at) - 1))
    >>> trace = gathered([seconds(0, 1, 2, 4, 5, 6), seconds(8, 9, 10)])
    >>> type(trace).__name__, trace.energy_kwh.tolist()
    ('Even', [1.0, 1.0, 0.5, 0.5, 1.0, 1.0, nan, nan, 1.0, 1.0])
    """
    held: list[Trace] = []
    step = 0
    for part in (part for part in parts if len(part)):
        step = step or int(np.median(part.end_us - part.start_us))
        held.append(_laid_down(part, step) or part)
    even = [part for part in held if isinstance(part, Even)]
    if not even or len(even) < len(held):
        return concatenated(held)
    first = even[0].first_us
    count = (even[-1].first_us - first) // step + len(even[-1])
    if any((part.first_us - first) % step for part in even) or sum(map(len, even)) < LEAST_READ * count:
        return concatenated(held)
    held.clear()
    energy = np.full(count, np.nan, dtype=np.float32)
    while even:
        part = even.pop()
        place = (part.first_us - first) // step
        energy[place : place + len(part)] = part.energy_kwh
    return Even(first, step, energy)


def _laid_down(part: Trace, step_us: int) -> Even | None:
    """The same readings on a grid, ``None`` if they are not fine, do not lie on it or are hardly any."""
    start, first = part.start_us, int(part.start_us[0])
    times, rest = np.divmod(part.end_us - start, step_us)
    place, beside = np.divmod(start - first, step_us)
    count = int(place[-1] + times[-1])
    if step_us >= FINE_US or rest.any() or beside.any() or int(times.sum()) < LEAST_READ * count:
        return None
    each = part.energy_kwh / times
    if count > len(part):
        which = np.repeat(np.arange(len(part)), times)
        place = np.arange(len(which)) + (place - np.cumsum(times) + times)[which]
        each = each[which]
    energy = np.full(count, np.nan, dtype=np.float32)
    energy[place] = each
    return Even(first, step_us, energy)
