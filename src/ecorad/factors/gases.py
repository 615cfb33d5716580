"""Several gases as one CO2e: masses times the warming potentials of one assessment report."""

from __future__ import annotations

from collections.abc import Mapping

from ecorad.model import FactorNotFoundError, InputError, Quantity, worst_origin

from .book import FactorBook, book
from .lookups import gwp

# What an inventory gives in CO2e because it does not say which gas it is.
UNSPECIFIED = "unspecified"


def gases_kg_co2e(
    masses_kg: Mapping[str, float], report: str = "AR6", *, factor_book: FactorBook | None = None
) -> float:
    r"""CO2e of masses of gases, :math:`\sum_g m_g\,\mathrm{GWP}_{100,g}`. [kg CO2e]

    Parameters
    ----------
    masses_kg : mapping of gas to mass
        ``{"CO2": 1.0, "CH4": 0.01}``; the key ``unspecified`` holds what is CO2e already. [kg]
    report : str
        ``AR4``, ``AR5`` or ``AR6``: one for all gases, reports are never mixed.

    Raises
    ------
    FactorNotFoundError
        For a gas that the report does not have.
    InputError
        For a negative mass.

    Examples
    --------
    >>> [gases_kg_co2e({"CO2": 1.0, "CH4": 0.01}, report) for report in ("AR4", "AR5", "AR6")]
    [1.25, 1.28, 1.279]
    """
    if any(mass < 0 for mass in masses_kg.values()):
        raise InputError("a mass of gas is not negative")
    return sum(
        mass * (1.0 if gas == UNSPECIFIED else gwp(gas, report, factor_book=factor_book).value)
        for gas, mass in sorted(masses_kg.items())
    )


def spend_kg_co2e(
    industry: str, amount_usd: float = 1.0, report: str = "AR5", *, factor_book: FactorBook | None = None
) -> Quantity:
    """CO2e of money spent in a US industry, from its gases. [kg CO2e]

    Under AR5 this is the CO2e column of the publisher, whose file does not name the report it used.

    Parameters
    ----------
    industry : str
        NAICS-6: ``621512`` diagnostic imaging centres, ``334510`` electromedical apparatus, ``325412`` medicines.
    amount_usd : float
        At purchaser's price of 2022. [USD]
    report : str
        As for :func:`gases_kg_co2e`.

    Raises
    ------
    FactorNotFoundError
        For an industry that the table does not have.

    Examples
    --------
    >>> round(spend_kg_co2e("621512").value, 3)
    0.092
    """
    the_book = factor_book or book()
    rows = {row.scopes[1]: row for row in the_book.find(table="spend_us_gases") if row.scopes[0] == industry}
    if not rows:
        have = ", ".join(sorted({row.scopes[0] for row in the_book.find(table="spend_us_gases")}))
        raise FactorNotFoundError(f"no gases for industry {industry!r}; there are some for: {have}")
    ends = [
        gases_kg_co2e({gas: amount_usd * pick for gas, pick in values.items()}, report, factor_book=the_book)
        for values in (
            {gas: row.value for gas, row in rows.items()},
            {gas: row.interval95[0] for gas, row in rows.items()},
            {gas: row.interval95[1] for gas, row in rows.items()},
        )
    ]
    potentials = {gwp(gas, report, factor_book=the_book).factor_id for gas in rows if gas != UNSPECIFIED}
    return Quantity(
        ends[0],
        "kg{CO2e}",
        low=ends[1],
        high=ends[2],
        origin=worst_origin([row.origin for row in rows.values()]),
        factors=tuple(sorted({row.factor_id for row in rows.values()} | potentials)),
        method="spend by gas",
    )
