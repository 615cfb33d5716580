"""Rounding a volume down to a pack: a policy of a site in a shortage, never a default.

One published shortage list rounds down within 10 to 25 mL and never below 60 mL (UW radiology wiki).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ecorad.model import InputError

from .problem import Injection, Pack


@dataclass(frozen=True, slots=True)
class Rounded:
    """One injection that gets less than was ordered. [mL]"""

    injection: str
    from_ml: float
    to_ml: float


def round_down(
    injections: Sequence[Injection], packs: Sequence[Pack], *, within_ml: float, floor_ml: float
) -> tuple[tuple[Injection, ...], tuple[Rounded, ...]]:
    """Injections rounded down to the largest pack that is at most ``within_ml`` smaller, and which those are.

    Parameters
    ----------
    within_ml : float
        The most that may be left out of an injection, 0 or more. [mL]
    floor_ml : float
        No injection is rounded below this. [mL]

    Raises
    ------
    InputError
        For a negative or infinite volume.

    Examples
    --------
    >>> from datetime import datetime
    >>> ordered = [Injection("a", datetime(2026, 3, 2, 8), 110.0), Injection("b", datetime(2026, 3, 2, 9), 55.0)]
    >>> shelf = [Pack("50", 50, 18, False, 0), Pack("100", 100, 29, False, 0)]
    >>> planned, rounded = round_down(ordered, shelf, within_ml=15, floor_ml=60)
    >>> [one.volume_ml for one in planned], [one.injection for one in rounded]
    ([100.0, 55.0], ['a'])
    """
    if not (math.isfinite(within_ml) and math.isfinite(floor_ml) and within_ml >= 0 and floor_ml >= 0):
        raise InputError("rounding takes volumes of 0 mL or more", code="ecorad.packs.rounding")
    planned, rounded = [], []
    for one in injections:
        fitting = [
            pack.size_ml for pack in packs if max(floor_ml, one.volume_ml - within_ml) <= pack.size_ml < one.volume_ml
        ]
        if fitting:
            rounded.append(Rounded(one.id, one.volume_ml, max(fitting)))
            planned.append(replace(one, volume_ml=float(max(fitting))))
        else:
            planned.append(one)
    return tuple(planned), tuple(rounded)
