"""``[helium]`` of ``site.toml``: which share of the helium that is lost a capture unit would bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SiteError
from .site_wastewater import Span, share_span


@dataclass(frozen=True, slots=True, kw_only=True)
class HeliumCapture:
    """The recovery that is promised, from and to; ``None`` where nobody promises any. [1]"""

    recovery: Span | None = None


def parse_helium(content: Mapping[str, Any]) -> HeliumCapture:
    """The table ``[helium]``; without one nothing is said to be captured.

    Raises
    ------
    SiteError
        Names the first key that cannot be used.

    Examples
    --------
    >>> parse_helium({"helium": {"recovery": [0.8, 0.95]}}).recovery
    (0.8, 0.95)
    """
    row = content.get("helium", {})
    if not isinstance(row, Mapping):
        raise SiteError("[helium] must be a table")
    unknown = sorted(set(row) - {"recovery"})
    if unknown:
        raise SiteError(f"[helium]: {unknown[0]!r} is not a key; there is recovery")
    return HeliumCapture(recovery=share_span(row, "recovery", "[helium]"))
