"""From samples of power and energies of intervals to half-open intervals with known or unknown energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.row_notes import Notes

from .flags import Bits, Flag
from .profile import Profile
from .sequence import Samples

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
US_PER_H = 3.6e9
_SECOND = 1_000_000
LONGEST_HOLD_S = 60.0


@dataclass(frozen=True, slots=True)
class Intervals:
    """Readings of one meter, sorted: ``[start_us, end_us)``, energy (NaN unknown), value in kW or kWh, line, flags."""

    start_us: Ints
    end_us: Ints
    energy_kwh: Floats
    value: Floats
    line: Ints
    bits: Bits

    def __len__(self) -> int:
        return len(self.start_us)

    @property
    def mean_kw(self) -> Floats:
        """Mean power of each interval, shape (n,). [kW]"""
        return self.energy_kwh / ((self.end_us - self.start_us) / US_PER_H)


def hold(samples: Samples, profile: Profile, notes: Notes) -> Intervals:
    """Intervals of a meter that writes power or the energy of intervals.

    Where rows keep to an even step (declared, or of a minute or more as far as the rows show) a row stands for one
    step; a little more or less (up to half a step) is jitter. Otherwise a row stands until the next one, at most
    60 s or two and a half times the usual step, whichever is longer. What lies beyond has no energy: a gap is never
    filled from its neighbours.

    Parameters
    ----------
    samples : Samples
        Sorted, one a moment.
    profile : Profile
        ``stamp`` says whether times are starts or ends of intervals.
    """
    step_us, is_even = usual_step(samples, profile, notes)
    if samples.end_us is not None:
        start, end = samples.t_us, np.minimum(samples.end_us, np.append(samples.t_us[1:], np.iinfo(np.int64).max))
    elif step_us is None:
        return _none()
    else:
        apart = np.diff(samples.t_us)
        lengths = _lengths(apart, step_us, is_even)
        if profile.stamp == "end":
            start, end = samples.t_us - np.concatenate(([step_us], lengths)), samples.t_us
        else:
            start, end = samples.t_us, samples.t_us + np.concatenate((lengths, [step_us]))
    good = end > start
    notes.quarantine("ecorad.meter.no_length", samples.line[~good], "the interval ends before it begins")
    value = samples.value * profile.to_kwh
    hours = (end - start) / US_PER_H
    energy = value * hours if profile.kind == "power" else value
    return Intervals(start[good], end[good], energy[good], value[good], samples.line[good], samples.bits[good])


def usual_step(samples: Samples, profile: Profile, notes: Notes) -> tuple[int | None, bool]:
    """The usual step between rows [us], and whether rows keep to it; ``None`` when one row alone cannot tell."""
    declared = None if profile.interval_s is None else round(profile.interval_s * _SECOND)
    apart = np.diff(samples.t_us)
    if len(apart) == 0:
        if declared is None and samples.end_us is None and len(samples):
            notes.quarantine(
                "ecorad.meter.one_reading", samples.line, "one row and no interval_s: its length is not known"
            )
        return declared, True
    median = int(np.sort(apart)[(len(apart) - 1) // 2])
    if declared is not None and declared / 1.5 <= median <= declared * 1.5:
        return declared, True
    if declared is not None and len(apart) >= 10:
        notes.tell(
            "ecorad.meter.interval_differs",
            detail=f"rows are {median / _SECOND:g} s apart, site.toml says {declared / _SECOND:g}",
        )
    return median, median >= LONGEST_HOLD_S * _SECOND and _keeps_step(apart, median)


def with_gaps(found: Intervals, notes: Notes) -> Intervals:
    """The same intervals, with one more of unknown energy, flagged ``gap``, wherever nothing was read between two."""
    holes = np.flatnonzero(found.start_us[1:] > found.end_us[:-1])
    if len(holes) == 0:
        return found
    total_h = float((found.start_us[holes + 1] - found.end_us[holes]).sum()) / US_PER_H
    notes.tell("ecorad.meter.gap", found.line[holes], f"{total_h:.2f} h in all after these rows: energy not known")
    nothing = np.full(len(holes), np.nan)
    return joined(
        found,
        Intervals(
            found.end_us[holes],
            found.start_us[holes + 1],
            nothing,
            nothing,
            found.line[holes],
            np.full(len(holes), int(Flag.GAP), dtype=np.uint32),
        ),
    )


def joined(*parts: Intervals) -> Intervals:
    """Several sets of intervals as one, sorted by start."""
    start = np.concatenate([part.start_us for part in parts])
    order = np.argsort(start, kind="stable")
    return Intervals(
        start[order],
        np.concatenate([part.end_us for part in parts])[order],
        np.concatenate([part.energy_kwh for part in parts])[order],
        np.concatenate([part.value for part in parts])[order],
        np.concatenate([part.line for part in parts])[order],
        np.concatenate([part.bits for part in parts])[order],
    )


def _keeps_step(apart: Ints, step_us: int) -> bool:
    """Whether rows keep to a step: 80 % of them do, or half do and the rest just skip whole steps."""
    steps = apart / step_us
    share_one = float((np.abs(steps - 1) <= 0.01).mean())
    share_whole = float((np.abs(steps - np.rint(steps)) <= 0.01).mean())
    return share_one >= 0.8 or (share_one >= 0.5 and share_whole >= 0.95)


def _lengths(apart: Ints, step_us: int, is_even: bool) -> Ints:
    if is_even:
        return np.where(apart <= 1.5 * step_us, apart, step_us)
    return np.minimum(apart, max(round(LONGEST_HOLD_S * _SECOND), round(2.5 * step_us)))


def _none() -> Intervals:
    none = np.empty(0, np.int64)
    return Intervals(none, none, np.empty(0), np.empty(0), none, np.empty(0, np.uint32))
