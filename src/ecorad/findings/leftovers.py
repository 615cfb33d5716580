"""Contrast that was opened and not given: how much, where, and how much of it a smaller pack would have spared."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
# A pack that fits to the last tenth of a millilitre leaves nothing over.
_LEAST_ML = 0.05


@dataclass(frozen=True, slots=True)
class Leftover:
    """Left-overs of one agent in one room.

    Parameters
    ----------
    packs, days : int
        Packs opened, and days on which any was: what it rests on.
    packs_with_rest : int
        Of which something was left over.
    opened_ml, left_ml : float
        Of the packs whose line has both. [mL]
    avoidable_packs, avoidable_ml : int, float
        Packs where a smaller one, of a size that the sheet shows for this agent, would have held what was given, and
        the volume that would not have been opened then. [mL]
    """

    agent: str | None
    kind: str | None
    device_key: str | None
    packs: int
    days: int
    packs_with_rest: int
    opened_ml: float
    left_ml: float
    avoidable_packs: int
    avoidable_ml: float

    @property
    def share(self) -> float:
        """Left over of what was opened. [1]"""
        return self.left_ml / self.opened_ml if self.opened_ml else 0.0


def find_leftovers(lines: Columns) -> tuple[Leftover, ...]:
    """Left-overs by agent and room, the largest first; rooms with none are left out.

    Parameters
    ----------
    lines : columns
        Of the contrast sheet: ``day, device_key, agent, kind, movement, quantity, pack_volume_ml, volume_given_ml,
        volume_left_ml``.

    Examples
    --------
    >>> cells = {"day": [1, 1], "device_key": ["ct"] * 2, "agent": ["Omnipaque"] * 2, "kind": ["iodine"] * 2,
    ...          "movement": ["opened"] * 2, "quantity": [1.0] * 2, "pack_volume_ml": [200.0, 100.0],
    ...          "volume_given_ml": [80.0, 100.0], "volume_left_ml": [120.0, 0.0]}
    >>> (one,) = find_leftovers({name: np.array(values, dtype=object) for name, values in cells.items()})
    >>> one.left_ml, one.packs_with_rest, one.avoidable_packs, one.avoidable_ml
    (120.0, 1, 1, 100.0)
    """
    written = [n for n in range(len(lines["movement"])) if lines["movement"][n] == "opened" and _is_written(lines, n)]
    sizes: dict[object, set[float]] = defaultdict(set)
    rooms: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for n in written:
        if lines["agent"][n]:
            sizes[lines["agent"][n]].add(float(lines["pack_volume_ml"][n]))
        rooms[lines["agent"][n] or "", lines["kind"][n] or "", lines["device_key"][n] or ""].append(n)
    found = [_leftover(key, places, lines, sizes[key[0]]) for key, places in rooms.items()]
    kept = [one for one in found if one.packs_with_rest]
    return tuple(sorted(kept, key=lambda one: (-one.left_ml, one.agent or "", one.device_key or "")))


def _leftover(key: tuple[str, str, str], places: list[int], lines: Columns, sizes: set[float]) -> Leftover:
    left = [float(lines["volume_left_ml"][n]) for n in places]
    spared = [_spared_ml(lines, n, sizes) for n in places]
    return Leftover(
        agent=key[0] or None,
        kind=key[1] or None,
        device_key=key[2] or None,
        packs=round(math.fsum(_count(lines, n) for n in places)),
        days=len({int(lines["day"][n]) for n in places}),
        packs_with_rest=sum(ml > _LEAST_ML for ml in left),
        opened_ml=math.fsum(float(lines["pack_volume_ml"][n]) * _count(lines, n) for n in places),
        left_ml=math.fsum(left),
        avoidable_packs=sum(ml > _LEAST_ML for ml in spared),
        avoidable_ml=math.fsum(spared),
    )


def _spared_ml(lines: Columns, n: int, sizes: set[float]) -> float:
    """What the smallest pack that would have sufficed would not have opened; several packs on a line are not judged."""
    size, given = float(lines["pack_volume_ml"][n]), float(lines["volume_given_ml"][n])
    if _count(lines, n) != 1.0:
        return 0.0
    sufficient = [one for one in sizes if one >= given - 1e-9]
    return max(0.0, size - min(sufficient, default=size))


def _count(lines: Columns, n: int) -> float:
    quantity = lines["quantity"][n]
    return 1.0 if quantity is None or not np.isfinite(quantity) else float(quantity)


def _is_written(lines: Columns, n: int) -> bool:
    cells = [lines[name][n] for name in ("pack_volume_ml", "volume_given_ml", "volume_left_ml")]
    return all(cell is not None and np.isfinite(cell) for cell in cells)
