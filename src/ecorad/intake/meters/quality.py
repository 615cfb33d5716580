"""What is wrong with readings that were written without fault: negative, implausible, a slip of unit, spikes, stuck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.row_notes import Notes

from .flags import Flag, mark
from .intervals import US_PER_H, Intervals
from .profile import Profile

Truths = NDArray[np.bool_]
STUCK_H = 6.0
# A number counts as measured at full resolution when one unit of its last digit is at most 0.5 % of it: below that,
# a steady load in whole watts looks the same for hours without any fault.
STUCK_RESOLUTION = 200.0
_SPIKE = 20.0
_FAR_OUT = 3.0
_SLIP_ROWS = 3


def checked(found: Intervals, profile: Profile, notes: Notes) -> Intervals:
    """The same intervals with quality flags; energy that cannot be right becomes unknown.

    * Negative energy is unknown (``negative``) unless the register declares feed-in.
    * Mean power outside ``plausible_kw`` is ``implausible``, and unknown beyond three times the range. Where a factor
      of 1000 would bring at least three such readings back, ``unit_suspect`` suggests it; nothing is multiplied.
    * ``spike`` and ``stuck`` only warn: an X-ray exposure is a spike, and a stuck meter may be right.
    """
    bits, energy = found.bits.copy(), found.energy_kwh.copy()
    kw = found.mean_kw
    if not profile.takes_feed_in:
        negative = energy < 0
        _tell(notes, "ecorad.meter.negative", found, negative, "no feed-in is declared: energy not known")
        mark(bits, negative, Flag.NEGATIVE)
        energy[negative] = np.nan
        kw = np.where(negative, np.nan, kw)
    if profile.plausible_kw is not None:
        energy[_implausible(found, kw, profile, bits, notes)] = np.nan
    if profile.kind != "register":
        spikes = _spikes(kw)
        _tell(
            notes,
            "ecorad.meter.spike",
            found,
            spikes,
            "single readings more than 20 times as high as all but the highest 0.5 %",
        )
        mark(bits, spikes, Flag.SPIKE)
    stuck = _stuck(found, profile)
    _tell(notes, "ecorad.meter.stuck", found, stuck, "the same number for 6 h or more")
    mark(bits, stuck, Flag.STUCK)
    explained = np.uint32(Flag.RESET | Flag.NEGATIVE | Flag.IMPLAUSIBLE)
    unknown = np.isnan(energy) & ((bits & explained) == 0)
    _tell(notes, "ecorad.meter.unknown", found, unknown, "no number is written: energy not known")
    mark(bits, unknown, Flag.UNKNOWN)
    return replace(found, energy_kwh=energy, bits=bits | np.uint32(profile.flags))


def _tell(notes: Notes, code: str, found: Intervals, where: Truths, detail: str) -> None:
    if where.any():
        notes.tell(code, found.line[where], detail)


def _implausible(
    found: Intervals, kw: NDArray[np.float64], profile: Profile, bits: NDArray[np.uint32], notes: Notes
) -> Truths:
    """Flag what is out of range; returns what is so far out that it must not count."""
    low, high = profile.plausible_kw or (-np.inf, np.inf)
    outside = (kw < low) | (kw > high)
    far_low = low / _FAR_OUT if low > 0 else low * _FAR_OUT
    far = (kw < far_low) | (kw > high * _FAR_OUT)
    _tell(notes, "ecorad.meter.implausible", found, outside, "power outside plausible_kw")
    mark(bits, outside, Flag.IMPLAUSIBLE)
    for factor in (1e-3, 1e3):
        fits = far & (kw * factor >= low) & (kw * factor <= high) & (kw != 0)
        if fits.sum() >= _SLIP_ROWS:
            _tell(
                notes, "ecorad.meter.unit_suspect", found, fits, f"a factor of {factor:g} would fit; it is not applied"
            )
            mark(bits, fits, Flag.UNIT_SUSPECT)
    if low <= 0 and profile.is_registered and not far.any():
        _far_too_low(found, kw, high, bits, notes)
    return far


def _far_too_low(
    found: Intervals, kw: NDArray[np.float64], high_kw: float, bits: NDArray[np.uint32], notes: Notes
) -> None:
    """A whole file in kW taken for W stays below a five-hundredth of the range, and yet is not off."""
    known = kw[np.isfinite(kw)]
    if len(known) >= 10 and np.median(known) > 0 and known.max() < high_kw / 500 and high_kw < np.inf:
        fits = np.isfinite(kw) & (kw > 0)
        _tell(notes, "ecorad.meter.unit_suspect", found, fits, "a factor of 1000 would fit; it is not applied")
        mark(bits, fits, Flag.UNIT_SUSPECT)


def _spikes(kw: NDArray[np.float64]) -> Truths:
    """Single readings far above everything: more than 20 times the 99.5th percentile, and both neighbours far below."""
    known = np.nan_to_num(kw, nan=0.0)
    if len(known) < 20:
        return np.zeros(len(known), dtype=np.bool_)
    high = _SPIKE * float(np.quantile(known, 0.995))
    before, after = np.concatenate(([0.0], known[:-1])), np.concatenate((known[1:], [0.0]))
    return (high > 0) & (known > high) & (before < known / _SPIKE) & (after < known / _SPIKE)


def _stuck(found: Intervals, profile: Profile) -> Truths:
    """Readings that keep one number for 6 h although the meter resolves far finer and does not usually repeat it."""
    value, n = found.value, len(found)
    stuck = np.zeros(n, dtype=np.bool_)
    if n < 3 or found.end_us[-1] - found.start_us[0] < STUCK_H * US_PER_H:
        return stuck
    is_register = profile.kind == "register"
    repeats = (value[1:] == value[:-1]) & (found.start_us[1:] == found.end_us[:-1])
    if is_register:
        repeats &= value[1:] == 0  # the number of a register stands still where nothing is counted
    starts = np.flatnonzero(np.concatenate(([True], ~repeats)))
    ends = np.append(starts[1:], n)
    hours = (found.end_us[ends - 1] - found.start_us[starts]) / US_PER_H
    for first, end in zip(starts[hours >= STUCK_H].tolist(), ends[hours >= STUCK_H].tolist(), strict=True):
        if end - first < 3:
            continue
        outside = int(repeats.sum()) - (end - first - 1)
        pairs = max(1, len(repeats) - (end - first - 1))
        typical = float(np.nanmedian(value)) if is_register else abs(float(value[first]))
        most_repeats = 0.05 if is_register else 0.5
        if typical >= STUCK_RESOLUTION * profile.quantum and outside <= most_repeats * pairs:
            stuck[first:end] = True
    return stuck
