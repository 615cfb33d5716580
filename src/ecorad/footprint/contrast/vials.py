"""Sulphur hexafluoride of ultrasound contrast: all gas of a vial counts once it is opened, given or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import FactorBook, book, gases_kg_co2e, gwp
from ecorad.model import Origin, Quantity, worst_origin

METHOD = "contrast.sf6_vials"
VIAL_ROW = "ultrasound_contrast.sf6.vial"
_G_PER_KG = 1000.0


def sf6_of_vials(lines: Mapping[str, NDArray[Any]], *, factor_book: FactorBook | None = None) -> Quantity:
    """Grams of SF6 in the vials that the contrast sheet says were opened; unknown without such a line.

    >>> cells = {"kind": ["sf6"], "movement": ["opened"], "quantity": [20.0]}
    >>> sf6_of_vials({name: np.array(values, dtype=object) for name, values in cells.items()}).value
    1.214
    """
    opened = [n for n in range(len(lines["kind"])) if lines["kind"][n] == "sf6" and lines["movement"][n] == "opened"]
    quantities = [lines["quantity"][n] for n in opened]
    if not quantities or any(one is None or not np.isfinite(one) for one in quantities):
        return Quantity(None, "g", method=METHOD)
    vials = math.fsum(float(one) for one in quantities)
    row = (factor_book or book()).get(VIAL_ROW)
    origin = max(Origin.REPORTED, row.origin, key=lambda one: one.rank)
    value, low, high = (round(vials * mg / 1000.0, 9) for mg in (row.value, row.low, row.high))
    return Quantity(value, "g", low=low, high=high, origin=origin, factors=(row.factor_id,), method=METHOD)


def sf6_kg_co2e(sf6_g: Quantity, report: str = "AR6", *, factor_book: FactorBook | None = None) -> Quantity:
    """CO2e of grams of SF6 that reach the air: a line of scope 1, since the department itself lets the gas out.

    Parameters
    ----------
    sf6_g : Quantity
        As :func:`sf6_of_vials` gives it. [g]
    report : str
        Assessment report of the warming potential: ``AR4``, ``AR5`` or ``AR6``.
    factor_book : FactorBook, optional
        Whose warming potential; the one that ships unless given.

    Returns
    -------
    Quantity
        Unknown as long as the grams are. [kg CO2e]

    Raises
    ------
    FactorNotFoundError
        If the book has no potential of SF6 in that report.

    Examples
    --------
    >>> twenty_vials = Quantity(1.214, "g", low=1.19, high=1.238)
    >>> [round(sf6_kg_co2e(twenty_vials, report).value, 2) for report in ("AR4", "AR5", "AR6")]
    [27.68, 28.53, 30.59]
    """
    if sf6_g.value is None or sf6_g.low is None or sf6_g.high is None:
        return Quantity(None, "kg{CO2e}", method=METHOD)
    potential = gwp("SF6", report, factor_book=factor_book)
    value, low, high = (
        gases_kg_co2e({"SF6": grams / _G_PER_KG}, report, factor_book=factor_book)
        for grams in (sf6_g.value, sf6_g.low, sf6_g.high)
    )
    return Quantity(
        value,
        "kg{CO2e}",
        low=low,
        high=high,
        origin=worst_origin([sf6_g.origin, potential.origin]),
        factors=tuple(sorted({*sf6_g.factors, potential.factor_id})),
        method=METHOD,
    )
