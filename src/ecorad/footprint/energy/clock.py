"""Offset of a scanner's clock against its meter, day by day, from power and acquisition times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from .clock_track import Line, piecewise_lines
from .trace import MICROSECONDS_PER_SECOND, Floats, Ints, Trace

RANGE_S = 900.0
LEAST_SERIES = 3
# A first or last day that would need a correction of its own rests on so many series, or came out by chance.
LEAST_ALONE = 10
# A shift is believed when it beats the next best one by this many standard errors over series, or all of them by so
# many standard deviations; series of another scanner, or of another day, reach 1.4 and 4.4 in the simulator.
LEAST_LEAD = 1.5
LEAST_HEIGHT = 5.0
# Of a series whose length is not known only its start counts: these seconds against those before.
UNKNOWN_LENGTH_S = 6.0
# Flanks before and after a window tell what the scanner draws around it: slow trends and the patient's coming cancel.
LEAST_FLANK_S = 20.0
MOST_STEPS = 0.4
# Of the days with enough series, at least this share must give an offset that fits.
LEAST_AGREEING = 0.2
_GROUPS = 12
_TOP = 0.3
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """Offset of one local day: added to scanner time it gives meter time; NaN when it could not be found. [s]"""

    date: date
    offset_s: float
    u_s: float
    series: int


@dataclass(frozen=True)
class ClockTrack:
    """Offsets of one scanner over all days with series.

    Parameters
    ----------
    day : ndarray of int64, shape (d,)
        Local days since 1970-01-01 with at least one series.
    offset_s, u_s : ndarray, shape (d,)
        Smoothed offset and its standard uncertainty; NaN where the day itself gave nothing. [s]
    series : ndarray of int64, shape (d,)
        Series each day rests on.
    lines : tuple of Line
        Straight pieces between corrections of the clock; empty when nothing was found at all.
    own_s, own_u_s : ndarray, shape (d,)
        What each day alone gave, and its standard uncertainty. [s]
    """

    day: Ints
    offset_s: Floats
    u_s: Floats
    series: Ints
    lines: tuple[Line, ...]
    own_s: Floats
    own_u_s: Floats

    @property
    def is_known(self) -> bool:
        """Whether any day could be estimated."""
        return bool(self.lines)

    @property
    def steps(self) -> int:
        """Corrections of the clock that were found."""
        return max(0, len(self.lines) - 1)

    def residual_s(self) -> Floats:
        """How far what each day alone gave lies from the offset in use, shape (d,); NaN where there is none. [s]"""
        if not self.lines:
            return np.full(len(self.day), np.nan)
        in_use, _ = self.at(self.day.astype(np.float64) + 0.5)
        return np.abs(self.own_s - in_use)

    def widened(self, u_s: float) -> ClockTrack:
        """The same offsets with an uncertainty that all days have in common added in squares. [s]"""
        lines = tuple(replace(line, u_s=float(np.hypot(line.u_s, u_s))) for line in self.lines)
        return replace(self, lines=lines, u_s=np.hypot(self.u_s, u_s))

    def rows(self) -> tuple[ClockOffset, ...]:
        """One row a day."""
        columns = zip(self.day.tolist(), self.offset_s.tolist(), self.u_s.tolist(), self.series.tolist(), strict=True)
        return tuple(ClockOffset(_EPOCH + timedelta(days=day), offset, u, n) for day, offset, u, n in columns)

    def at(self, local_day: Floats) -> tuple[Floats, Floats]:
        """Offset to use at a moment, also on days that gave nothing themselves, and its standard uncertainty. [s]

        Between two pieces the nearer one holds. With no piece at all the offset is 0 and its uncertainty NaN.

        Parameters
        ----------
        local_day : ndarray, shape (n,)
            Days since 1970-01-01 with their fraction, on the local clock.
        """
        local_day = np.asarray(local_day, dtype=np.float64)
        if not self.lines:
            return np.zeros(local_day.shape), np.full(local_day.shape, np.nan)
        begins = np.array([line.first_day for line in self.lines])
        ends = np.array([line.last_day + 1.0 for line in self.lines])
        middle = 0.5 * (ends[:-1] + begins[1:])
        which = np.searchsorted(middle, local_day, side="right")
        found = [
            np.array([getattr(line, name) for line in self.lines])[which] for name in ("day0", "offset_s", "slope")
        ]
        offset = found[1] + found[2] * (local_day - found[0])
        outside = np.maximum(np.maximum(begins[which] - local_day, local_day - ends[which]), 0.0)
        own_u = np.array([line.u_s for line in self.lines])[which]
        return offset, np.hypot(own_u, outside)


def estimate_offsets(
    trace: Trace,
    series_start_us: Ints,
    series_end_us: Ints,
    local_day: Floats,
    *,
    range_s: float = RANGE_S,
    flank_s: float = LEAST_FLANK_S,
) -> ClockTrack:
    """Find the offset of each local day at which the acquisitions catch the most energy.

    For each day the energy inside all acquisition windows is computed for shifts of the windows within ``±range_s``,
    coarsely and then finely around the best shift; the offset is the centre of the top of the finer curve, so that it
    is finer than the meter's interval. Its uncertainty is a jackknife over groups of series. Days are then joined by
    straight pieces: a clock drifts, and is corrected now and then; single days that do not fit are left out.

    Parameters
    ----------
    trace : Trace
        The scanner's meter.
    series_start_us, series_end_us : ndarray of int64, shape (n,)
        Acquisitions on the scanner's clock, UTC microseconds; an end not after its start means an unknown length.
    local_day : ndarray, shape (n,)
        Local days since 1970-01-01, with the fraction of the day.
    range_s : float
        Largest offset that is looked for. [s]
    flank_s : float
        Shortest flank before and after each window that tells what the scanner draws around it. [s]

    Returns
    -------
    ClockTrack
        Days with fewer than 3 series, or where no shift stands out, have NaN.

    Notes
    -----
    With cumulative energy :math:`C` the score is :math:`E(s) = \\sum_i C(b_i + s) - C(a_i + s)` over windows
    :math:`[a_i, b_i)`. As the windows keep their length, it differs from the correlation of power and acquisitions by
    a constant.
    """
    whole_day = np.floor(np.asarray(local_day, dtype=np.float64)).astype(np.int64)
    # By time, so that the groups of the jackknife do not hang on the order in which records came.
    order = np.lexsort((series_end_us, series_start_us, whole_day))
    days, first = np.unique(whole_day[order], return_index=True)
    bounds = np.append(first, len(order))
    length_us = series_end_us - series_start_us
    offset, u = np.full(len(days), np.nan), np.full(len(days), np.nan)
    used: list[Ints] = []
    noon: Floats = days.astype(np.float64) + 0.5
    for n in range(len(days)):
        mine = order[bounds[n] : bounds[n + 1]]
        noon[n] = float(np.mean(local_day[mine]))
        mine = _undisturbed(trace, series_start_us, length_us, mine, range_s)
        used.append(mine)
        start, length = series_start_us[mine], length_us[mine]
        margin = _us(range_s + 3 * max(trace.resolution_s, flank_s))
        around = trace.within(int(start.min()) - margin, int((start + length).max()) + margin)
        offset[n], u[n] = _day_offset(around, start, length, range_s, flank_s)
    lines, fits = piecewise_lines(noon, offset, u, np.diff(bounds) < LEAST_ALONE)
    agree, tried = np.count_nonzero(fits), sum(_is_read(trace, series_start_us[mine]) for mine in used)
    # A clock that is corrected every other night is a meter of another scanner; of many days one stands out by chance.
    if (len(lines) > 2 and len(lines) - 1 > MOST_STEPS * agree) or agree < LEAST_AGREEING * tried:
        lines, fits = (), np.zeros(len(days), dtype=bool)
    lines = _reaching(
        lines, days, [(series_start_us[mine], length_us[mine]) for mine in used], trace=trace, flank_s=flank_s
    )
    smooth, smooth_u = np.full(len(days), np.nan), np.full(len(days), np.nan)
    track = ClockTrack(days, smooth, smooth_u, np.diff(bounds).astype(np.int64), lines, offset, u)
    if lines:
        at_noon, at_noon_u = track.at(days.astype(np.float64) + 0.5)
        smooth[fits], smooth_u[fits] = at_noon[fits], at_noon_u[fits]
    return track


def _is_read(trace: Trace, start_us: Ints) -> bool:
    """Whether the meter was read when enough of a day's acquisitions began."""
    _, known = trace.energy_between(start_us, start_us + MICROSECONDS_PER_SECOND)
    return int(np.count_nonzero(known > 0.0)) >= LEAST_SERIES


