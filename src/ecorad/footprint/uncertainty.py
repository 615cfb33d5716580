"""Intervals: one set of draws for each thing that may be wrong, shared by everything that depends on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ecorad.factors.distribution import DRAWS, Distribution, Shape
from ecorad.factors.draws import draws as _draws
from ecorad.factors.draws import uniform_draws
from ecorad.model import Origin, Quantity, worst_origin
from ecorad.model.quantity import one_report

Floats = NDArray[np.float64]
_Z95 = 1.959963984540054


class Drawable(Protocol):
    """What a factor of the book or a grid intensity offers."""

    @property
    def factor_id(self) -> str:
        """Identifier, also the seed of the draws."""
        ...

    @property
    def value(self) -> float:
        """Median."""
        ...

    @property
    def origin(self) -> Origin:
        """Where the number comes from."""
        ...

    def draws(self, n: int = DRAWS) -> Floats:
        """The same draws for everyone, shape (n,)."""
        ...


@dataclass(frozen=True, eq=False)
class Source:
    """One thing that may be wrong: a factor row, the gain of a meter, a level, an estimate.

    Parameters
    ----------
    name : str
        Two sources of one name are the same error, and cancel in a comparison.
    value : float
        Central value.
    draws : ndarray, shape (n,)
        Possible values.
    rows : tuple of str
        Factor rows behind it; empty for an error of our own instruments and methods.
    origin : Origin
        Where the number comes from.
    log_sd : float, optional
        Standard deviation of the logarithm, where it is lognormal: then products are exact.
    """

    name: str
    value: float
    draws: Floats
    rows: tuple[str, ...] = ()
    origin: Origin = Origin.MEASURED
    log_sd: float | None = None


def of_factor(factor: Drawable, n: int = DRAWS) -> Source:
    """The source that a factor row or a grid intensity is."""
    rows = tuple(getattr(factor, "factors", (factor.factor_id,)))
    # A stand-in has the seed of what it stands in for, but not its value: the name keeps the two apart.
    name = f"{type(factor).__name__}:{factor.factor_id}"
    return Source(name, factor.value, factor.draws(n), rows, factor.origin, _log_sd(factor))


def meter_gain(meter_key: str, accuracy_percent: float, n: int = DRAWS) -> Source:
    """Gain of one meter: normal around 1, ``accuracy_percent`` the half width of its 95 % interval.

    >>> gain = meter_gain("mr1", 2.0)
    >>> [round(float(q), 3) for q in np.quantile(gain.draws, [0.025, 0.5, 0.975])]
    [0.98, 1.0, 1.02]
    """
    half = accuracy_percent / 100.0
    shape = Distribution(Shape.NORMAL, 1.0, 1.0 - half, 1.0 + half)
    return Source(f"gain:{meter_key}", 1.0, _draws(f"gain:{meter_key}", shape, n))


def relative_error(name: str, half_width: float, *, origin: Origin = Origin.MEASURED, n: int = DRAWS) -> Source:
    """A relative error of our own: normal around 1 with this half width of its 95 % interval."""
    shape = Distribution(Shape.NORMAL, 1.0, 1.0 - half_width, 1.0 + half_width)
    return Source(name, 1.0, _draws(name, shape, n), origin=origin)


def deviation(name: str, half_width: float, n: int = DRAWS) -> Source:
    """A deviation of our own: normal around 0. It adds width and nothing else."""
    shape = Distribution(Shape.NORMAL, 0.0, -half_width, half_width)
    return Source(name, 0.0, _draws(name, shape, n))


def one_of(name: str, choices: Sequence[tuple[float, Source]], n: int = DRAWS) -> Source:
    """A source that is one of several, with given odds: which, nobody wrote down."""
    odds = np.array([weight for weight, _ in choices]) / sum(weight for weight, _ in choices)
    pick = np.searchsorted(np.cumsum(odds)[:-1], uniform_draws(name, n), side="right")
    drawn = np.choose(pick, [source.draws for _, source in choices])
    return Source(
        name,
        float(sum(share * source.value for share, (_, source) in zip(odds, choices, strict=True))),
        drawn,
        tuple(sorted({row for _, source in choices for row in source.rows})),
        worst_origin([Origin.DEFAULT, *(source.origin for _, source in choices)]),
    )


@dataclass(frozen=True, eq=False)
class Term:
    """An activity times the product of sources: one summand of a result."""

    activity: float
    sources: tuple[Source, ...] = ()

    @property
    def value(self) -> float:
        """Central value."""
        return self.activity * math.prod(source.value for source in self.sources)

    def draws(self, n: int = DRAWS) -> Floats:
        """Possible values, shape (n,)."""
        result = np.full(n, self.activity)
        for source in self.sources:
            result *= source.draws
        return result

    def times(self, *sources: Source) -> Term:
        """The same summand times more."""
        return Term(self.activity, (*self.sources, *sources))


def total(terms: Iterable[Term], unit: str, method: str = "", *, origin: Origin | None = None) -> Quantity:
    """The sum of terms with its 95 % interval.

    Draws of one source are the same in every term, so that what is common to many is not averaged away. Multiples of a
    single product of lognormal sources have its exact interval.

    Parameters
    ----------
    terms : iterable of Term
        Summands; none at all is an unknown quantity, not 0.
    unit : str
        UCUM code of the result.
    method : str
        Name of the method in the docs.
    origin : Origin, optional
        At least this bad.

    Notes
    -----
    Product of lognormals: medians multiply, :math:`\\sigma^2 = \\sum_i \\sigma_i^2`, interval
    :math:`m\\,e^{\\pm 1.96\\sigma}`.

    Examples
    --------
    >>> gain = meter_gain("mr1", 2.0)
    >>> energy = total([Term(1000.0, (gain,)), Term(500.0, (gain,))], "kW.h")
    >>> energy.value, round(energy.low), round(energy.high)
    (1500.0, 1470, 1530)
    """
    terms = list(terms)
    if not terms:
        return Quantity(None, unit, method=method)
    value = sum(term.value for term in terms)
    low, high = _interval(terms)
    sources = [source for term in terms for source in term.sources]
    one_report(row for source in sources for row in source.rows)
    origins = [source.origin for source in sources] + ([origin] if origin else [])
    return Quantity(
        value,
        unit,
        low=min(low, value),
        high=max(high, value),
        origin=worst_origin(origins),
        factors=tuple(sorted({row for source in sources for row in source.rows})),
        method=method,
    )


def difference(left: Iterable[Term], right: Iterable[Term], unit: str, method: str = "") -> Quantity:
    """``left - right``; errors that both share cancel.

    >>> gain = meter_gain("mr1", 2.0)
    >>> same = difference([Term(10.0, (gain,))], [Term(10.0, (gain,))], "kW.h")
    >>> same.value, same.low, same.high
    (0.0, 0.0, 0.0)
    """
    return total([*left, *(Term(-term.activity, term.sources) for term in right)], unit, method)


def ratio(part: Iterable[Term], whole: Iterable[Term], unit: str = "1", method: str = "") -> Quantity:
    """``part / whole`` of a part, so between 0 and 1; errors that both share cancel. Unknown when either is."""
    part, whole = list(part), list(whole)
    bottom = sum(term.value for term in whole)
    if not part or not whole or bottom == 0:
        return Quantity(None, unit, method=method)
    value = sum(term.value for term in part) / bottom
    low, high = np.quantile(np.clip(_summed(part) / _summed(whole), 0.0, 1.0), [0.025, 0.975])
    sources = [source for term in (*part, *whole) for source in term.sources]
    return Quantity(
        value,
        unit,
        low=min(float(low), value),
        high=max(float(high), value),
        origin=worst_origin([source.origin for source in sources]),
        factors=tuple(sorted({row for source in sources for row in source.rows})),
        method=method,
    )


def draws_by_group(activity: Floats, sources: Sequence[Source]) -> Floats:
    """Possible values of many groups at once: groups × factors · factors × draws.

    The cost depends on groups and factors, not on how many exams a group holds.

    Parameters
    ----------
    activity : ndarray, shape (groups, factors)
        Activity of each group under each source.
    sources : sequence of Source, length factors
        In the order of the columns.

    Returns
    -------
    ndarray, shape (groups, draws)
    """
    return np.asarray(activity @ np.array([source.draws for source in sources]))


def contributions(terms: Iterable[Term]) -> list[tuple[str, float]]:
    """How much of the variance each source brings, largest first: what to measure next.

    One source varies at a time while the others stay at their central values; shares are of the sum of these variances.

    >>> a, b = meter_gain("a", 2.0), meter_gain("b", 2.0)
    >>> [(name, round(share, 2)) for name, share in contributions([Term(3.0, (a,)), Term(1.0, (b,))])]
    [('gain:a', 0.9), ('gain:b', 0.1)]
    """
    terms = list(terms)
    variances: dict[str, float] = {}
    for source in {source.name: source for term in terms for source in term.sources}.values():
        varying = sum((_varying(term, source) for term in terms), np.zeros(len(source.draws)))
        variances[source.name] = float(np.var(varying))
    whole = sum(variances.values())
    if whole <= 0:
        return []
    return sorted(((name, part / whole) for name, part in variances.items()), key=lambda row: (-row[1], row[0]))


def _log_sd(factor: Drawable) -> float | None:
    """Standard deviation of the logarithm of an ordinary lognormal factor, ``None`` for any other."""
    distribution = getattr(factor, "distribution", None)
    if distribution is None or distribution().shape is not Shape.LOGNORMAL:
        return None
    below, above = distribution().log_sd
    return float(below) if math.isclose(below, above, rel_tol=1e-6) else None


def _varying(term: Term, source: Source) -> Floats:
    result = np.full(len(source.draws), term.activity)
    for own in term.sources:
        result *= source.draws if own.name == source.name else own.value
    return result


def _interval(terms: Sequence[Term]) -> tuple[float, float]:
    if not any(term.sources for term in terms):
        value = sum(term.activity for term in terms)
        return value, value
    sigma = _common_log_sd(terms)
    if sigma is not None:
        value = sum(term.value for term in terms)
        ends = sorted((value * math.exp(-_Z95 * sigma), value * math.exp(_Z95 * sigma)))
        return ends[0], ends[1]
    low, high = np.quantile(_summed(terms), [0.025, 0.975])
    return float(low), float(high)


def _common_log_sd(terms: Sequence[Term]) -> float | None:
    """Standard deviation of the logarithm where every term is a multiple of one and the same lognormal product."""
    sources = {source.name: source for source in terms[0].sources}
    if len(sources) < len(terms[0].sources) or any(source.log_sd is None for source in sources.values()):
        return None
    if any(len(term.sources) != len(sources) or {s.name for s in term.sources} != set(sources) for term in terms[1:]):
        return None
    return math.sqrt(sum((source.log_sd or 0.0) ** 2 for source in sources.values()))


def _summed(terms: Sequence[Term]) -> Floats:
    n = max((len(source.draws) for term in terms for source in term.sources), default=DRAWS)
    return np.asarray(sum(term.draws(n) for term in terms))
