"""One finding: what would have been saved, what it rests on, what it needs and what stands against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecorad.footprint.carbon import consequential_kg
from ecorad.footprint.uncertainty import Source, Term, meter_gain, relative_error, total
from ecorad.model import Origin, Quantity

from .view import About, Low

METHOD = "finding"
# Half width of the 95 % interval of the lower level, by where it comes from: learnt levels move within a few percent, a
# published ratio is another maker's.
LEVEL_ERROR = {"measured": 0.03, "site": 0.10, "published": 0.40}
SWITCH_ERROR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that could change; energies are those of the period looked at.

    Parameters
    ----------
    kind : str
        Name of the detector.
    kwh, co2e_kg, money : Quantity
        Saving; CO2e by marginal intensity, as for every saving.
    days : int
        Days or nights it rests on.
    times : int
        On how many of them it was so.
    mode : str, optional
        The mode it is measured against.
    needs, decides, against, command : str, optional
        Ids of words: what it takes, who decides, what stands against it, and the command that shows the plan.
    """

    kind: str
    device_key: str
    alias: str | None
    kwh: Quantity
    co2e_kg: Quantity
    money: Quantity
    days: int
    times: int
    mode: str | None = None
    needs: str | None = None
    decides: str | None = None
    against: str | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Ids of what a reader is told beside the figures."""

    needs: str
    decides: str
    against: str
    command: str | None = None


@dataclass(frozen=True, eq=False)
class Excess:
    """What was drawn, and what a lower level would have drawn in the same hours; by day or night.

    Parameters
    ----------
    energy_kwh : ndarray, shape (days,)
        Measured energy of the stretches that count. [kWh]
    hours : ndarray, shape (days,)
        Their length. [h]
    switch_kwh : ndarray, shape (days,)
        What going down and up again would have drawn. [kWh]
    """

    energy_kwh: NDArray[np.float64]
    hours: NDArray[np.float64]
    switch_kwh: NDArray[np.float64]


def finding(
    kind: str,
    about: About,
    excess: Excess,
    low: Low,
    words: Words,
    *,
    price: float | None = None,
    days: int | None = None,
    least_times: int = 2,
    errors: tuple[Source, ...] = (),
) -> Finding | None:
    """A finding, or ``None`` when the gain is within its own error or was not seen often enough.

    Saving: measured energy - lower level x hours - switches. The interval holds the gain of the meter, the error of the
    lower level and that of the switches.

    Parameters
    ----------
    price : float, optional
        Price of these kWh. [currency/kWh]
    days : int, optional
        Days it rests on, where ``excess`` is one sum.
    least_times : int
        Days on which it must have been so: once may be an accident.
    errors : tuple of Source
        Further errors of the lower level.
    """
    times = int((excess.hours > 0).sum())
    if times < least_times:
        return None
    origin = Origin.MEASURED if low.source == "measured" else Origin.MODELLED
    gain = meter_gain(about.meter, about.accuracy_percent)
    level = relative_error(f"level:{about.key}:{low.mode.value}", LEVEL_ERROR[low.source], origin=origin)
    switches = relative_error(f"switch:{about.key}:{low.mode.value}", SWITCH_ERROR, origin=origin)
    terms = [
        Term(float(excess.energy_kwh.sum()), (gain,)),
        Term(-low.kw * float(excess.hours.sum()), (gain, level, *errors)),
        Term(-float(excess.switch_kwh.sum()), (switches,)),
    ]
    kwh = total(terms, "kW.h", METHOD, origin=origin)
    if kwh.low is None or not kwh.low > 0:
        return None
    money = Quantity(None, about.currency, method=METHOD)
    if price is not None:
        priced = [Term(term.activity * price, term.sources) for term in terms]
        money = total(priced, about.currency, METHOD, origin=Origin.REPORTED)
    return Finding(
        kind=kind,
        device_key=about.key,
        alias=about.alias,
        kwh=_with_rows(kwh, low.factors),
        co2e_kg=_with_rows(consequential_kg(terms, about.marginal), low.factors),
        money=money,
        days=len(excess.hours) if days is None else days,
        times=times if days is None else days,
        mode=low.mode.value,
        needs=words.needs,
        decides=words.decides,
        against=words.against,
        command=words.command,
    )


def _with_rows(result: Quantity, rows: tuple[str, ...]) -> Quantity:
    if result.value is None or not rows:
        return result
    every = tuple(sorted({*result.factors, *rows}))
    return Quantity(
        result.value,
        result.unit,
        low=result.low,
        high=result.high,
        origin=result.origin,
        factors=every,
        method=result.method,
    )
