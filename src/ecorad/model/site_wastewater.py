"""``[wastewater]`` of ``site.toml``: what a treatment on site takes out of its waste water, as the site declares it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SiteError

_KEYS = ("gadolinium_removed", "iodine_removed", "stay_h")
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wastewater:
    """Share that the treatment removes, from and to, by kind; and how long patients stay in the building. [1, h]"""

    iodine_removed: Span | None = None
    gadolinium_removed: Span | None = None
    stay_h: float | None = None

    def removed(self, agent: str) -> Span | None:
        """The share removed of one kind."""
        return self.iodine_removed if agent == "iodine" else self.gadolinium_removed


def parse_wastewater(content: Mapping[str, Any]) -> Wastewater:
    """The table ``[wastewater]``; without one nothing is said to be removed.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.

    Examples
    --------
    >>> parse_wastewater({"wastewater": {"stay_h": 1.5, "iodine_removed": [0.2, 0.4]}}).iodine_removed
    (0.2, 0.4)
    """
    row = content.get("wastewater", {})
    if not isinstance(row, Mapping):
        raise SiteError("[wastewater] must be a table")
    unknown = sorted(set(row) - set(_KEYS))
    if unknown:
        raise SiteError(f"[wastewater]: {unknown[0]!r} is not a key; there are {', '.join(_KEYS)}")
    stay_h = row.get("stay_h")
    if row and (not isinstance(stay_h, int | float) or isinstance(stay_h, bool) or not 0 < stay_h <= 24):
        raise SiteError("[wastewater]: stay_h must be a number of hours above 0 and up to 24")
    return Wastewater(
        iodine_removed=share_span(row, "iodine_removed", "[wastewater]"),
        gadolinium_removed=share_span(row, "gadolinium_removed", "[wastewater]"),
        stay_h=stay_h,
    )


def share_span(row: Mapping[str, Any], key: str, table: str) -> Span | None:
    """A share from and to, as a site declares it; ``None`` where it says nothing.

    Raises
    ------
    SiteError
        Names table and key.

    Examples
    --------
    >>> share_span({"recovery": [0.8, 0.95]}, "recovery", "[helium]")
    (0.8, 0.95)
    """
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(_is_number(one) for one in value):
        raise SiteError(f"{table}: {key} must be two shares, like [0.2, 0.4]")
    low, high = (float(one) for one in value)
    if not 0 <= low <= high <= 1:
        raise SiteError(f"{table}: {key} must go from a smaller to a larger share between 0 and 1")
    return low, high


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
