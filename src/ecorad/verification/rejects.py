"""Less dose or contrast counts only where no more images had to be made again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from scipy import stats

Quality = Literal["no_rise", "rise", "not_shown", "unknown"]
LEAST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejects:
    """Shares of exposures (or exams) that were rejected or made again.

    ``difference`` is after less before with its 95 % interval; ``None`` where it is not known.
    """

    before: int
    after: int
    rejected_before: int
    rejected_after: int
    difference: float | None
    low: float | None
    high: float | None
    quality: Quality


def rejects(before: int, rejected_before: int, after: int, rejected_after: int, *, margin: float) -> Rejects:
    """Whether the share of rejects rose.

    Newcombe's hybrid score interval of a difference of two shares (Stat Med 1998;17:873, method 10), from Wilson's
    interval of each.

    Parameters
    ----------
    before, after : int
        Exposures or exams.
    rejected_before, rejected_after : int
        Of them rejected or repeated.
    margin : float
        A rise that would not matter: no rise is shown when the whole interval lies below it.

    Returns
    -------
    Rejects
        ``unknown`` for fewer than 30 on a side, or when not one reject was ever recorded: then nobody may have written
        them down.

    Examples
    --------
    Newcombe's own example (a), 56 of 70 against 48 of 80:

    >>> found = rejects(80, 48, 70, 56, margin=0.02)
    >>> round(found.difference, 4), round(found.low, 4), round(found.high, 4), found.quality
    (0.2, 0.0524, 0.3339, 'rise')
    """
    counts = {"before": before, "after": after, "rejected_before": rejected_before, "rejected_after": rejected_after}
    if min(before, after) < LEAST or rejected_before + rejected_after == 0:
        return Rejects(**counts, difference=None, low=None, high=None, quality="unknown")
    first, second = rejected_before / before, rejected_after / after
    low_1, high_1 = _wilson(rejected_before, before)
    low_2, high_2 = _wilson(rejected_after, after)
    difference = second - first
    low = difference - math.hypot(second - low_2, high_1 - first)
    high = difference + math.hypot(high_2 - second, first - low_1)
    quality: Quality = "rise" if low > 0 else "no_rise" if high <= margin else "not_shown"
    return Rejects(**counts, difference=difference, low=low, high=high, quality=quality)


def _wilson(hits: int, count: int) -> tuple[float, float]:
    z = float(stats.norm.ppf(0.975))
    share = hits / count
    middle = share + z * z / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)
