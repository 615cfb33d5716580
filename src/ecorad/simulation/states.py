"""The true power states of one scanner as runs, out of its plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .plan import Plan
from .scanners import STATES

OFF, POWER_SAVE, IDLE, READY, SCAN = range(5)
WAKE_S = 600
COOL_S = 900


@dataclass(frozen=True, slots=True)
class Runs:
    """Uninterrupted stretches without a hole; run ``i`` lasts from ``bounds_s[i]`` to ``bounds_s[i + 1]``.

    ``state`` indexes :data:`~ecorad.simulation.scanners.STATES`; ``level_kw`` is its power before drift and noise.
    """

    bounds_s: NDArray[np.int64]
    state: NDArray[np.int8]
    level_kw: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.state)

    def cumulative_kwh(self) -> NDArray[np.float64]:
        """Energy from the start to each bound, before drift and noise. [kWh]"""
        return np.concatenate(([0.0], np.cumsum(np.diff(self.bounds_s) * self.level_kw) / 3600.0))


def state_runs(plan: Plan, length_s: int) -> Runs:
    """Paint the night, the wake-ups, the patients and the beams over one another, in that order."""
    night = np.array([(start, STATES.index(state)) for start, state in plan.background], dtype=np.int64)
    wake = _merged([(exam.enters_s - WAKE_S, exam.leaves_s + COOL_S) for exam in plan.exams])
    patient = _spans([(exam.enters_s, exam.leaves_s) for exam in plan.exams])
    beams = [beam for exam in plan.exams for beam in exam.beams]
    beam = _spans([(one.start_s, one.end_s) for one in beams])
    share = np.array([one.kw_share for one in beams])

    edges = np.concatenate((night[:, 0], wake.ravel(), patient.ravel(), beam.ravel(), [0, length_s]))
    bounds = np.unique(np.clip(edges, 0, length_s))
    starts = bounds[:-1]
    state = night[np.searchsorted(night[:, 0], starts, side="right") - 1, 1]
    awake = _within(starts, wake) >= 0
    state = np.where(awake, IDLE, state)  # the night is never more than idle
    state = np.where(_within(starts, patient) >= 0, READY, state)
    which = _within(starts, beam)
    state = np.where(which >= 0, SCAN, state)

    level_kw = np.array([plan.scanner.level_kw.get(name, 0.0) for name in STATES])
    level = level_kw[state]
    if len(share):
        beam_kw = level_kw[READY] + share * (level_kw[SCAN] - level_kw[READY])
        level = np.where(which >= 0, beam_kw[which], level)
    return _joined(bounds, state.astype(np.int8), level)


def _spans(pairs: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _merged(pairs: list[tuple[int, int]]) -> NDArray[np.int64]:
    found: list[tuple[int, int]] = []
    for start, end in pairs:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return _spans(found)


def _within(moments: NDArray[np.int64], spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of the span that holds each moment, -1 where there is none; spans are in order and apart."""
    if not len(spans):
        return np.full(len(moments), -1)
    index = np.searchsorted(spans[:, 0], moments, side="right") - 1
    inside = (index >= 0) & (moments < spans[index, 1])
    return np.where(inside, index, -1)


def _joined(bounds: NDArray[np.int64], state: NDArray[np.int8], level: NDArray[np.float64]) -> Runs:
    """Neighbours of one state and level become one run."""
    begins = np.concatenate(([True], (np.diff(state) != 0) | (np.diff(level) != 0)))
    return Runs(np.concatenate((bounds[:-1][begins], bounds[-1:])), state[begins], level[begins])
