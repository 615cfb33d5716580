"""Sulphur hexafluoride of ultrasound contrast: all gas of a vial counts once it is opened, given or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecorad.factors import book
from ecorad.model import Origin, Quantity

METHOD = "contrast.sf6_vials"
VIAL_ROW = "ultrasound_contrast.sf6.vial"


def sf6_of_vials(lines: Mapping[str, NDArray[Any]]) -> Quantity:
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
    row = book().get(VIAL_ROW)
    origin = max(Origin.REPORTED, row.origin, key=lambda one: one.rank)
    value, low, high = (round(vials * mg / 1000.0, 9) for mg in (row.value, row.low, row.high))
    return Quantity(value, "g", low=low, high=high, origin=origin, factors=(row.factor_id,), method=METHOD)
