"""From a quantity to pixels: round axis ends, ticks, and a place on the axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis from zero: ``top`` lies at ``right_px``, 0 at ``left_px``."""

    top: float
    left_px: float
    right_px: float

    def at(self, value: float) -> float:
        """Where ``value`` lies, in px; never outside the axis.

        >>> Scale(10.0, 100.0, 300.0).at(2.5)
        150.0
        """
        share = 0.0 if self.top <= 0 else min(max(value / self.top, 0.0), 1.0)
        return self.left_px + (self.right_px - self.left_px) * share

    def ticks(self, most: int = 6) -> list[float]:
        """Round values from 0 to the top, at most ``most`` steps.

        >>> Scale(12.0, 0.0, 1.0).ticks()
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
        """
        step = _step(self.top, most)
        count = math.floor(self.top / step + 1e-9) if step else 0
        return [round(step * i, 12) for i in range(count + 1)]


def round_top(highest: float, most: int = 6) -> float:
    """The smallest round axis end that is not below ``highest``; 1 for an empty axis.

    >>> round_top(11.53), round_top(0.27), round_top(0.0)
    (12.0, 0.3, 1.0)
    """
    if highest <= 0:
        return 1.0
    step = _step(highest, most)
    return round(step * math.ceil(highest / step - 1e-9), 12)


def _step(top: float, most: int) -> float:
    if top <= 0:
        return 0.0
    rough = top / most
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in STEPS if power * factor >= rough * (1 - 1e-9))
