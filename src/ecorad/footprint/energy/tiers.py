"""Energy of a device without a meter: published powers times durations (tier 2), or a published year (tier 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ecorad.model import PowerState

from ..exam_parts import ExamParts
from ..uncertainty import Drawable, Source, Term, of_factor, one_of
from .allocation import RULES, Rule, allocate
from .spans import Spans, common, merged, overlap_us, span_us
from .standing import ORDER, awake_powers
from .trace import Floats, Ints

HOURS_PER_YEAR = 8766.0
# Odds of how an unmetered device spends the night; nobody wrote it down, so the interval spans all three.
NIGHT_ODDS = {PowerState.OFF: 1.0, PowerState.POWER_SAVE: 2.0, PowerState.IDLE: 1.0}


@dataclass(frozen=True)
class Modelled:
    """Energy of an unmetered device: terms of the whole device, and parts of its exams."""

    tier: int
    energy: tuple[Term, ...]
    parts: Mapping[Rule, ExamParts]


def exam_energy_kwh(scan_h: Floats, ready_h: Floats, scan_kw: float, ready_kw: float) -> Floats:
    """Tier 2 energy of exams: ``scan_h * scan_kw + ready_h * ready_kw``. [kWh]

    >>> exam_energy_kwh(np.array([0.25]), np.array([0.25]), 40.0, 20.0).tolist()
    [15.0]
    """
    return scan_h * scan_kw + ready_h * ready_kw


def tier_two(
    device_key: str,
    powers: Mapping[PowerState, Drawable],
    exam_start_us: Ints,
    exam_end_us: Ints,
    *,
    scan_h: Floats,
    opening: Spans | None,
    in_use: Spans,
) -> Modelled | None:
    """Published powers of the class times durations from headers.

    In an exam the device scans for as long as its acquisitions last and is ready for the rest; between exams in
    opening hours it is idle; out of hours it is off, in power save or idle, with the odds of :data:`NIGHT_ODDS`.
    Without opening hours all time outside exams is such a mixture. An exam of which no duration was written has its
    share of the device's energy; what it used itself is unknown, not 0.

    Returns
    -------
    Modelled or None
        ``None`` when idle, ready or scan was never published for the class.
    """
    if any(state not in powers for state in ORDER):
        return None
    source = {state: of_factor(powers[state]) for state in powers} | awake_powers(powers)
    idle, ready, scan = (source[state] for state in ORDER)
    night = one_of(f"night:{device_key}", [(odds, source[s]) for s, odds in NIGHT_ODDS.items() if s in source])
    window_h = np.maximum((exam_end_us - exam_start_us) / 3.6e9, scan_h)
    ready_h = window_h - scan_h
    exams = merged(exam_start_us, exam_end_us)
    gap_h, off_h = _hours(exams, opening, in_use)
    pool = [(gap_h, idle), (off_h, night)]
    active = ((scan_h, (scan,)), (ready_h, (ready,)))
    untimed = np.where(window_h > 0.0, 0.0, np.nan)
    alone = ((scan_h + untimed, (scan,)), (ready_h + untimed, (ready,)))
    marginal = (*alone, (-window_h + untimed, (idle,)))
    central = exam_energy_kwh(scan_h, ready_h, scan.value, ready.value)
    by_rule: dict[Rule, ExamParts] = {}
    for rule in RULES:
        share = allocate(central, window_h, 1.0, rule) - central if len(central) else central
        spread = tuple((share * hours, (one,)) for hours, one in pool)
        by_rule[rule] = ExamParts({"active": alone, "marginal": marginal, "allocated": (*active, *spread)})
    terms = [Term(float(hours.sum()), (one,)) for hours, (one,) in active] if len(central) else []
    terms += [Term(hours, (one,)) for hours, one in pool]
    return Modelled(2, tuple(terms), by_rule)


def tier_one(annual: Drawable, exams: int, window_h: Floats, period_h: float) -> Modelled:
    """The published energy of such a device in a year, for the length of the period. [kWh]

    What one exam drew while it ran, and what one exam less would save, is not known this way.

    Parameters
    ----------
    annual : factor
        Energy of one device and year. [kWh/a]
    """
    source: Source = of_factor(annual)
    years = period_h / HOURS_PER_YEAR
    by_rule: dict[Rule, ExamParts] = {}
    for rule in RULES:
        even = rule != "time" or not window_h.sum() > 0
        weight = np.full(exams, 1.0 / exams) if even and exams else window_h / max(window_h.sum(), 1e-300)
        by_rule[rule] = ExamParts({"allocated": ((weight * years, (source,)),)} if exams else {})
    return Modelled(1, (Term(years, (source,)),), by_rule)


def _hours(exams: Spans, opening: Spans | None, in_use: Spans) -> tuple[float, float]:
    """Hours between exams while open, and of the rest of the time in use. [h]"""
    outside = span_us(in_use) - overlap_us(exams, in_use)
    if opening is None:
        return 0.0, outside / 3.6e9
    inside = common(opening, in_use)
    gap = span_us(inside) - overlap_us(exams, inside)
    return gap / 3.6e9, (outside - gap) / 3.6e9
