"""Headers that repeat: runs of elements whose heads were seen before are taken in one step.

The objects of a device have the same elements in the same order, and most of them with the same lengths. A run of such
elements is one pattern: the heads literally, the values as so many bytes each. Where it matches, every head of the run
stands where it stood when the walker read it element by element, so nothing is taken that the walker would not take.
Where it does not, the walker steps, and the run is cut to what the two objects share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from .elements import WANTED
from .header import Item

# One element as the walker stepped over it: its head; the length of its value; the value itself where others depend on
# it (a private creator); under what the value is kept; its VR; its tag; the private block whose creator it hangs on,
# or, for a creator, the block it makes. Plain, because one is made for each element.
Step: TypeAlias = tuple[bytes, int, bytes | None, int | str | None, bytes, int, int | None]
# Tag of an element, and the VR under which its value is kept, if it is.
Head: TypeAlias = tuple[int, bytes | None]

_NOTHING: dict[bytes, Head] = {}
_SEEN_BEFORE_COMPILED = 3  # making a pattern costs as much as stepping through some twenty headers
_SHORTEST = 5
_MOST_RUNS = 4000
KEY_BYTES, HEAD_BYTES = 8, 6
# Learning from an object costs more than stepping through it: one in so many is enough.
_LEARN_ONE_IN = 4
_MOST_HEADS = 4000


class Run:
    """Consecutive elements, and once they were seen often enough, the pattern that takes them."""

    __slots__ = ("_kept", "_match", "_seen", "creators", "first", "last", "steps")

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        self.first, self.last = steps[0][5], steps[-1][5]
        self.creators = {block: text for _, _, text, _, _, _, block in steps if text is not None and block is not None}
        self._kept = tuple((name, vr) for _, _, _, name, vr, _, _ in steps if name is not None)
        self._match: re.Pattern[bytes] | None = None
        self._seen = 1

    def saw(self) -> bool:
        """Count another object with this run; whether it has a pattern now."""
        self._seen += 1
        if self._seen >= _SEEN_BEFORE_COMPILED and self._match is None and len(self.steps) >= _SHORTEST:
            self._match = re.compile(b"".join(map(_pattern, self.steps)), re.DOTALL)
        return self._match is not None

    def take(self, buffer: bytes, at: int, found: Item) -> int:
        """Put the values of the run at ``at`` into ``found``; the place after it, or -1 where it does not fit."""
        fits = None if self._match is None else self._match.match(buffer, at)
        if fits is None:
            return -1
        for (name, vr), value in zip(self._kept, fits.groups(), strict=True):
            found[name] = (vr, value)
        return fits.end()


class Layouts:
    """The runs known to one process, by the head of their first element; those ``ready`` have their pattern."""

    def __init__(self) -> None:
        self._runs: dict[bytes, Run] = {}
        self.ready: dict[bytes, Run] = {}
        self._objects = -1

    def is_learning(self) -> bool:
        """Whether the next object is one to learn from; to be asked once for each."""
        self._objects += 1
        return self._objects % _LEARN_ONE_IN == 0

    def learn(self, steps: Sequence[Step]) -> None:
        """Remember elements that were stepped over one after the other.

        Where a known run begins alike and goes on otherwise, it is cut to what they share: what follows is a run of
        its own.
        """
        while len(steps) >= _SHORTEST:
            alone = _standing_alone(steps)
            if alone == 0:
                steps = steps[1:]
                continue
            key = steps[0][0][:KEY_BYTES]
            known = self._runs.get(key)
            if known is None:
                if len(self._runs) >= _MOST_RUNS:
                    self._runs.clear()
                    self.ready.clear()
                self._runs[key] = Run(tuple(steps[:alone]))
                steps = steps[alone:]
                continue
            shared = _shared(known.steps, steps)
            if shared < len(known.steps):
                self._runs[key] = Run(known.steps[:shared])
                self.ready.pop(key, None)
            elif known.saw():
                self.ready[key] = known
            steps = steps[shared:]


class Heads:
    """Heads of single elements with a length of two bytes: where lengths differ from object to object, no run holds."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def to_step_by(self, *, is_learning: bool) -> Mapping[bytes, Head]:
        """The heads by tag and VR; none for an object that is learnt from, which is looked at closely."""
        return _NOTHING if is_learning else self._known

    def learn(self, step: Step) -> None:
        """Remember an element that was stepped over, if there is nothing to it but its value."""
        head, _, _, _, vr, tag, block = step
        if block is None and len(head) == KEY_BYTES and WANTED.get(tag) is None:
            if len(self._known) >= _MOST_HEADS:
                self._known.clear()
            self._known[head[:HEAD_BYTES]] = (tag, vr if tag in WANTED else None)


def _standing_alone(steps: Sequence[Step]) -> int:
    """How many leading steps mean the same whatever came before them: a private element needs its creator."""
    blocks = set()
    for place, (_, _, text, _, _, _, block) in enumerate(steps):
        if block is None:
            continue
        if text is not None:
            blocks.add(block)
        elif block not in blocks:
            return place
    return len(steps)


def _shared(one: Sequence[Step], other: Sequence[Step]) -> int:
    """How many leading steps are the same; at least the first, whose head is."""
    pairs = zip(one, other, strict=False)
    return next(
        (max(1, place) for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other))
    )


def _pattern(step: Step) -> bytes:
    head, length, text, name = step[:4]
    if text is not None:
        return re.escape(head + text)
    value = b".{%d}" % length if length else b""
    return re.escape(head) + (value if name is None else b"(" + value + b")")
