"""Size-specific dose estimate of CT (AAPM Reports 204 and 220)."""

from __future__ import annotations

import math

from ecorad.factors import FactorBook
from ecorad.model import FactorNotFoundError

# Sizes that the published fit was made on. [cm]
_SMALLEST_CM, _LARGEST_CM = 8.0, 45.0


def ssde_mgy(ctdi_vol_mgy: float, diameter_cm: float, scale: float, slope_per_cm: float) -> float:
    r"""Size-specific dose :math:`\mathrm{CTDI_{vol}}\,a\,e^{-b D_w}` (AAPM Report 204, equation A-1). [mGy]

    Parameters
    ----------
    ctdi_vol_mgy : float
        Volume CT dose index. [mGy]
    diameter_cm : float
        Water-equivalent (Report 220) or effective diameter of the patient. [cm]
    scale, slope_per_cm : float
        Coefficients a and b of the phantom that the index is for.

    >>> round(ssde_mgy(10.0, 30.0, 3.704369, 0.03671937), 2)
    12.31
    """
    return ctdi_vol_mgy * scale * math.exp(-slope_per_cm * diameter_cm)


def ssde_of(ctdi_vol_mgy: float, diameter_mm: float, phantom: str | None, book: FactorBook) -> float | None:
    """The estimate where index, size and phantom are told and the size is one the fit was made on; else ``None``."""
    diameter_cm = diameter_mm / 10
    if phantom is None or not _SMALLEST_CM <= diameter_cm <= _LARGEST_CM:
        return None
    try:
        scale, slope = book.get(f"ssde.scale.{phantom}"), book.get(f"ssde.slope_per_cm.{phantom}")
    except FactorNotFoundError:
        return None
    return ssde_mgy(ctdi_vol_mgy, diameter_cm, scale.value, slope.value)
