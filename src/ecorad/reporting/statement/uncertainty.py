"""The ``uncertainty`` section: where the width of the department's intervals comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecorad.footprint.results import DepartmentEnergy

_LEAST_SHARE = 0.005  # what would be printed as 0 %
# How the footprint names what is not a row of the book: the start of the name, and what a reader calls it.
_KINDS = {"gain:": "meter", "unread:": "unread", "night:": "night"}
# How footprint.uncertainty names the sources that are rows of the book.
_ROWS = ("Factor:", "AverageIntensity:", "MarginalIntensity:")


def uncertainty_section(found: DepartmentEnergy) -> dict[str, Any]:
    """Contributions to the variance of the department's energy and of its CO2e, largest first."""
    return {
        "energy_kwh": contribution_rows(found.contributions),
        "co2e_kg": contribution_rows(found.co2e_contributions),
    }


def contribution_rows(shares: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    """Sources by kind and plain name; what is too small to print is left out.

    >>> contribution_rows([("Factor:power.mr.idle.woolen", 0.9), ("gain:mr1", 0.096), ("edges:mr1", 0.004)])[1]
    {'kind': 'meter', 'source': 'mr1', 'share': 0.096}
    """
    return [_row(name, share) for name, share in shares if share >= _LEAST_SHARE]


def _row(name: str, share: float) -> dict[str, Any]:
    for start, kind in _KINDS.items():
        if name.startswith(start):
            return {"kind": kind, "source": name.replace(start, ""), "share": share}
    for start in _ROWS:
        if name.startswith(start):
            return {"kind": "factor", "source": name.removeprefix(start), "share": share}
    return {"kind": "method", "source": name, "share": share}
