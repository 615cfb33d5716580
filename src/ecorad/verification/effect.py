"""What a change did: the time after it against what the time before would have made of the same work."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .long_run import Floats, cosine_terms, long_run_variance

CONFIDENCE = 0.95
# The odds of seeing an effect that is there, as trials are planned for.
POWER = 0.8
# Relative size of what rounding leaves of a difference.
_NOISE = 1e-9


@dataclass(frozen=True, eq=False)
class Sample:
    """One side of a comparison; a row is a day or an exam.

    Parameters
    ----------
    day : ndarray of int64, shape (rows,)
        Local day of each row, since 1970-01-01.
    value : ndarray, shape (rows,)
        What is compared.
    work : ndarray, shape (rows, columns)
        What it is adjusted for: exams, weekdays, regions. No constant.
    """

    day: NDArray[np.int64]
    value: Floats
    work: Floats

    def __len__(self) -> int:
        return len(self.value)

    @property
    def days(self) -> int:
        """Different days."""
        return len(np.unique(self.day))

    def only(self, rows: NDArray[np.bool_]) -> Sample:
        """Some of its rows."""
        return Sample(self.day[rows], self.value[rows], self.work[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Mean of the rows after a change, less what the baseline expects of their work.

    Parameters
    ----------
    baseline, after : float
        Adjusted baseline and mean afterwards, both of one row.
    change, low, high : float
        ``after - baseline`` with its 95 % interval.
    share, share_low, share_high : float
        The same relative to the adjusted baseline; NaN where that is not above 0.
    detectable : float
        Smallest relative change that these records would have shown with odds of 4 in 5.
    cvrmse : float
        Root mean square of the baseline's residuals, over n - p, relative to its mean.
    """

    rows_before: int
    rows_after: int
    days_before: int
    days_after: int
    baseline: float
    after: float
    change: float
    low: float
    high: float
    share: float
    share_low: float
    share_high: float
    detectable: float
    cvrmse: float


def effect(before: Sample, after: Sample) -> Effect:
    r"""Savings as IPMVP options B and C have them: adjusted baseline against the reporting period.

    Baseline: least squares of value on a constant and the work, over the time before. Effect:
    :math:`d=\bar y_1-\bar x_1'b_0`. Its variance is that of the mean afterwards plus that of the prediction; both are
    summed by day and take one day's likeness to the next into account
    (:func:`~ecorad.verification.long_run.long_run_variance`); the interval is Student's, with the degrees of freedom of
    Welch and Satterthwaite.

    Parameters
    ----------
    before, after : Sample
        Of the same columns; each with at least two days and more rows than columns.

    Raises
    ------
    ValueError
        For too few rows: the caller asks first.

    Examples
    --------
    Twenty days at 100 kWh and 2 kWh an exam; afterwards 10 kWh a day less, with more exams:

    >>> day = np.arange(40)
    >>> exams = np.concatenate([np.tile([10.0, 14.0], 10), np.tile([20.0, 12.0], 10)])
    >>> kwh = 100 + 2 * exams - np.where(day >= 20, 10.0, 0.0)
    >>> whole = Sample(day, kwh, exams[:, None])
    >>> found = effect(whole.only(day < 20), whole.only(day >= 20))
    >>> round(found.baseline, 6), round(found.change, 6), round(found.share, 4)
    (132.0, -10.0, -0.0758)
    """
    design, mean_work = _with_constant(before.work), _with_constant(after.work).mean(axis=0)
    rows, columns = design.shape
    if rows <= columns or len(after) < 2:
        raise ValueError("too few rows for a baseline")
    inverse = np.linalg.pinv(design.T @ design)
    fit = inverse @ design.T @ before.value
    rest = before.value - design @ fit
    baseline, mean_after = float(mean_work @ fit), float(after.value.mean())
    influence = design @ (inverse @ mean_work) * rest
    unsure_before, days_before = _variance_of_sum(before.day, influence)
    unsure_before *= rows / (rows - columns)
    gone = after.value - _with_constant(after.work) @ fit
    unsure_after, days_after = _variance_of_sum(after.day, (gone - gone.mean()) / len(after))
    quantile, sigma, power = _student(unsure_before, days_before, unsure_after, days_after)
    noise = _NOISE * max(abs(baseline), abs(mean_after))
    change, sigma = _exact(mean_after - baseline, noise), _exact(sigma, noise)
    share, half = (
        _exact(one, _NOISE) for one in _relative(baseline, mean_after, unsure_before, unsure_after, quantile)
    )
    mean_before = float(before.value.mean())
    deviation = _exact(math.sqrt(float(rest @ rest) / (rows - columns)), _NOISE * abs(mean_before))
    return Effect(
        rows_before=rows,
        rows_after=len(after),
        days_before=days_before,
        days_after=days_after,
        baseline=baseline,
        after=mean_after,
        change=change,
        low=change - quantile * sigma,
        high=change + quantile * sigma,
        share=share,
        share_low=share - half,
        share_high=share + half,
        detectable=(quantile + power) * sigma / baseline if baseline > 0 else math.nan,
        cvrmse=deviation / mean_before if mean_before > 0 else math.nan,
    )


def _exact(number: float, noise: float) -> float:
    """0 for what is left of sums that cancel: values that never differ differ by nothing."""
    return 0.0 if abs(number) <= noise else number


def _with_constant(work: Floats) -> Floats:
    return np.column_stack([np.ones(len(work)), work])


def _variance_of_sum(day: NDArray[np.int64], parts: Floats) -> tuple[float, int]:
    """Variance of the sum of parts, first summed by day, and how many days there are."""
    days, place = np.unique(day, return_inverse=True)
    by_day: Floats = np.bincount(place, weights=parts, minlength=len(days)).astype(np.float64)
    return len(days) * long_run_variance(by_day), len(days)


def _student(before: float, days_before: int, after: float, days_after: int) -> tuple[float, float, float]:
    """Quantile of the interval, standard error, and quantile of the power."""
    own = (cosine_terms(days_before), cosine_terms(days_after))
    both = before + after
    spread = before**2 / own[0] + after**2 / own[1]
    freedom = both**2 / spread if spread > 0 else float(sum(own))
    return (
        float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, freedom)),
        math.sqrt(both),
        float(stats.t.ppf(POWER, freedom)),
    )


def _relative(baseline: float, mean: float, before: float, after: float, quantile: float) -> tuple[float, float]:
    """Relative change and half its interval, the baseline's own error included (delta method)."""
    if not baseline > 0:
        return math.nan, math.nan
    ratio = mean / baseline
    return ratio - 1.0, quantile * math.sqrt(after + ratio**2 * before) / baseline
