"""Which joins of exams to a meter must not be believed, and why."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Issue

from .energy.clock import ClockTrack
from .energy.join import Joined
from .energy.states import COARSEST_S
from .energy.windows import Windows, local_days

JOIN_REFUSED = "ecorad.energy.join_refused"
EXAM_TOO_SHORT = "ecorad.energy.exam_too_short"
# A clock nobody could check is taken to be within a minute; an exam must be this many times as long to be joined.
UNCHECKED_CLOCK_S = 60.0
_TIMES_LONGER = 10.0
_LEAST_RESIDUAL_S = 2.0
Mask = NDArray[np.bool_]


def too_short(found: Windows, clock: ClockTrack | None, resolution_s: float) -> Mask:
    """Exams shorter than one reading, or than what the clock leaves open; all of them beyond 5 minutes.

    A reading longer than the exam holds its energy and that of what came before and after, in unknown parts.
    """
    window_s = (found.exam_end_us - found.exam_start_us) / 1e6
    if not resolution_s <= COARSEST_S:
        return np.ones(len(window_s), dtype=bool)
    unchecked = clock is None or not clock.is_known
    return np.asarray(window_s < max(resolution_s, _TIMES_LONGER * UNCHECKED_CLOCK_S if unchecked else 0.0))


def astray(found: Windows, clock: ClockTrack | None, resolution_s: float, zone: str) -> Mask:
    """Exams of days whose own clock offset lies further than half a meter interval from the one in use.

    Differences below 2 s, or below four standard uncertainties of the day's own offset, are no difference.
    """
    none = np.zeros(len(found.exam_start_us), dtype=bool)
    if clock is None or not clock.is_known:
        return none
    residual, u = clock.residual_s(), clock.own_u_s
    with np.errstate(invalid="ignore"):
        bad = residual > np.maximum(max(0.5 * resolution_s, _LEAST_RESIDUAL_S), 4.0 * u)
    day = np.floor(local_days(found.exam_start_us, zone)).astype(np.int64)
    return np.isin(day, clock.day[bad])


def believed(
    joined: Joined, found: Windows, clock: ClockTrack | None, *, resolution_s: float, zone: str, where: str
) -> tuple[Joined, list[Issue]]:
    """A join without the exams that it must not speak for, and how many there were."""
    issues = []
    reasons = (
        ("too_short", EXAM_TOO_SHORT, too_short(found, clock, resolution_s)),
        ("join_refused", JOIN_REFUSED, astray(found, clock, resolution_s, zone)),
    )
    for flag, code, mask in reasons:
        if mask.any():
            joined = joined.without(mask, flag)
            issues.append(Issue(code, where=where, count=int(mask.sum())))
    return joined, issues
