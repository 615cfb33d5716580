"""What a plan saves against the nights before it, in energy, money and CO2e, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ecorad.footprint.carbon import Intensity, marginal_source
from ecorad.footprint.uncertainty import Source, Term, deviation, meter_gain, relative_error, total
from ecorad.model import Origin, Quantity, worst_origin

from .problem import Floats

METHOD = "power_plan"
# Half width of the 95 % interval of a difference of two levels, by where the lower one comes from.
_LEVEL = {"measured": 0.05, "site": 0.15, "published": 0.40}


@dataclass(frozen=True, slots=True)
class Saved:
    """What one device saves in one night, and what it would have drawn as before. [kWh, currency, kg CO2e]"""

    kwh: Quantity
    money: Quantity
    co2e_kg: Quantity
    before_kwh: float | None
    nights: int
    terms: tuple[Term, ...] = ()
    money_terms: tuple[Term, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.kwh.low is not None and self.kwh.low > 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """One device's nights and its plan.

    Parameters
    ----------
    name : str
        Of the device: its errors are its own.
    before_kw : ndarray, shape (nights, slots)
        Power while waiting in past nights. [kW]
    before_switches_kwh : ndarray, shape (nights,)
        Energy of their switches. [kWh]
    plan_kw : ndarray, shape (slots,)
        Planned power. [kW]
    plan_switches_kwh, woken_kwh : float
        Energy of planned switches, and what unbooked exams are expected to add. [kWh]
    slot_h : float
        Length of a slot. [h]
    source : str
        Where the power of the planned low modes comes from, the weakest of them: ``measured``, ``site``, ``published``.
    """

    name: str
    before_kw: Floats
    before_switches_kwh: Floats
    plan_kw: Floats
    plan_switches_kwh: float
    woken_kwh: float
    slot_h: float
    source: str
    accuracy_percent: float
    factors: tuple[str, ...] = ()


def saved(one: Compared, currency: str, price: Floats | None = None, marginal: Intensity | None = None) -> Saved:
    """Energy before minus energy planned. Only the marginal intensity is used: this is a change, not a share.

    The interval holds how much past nights differed (Student's t on their mean), the meter's gain and the error of the
    levels. With a single night nothing is known of the spread: the figure is unknown.

    Parameters
    ----------
    price : ndarray, shape (slots,), optional
        Price of 1 kWh. [currency/kWh]
    marginal : marginal intensity, optional
        Of the grid.
    """
    nights = len(one.before_kw)
    if nights < 2:
        kwh, money, co2e = (Quantity(None, unit, method=METHOD) for unit in ("kW.h", currency, "kg{CO2e}"))
        return Saved(kwh, money, co2e, None, nights)
    each = one.before_kw.sum(axis=1) * one.slot_h + one.before_switches_kwh
    planned = float(one.plan_kw.sum() * one.slot_h) + one.plan_switches_kwh + one.woken_kwh
    spread = float(student.ppf(0.975, nights - 1) * np.std(each, ddof=1) / np.sqrt(nights))
    terms = _terms(one, float(each.mean()) - planned, spread)
    money = Quantity(None, currency, method=METHOD)
    money_terms: list[Term] = []
    if price is not None:
        # Switches and expected starts at the mean price of the night.
        other = float(np.mean(price)) * (float(one.before_switches_kwh.mean()) - one.plan_switches_kwh - one.woken_kwh)
        value = float(((one.before_kw.mean(axis=0) - one.plan_kw) * price).sum() * one.slot_h) + other
        money_terms = _terms(one, value, spread * float(np.mean(price)))
        money = total(money_terms, currency, METHOD, origin=Origin.REPORTED)
    carbon = Quantity(None, "kg{CO2e}", method=METHOD)
    if marginal is not None:
        carbon = total([term.times(marginal_source(marginal)) for term in terms], "kg{CO2e}", METHOD)
    kwh = total(terms, "kW.h", METHOD, origin=Origin.MEASURED if one.source == "measured" else Origin.MODELLED)
    return Saved(
        kwh=_with_rows(kwh, one),
        money=money,
        co2e_kg=_with_rows(carbon, one),
        before_kwh=float(each.mean()),
        nights=nights,
        terms=tuple(terms),
        money_terms=tuple(money_terms),
    )


def all_saved(
    parts: Sequence[Saved], currency: str, marginal: Intensity | None = None
) -> tuple[Quantity, Quantity, Quantity]:
    """Energy, money and CO2e of several devices together; what they share, like the grid, is not averaged away."""
    rows = {row for part in parts for row in part.kwh.factors}
    kwh = [term for part in parts for term in part.terms]
    money = [term for part in parts for term in part.money_terms] if all(p.money_terms for p in parts) else []
    carbon = [] if marginal is None else [term.times(marginal_source(marginal)) for term in kwh]
    worst = worst_origin([part.kwh.origin for part in parts])
    found = (
        total(kwh, "kW.h", METHOD, origin=worst),
        total(money, currency, METHOD, origin=Origin.REPORTED),
        total(carbon, "kg{CO2e}", METHOD, origin=worst),
    )
    return tuple(_plus_rows(one, rows) for one in found)  # type: ignore[return-value]


def _terms(one: Compared, value: float, spread: float) -> list[Term]:
    gain: Source = meter_gain(f"device:{one.name}", one.accuracy_percent)
    origin = Origin.MEASURED if one.source == "measured" else Origin.MODELLED
    level = relative_error(f"levels:{one.name}", _LEVEL[one.source], origin=origin)
    return [Term(value, (gain, level)), Term(1.0, (deviation(f"nights:{one.name}", max(spread, 1e-12)),))]


def _with_rows(result: Quantity, one: Compared) -> Quantity:
    return _plus_rows(result, set(one.factors))


def _plus_rows(result: Quantity, more: set[str]) -> Quantity:
    if result.value is None or not more:
        return result
    rows = tuple(sorted({*result.factors, *more}))
    return Quantity(
        result.value, result.unit, low=result.low, high=result.high, origin=result.origin, factors=rows, method=METHOD
    )
