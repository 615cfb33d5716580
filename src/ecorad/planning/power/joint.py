"""All devices of a group at once, as far as a plan can still be the best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .dynamic import Field, Ints, Moves, moves_of
from .group import Group
from .problem import Floats

_MOST_STATES = 60_000
_LARGEST = 2**62
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
    """States of one slot: where each device is, shape (devices, states), what the way there adds to the bound, and from
    which state of the slot before."""

    places: Ints
    extra: Floats
    came: Ints


class _Search:
    def __init__(self, own: Field, group: Group, worths: Floats, moves: Moves, room: float) -> None:
        self.group, self.worths, self.moves, self.room = group, worths, moves, room
        self.devices, self.slots, _ = own.cost.shape
        self.sizes = [len(graph.places) for graph in own.graphs]

    def run(self) -> tuple[Ints | None, float] | None:
        """Ways and what they add to the bound; no ways when the room is too small, ``None`` when it is too large."""
        level = _Level(np.zeros((self.devices, 1), dtype=np.int64), np.zeros(1), np.zeros(1, dtype=np.int64))
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
            paths[:, t] = levels[t].places[:, last]
            last = int(levels[t].came[last])
        return paths, extra

    def _step(self, level: _Level, t: int) -> _Level | None:
        came, extra = np.arange(len(level.extra)), level.extra
        picked = []
        for d in range(self.devices):
            after, adds = self.moves.after(t, d, level.places[d].take(came))
            total = (extra[:, None] + adds).ravel()
            kept = np.flatnonzero(total <= self.room)
            if len(kept) > _MOST_STATES * 4:
                return None
            row = kept // after.shape[1]
            picked.append((after.ravel().take(kept), row))
            came, extra = came.take(row), total.take(kept)
        # Each device's choice stands beside the choices of those before it that it was made upon.
        places = np.empty((self.devices, len(extra)), dtype=np.int64)
        row = np.arange(len(extra))
        for d in range(self.devices - 1, -1, -1):
            place, upon = picked[d]
            places[d] = place.take(row)
            row = upon.take(row)
        return self._ruled(places, extra, came, t)

    def _ruled(self, places: Ints, extra: Floats, came: Ints, t: int) -> _Level | None:
        """Only states that keep the rules; more readiness than needed costs its worth; one way to each state."""
        need = self.group.need[:, t, None]
        have = np.zeros((len(need), len(extra)))
        for d, place in enumerate(places):
            have += self.group.counts[:, d].take(place, axis=1)
        extra = extra + (self.worths[:, t, None] * (have - need)).sum(axis=0)
        keep = np.flatnonzero(np.all(have >= need, axis=0) & (extra <= self.room))
        places, extra, came = places.take(keep, axis=1), extra.take(keep), came.take(keep)
        names = self._names(places)
        order = np.lexsort((extra, *names[::-1]))
        if len(order):
            names = names.take(order, axis=1)
            order = order[np.concatenate(([True], np.any(names[:, 1:] != names[:, :-1], axis=0)))]
        level = _Level(places.take(order, axis=1), extra.take(order), came.take(order))
        return None if len(order) > _MOST_STATES else level

    def _names(self, places: Ints) -> Ints:
        """States as few numbers, shape (numbers, states), which are equal and in order where the places are."""
        rows, most = [np.zeros(places.shape[1], dtype=np.int64)], 1
        for place, size in zip(places, self.sizes, strict=True):
            if most * size >= _LARGEST:
                rows, most = [*rows, np.zeros_like(place)], 1
            rows[-1] = rows[-1] * size + place
            most *= size
        return np.array(rows)
