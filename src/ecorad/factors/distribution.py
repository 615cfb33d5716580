"""The distribution of a factor: a median, two 95 % bounds, and one shape on each side of the median."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ecorad.model import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Z95 = 1.959963984540054  # the 97.5 % point of the standard normal distribution
DRAWS = 4096  # a power of two, as a Sobol sequence wants


class Shape(StrEnum):
    """How a factor spreads around its median."""

    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    UNIFORM = "uniform"
    FIXED = "fixed"


class Bounds(StrEnum):
    """What ``low`` and ``high`` of a row mean.

    ``95``: a 95 % interval was published, or is the stated rule of the table. ``range``: smallest and largest of the
    devices or sites seen; read as a 95 % interval, which is too narrow for few devices. ``sd1``: value minus and plus
    one standard deviation. ``assumed``: nothing was published; a default width by kind of evidence. ``exact``: true by
    definition or by convention (a GWP of a given report), so that there is nothing to draw.
    """

    CI95 = "95"
    RANGE = "range"
    SD1 = "sd1"
    ASSUMED = "assumed"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Distribution:
    r"""Quantile function of a factor; the median is the row's value, and 2.5 % and 97.5 % are its 95 % bounds.

    Notes
    -----
    With :math:`z` standard normal, :math:`m` the median and :math:`l, h` the bounds:

    - lognormal: :math:`m\,(h/m)^{z/1.96}` above the median, :math:`m\,(m/l)^{z/1.96}` below it; the ordinary lognormal
      when :math:`m^2 = l h`, else two halves of two lognormals that meet at the median;
    - normal: :math:`m + z\,(h-m)/1.96` above, :math:`m + z\,(m-l)/1.96` below;
    - uniform: flat between :math:`l` and :math:`m`, and between :math:`m` and :math:`h`, half the weight each; here
      :math:`l` and :math:`h` are the ends, not the 95 % points.

    The *mean* of a lognormal lies above its median (by 2 % at bounds of ±40 %): a sum of draws has that mean.

    Examples
    --------
    >>> d = Distribution(Shape.LOGNORMAL, 2.0, 1.0, 4.0)
    >>> [round(float(x), 6) for x in d.quantile(np.array([0.025, 0.5, 0.975]))]
    [1.0, 2.0, 4.0]
    """

    shape: Shape
    median: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.median <= self.high:
            raise InputError(f"{self.median} lies outside {self.low}..{self.high}")
        if self.shape is Shape.LOGNORMAL and self.low <= 0:
            raise InputError("a lognormal factor has a lower bound above zero")
        if self.shape is Shape.FIXED and not self.low == self.median == self.high:
            raise InputError("a fixed factor has no interval")

    @property
    def interval95(self) -> tuple[float, float]:
        """The 2.5 % and 97.5 % points."""
        if self.shape is Shape.UNIFORM:
            return self.low + 0.05 * (self.median - self.low), self.high - 0.05 * (self.high - self.median)
        return self.low, self.high

    @property
    def log_sd(self) -> tuple[float, float]:
        """Standard deviation of the logarithm below and above the median (of a positive factor)."""
        low, high = self.interval95
        if low <= 0 or self.median <= 0:
            raise InputError("a factor that may be zero has no logarithm")
        return math.log(self.median / low) / Z95, math.log(high / self.median) / Z95

    def quantile(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at given probabilities.

        Parameters
        ----------
        probability : ndarray, shape (n,)
            Numbers in the open interval (0, 1).
        """
        if self.shape is Shape.FIXED:
            return np.full(probability.shape, self.median)
        if self.shape is Shape.UNIFORM:
            below = self.low + 2 * probability * (self.median - self.low)
            above = self.median + (2 * probability - 1) * (self.high - self.median)
            return np.where(probability < 0.5, below, above)
        from scipy.special import ndtri

        z: NDArray[np.float64] = np.asarray(ndtri(probability), dtype=np.float64)
        if self.shape is Shape.NORMAL:
            scale = np.where(z < 0, self.median - self.low, self.high - self.median) / Z95
            return self.median + z * scale
        sigma = np.where(z < 0, math.log(self.median / self.low), math.log(self.high / self.median)) / Z95
        return np.asarray(self.median * np.exp(z * sigma), dtype=np.float64)


def from_bounds(shape: Shape, value: float, low: float, high: float, bounds: Bounds) -> Distribution:
    """The distribution of a row, whatever its bounds mean.

    One standard deviation (``sd1``) of a lognormal becomes the 95 % interval of the lognormal with the row's value as
    median and the same coefficient of variation, ``sigma = sqrt(ln(1 + cv²))``: below zero is impossible.

    >>> d = from_bounds(Shape.NORMAL, 33.2, 24.5, 41.9, Bounds.SD1)
    >>> round(d.low, 2), round(d.high, 2)
    (16.15, 50.25)
    """
    if bounds is not Bounds.SD1:
        return Distribution(shape, value, low, high)
    below, above = value - low, high - value
    if shape is Shape.NORMAL:
        return Distribution(shape, value, value - Z95 * below, value + Z95 * above)
    if shape is not Shape.LOGNORMAL:
        raise InputError("bounds of one standard deviation need a normal or lognormal distribution")
    down = math.sqrt(math.log1p((below / value) ** 2))
    up = math.sqrt(math.log1p((above / value) ** 2))
    return Distribution(shape, value, value * math.exp(-Z95 * down), value * math.exp(Z95 * up))
