"""Rows in the order of time: the meter's clock, late rows, and what was said twice about the same moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.row_notes import Notes

from .flags import Bits, Flag, mark

Ints = NDArray[np.int64]
_HOUR_US = 3_600_000_000
# A meter whose clock was never set says 1970; one that overflowed says 2036 or 2038.
EARLIEST_US = 946_684_800_000_000  # 2000-01-01
LATEST_US = 2_082_758_400_000_000  # 2036-01-01


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows of one meter: time and end of interval [us UTC], written value, line, flags; all of shape (n,)."""

    t_us: Ints
    value: NDArray[np.float64]
    line: Ints
    bits: Bits
    end_us: Ints | None = None

    def __getitem__(self, chosen: NDArray[np.bool_] | Ints) -> Samples:
        end = None if self.end_us is None else self.end_us[chosen]
        return Samples(self.t_us[chosen], self.value[chosen], self.line[chosen], self.bits[chosen], end)

    def __len__(self) -> int:
        return len(self.t_us)


def runs_backwards(wall_us: Ints) -> bool:
    """Whether a file is written newest row first."""
    steps = np.diff(wall_us)
    return bool((steps < 0).sum() > (steps > 0).sum())


def arrange(samples: Samples, notes: Notes) -> Samples:
    """Rows sorted by time, one for each moment.

    * A time before 2000 or after 2035, or a stretch of rows that the clock moved away and back, is quarantined.
    * Rows out of order are sorted and flagged ``late``.
    * The same row twice counts once. Of two different values for one moment the row written last is used, as a later
      statement corrects an earlier one, and flagged ``conflict``; a known value is never replaced by an unknown one.

    Parameters
    ----------
    samples : Samples
        In the order of the file, oldest first.
    """
    sane = (samples.t_us >= EARLIEST_US) & (samples.t_us < LATEST_US)
    notes.quarantine("ecorad.meter.clock", samples.line[~sane], "the time is before 2000 or after 2035")
    samples = samples[sane]
    moved = _moved_stretches(samples.t_us)
    notes.quarantine("ecorad.meter.clock", samples.line[moved], "the clock jumped away and back")
    samples = samples[~moved]
    late = _out_of_order(samples.t_us)
    if late.any():
        notes.tell("ecorad.meter.late", samples.line[late], "rows out of order were sorted")
        mark(samples.bits, late, Flag.LATE)
        samples = samples[np.argsort(samples.t_us, kind="stable")]
    return _one_a_moment(samples, notes)


def _moved_stretches(t_us: Ints) -> NDArray[np.bool_]:
    """Rows whose clock was wrong for a while: they stand apart in time, and just fit the hole that they left."""
    moved = np.zeros(len(t_us), dtype=np.bool_)
    steps = np.diff(t_us)
    if len(steps) < 4:
        return moved
    step = float(np.median(np.abs(steps)))
    jumps = np.flatnonzero(np.abs(steps) >= max(10 * step, _HOUR_US))
    place = 0
    while place + 1 < len(jumps):
        first, last = int(jumps[place]), int(jumps[place + 1])
        hole = int(t_us[last + 1] - t_us[first])
        expected = (last - first + 1) * step
        opposite = (steps[first] > 0) != (steps[last] > 0)
        if opposite and hole > 0 and abs(hole - expected) <= 0.5 * expected and hole > 1.5 * step:
            moved[first + 1 : last + 1] = True
            place += 1
        place += 1
    return moved


def _out_of_order(t_us: Ints) -> NDArray[np.bool_]:
    """The fewest of two sets of rows without which the rest is in order: those behind, or those ahead."""
    if len(t_us) < 2 or not (np.diff(t_us) < 0).any():
        return np.zeros(len(t_us), dtype=np.bool_)
    behind = t_us < np.maximum.accumulate(t_us)
    ahead = t_us > np.minimum.accumulate(t_us[::-1])[::-1]
    return behind if behind.sum() <= ahead.sum() else ahead


def _one_a_moment(samples: Samples, notes: Notes) -> Samples:
    starts = np.flatnonzero(np.concatenate(([True], np.diff(samples.t_us) != 0)))
    if len(samples) == 0 or len(starts) == len(samples):
        return samples
    place = np.arange(len(samples))
    known = np.isfinite(samples.value)
    last = np.maximum.reduceat(place, starts)
    last_known = np.maximum.reduceat(np.where(known, place, -1), starts)
    used = np.where(last_known >= 0, last_known, last)
    lowest = np.minimum.reduceat(np.where(known, samples.value, np.inf), starts)
    highest = np.maximum.reduceat(np.where(known, samples.value, -np.inf), starts)
    conflict = (highest > lowest) & (last_known >= 0)
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(samples))))
    is_used = np.zeros(len(samples), dtype=np.bool_)
    is_used[used] = True
    mark(samples.bits, is_used & conflict[group], Flag.CONFLICT)
    in_conflict = ~is_used & conflict[group]
    if in_conflict.any():
        notes.tell(
            "ecorad.meter.conflict",
            samples.line[in_conflict],
            "another row gives this moment another value and was used",
        )
    if (~is_used & ~conflict[group]).any():
        notes.tell("ecorad.meter.duplicate_row", samples.line[~is_used & ~conflict[group]], "counted once")
    return samples[is_used]
