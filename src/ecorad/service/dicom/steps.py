"""Performed procedure steps: which exist and which are final (PS3.4 F.7.2).

A step is created in progress, may be set while it is, and never changes once it is completed or discontinued.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import dimse

IN_PROGRESS, COMPLETED, DISCONTINUED = "IN PROGRESS", "COMPLETED", "DISCONTINUED"
FINAL = frozenset({COMPLETED, DISCONTINUED})


@dataclass(slots=True)
class Steps:
    """The states of all steps seen, by digest of their UID."""

    _states: dict[bytes, str] = field(default_factory=dict)

    def learn(self, told: Iterable[tuple[str, str]]) -> None:
        """Take in (UID, state) of steps that were kept earlier."""
        for uid, state in told:
            self._states[_key(uid)] = state

    def state(self, uid: str) -> str | None:
        """The state of a step; ``None`` when there is none."""
        return self._states.get(_key(uid))

    def create(self, uid: str, state: str | None) -> int:
        """The status of an N-CREATE; on success the step exists.

        >>> steps = Steps()
        >>> [hex(steps.create("1.2", s)) for s in ("COMPLETED", "IN PROGRESS", "IN PROGRESS")]
        ['0x106', '0x0', '0x111']
        """
        if self.state(uid) is not None:
            return dimse.DUPLICATE_INSTANCE
        if not state:
            return dimse.MISSING_ATTRIBUTE
        if state != IN_PROGRESS:
            return dimse.INVALID_VALUE
        self._states[_key(uid)] = state
        return dimse.SUCCESS

    def set(self, uid: str, state: str | None) -> int:
        """The status of an N-SET; on success the step has its new state.

        >>> steps = Steps()
        >>> [hex(steps.set("1.2", "COMPLETED")), hex(steps.create("1.2", "IN PROGRESS"))]
        ['0x112', '0x0']
        >>> [hex(steps.set("1.2", s)) for s in (None, "DONE", "COMPLETED", "IN PROGRESS")]
        ['0x0', '0x106', '0x0', '0x110']
        """
        now = self.state(uid)
        if now is None:
            return dimse.NO_SUCH_INSTANCE
        if now in FINAL:
            return dimse.PROCESSING_FAILURE
        if state and state not in {IN_PROGRESS, *FINAL}:
            return dimse.INVALID_VALUE
        self._states[_key(uid)] = state or now
        return dimse.SUCCESS

    def put_back(self, uid: str, state: str | None) -> None:
        """Undo a change that could not be kept."""
        if state is None:
            self._states.pop(_key(uid), None)
        else:
            self._states[_key(uid)] = state


def _key(uid: str) -> bytes:
    return hashlib.blake2b(uid.encode("latin-1", "replace"), digest_size=16).digest()
