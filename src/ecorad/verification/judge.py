"""When an effect may be told: enough days, a baseline that fits, work that is comparable, a placebo without effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .effect import Effect, Sample, effect

NO_RECORDS = "ecorad.verify.no_records"
FEW_BEFORE = "ecorad.verify.few_days_before"
FEW_AFTER = "ecorad.verify.few_days_after"
BAD_FIT = "ecorad.verify.baseline_fit"
DRIFT = "ecorad.verify.baseline_drift"
OTHER_WORK = "ecorad.verify.other_work"

# Three weeks of working days, less a holiday: below, a mean of days that are alike says next to nothing.
LEAST_DAYS = 20
LEAST_ROWS_A_COLUMN = 5
_LEAST_HALF = 10
# A baseline is asked about work it has seen: at most this share of the later rows may lie outside of it.
MOST_OUTSIDE = 0.2

Verdict = Literal["reduction", "rise", "none_seen"]
Claim = Literal["met", "not_met", "not_shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of the baseline: ASHRAE Guideline 14, as the factor book has it.

    Parameters
    ----------
    cvrmse : float, optional
        Largest CV(RMSE); none for exams, which differ by nature.
    nmbe : float
        Largest bias of a fake change inside the baseline.
    """

    cvrmse: float | None
    nmbe: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An effect with the reasons against telling it; without ``effect`` it could not even be worked out."""

    effect: Effect | None
    refused: tuple[str, ...]
    placebo: Effect | None = None

    @property
    def is_told(self) -> bool:
        """Whether nothing speaks against it."""
        return self.effect is not None and not self.refused

    @property
    def verdict(self) -> Verdict | None:
        """What its interval says."""
        if self.effect is None or self.refused:
            return None
        return "reduction" if self.effect.high < 0 else "rise" if self.effect.low > 0 else "none_seen"


def judge(before: Sample, after: Sample, limits: Limits) -> Judged:
    """The effect of a change, or why it is not told.

    Parameters
    ----------
    before, after : Sample
        In any order of rows.
    limits : Limits
        When the baseline is refused.

    Examples
    --------
    >>> day = np.arange(30)
    >>> few = Sample(day, np.ones(30), np.zeros((30, 0)))
    >>> judge(few.only(day < 25), few.only(day >= 25), Limits(cvrmse=0.3, nmbe=0.05)).refused
    ('ecorad.verify.few_days_after',)
    """
    if not len(before) or not len(after):
        return Judged(effect=None, refused=(NO_RECORDS,))
    least = max(LEAST_DAYS, LEAST_ROWS_A_COLUMN * (before.work.shape[1] + 1))
    short = [FEW_BEFORE] if before.days < LEAST_DAYS or len(before) < least else []
    short += [FEW_AFTER] if after.days < LEAST_DAYS else []
    if short:
        return Judged(effect=None, refused=tuple(short))
    found, placebo = effect(before, after), _placebo(before)
    refused = []
    # Not a number fits nothing: a baseline around 0 has no relative error.
    if limits.cvrmse is not None and not found.cvrmse <= limits.cvrmse:
        refused.append(BAD_FIT)
    if placebo is not None and _is_drift(placebo, limits.nmbe):
        refused.append(DRIFT)
    if outside(before, after) > MOST_OUTSIDE:
        refused.append(OTHER_WORK)
    return Judged(effect=found, refused=tuple(refused), placebo=placebo)


def outside(before: Sample, after: Sample) -> float:
    """Share of the later rows whose work lies outside of what was seen before.

    >>> day = np.arange(4)
    >>> rows = Sample(day, np.ones(4), np.array([[5.0], [9.0], [7.0], [12.0]]))
    >>> outside(rows.only(day < 2), rows.only(day >= 2))
    0.5
    """
    low, high = (edge(before.work, axis=0) for edge in (np.min, np.max))
    far = (after.work < low) | (after.work > high)
    return float(far.any(axis=1).mean())


def claim_verdict(found: Effect, claimed_share: float) -> Claim:
    """Whether a reduction of at least so much was shown, was ruled out, or neither.

    >>> from dataclasses import replace
    >>> day = np.arange(60)
    >>> some = Sample(day, 100.0 - 30.0 * (day >= 30) + (day % 2), np.zeros((60, 0)))
    >>> found = effect(some.only(day < 30), some.only(day >= 30))
    >>> claim_verdict(found, 0.25), claim_verdict(found, 0.5)
    ('met', 'not_met')
    """
    if -found.share_high >= claimed_share:
        return "met"
    return "not_met" if -found.share_low < claimed_share else "not_shown"


def _placebo(before: Sample) -> Effect | None:
    """A change that nobody made, half-way through the time before."""
    days = np.unique(before.day)
    early = before.day < days[len(days) // 2]
    first, second = before.only(early), before.only(~early)
    if min(first.days, second.days) < _LEAST_HALF or len(first) <= first.work.shape[1] + 1:
        return None
    return effect(first, second)


def _is_drift(placebo: Effect, nmbe: float) -> bool:
    """Whether the baseline moved by itself: beyond its own error, and by more than a bias that is let pass."""
    return (placebo.low > 0 or placebo.high < 0) and not abs(placebo.share) <= nmbe
