"""All devices of a group at once, as far as a plan can still be the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .dynamic import Field, Ints, Moves, moves_of
from .group import Group
from .problem import Floats

_MOST_STATES = 60_000
_WIDER = (0.001, 0.004, 0.015, 0.05, 0.15, 0.4, 1.0)


def solve_joint(own: Field, group: Group, worths: Floats, bound: float, most: float) -> tuple[Ints, float] | None:
    """The cheapest ways that keep the rules, and their cost; ``None`` when there are too many to look at.

    A dynamic programme over where all devices are together. Worths of readiness make each step of each device cost what
    it adds to the bound, which is never less than nothing; a state whose bound has passed ``most`` is left out. The
    room above the bound is opened little by little, so that the first plan found is the best one.

    Parameters
    ----------
    worths : ndarray, shape (rules, slots)
        What readiness is worth.
    bound, most : float
        No plan costs less than ``bound``; none above ``most`` is wanted.
    """
    moves = moves_of(own, group.bonus(worths))
    room = max(most - bound, 1e-6 * max(1.0, abs(bound)))
    for share in _WIDER:
        answer = _Search(own, group, worths, moves, share * room + 1e-9).run()
        if answer is None:
            return None
        paths, extra = answer
        if paths is not None:
            return paths, bound + extra
    return None


@dataclass
class _Level:
    """States of one slot: where each device is, what the way there adds to the bound, and from which state."""

    places: Ints
    extra: Floats
    came: Ints


class _Search:
    def __init__(self, own: Field, group: Group, worths: Floats, moves: Moves, room: float) -> None:
        self.group, self.worths, self.moves, self.room = group, worths, moves, room
        self.devices, self.slots, self.size = own.cost.shape

    def run(self) -> tuple[Ints | None, float] | None:
        """Ways and what they add to the bound; no ways when the room is too small, ``None`` when it is too large."""
        level = _Level(np.zeros((1, 0), dtype=np.int64), np.zeros(1), np.zeros(1, dtype=np.int64))
        levels = []
        for t in range(self.slots):
            found = self._step(level, t)
            if found is None:
                return None
            if not len(found.extra):
                return None if not np.isfinite(self.room) else (None, 0.0)
            levels.append(found)
            level = found
        last = int(np.argmin(level.extra))
        extra = float(level.extra[last])
        paths = np.zeros((self.devices, self.slots), dtype=np.int64)
        for t in range(self.slots - 1, -1, -1):
            paths[:, t] = levels[t].places[last]
            last = int(levels[t].came[last])
        return paths, extra

    def _step(self, level: _Level, t: int) -> _Level | None:
        came = np.arange(len(level.extra))
        places, extra = np.zeros((len(came), 0), dtype=np.int64), level.extra
        for d in range(self.devices):
            start = level.places[came, d] if t else np.zeros(len(came), dtype=np.int64)
            after, adds = self.moves.after(t, d, start)
            total = extra[:, None] + adds
            row, column = np.nonzero(total <= self.room)
            if len(row) > _MOST_STATES * 4:
                return None
            places = np.column_stack((places[row], after[row, column]))
            came, extra = came[row], total[row, column]
        return self._ruled(places, extra, came, t)

    def _ruled(self, places: Ints, extra: Floats, came: Ints, t: int) -> _Level | None:
        """Only states that keep the rules; more readiness than needed costs its worth; one way to each state."""
        each = np.arange(self.devices)
        have = self.group.counts[:, each[None, :], places].sum(axis=2)
        extra = extra + (self.worths[:, t, None] * (have - self.group.need[:, t, None])).sum(axis=0)
        keep = np.all(have >= self.group.need[:, t, None], axis=0) & (extra <= self.room)
        places, extra, came = places[keep], extra[keep], came[keep]
        order = np.lexsort((extra, *places.T[::-1]))
        places, extra, came = places[order], extra[order], came[order]
        if len(order):
            is_first = np.concatenate(([True], np.any(places[1:] != places[:-1], axis=1)))
            places, extra, came = places[is_first], extra[is_first], came[is_first]
        return None if len(extra) > _MOST_STATES else _Level(places, extra, came)
