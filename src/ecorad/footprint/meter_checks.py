"""Signs that a meter, a clock and a device do not belong together."""

from __future__ import annotations

import numpy as np

from ecorad.model import Issue

from .energy.clock import ClockTrack
from .energy.states import BEAM_S, SEEN_SHARE
from .energy.trace import Trace
from .inputs import DeviceInput

CLOCK_UNKNOWN = "ecorad.energy.clock_unknown"
CLOCK_FAR = "ecorad.energy.clock_far"
CLOCK_STEP = "ecorad.energy.clock_step"
CLOCK_UNSURE = "ecorad.energy.clock_unsure"
FAR_S = 60.0
# A clock is sure to two seconds, or to a quarter of a reading where that is longer.
SURE_S = 2.0
_SURE_SHARE = 0.25
_UNRELATED_DAYS = 3
_UNRELATED_SERIES = 30
_UNRELATED_FINEST_S = 60.0


def is_unrelated(clock: ClockTrack | None, trace: Trace, device: DeviceInput) -> bool:
    """Whether power does not follow the acquisitions although there is enough of both to see it.

    Readings of a minute or finer, at least 30 acquisitions on 3 days while the meter was read, and no shift of the
    clock within 15 minutes at which the one follows the other: the meter of another device, or a clock far off.
    """
    if clock is None or clock.is_known or trace.resolution_s > _UNRELATED_FINEST_S:
        return False
    if 0 < BEAM_S.get(device.modality or "", 0.0) < SEEN_SHARE * trace.resolution_s:
        return False
    start = device.acquisition_start_us
    _, known = trace.energy_between(start, start + 60_000_000)
    days = len(np.unique(start[known > 0.9] // 86_400_000_000))
    return days >= _UNRELATED_DAYS and int(np.count_nonzero(known > 0.9)) >= _UNRELATED_SERIES


def clock_issues(clock: ClockTrack | None, trace: Trace, where: str, exams: int) -> list[Issue]:
    """What is to be said of the clock of a device against its meter."""
    if not exams:
        return []
    if clock is None or not clock.is_known:
        return [Issue(CLOCK_UNKNOWN, where=where, detail=f"readings of {trace.resolution_s:.0f} s")]
    issues = []
    known = clock.offset_s[~np.isnan(clock.offset_s)]
    if len(known) and float(np.max(np.abs(known))) > FAR_S:
        issues.append(Issue(CLOCK_FAR, where=where, count=int(np.count_nonzero(np.abs(known) > FAR_S))))
    if clock.steps:
        issues.append(Issue(CLOCK_STEP, where=where, count=clock.steps))
    _, u_s = clock.at(clock.day.astype(np.float64) + 0.5)
    unsure = u_s > max(SURE_S, _SURE_SHARE * trace.resolution_s)
    if unsure.any():
        detail = f"standard uncertainty {float(np.median(u_s[unsure])):.0f} s"
        issues.append(Issue(CLOCK_UNSURE, where=where, count=int(np.count_nonzero(unsure)), detail=detail))
    return issues
