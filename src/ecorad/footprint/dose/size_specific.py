"""Size-specific dose estimate of CT (AAPM Reports 204 and 220)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ecorad.factors import FactorBook
from ecorad.model import FactorNotFoundError

from .columns import Columns, texts

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


@dataclass(frozen=True, slots=True)
class SizeSpecific:
    """The largest estimate of each study's events [mGy]; how many events told theirs, and of how many it was computed.

    ``factors`` are the rows of the computed ones.
    """

    by_study: Mapping[str, float]
    reported: int
    computed: int
    factors: tuple[str, ...]


def size_specific(events: Columns, book: FactorBook) -> SizeSpecific:
    """Estimates of the CT events: as the console reports them, else from index, size and phantom.

    A sum over events would count parts twice that lie in both, so a study has that of its largest event.

    Parameters
    ----------
    events : Columns
        Of ``irradiation_event``, current.
    book : FactorBook
        Rows ``ssde.scale.<phantom>`` and ``ssde.slope_per_cm.<phantom>``; none are shipped, so without a table of the
        site nothing is computed.
    """
    by_study: dict[str, float] = {}
    reported = computed = 0
    factors: set[str] = set()
    phantoms, studies = texts(events["phantom"]), texts(events["study_key"])
    for n, modality in enumerate(texts(events["modality"])):
        value = float(events["ssde_mgy"][n])
        if modality != "CT":
            continue
        if math.isnan(value):
            index, diameter_mm = (float(events[name][n]) for name in ("ctdi_vol_mgy", "water_equivalent_diameter_mm"))
            found = None if math.isnan(index + diameter_mm) else ssde_of(index, diameter_mm, phantoms[n] or None, book)
            if found is None:
                continue
            value = found
            computed += 1
            factors |= {f"ssde.{part}.{phantoms[n]}" for part in ("scale", "slope_per_cm")}
        else:
            reported += 1
        by_study[studies[n]] = max(value, by_study.get(studies[n], 0.0))
    return SizeSpecific(by_study, reported, computed, tuple(sorted(factors)))