def _undisturbed(trace: Trace, start_us: Ints, length_us: Ints, mine: Ints, range_s: float) -> Ints:
    """The acquisitions with no hole in the readings at any shift; all of them when these are too few.

    Where a hole begins and ends power seems to step.
    """
    reach = _us(range_s)
    _, known = trace.energy_between(start_us[mine] - reach, start_us[mine] + length_us[mine] + reach)
    whole = mine[known > 0.999]
    return whole if len(whole) >= max(LEAST_SERIES, 0.2 * len(mine)) else mine


def _reaching(
    lines: tuple[Line, ...], days: Ints, series: list[tuple[Ints, Ints]], *, trace: Trace, flank_s: float
) -> tuple[Line, ...]:
    """Pieces that reach over the days between them which gave no offset: each goes to the one it fits better."""
    found = list(lines)
    for n in range(len(found) - 1):
        between = np.flatnonzero((days > found[n].last_day) & (days < found[n + 1].first_day))
        if not len(between):
            continue
        fit = np.array(
            [
                _fit(trace, *series[day], found[n : n + 2], day=float(days[day]) + 0.5, flank_s=flank_s)
                for day in between
            ]
        )
        # The correction came before day k: earlier days fit the first piece, later ones the second.
        total = np.concatenate(([0.0], np.cumsum(fit[:, 0] - fit[:, 1])))
        k = int(np.argmax(total))
        if k > 0:
            found[n] = replace(found[n], last_day=float(days[between[k - 1]]))
        if k < len(between):
            found[n + 1] = replace(found[n + 1], first_day=float(days[between[k]]))
    return tuple(found)


