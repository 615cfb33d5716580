"""What reaches the water after a treatment on site: only what is excreted in the building passes through it."""

from __future__ import annotations

from ecorad.factors import FactorBook
from ecorad.model import InputError, Origin, Quantity

from .excretion import sewer_load_g

METHOD = "contrast.wastewater"


def to_water_g(
    given_g: Quantity,
    agent: str,
    removed: tuple[float, float],
    stay_h: float,
    *,
    factor_book: FactorBook | None = None,
) -> Quantity:
    """Grams to the water within a day: those of the sewer less those removed of what is excreted on site.

    Parameters
    ----------
    given_g : Quantity
        Iodine or gadolinium given. [g]
    agent : {"iodine", "gadolinium"}
        Whose curve of excretion.
    removed : (float, float)
        Share that the treatment removes, from and to; declared by the site, since no published share is verified. [1]
    stay_h : float
        How long patients stay in the building after the injection. [h]

    Raises
    ------
    InputError
        ``ecorad.contrast.share`` for shares that are not between 0 and 1, in order.

    Examples
    --------
    >>> kept = to_water_g(Quantity(100.0, "g", low=100.0, high=100.0), "iodine", (0.4, 0.6), 1.0)
    >>> round(kept.value, 6), kept.origin
    (71.0, <Origin.CLAIMED: 'claimed'>)
    """
    low, high = removed
    if not 0.0 <= low <= high <= 1.0:
        raise InputError("a share lies between 0 and 1", code="ecorad.contrast.share")
    day = sewer_load_g(given_g, agent, factor_book=factor_book)
    on_site = sewer_load_g(given_g, agent, hours=stay_h, factor_book=factor_book)
    parts = (day.value, day.low, day.high, on_site.value, on_site.low, on_site.high)
    if any(one is None for one in parts):
        return Quantity(None, "g", method=METHOD)
    middle, least, most, here, here_least, here_most = (float(one) for one in parts if one is not None)
    # The ends of the two curves are not known to go together: every combination lies inside these.
    return Quantity(
        middle - (low + high) / 2.0 * here,
        "g",
        low=max(0.0, least - high * here_most),
        high=most - low * here_least,
        origin=Origin.CLAIMED,
        factors=day.factors,
        method=METHOD,
    )
