"""What a meter's energy was used for, and how the part that no exam drew is shared among exams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecorad.model import InputError

from .spans import Spans, is_inside, merged
from .trace import Floats, Ints, Trace

Rule = Literal["time", "exam", "active"]
RULES: tuple[Rule, ...] = ("time", "exam", "active")
_NONE: Ints = np.zeros(0, dtype=np.int64)
_NO_SPANS: Spans = (_NONE, _NONE)


@dataclass(frozen=True, slots=True)
class Split:
    """Known energy of one meter by what it was used for; the four classes add up to the meter. [kWh]

    ``qc_kwh`` is the part of ``gaps_kwh`` drawn while something was acquired that is no exam.
    """

    exams_kwh: float
    gaps_kwh: float
    off_hours_kwh: float
    unexplained_kwh: float
    qc_kwh: float = 0.0

    @property
    def total_kwh(self) -> float:
        """The whole meter. [kWh]"""
        return self.exams_kwh + self.gaps_kwh + self.off_hours_kwh + self.unexplained_kwh

    @property
    def pool_kwh(self) -> float:
        """What exams share: gaps and off-hours. [kWh]"""
        return self.gaps_kwh + self.off_hours_kwh


def split(
    trace: Trace,
    exam_start_us: Ints,
    exam_end_us: Ints,
    opening: Spans | None,
    *,
    qc_start_us: Ints = _NONE,
    qc_end_us: Ints = _NONE,
) -> Split:
    """Energy inside exam windows, between them while open, out of hours, and of no known use.

    Parameters
    ----------
    trace : Trace
        One meter.
    exam_start_us, exam_end_us : ndarray of int64, shape (e,)
        Exam windows on the meter's clock; they may overlap.
    opening : tuple of ndarray, or None
        Opening windows; when they are not known, what is neither exam nor quality control is unexplained.
    qc_start_us, qc_end_us : ndarray of int64, shape (q,)
        Acquisitions that are no exams; outside exams they are gaps, at any hour.

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> day = Trace.of(np.arange(24) * hour, np.arange(1, 25) * hour, np.ones(24))
    >>> at = lambda *hours: np.array(hours) * hour
    >>> parts = split(day, at(9, 11), at(10, 12), (at(8), at(18)))
    >>> parts.exams_kwh, parts.gaps_kwh, parts.off_hours_kwh, parts.unexplained_kwh
    (2.0, 8.0, 14.0, 0.0)
    """
    if not len(trace):
        return Split(0.0, 0.0, 0.0, 0.0)
    exams, qc = merged(exam_start_us, exam_end_us), merged(qc_start_us, qc_end_us)
    hours = _NO_SPANS if opening is None else merged(*opening)
    edges = np.concatenate((*exams, *qc, *hours, [trace.start_us[0], trace.end_us[-1]]))
    edges = np.unique(np.clip(edges, trace.start_us[0], trace.end_us[-1]))
    begin = trace.kwh_until(edges)
    energy, at = np.diff(begin), edges[:-1]
    in_exam, in_qc, is_open = (is_inside(at, spans) for spans in (exams, qc, hours))
    in_qc &= ~in_exam
    rest = ~in_exam & ~in_qc
    known = opening is not None
    return Split(
        exams_kwh=float(energy[in_exam].sum()),
        gaps_kwh=float(energy[in_qc | (rest & is_open)].sum()),
        off_hours_kwh=float(energy[rest & ~is_open].sum()) if known else 0.0,
        unexplained_kwh=0.0 if known else float(energy[rest].sum()),
        qc_kwh=float(energy[in_qc].sum()),
    )


def unexplained(trace: Trace) -> Split:
    """The split of a meter that feeds no device anyone knows."""
    return Split(0.0, 0.0, 0.0, trace.known_kwh)


def allocate(active_kwh: Floats, duration_h: Floats, pool_kwh: float, rule: Rule = "time") -> Floats:
    """Active energy of each exam plus its share of the energy no exam drew.

    Parameters
    ----------
    active_kwh, duration_h : ndarray, shape (e,)
        Energy inside each exam and its length; NaN energy stays NaN and gets no share.
    pool_kwh : float
        Gaps and off-hours. [kWh]
    rule : {"time", "exam", "active"}
        Shares in proportion to length, equal, or in proportion to active energy. When lengths or energies are all
        zero, shares are equal.

    Returns
    -------
    ndarray, shape (e,)
        The sum is the sum of ``active_kwh`` plus ``pool_kwh``, whatever the rule. [kWh]

    Raises
    ------
    InputError
        For an unknown rule, or when there is a pool and no exam to carry it.

    Notes
    -----
    Splitting an exam in two changes nothing under ``time`` and ``active``, and does under ``exam``.

    Examples
    --------
    >>> [allocate(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 8.0, rule).tolist() for rule in RULES]
    [[5.0, 7.0], [5.0, 7.0], [3.0, 9.0]]
    """
    if rule not in RULES:
        raise InputError(f"the rule must be one of {', '.join(RULES)}")
    known = ~np.isnan(active_kwh)
    if not known.any():
        if pool_kwh:
            raise InputError("there is energy to share and no exam with known energy")
        return active_kwh.copy()
    weight = {"time": duration_h, "exam": np.ones(len(active_kwh)), "active": active_kwh}[rule]
    weight = np.where(known, np.nan_to_num(weight), 0.0)
    if not weight.sum() > 0:
        weight = known.astype(np.float64)
    return np.asarray(active_kwh + pool_kwh * weight / weight.sum())
