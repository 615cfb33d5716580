"""Grams of iodine, gadolinium and SF6 given, and how many administrations nobody knows the grams of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.model import Origin, Quantity

METHOD = "contrast"
# Half width of 95 % of a written volume: syringes and pumps are read to a millilitre of some tens, low confidence means
# that the number stood in free text. Working assumptions.
HALF_WIDTH: Mapping[str, float] = {"high": 0.02, "medium": 0.05, "low": 0.15}
_GRAMS = {"iodine": "iodine_g", "gadolinium": "gadolinium_g", "sf6": "sf6_g"}
Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class AgentTotal:
    """One agent: administrations, and volume and grams of those that are known."""

    agent: str | None
    kind: str | None
    administrations: int
    volume_ml: float | None
    grams: float | None


@dataclass(frozen=True, slots=True)
class ContrastTotals:
    """Contrast of a period. ``unknown`` has (kind, reason) and how many."""

    administrations: int
    iodine_g: Quantity
    gadolinium_g: Quantity
    sf6_g: Quantity
    agents: tuple[AgentTotal, ...]
    unknown: tuple[tuple[str, str, int], ...]


def grams(volume_ml: NDArray[np.float64], concentration_mg_ml: NDArray[np.float64]) -> NDArray[np.float64]:
    """Iodine or gadolinium in a volume of agent: ``volume_ml * concentration_mg_ml / 1000``. [g]

    >>> grams(np.array([100.0]), np.array([300.0])).tolist()
    [30.0]
    """
    return volume_ml * concentration_mg_ml / 1000.0


def contrast_totals(administrations: Columns) -> ContrastTotals:
    """Totals out of columns of table ``administration``.

    These are read: ``agent, kind, volume_ml, concentration_mg_ml, iodine_g, gadolinium_g, sf6_g, confidence``.

    An administration whose grams are not known is counted as unknown with its reason, never as 0 g; a kind of which
    nothing is known at all is an unknown quantity. The total is of what is known: its interval is that of the written
    volumes, and grows upwards by what is unknown, at the mean of those that are known.
    """
    kind = _text(administrations["kind"])
    agent = _text(administrations["agent"])
    confidence = np.array([one or "low" for one in _text(administrations["confidence"])], dtype=object)
    count = len(kind)
    known = {name: np.asarray(administrations[column], dtype=np.float64) for name, column in _GRAMS.items()}
    volume = np.asarray(administrations["volume_ml"], dtype=np.float64)
    concentration = np.asarray(administrations["concentration_mg_ml"], dtype=np.float64)
    unknown: Counter[tuple[str, str]] = Counter()
    mass = np.full(count, np.nan)
    for name, values in known.items():
        mine = kind == name
        mass[mine] = np.where(np.isnan(values), grams(volume, concentration), values)[mine]
        for n in np.flatnonzero(mine & np.isnan(mass)):
            unknown[name, _reason(agent[n], volume[n])] += 1
    for n in np.flatnonzero([one is None for one in kind]):
        unknown["unknown", _reason(agent[n], volume[n])] += 1
    totals = {name: _total(mass[kind == name], confidence[kind == name]) for name in _GRAMS}
    return ContrastTotals(
        administrations=count,
        iodine_g=totals["iodine"],
        gadolinium_g=totals["gadolinium"],
        sf6_g=totals["sf6"],
        agents=_agents(agent, kind, volume, mass),
        unknown=tuple((name, reason, number) for (name, reason), number in sorted(unknown.items())),
    )


def _reason(agent: str | None, volume_ml: float) -> str:
    if agent is None:
        return "agent_not_recognised"
    return "no_volume" if np.isnan(volume_ml) else "no_concentration"


def _total(mass_g: NDArray[np.float64], confidence: NDArray[Any]) -> Quantity:
    is_known = ~np.isnan(mass_g)
    if not is_known.any():
        return Quantity(None, "g", method=METHOD)
    value = float(mass_g[is_known].sum())
    # Errors of one way of writing are taken as shared: the same syringe, the same rounding.
    half = sum(
        HALF_WIDTH.get(str(level), HALF_WIDTH["low"]) * float(mass_g[is_known & (confidence == level)].sum())
        for level in {str(one) for one in confidence[is_known]}
    )
    lacking = int((~is_known).sum()) * value / int(is_known.sum())
    origin = Origin.REPORTED
    return Quantity(value, "g", low=max(0.0, value - half), high=value + half + lacking, origin=origin, method=METHOD)


def _agents(
    agent: NDArray[Any], kind: NDArray[Any], volume_ml: NDArray[np.float64], mass_g: NDArray[np.float64]
) -> tuple[AgentTotal, ...]:
    rows = []
    for name, sort in sorted({(a or "", k or "") for a, k in zip(agent, kind, strict=True)}):
        mine = np.array([(a or "") == name and (k or "") == sort for a, k in zip(agent, kind, strict=True)], dtype=bool)
        rows.append(AgentTotal(name or None, sort or None, int(mine.sum()), _sum(volume_ml[mine]), _sum(mass_g[mine])))
    return tuple(sorted(rows, key=lambda row: (-row.administrations, row.agent or "", row.kind or "")))


def _sum(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else None


def _text(values: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values, dtype=object)
