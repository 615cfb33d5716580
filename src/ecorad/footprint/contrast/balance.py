"""What became of the packs that were opened: opened = given + left over + discarded + recycled + unexplained.

The words of DICOM stand behind the terms: volume in the container before (130205) and after (130206) an
administration, volume given (130240, 130241), volume discarded (122096). What is left over goes somewhere: as long as a
line says discarded or recycled it is counted there, and only the rest stays under left over.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
_AWAY = ("discarded", "recycled")


@dataclass(frozen=True, slots=True)
class PackBalance:
    """Packs of one agent; volumes in mL, ``None`` where nothing was written.

    ``unexplained_ml`` is what the volumes written do not account for; ``unwritten`` counts packs whose line lacks the
    volume given or left over. ``left_g`` is the iodine or gadolinium of all that was not given.
    """

    agent: str | None
    kind: str | None
    packs: int
    unwritten: int
    opened_ml: float | None
    given_ml: float | None
    left_ml: float | None
    discarded_ml: float
    recycled_ml: float
    unexplained_ml: float | None
    left_g: float | None

    @property
    def not_given_ml(self) -> float | None:
        """Left over, discarded and recycled together. [mL]"""
        return None if self.left_ml is None else self.left_ml + self.discarded_ml + self.recycled_ml


def pack_balances(lines: Columns) -> tuple[PackBalance, ...]:
    """Balance of each agent from the lines of the contrast sheet; the largest left-over first.

    Parameters
    ----------
    lines : columns
        ``agent, kind, movement, quantity, unit, pack_volume_ml, volume_given_ml, volume_left_ml,
        concentration_mg_ml``; movements ``opened``, ``discarded`` and ``recycled`` count.

    Examples
    --------
    >>> cells = {"agent": ["Omnipaque"] * 2, "kind": ["iodine"] * 2, "movement": ["opened", "recycled"],
    ...          "quantity": [1.0, 20.0], "unit": ["{item}", "mL"], "pack_volume_ml": [100.0, np.nan],
    ...          "volume_given_ml": [70.0, np.nan], "volume_left_ml": [30.0, np.nan],
    ...          "concentration_mg_ml": [350.0, 350.0]}
    >>> (one,) = pack_balances({name: np.array(values, dtype=object) for name, values in cells.items()})
    >>> one.opened_ml, one.given_ml, one.left_ml, one.recycled_ml, one.unexplained_ml, one.left_g
    (100.0, 70.0, 10.0, 20.0, 0.0, 10.5)
    """
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n in range(len(lines["movement"])):
        groups[lines["agent"][n] or "", lines["kind"][n] or ""].append(n)
    found = [_balance(agent or None, kind or None, places, lines) for (agent, kind), places in groups.items()]
    packs = [one for one in found if one.packs or one.discarded_ml or one.recycled_ml]
    return tuple(sorted(packs, key=lambda one: (-(one.not_given_ml or 0.0), one.agent or "", one.kind or "")))


def _balance(agent: str | None, kind: str | None, places: list[int], lines: Columns) -> PackBalance:
    opened = [n for n in places if lines["movement"][n] == "opened"]
    written = [n for n in opened if all(_cell(lines, name, n) is not None for name in _VOLUMES)]
    away = {name: _volume_away(lines, [n for n in places if lines["movement"][n] == name]) for name in _AWAY}
    opened_ml = _sum([_opened_ml(lines, n) for n in opened])
    given_ml = _sum([_cell(lines, "volume_given_ml", n) for n in opened])
    over_ml = _sum([_cell(lines, "volume_left_ml", n) for n in opened])
    gone_ml = away["discarded"] + away["recycled"]
    left_ml = None if over_ml is None else max(0.0, over_ml - gone_ml)
    unexplained_ml = None
    if opened_ml is not None and given_ml is not None and left_ml is not None:
        unexplained_ml = round(opened_ml - given_ml - left_ml - gone_ml, 6)
    return PackBalance(
        agent=agent,
        kind=kind,
        packs=round(math.fsum(_cell(lines, "quantity", n) or 1.0 for n in opened)),
        unwritten=len(opened) - len(written),
        opened_ml=opened_ml,
        given_ml=given_ml,
        left_ml=left_ml,
        discarded_ml=away["discarded"],
        recycled_ml=away["recycled"],
        unexplained_ml=unexplained_ml,
        left_g=_left_g(lines, opened),
    )


_VOLUMES = ("pack_volume_ml", "volume_given_ml", "volume_left_ml")


def _left_g(lines: Columns, opened: list[int]) -> float | None:
    """Active grams of all that was not given, where volume and strength of every line are known."""
    cells = [(_cell(lines, "volume_left_ml", n), _cell(lines, "concentration_mg_ml", n)) for n in opened]
    known = [ml * strength / 1000.0 for ml, strength in cells if ml is not None and strength is not None]
    return math.fsum(known) if known and len(known) == len(cells) else None


def _opened_ml(lines: Columns, n: int) -> float | None:
    size_ml = _cell(lines, "pack_volume_ml", n)
    return None if size_ml is None else size_ml * (_cell(lines, "quantity", n) or 1.0)


def _volume_away(lines: Columns, places: list[int]) -> float:
    """Volume of lines that say where it went: in mL or L, or in packs of a written size. [mL]"""
    total_ml = 0.0
    for n in places:
        quantity = _cell(lines, "quantity", n)
        unit = str(lines["unit"][n] or "")
        size_ml = {"mL": 1.0, "L": 1000.0}.get(unit, _cell(lines, "pack_volume_ml", n))
        if quantity is not None and size_ml is not None:
            total_ml += quantity * size_ml
    return total_ml


def _cell(lines: Columns, name: str, n: int) -> float | None:
    value = lines[name][n]
    return None if value is None or not np.isfinite(value) else float(value)


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None
