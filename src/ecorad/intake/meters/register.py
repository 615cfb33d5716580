"""From the numbers of a cumulative register to the energy between them: roll-over, reset, step back, slip.

The sum of all intervals is what the register counted: nothing is booked twice, and a register that steps back a little
and goes on books no energy until it has passed its highest number again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.intake.row_notes import Notes

from .flags import Flag
from .intervals import US_PER_H, Intervals, usual_step
from .profile import Profile
from .sequence import Samples

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
# Widths at which registers roll over: 16 and 32 bit, and every number of decimal digits from 3 to 10.
WIDTHS = tuple(sorted([2.0**16, 2.0**32, *(10.0**digits for digits in range(3, 11))]))
_NEAR_WIDTH = 0.9
_LONGEST_SLIP = 3


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a register may do in written units: most per hour upwards, most it may step back, its width if known."""

    rate_per_h: float
    quantum: float
    typical_step: float
    width: float | None

    def most(self, hours: Floats | float) -> Floats | float:
        return self.rate_per_h * hours + 10 * self.quantum

    def back(self, value: float) -> float:
        return max(10 * self.quantum, min(2 * self.typical_step, 1e-3 * abs(value)))


def difference(samples: Samples, profile: Profile, notes: Notes) -> Intervals:
    """Energy between the numbers of a cumulative register.

    Parameters
    ----------
    samples : Samples
        Sorted, one a moment; numbers in written units.
    profile : Profile
        ``register_width`` is where the register rolls over, if known; ``plausible_kw`` bounds how fast it can count.

    Returns
    -------
    Intervals
        One from each number to the next. Between numbers further apart than one and a half steps the energy is known
        and its shape is not (``long_interval``); over a reset it is unknown (``reset``).
    """
    samples = samples[np.isfinite(samples.value)]
    step_us, _ = usual_step(samples, profile, notes)
    limits = _limits(samples, profile)
    slipped = _slips(samples.value, _hours(samples), limits)
    notes.quarantine("ecorad.meter.register_slip", samples.line[slipped], "one number out of line with those around it")
    samples = samples[~slipped]
    counted, bits = _counted(samples, limits, notes)
    if step_us is not None:
        bits[np.diff(samples.t_us) > 1.5 * step_us] |= np.uint32(Flag.LONG_INTERVAL)
    bits |= samples.bits[1:]
    long = (bits & np.uint32(Flag.LONG_INTERVAL)) > 0
    if long.any():
        hours = float(_hours(samples)[long].sum())
        notes.tell(
            "ecorad.meter.long_interval", samples.line[1:][long], f"{hours:.2f} h in all: energy known, its shape not"
        )
    energy = counted * profile.to_kwh
    return Intervals(samples.t_us[:-1], samples.t_us[1:], energy, energy.copy(), samples.line[1:], bits)


def _hours(samples: Samples) -> Floats:
    return np.diff(samples.t_us) / US_PER_H


def _limits(samples: Samples, profile: Profile) -> _Limits:
    steps, hours = np.diff(samples.value), _hours(samples)
    rising = steps > 0
    rates = steps[rising] / hours[rising]
    if profile.plausible_kw is not None and profile.is_registered:
        rate = 1.5 * profile.plausible_kw[1] / profile.to_kwh
    else:
        # Without a register entry: twenty times the median rate, so that a few wild steps do not set the limit.
        rate = 20.0 * float(np.median(rates)) if len(rates) else np.inf
    quantum = profile.quantum / profile.to_kwh
    typical = float(np.median(steps[rising])) if rising.any() else quantum
    width = profile.register_width
    if width is not None and len(samples) and samples.value.max() > width:
        width = None
    return _Limits(rate, quantum, typical, width)


def _slips(value: Floats, hours: Floats, limits: _Limits) -> Truths:
    """Up to three numbers in a row that do not fit while those before and after them do."""
    slipped = np.zeros(len(value), dtype=np.bool_)
    steps = np.diff(value)
    back = -np.maximum(10 * limits.quantum, np.minimum(2 * limits.typical_step, 1e-3 * np.abs(value[:-1])))
    for first in np.flatnonzero((steps < back) | (steps > limits.most(hours))).tolist():
        if slipped[first]:
            continue
        for after in range(first + 2, min(first + 2 + _LONGEST_SLIP, len(value))):
            risen = value[after] - value[first]
            if 0 <= risen <= limits.most(float(hours[first:after].sum())):
                slipped[first + 1 : after] = _apart(value[first + 1 : after], value[first], value[after], limits)
                break
    return slipped


def _apart(between: Floats, low: float, high: float, limits: _Limits) -> Truths:
    margin = limits.back(low)
    return (between < low - margin) | (between > high + margin)


def _counted(samples: Samples, limits: _Limits, notes: Notes) -> tuple[Floats, NDArray[np.uint32]]:
    """Counted energy between numbers (written units; NaN over a reset) and flags."""
    value, hours = samples.value, _hours(samples)
    counted = np.diff(value)
    bits = np.zeros(len(counted), dtype=np.uint32)
    segment_starts, top = [0], 0.0
    for place in np.flatnonzero(counted < 0):
        before, after = float(value[place]), float(value[place + 1])
        if before - after <= limits.back(before) and after > 0:
            continue
        rolled = _rolled_over(before, after, float(hours[place]), limits)
        counted[place] = np.nan if rolled is None else rolled
        bits[place] |= np.uint32(Flag.RESET if rolled is None else Flag.ROLL_OVER)
        segment_starts.append(int(place) + 1)
    for first, end in zip(segment_starts, [*segment_starts[1:], len(value)], strict=True):
        highest = np.maximum.accumulate(value[first:end])
        inside = slice(first, max(first, end - 1))
        counted[inside] = np.diff(highest)
        bits[inside][value[first + 1 : end] < highest[1:]] |= np.uint32(Flag.STEP_BACK)
        if first > 0 and bits[first - 1] & np.uint32(Flag.ROLL_OVER):
            # The roll-over is counted from the highest number before it, not from a later step back.
            counted[first - 1] -= top - float(value[first - 1])
        top = float(highest[-1])
    for flag, code, detail in _TOLD:
        marked = (bits & np.uint32(flag)) > 0
        if marked.any():
            notes.tell(code, samples.line[1:][marked], detail)
    return counted, bits


_TOLD = (
    (Flag.RESET, "ecorad.meter.register_reset", "energy over the reset is not known"),
    (Flag.ROLL_OVER, "ecorad.meter.register_roll_over", "counted on over the width of the register"),
    (Flag.STEP_BACK, "ecorad.meter.register_step_back", "no energy until the highest number is passed again"),
)


def _rolled_over(before: float, after: float, hours: float, limits: _Limits) -> float | None:
    """Energy over a roll-over, or ``None`` when the register was reset instead.

    A roll-over is believed when the register was near a width it may have and the energy is what the meter can count.
    """
    widths = (limits.width,) if limits.width is not None else WIDTHS
    width = next((one for one in widths if one > before), None)
    if width is None:
        return None
    energy = width - before + after
    fits = energy <= limits.most(hours)
    is_near = before >= _NEAR_WIDTH * width
    is_bounded = limits.width is not None and np.isfinite(limits.rate_per_h)
    return energy if fits and (is_near or is_bounded) else None
