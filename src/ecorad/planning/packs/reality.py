"""What the sheet says was opened before, in the terms of a plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .problem import Pack


@dataclass(frozen=True, slots=True)
class OpenedLine:
    """One line of the contrast sheet with all its volumes. [mL]"""

    day: int
    packs: float
    size_ml: float
    given_ml: float


@dataclass(frozen=True, slots=True)
class Reality:
    """Packs opened over some days.

    ``cost`` counts lines whose size stands on the shelf, ``unpriced`` those whose size does not; a cost with any
    unpriced line is unknown.
    """

    days: int
    lines: int
    packs: float
    opened_ml: float
    given_ml: float
    cost: float | None
    unpriced: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line writes it, with waste per injection, for a list is a day and the sheet is a month."""
        waste_ml = self.opened_ml - self.given_ml
        return {
            "days": self.days,
            "injections": self.lines,
            "packs": self.packs,
            "opened_ml": self.opened_ml,
            "given_ml": self.given_ml,
            "waste_ml": round(waste_ml, 6),
            "waste_ml_per_injection": round(waste_ml / self.lines, 6),
            "cost": self.cost,
            "cost_per_injection": None if self.cost is None else round(self.cost / self.lines, 6),
            "unpriced": self.unpriced,
        }


def reality_of(lines: Sequence[OpenedLine], shelf: Sequence[Pack]) -> Reality | None:
    """Totals of the sheet at the prices of the shelf; ``None`` without a line.

    >>> shelf = [Pack("100", 100, 29, False, 0)]
    >>> found = reality_of([OpenedLine(1, 1, 100.0, 70.0), OpenedLine(2, 1, 100.0, 90.0)], shelf)
    >>> found.as_dict()["waste_ml_per_injection"], found.cost
    (20.0, 58.0)
    """
    if not lines:
        return None
    prices: dict[float, float] = {}
    for pack in shelf:
        prices[pack.size_ml] = min(pack.price, prices.get(pack.size_ml, math.inf))
    unpriced = sum(line.size_ml not in prices for line in lines)
    cost = math.fsum(prices.get(line.size_ml, 0.0) * line.packs for line in lines)
    return Reality(
        days=len({line.day for line in lines}),
        lines=len(lines),
        packs=math.fsum(line.packs for line in lines),
        opened_ml=math.fsum(line.size_ml * line.packs for line in lines),
        given_ml=math.fsum(line.given_ml for line in lines),
        cost=None if unpriced else cost,
        unpriced=unpriced,
    )