def _fit(
    trace: Trace, start_us: Ints, length_us: Ints, lines: list[Line], *, day: float, flank_s: float
) -> list[float]:
    """Score of one day's acquisitions at the offset each piece gives."""
    shifts = np.array([line.offset_s + line.slope * (day - line.day0) for line in lines])
    scores = _scores(trace, start_us, length_us, shifts, pad_s=0.0, flank_s=flank_s).sum(axis=0)
    return [float(score) for score in scores]


def _day_offset(trace: Trace, start_us: Ints, length_us: Ints, range_s: float, flank_s: float) -> tuple[float, float]:
    unknown = (float("nan"), float("nan"))
    resolution_s = trace.resolution_s
    if len(start_us) < LEAST_SERIES or not np.isfinite(resolution_s):
        return unknown
    step_s = float(np.clip(resolution_s / 2, 5.0, 60.0))
    shifts = np.arange(-range_s, range_s + step_s, step_s)
    scores = _scores(trace, start_us, length_us, shifts, pad_s=step_s / 2, flank_s=flank_s)
    top = int(np.argmax(scores.sum(axis=0)))
    if not _stands_out(scores, top, np.abs(shifts - shifts[top]) > max(60.0, 2 * resolution_s)):
        return unknown
    fine_s = 0.5 if resolution_s <= 2 else 1.0 if resolution_s <= 20 else 2.0
    reach_s = 2 * step_s + resolution_s + 10.0 + (flank_s - LEAST_FLANK_S)
    shifts = shifts[top] + np.arange(-reach_s, reach_s + fine_s, fine_s)
    by_series = _scores(trace, start_us, length_us, shifts, pad_s=0.0, flank_s=flank_s)
    groups = min(_GROUPS, len(start_us))
    by_group = np.array([by_series[g::groups].sum(axis=0) for g in range(groups)])
    total = by_group.sum(axis=0)
    best = _centre(total[None, :], shifts)[0]
    without = _centre(total[None, :] - by_group, shifts)
    u = float(np.sqrt((groups - 1) / groups * np.sum((without - without.mean()) ** 2)))
    return float(best), float(np.hypot(u, max(0.5 * fine_s, resolution_s / 20)))


