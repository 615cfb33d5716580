"""Power states of a device, learnt from its own meter and fused with the times of its acquisitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue, PowerState

from .drift import Drift, no_drift
from .duty import Duty, estimate_duty
from .edges import by_inner_readings, inner_kw, placed
from .emission import Use, emission, switch_cost
from .levels import Learnt, learn
from .modes import Prior
from .sharpen import coarsened, sharpened
from .trace import Floats, Ints, Trace, mean_power_kw
from .viterbi import WARM_UP, best_path

COARSEST_S = 300.0
TOO_COARSE = "ecorad.energy.too_coarse"
NO_LEVELS = "ecorad.energy.no_levels"
STATES = tuple(PowerState)
# Classes whose every beam leaves a series with a known length; fluoroscopy and live ultrasound do not.
COMPLETE = frozenset({"MR", "CT", "PT"})
LIVE = frozenset({"US", "IVUS"})
# Length of beams that leave no acquisition with a length: exposures, and pulses of fluoroscopy. [s]
BEAM_S = dict.fromkeys(("DX", "CR", "MG", "IO", "PX", "RG"), 1.5) | dict.fromkeys(("XA", "RF"), 15.0)
# A beam must not be shorter than this share of a reading to be seen as a state of its own.
SEEN_SHARE = 0.75
# Where a beam that comes and goes is shorter than so many readings, its edges are put inside them.
BEAM_SHARE = 1 / 3
SCAN_NOT_SEEN = "ecorad.energy.scan_not_seen"
# States last longer than this: finer readings are taken together.
STEP_S = 10.0
# Readings decoded at a time.
_BATCH = 300_000
_NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class StateRuns:
    """What a device did, as uninterrupted stretches of one state.

    Parameters
    ----------
    state : ndarray of int8, shape (n,)
        Index into :data:`STATES`.
    start_us, end_us : ndarray of int64, shape (n,)
        Half-open, in order; unknown readings are holes.
    energy_kwh : ndarray, shape (n,)
        Energy of each stretch; the sum is all known energy. [kWh]
    level_kw : mapping of PowerState to float
        Mean power of each state that was seen. [kW]
    drift : Drift
        How the levels moved.
    duty : Duty, optional
        Given instead of stretches when readings are too far apart to name states.
    """

    state: NDArray[np.int8]
    start_us: Ints
    end_us: Ints
    energy_kwh: Floats
    level_kw: Mapping[PowerState, float]
    drift: Drift
    duty: Duty | None = None
    issues: tuple[Issue, ...] = field(default=())

    @property
    def is_named(self) -> bool:
        """Whether states could be told apart."""
        return bool(self.level_kw)

    @property
    def duration_h(self) -> Floats:
        """Length of each stretch. [h]"""
        return (self.end_us - self.start_us) / 3.6e9

    def energy_by_state(self) -> dict[PowerState, float] | None:
        """Energy in each state, ``None`` when states could not be named. [kWh]"""
        return self._by_state(self.energy_kwh)

    def hours_by_state(self) -> dict[PowerState, float] | None:
        """Time in each state, ``None`` when states could not be named. [h]"""
        return self._by_state(self.duration_h)

    def _by_state(self, weights: Floats) -> dict[PowerState, float] | None:
        if not self.is_named:
            return None
        sums = np.bincount(self.state, weights=weights, minlength=len(STATES))
        return {state: float(total) for state, total in zip(STATES, sums, strict=True)}

    def power_kw(self, state: PowerState, moment_us: Ints) -> Floats:
        """Level of one state at each moment, drift followed; NaN when the state was never seen. [kW]"""
        level = self.level_kw.get(state, float("nan"))
        return level * np.exp(self.drift.at(moment_us))


def classify(
    trace: Trace,
    device_class: str,
    scan_start_us: Ints = _NONE,
    scan_end_us: Ints = _NONE,
    *,
    exam_start_us: Ints = _NONE,
    exam_end_us: Ints = _NONE,
    prior: Prior | None = None,
    all_scans_known: bool | None = None,
) -> StateRuns:
    """Name the power state of every moment a meter was read.

    Levels are the plateaus of the device's own load-duration curve; exam times tell which of them are idle and ready,
    published powers of the class (after an unknown scale) the rest. Slow drift of all levels is followed. The path
    through the states is the most probable one of a hidden Markov model in which acquisitions of known length weigh
    more than power, because a light sequence draws no more than a scanner that waits.

    Parameters
    ----------
    trace : Trace
        Meter of one device, intervals of at most 5 minutes.
    device_class : str
        DICOM modality.
    scan_start_us, scan_end_us : ndarray of int64, shape (m,)
        Acquisitions on the meter's clock, phantoms too; those without a length only help to find the levels.
    exam_start_us, exam_end_us : ndarray of int64, shape (e,)
        Exam windows on the meter's clock.
    prior : mapping of PowerState to (kw, low, high), optional
        Published powers of the class. [kW]
    all_scans_known : bool, optional
        Whether every beam leaves a series with a length; by default for MR, CT and PET where lengths are known.

    Returns
    -------
    StateRuns
        Without stretches and with a duty estimate when the readings are too far apart (``ecorad.energy.too_coarse``),
        or when no plateau can be found (``ecorad.energy.no_levels``). Where beams are shorter than readings (exposures,
        fluoroscopy), scan is no state of its own and their energy is that of ready (``ecorad.energy.scan_not_seen``).

    Notes
    -----
    State names: Woolen 2023 (doi 10.1148/radiol.230441); levels from the load-duration curve: Hernandez 2024
    (doi 10.1002/mp.17327); path: :mod:`ecorad.footprint.energy.viterbi`.
    """
    if not np.any(trace.is_known) or not trace.resolution_s <= COARSEST_S:
        detail = f"{trace.resolution_s:.0f} s" if np.any(trace.is_known) else "no readings"
        return _nameless(trace, Issue(TOO_COARSE, detail=detail))
    beam_s = BEAM_S.get(device_class, 0.0)
    use = Use.of(
        scan_start_us,
        scan_end_us,
        exam_start_us,
        exam_end_us,
        all_scans_known=device_class in COMPLETE if all_scans_known is None else all_scans_known,
        is_live=device_class in LIVE,
        beam_s=beam_s,
        sees_scan=not beam_s < SEEN_SHARE * trace.resolution_s or beam_s == 0,
    )
    if trace.resolution_s < STEP_S and not use.pulsing_s:
        trace = coarsened(trace, STEP_S)
    learnt = learn(trace, use, prior)
    if learnt is None:
        return _nameless(trace, Issue(NO_LEVELS))
    fine = trace
    if use.all_scans_known:
        fine = sharpened(trace, *use.scans, partial(learnt.power_kw, PowerState.READY))
    runs = _runs(fine, _decode(fine, learnt, use), learnt, use)
    return runs if use.sees_scan else replace(runs, issues=(Issue(SCAN_NOT_SEEN, detail=f"{beam_s:g} s"),))


def _decode(trace: Trace, learnt: Learnt, use: Use) -> NDArray[np.int8]:
    """State of each reading, -1 where it is not known; a batch at a time, to bound memory."""
    names = np.array([STATES.index(state) for state in learnt.states], dtype=np.int8)
    cost = switch_cost(learnt.states, trace.resolution_s, beam_s=use.pulsing_s)
    codes = np.full(len(trace), -1, dtype=np.int8)
    for first in range(0, len(trace), _BATCH):
        begin, last = max(0, first - WARM_UP), min(first + _BATCH, len(trace))
        around = trace.part(begin, last + WARM_UP)
        path = np.full(len(around), -1, dtype=np.int8)
        if around.is_known.any():
            path[around.is_known] = names[best_path(emission(around.known(), learnt, use), cost)]
        codes[first:last] = path[first - begin : last - begin]
    return codes


def _runs(trace: Trace, codes: NDArray[np.int8], learnt: Learnt, use: Use) -> StateRuns:
    # An edge inside a reading matters where readings are long, or a beam is a few of them.
    is_coarse = trace.resolution_s > STEP_S or trace.resolution_s > use.pulsing_s * BEAM_SHARE > 0.0
    if is_coarse:
        # What is compared are neighbours among known readings.
        trace, codes = trace.known(), codes[codes >= 0]
    begins = np.concatenate(([True], (codes[1:] != codes[:-1]) | ~trace.follows))
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(codes)) - 1
    if is_coarse:
        power = mean_power_kw(trace.energy_kwh, trace.duration_h)
        level = by_inner_readings(codes, power, _level_at(codes, (trace.start_us + trace.end_us) // 2, learnt))
        is_free = _is_free(codes[first], use)
        is_beam = (codes == STATES.index(PowerState.SCAN)) & (use.pulsing_s > 0.0)
        starts, ends, kwh = placed(
            first,
            trace.start_us,
            trace.end_us,
            trace.energy_kwh,
            level,
            is_free=is_free,
            unnamed_kw=inner_kw(is_beam, power),
        )
    else:
        kept = codes[first] >= 0
        kwh = np.add.reduceat(trace.energy_kwh, first, dtype=np.float64)[kept]
        first, last = first[kept], last[kept]
        starts, ends = trace.picked(first).start_us, trace.picked(last).end_us
    return StateRuns(codes[first], starts, ends, kwh, learnt.level_kw(), learnt.drift)


def _level_at(state: NDArray[np.int8], middle_us: Ints, learnt: Learnt) -> Floats:
    """Level of each reading's state at that time, NaN for scan, which has none. [kW]"""
    kw = np.array([learnt.kw(one) if one in learnt.log_level else np.nan for one in STATES])
    return np.asarray(kw[state] * np.exp(learnt.drift.at(middle_us)))


def _is_free(state: NDArray[np.int8], use: Use) -> NDArray[np.bool_]:
    """Whether the edge before each stretch is known from power alone: written acquisitions have theirs."""
    scan = (state == STATES.index(PowerState.SCAN)) & use.all_scans_known
    return np.asarray(~(scan | np.concatenate(([False], scan[:-1]))))


def _nameless(trace: Trace, issue: Issue) -> StateRuns:
    first, last = (int(trace.start_us[0]), int(trace.end_us[-1])) if len(trace) else (0, 1)
    none = np.zeros(0, dtype=np.int8)
    drift = no_drift(first, last)
    return StateRuns(none, _NONE, _NONE, np.zeros(0), {}, drift, estimate_duty(trace), (issue,))
