"""Look-ups for what goes into a patient: contrast gas, radionuclides, dose."""

from __future__ import annotations

import math

from ecorad.model import InputError, Quantity, worst_origin

from .book import FactorBook, book
from .factor import Factor
from .lookups import gwp

MG_PER_KG = 1e6


def half_life_h(nuclide: str, *, factor_book: FactorBook | None = None) -> Factor:
    """Physical half-life of a radionuclide. [h]

    Parameters
    ----------
    nuclide : str
        ``F-18``, ``Tc-99m`` ...

    Raises
    ------
    FactorNotFoundError
        Names the nearest nuclides.

    Examples
    --------
    >>> round(half_life_h("F-18").value * 60, 2)
    109.77
    """
    return (factor_book or book()).get(f"half_life.{nuclide}")


def decayed_mbq(activity_mbq: float, elapsed_h: float, half_life_hours: float) -> float:
    r"""Activity after some time, :math:`A = A_0\,2^{-t/T}`.

    Parameters
    ----------
    activity_mbq : float
        Activity at the start. [MBq]
    elapsed_h, half_life_hours : float
        Time since, negative for before; physical half-life, above zero. [h]

    Raises
    ------
    InputError
        If the half-life is not above zero.

    Examples
    --------
    >>> decayed_mbq(400.0, 6.0, 6.0)
    200.0
    """
    if not half_life_hours > 0:
        raise InputError("a half-life is above zero")
    return activity_mbq * math.exp2(-elapsed_h / half_life_hours)


def sf6_vial_kg_co2e(
    report: str = "AR6", *, source: str | None = None, factor_book: FactorBook | None = None
) -> Quantity:
    """Footprint of the gas in one opened vial of SF6 ultrasound contrast. [kg CO2e]

    All gas of the vial reaches the air, whether it was injected or not: count vials, not millilitres.

    Parameters
    ----------
    report, source : str
        As for :func:`ecorad.factors.gwp`.

    Examples
    --------
    >>> [round(sf6_vial_kg_co2e(report).value, 3) for report in ("AR4", "AR5", "AR6")]
    [1.384, 1.426, 1.53]
    """
    the_book = factor_book or book()
    mass = the_book.get("ultrasound_contrast.sf6.vial")
    potential = gwp("SF6", report, source=source, factor_book=the_book)
    low, high = (end * potential.value / MG_PER_KG for end in mass.interval95)
    return Quantity(
        mass.value * potential.value / MG_PER_KG,
        "kg{CO2e}",
        low=low,
        high=high,
        origin=worst_origin([mass.origin, potential.origin]),
        factors=tuple(sorted((mass.factor_id, potential.factor_id))),
        method="SF6 of opened vials",
    )


def pack_volumes_ml(agent: str, region: str = "", *, factor_book: FactorBook | None = None) -> tuple[float, ...]:
    """Nominal sizes of the packs that a contrast agent comes in, smallest first; empty where none was read. [mL]

    Parameters
    ----------
    agent : str
        Name of the substance: ``iobitridol``, ``gadobutrol`` ...
    region : str
        Only packs of this country's labels; of all countries unless given.

    Examples
    --------
    >>> pack_volumes_ml("gadoterate", "US")
    (5.0, 10.0, 15.0, 20.0, 100.0)
    """
    rows = (factor_book or book()).find(quantity="pack_volume", scope=agent)
    return tuple(sorted({row.value for row in rows if not region or row.region == region}))


def dose_k(region: str, age: str = "adult", *, factor_book: FactorBook | None = None) -> Factor:
    """Effective dose per dose-length product of a CT. [mSv/(mGy.cm)]

    Parameters
    ----------
    region : str
        ``head``, ``neck``, ``head_neck``, ``chest``, ``abdomen``, ``pelvis``, ``abdomen_pelvis``, ``trunk``.
    age : str
        ``adult``, or ``0y``, ``1y``, ``5y``, ``10y`` (for the phantom that the row's note names).

    Raises
    ------
    FactorNotFoundError
        Names the nearest rows.

    Examples
    --------
    >>> dose_k("chest").value
    0.014
    """
    return (factor_book or book()).get(f"dose.k.{region}.{age}")


def background_days(dose_msv: float, background_msv_per_year: float) -> float:
    """How many days of natural background a dose equals.

    Parameters
    ----------
    dose_msv : float
        Effective dose, not negative. [mSv]
    background_msv_per_year : float
        Natural background where the reader lives, above zero. [mSv/a]

    Raises
    ------
    InputError
        If the background is not above zero.

    Notes
    -----
    Computed, never copied: published cards round, and some of their equivalents are wrong.

    Examples
    --------
    >>> round(background_days(0.1, 3.0), 1)
    12.2
    """
    if not background_msv_per_year > 0:
        raise InputError("the natural background is above zero")
    return dose_msv / background_msv_per_year * 365.0