def _stands_out(scores: Floats, top: int, away: NDArray[np.bool_]) -> bool:
    """Whether the best shift is better than chance: ahead of every shift that is ``away`` from it."""
    coarse = scores.sum(axis=0)
    if not away.any() or coarse[top] <= 0:
        return False
    other = int(np.argmax(np.where(away, coarse, -np.inf)))
    lead = scores[:, top] - scores[:, other]
    spread = float(np.sqrt((lead**2).sum()))
    height, deviation = float(coarse[top] - coarse[away].mean()), float(coarse[away].std())
    return float(lead.sum()) >= LEAST_LEAD * max(spread, 1e-12) or height >= LEAST_HEIGHT * max(deviation, 1e-12)


def _scores(trace: Trace, start_us: Ints, length_us: Ints, shifts_s: Floats, *, pad_s: float, flank_s: float) -> Floats:
    """Energy of each window above that of its flanks at each shift, shape (series, shifts). [kWh]

    An unknown length has a flank before it only: what follows may be the same acquisition.
    """
    pad, is_known = _us(pad_s), (length_us > 0)[:, None]
    length_us = np.where(length_us > 0, length_us, _us(UNKNOWN_LENGTH_S))
    begin = start_us[:, None] + np.round(shifts_s[None, :] * MICROSECONDS_PER_SECOND).astype(np.int64) - pad
    end = begin + length_us[:, None] + 2 * pad
    coarse_s = 1.5 * trace.resolution_s
    short_s = UNKNOWN_LENGTH_S if trace.resolution_s <= UNKNOWN_LENGTH_S else coarse_s
    flank_us = np.where(is_known, _us(max(coarse_s, flank_s)), _us(short_s) + 2 * pad)
    before, at_begin, at_end, after = (
        trace.kwh_until(moments) for moments in (begin - flank_us, begin, end, end + flank_us)
    )
    flanks = (at_begin - before) + np.where(is_known, after - at_end, at_begin - before)
    share = np.minimum((end - begin) / (2 * flank_us), 1.0)
    return np.asarray((at_end - at_begin) - share * flanks)


def _centre(scores: Floats, shifts_s: Floats) -> Floats:
    """Centre of the top part of each row: exact for a symmetric peak, whatever its shape. [s]"""
    peak = scores.max(axis=1, keepdims=True)
    base = scores.min(axis=1, keepdims=True)
    weight = np.maximum(scores - (peak - _TOP * (peak - base)), 0.0)
    # Only what hangs together with the highest point counts.
    rows = np.arange(len(scores))
    top = scores.argmax(axis=1)
    holes = np.cumsum(weight <= 0, axis=1)
    weight = np.where(holes == holes[rows, top][:, None], weight, 0.0)
    found: NDArray[np.float64] = (weight @ shifts_s) / weight.sum(axis=1)
    return found


def _us(seconds: float) -> int:
    return round(seconds * MICROSECONDS_PER_SECOND)
