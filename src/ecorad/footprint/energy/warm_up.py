"""When a device was awake before its first use: after off or power save, until somebody is examined."""

from __future__ import annotations

import numpy as np

from ecorad.model import PowerState

from .spans import Spans
from .states import STATES, StateRuns
from .trace import Ints

# A device that is not used for longer after it woke was not warming up.
LONGEST_S = 4 * 3600.0
_ASLEEP = (STATES.index(PowerState.OFF), STATES.index(PowerState.POWER_SAVE))


def warm_ups(runs: StateRuns, use_start_us: Ints) -> Spans:
    """From each waking up to the next use, exam or quality control, at most 4 hours later.

    Parameters
    ----------
    use_start_us : ndarray of int64, shape (n,)
        When exams and other use began, in any order.

    Returns
    -------
    tuple of ndarray
        Spans; none where states have no names.
    """
    asleep = np.isin(runs.state, _ASLEEP)
    wakes = np.flatnonzero(asleep[:-1] & ~asleep[1:] & (runs.end_us[:-1] == runs.start_us[1:])) + 1
    begin = runs.start_us[wakes]
    uses = np.sort(np.asarray(use_start_us, dtype=np.int64))
    if not len(uses) or not len(begin):
        none = np.zeros(0, dtype=np.int64)
        return none, none
    place = np.searchsorted(uses, begin)
    first_use = uses[np.minimum(place, len(uses) - 1)]
    falls_asleep = np.append(runs.start_us[asleep], np.iinfo(np.int64).max)
    until = falls_asleep[np.searchsorted(falls_asleep, begin, side="right")]
    kept = (place < len(uses)) & (first_use - begin <= int(LONGEST_S * 1e6)) & (first_use < until) & (first_use > begin)
    return begin[kept], first_use[kept]
