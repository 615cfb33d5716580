"""Examinations that were begun and broken off, by room and cause, as modalities report their procedure steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .columns import Columns, texts
from .repeats import UNSAID

_FINAL = frozenset({"completed", "discontinued"})


@dataclass(frozen=True, slots=True)
class StoppedSteps:
    """Steps of one room that came to an end; ``causes`` counts those that were broken off."""

    device_key: str
    ended: int
    stopped: int
    causes: Mapping[str, int]

    @property
    def share(self) -> float:
        """Share of the steps that were broken off. [1]"""
        return self.stopped / self.ended


def stopped_steps(steps: Columns, room_of_study: Mapping[str, str | None]) -> tuple[StoppedSteps, ...]:
    """Steps that were broken off, by room; most of them first, rooms without any left out.

    Parameters
    ----------
    steps : Columns
        Of ``performed_step``. A step still in progress is no statement about how it ends.
    room_of_study : mapping
        Device of each study: images tell it better than the name that a step gives its station.

    Examples
    --------
    >>> import numpy as np
    >>> cells = {"state": ["completed", "discontinued", "in progress"], "reason": [None, "patient refused", None],
    ...          "study_key": ["a", None, "a"], "device_key": ["x", "ct", "x"]}
    >>> steps = {name: np.array(values, dtype=object) for name, values in cells.items()}
    >>> [(one.device_key, one.stopped, one.ended, one.causes) for one in stopped_steps(steps, {"a": "ct"})]
    [('ct', 1, 2, {'patient refused': 1})]
    """
    ended: Counter[str] = Counter()
    causes: dict[str, Counter[str]] = {}
    names = ("state", "reason", "study_key", "device_key")
    for state, reason, study, device in zip(*(texts(steps[name]) for name in names), strict=True):
        if state not in _FINAL:
            continue
        room = room_of_study.get(study) or device
        ended[room] += 1
        if state == "discontinued":
            causes.setdefault(room, Counter())[reason or UNSAID] += 1
    found = [StoppedSteps(room, ended[room], mine.total(), dict(mine)) for room, mine in causes.items()]
    return tuple(sorted(found, key=lambda one: (-one.stopped, one.device_key)))
