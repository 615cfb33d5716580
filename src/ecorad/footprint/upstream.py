"""What was emitted before anything arrives: making of equipment, contrast bought, gas that leaks."""

from __future__ import annotations

from ecorad.factors import Factor, FactorBook, gases_kg_co2e, spend_kg_co2e
from ecorad.model import InputError, Quantity

from .uncertainty import Term, of_factor, total


def embodied_kg_per_year(product: Factor, items: float, life_years: float) -> Quantity:
    """Making and shipping of equipment, shared over its life. [kg CO2e, for a year]

    GHG Protocol Scope 3 Guidance (2013), category 2, shared over the years of use instead of counted in the first.

    Parameters
    ----------
    product : Factor
        Footprint of making one. [kg CO2e/item]
    items : float
        How many.
    life_years : float
        Years in use, above zero: longer use is the lever.

    Examples
    --------
    >>> from ecorad.factors import book
    >>> embodied_kg_per_year(book().get("product.monitor.boavizta"), 6, 6.0).value
    357.4
    """
    if not life_years > 0:
        raise InputError("a life is longer than nothing")
    return total([Term(items / life_years, (of_factor(product),))], "kg{CO2e}", "embodied")


def contrast_purchase_kg(cost_usd: float, *, factor_book: FactorBook | None = None) -> Quantity:
    """Upstream CO2e of contrast agent by the money paid for it. [kg CO2e]

    No footprint of a millilitre has been published, so this is the average of all medicines: a line of scope 3 to know
    the order of magnitude by, never a default.

    Parameters
    ----------
    cost_usd : float
        At purchaser's price of 2022. [USD]

    Examples
    --------
    >>> round(contrast_purchase_kg(1000.0).value)
    99
    """
    return spend_kg_co2e("325412", cost_usd, "AR5", factor_book=factor_book)


def switchgear_kg(
    charge_kg: float, leak_share: float, report: str = "AR6", *, factor_book: FactorBook | None = None
) -> float:
    """CO2e of SF6 that leaks from electrical switchgear; scope 1 only where the hospital owns it. [kg CO2e]

    Parameters
    ----------
    charge_kg : float
        Gas inside. [kg]
    leak_share : float
        Share that leaked in the period, 0 to 1.
    report : str
        ``AR4``, ``AR5`` or ``AR6``.

    Examples
    --------
    >>> switchgear_kg(10.0, 0.005, "AR5")
    1175.0
    """
    if not 0 <= leak_share <= 1:
        raise InputError("a share lies between 0 and 1")
    return gases_kg_co2e({"SF6": charge_kg * leak_share}, report, factor_book=factor_book)
