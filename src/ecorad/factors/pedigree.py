"""How much wider a factor gets when it is used for another year or country than it was made for."""

from __future__ import annotations

import math

from ecorad.model import InputError

from .distribution import Z95

# 95 % factors (bounds are value / k and value * k) where nothing was published, by how the number was checked. They are
# declared, not measured: a published interval always comes first, and rows that use them say bounds = assumed.
ASSUMED_K = {
    "data_file_read": 1.10,
    "abstract_or_primary": 1.25,
    "derived": 1.30,
    "secondary": 1.50,
    "site": 1.10,
    "memory": 2.00,
    "grid": 1.05,  # a yearly national statistic; the spread between sources comes on top
}

# Standard deviation of ln(intensity next year / intensity this year): 0.116 over the 352 zones that Electricity Maps
# gives for both 2023 and 2024. Years are taken as independent steps, so that it grows with the square root of the gap.
GRID_LOG_SD_PER_YEAR = 0.116

# 95 % factor for a footprint measured in another country (other grid, other practice): declared. McAlister's Australian
# and Martin's US figures for the same modality differ by 1.1 to 2.2.
OTHER_COUNTRY_K = 2.0

# 95 % factor for a figure made for another device or kind of exam than it is used for: declared. Martin's abdominal and
# McAlister's any-region figures of one modality differ by 1.1 to 2.2, which holds country and technology together.
OTHER_TECHNOLOGY_K = 1.5

# Standard deviation of the logarithm per square root of a year for anything but a grid: declared. Ten years make ±20 %.
LOG_SD_PER_YEAR = 0.03


def assumed_bounds(value: float, evidence: str) -> tuple[float, float]:
    """Bounds of a row for which none were published.

    >>> low, high = assumed_bounds(9.0, "secondary")
    >>> low, high
    (6.0, 13.5)
    """
    if value <= 0:
        raise InputError("a default width needs a value above zero")
    k = ASSUMED_K[evidence]
    return value / k, value * k


def widen(value: float, low: float, high: float, *log_sd: float) -> tuple[float, float]:
    r"""Wider 95 % bounds: independent relative spreads add in square on the logarithm.

    .. math:: h' = m \exp\left(1.96\sqrt{(\ln(h/m)/1.96)^2 + \sum s_i^2}\right)

    Parameters
    ----------
    value, low, high : float
        Median and 95 % bounds, above zero.
    *log_sd : float
        Standard deviations of the logarithm to add.

    Raises
    ------
    InputError
        If a bound is not above zero.

    Examples
    --------
    >>> low, high = widen(0.25, 0.2, 0.3125, 0.0)
    >>> round(low, 6), round(high, 6)
    (0.2, 0.3125)
    """
    if not 0 < low <= value <= high:
        raise InputError("only a factor above zero can be widened by a ratio")
    extra = sum(s * s for s in log_sd)
    down = math.hypot(math.log(value / low) / Z95, math.sqrt(extra))
    up = math.hypot(math.log(high / value) / Z95, math.sqrt(extra))
    return value * math.exp(-Z95 * down), value * math.exp(Z95 * up)


def grid_log_sd(years_apart: int) -> float:
    """Spread of a grid's yearly intensity over a number of years.

    >>> grid_log_sd(0), round(grid_log_sd(4), 3)
    (0.0, 0.232)
    """
    return GRID_LOG_SD_PER_YEAR * math.sqrt(abs(years_apart))


def log_sd_of(k95: float) -> float:
    """Standard deviation of the logarithm that belongs to a 95 % factor ``k``."""
    return math.log(k95) / Z95
