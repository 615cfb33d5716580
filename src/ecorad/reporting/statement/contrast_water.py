"""``contrast.to_water``: what reaches the water where the site declares a treatment of its own."""

from __future__ import annotations

from typing import Any

from ecorad.factors import FactorBook
from ecorad.footprint.contrast import ContrastTotals
from ecorad.footprint.contrast.wastewater import to_water_g
from ecorad.model import FactorNotFoundError, Wastewater

from .quantities import quantity, unknown


def water_section(totals: ContrastTotals, site: Wastewater, book: FactorBook) -> dict[str, Any] | None:
    """Grams of each kind, ``None`` for a site without a treatment; a kind of which it declares nothing is unknown."""
    stay_h = site.stay_h
    if stay_h is None:
        return None
    return {
        f"{agent}_g": _of(given_g, agent, site, stay_h, book)
        for agent, given_g in (("iodine", totals.iodine_g), ("gadolinium", totals.gadolinium_g))
    }


def _of(given_g: Any, agent: str, site: Wastewater, stay_h: float, book: FactorBook) -> dict[str, Any]:
    removed = site.removed(agent)
    if removed is None:
        return unknown("g", "not_declared")
    try:
        return quantity(to_water_g(given_g, agent, removed, stay_h, factor_book=book), "no_records")
    except FactorNotFoundError:
        return unknown("g", "no_factor")
