"""How much of a contrast agent has left through the kidneys after some hours, and what bags keep out of the sewer.

A curve runs exactly through the published points: between two of them a constant share of what is left leaves each
hour, after the last one the same share as before it. A single half-life cannot: 2 h would give 29 % after one hour
and 99.98 % after a day, where 50 % and 93 to 99 % are published. Kidneys at half the rate take twice the time. Iodine
and gadolinium have curves of their own.
"""

from __future__ import annotations

import math
from functools import lru_cache

from ecorad.factors import Factor, FactorBook, book
from ecorad.model import FactorNotFoundError, InputError, Origin, Quantity

METHOD = "contrast.excretion"
BAGS = "contrast.urine_bags"
# eGFR of the healthy kidneys of the published points. [mL/min/1.73 m2] A working assumption.
HEALTHY_EGFR = 100.0
AGENTS = ("iodine", "gadolinium")


def published_points(agent: str, factor_book: FactorBook | None = None) -> tuple[tuple[float, Factor], ...]:
    """Hours after the injection and the factor row with the share excreted by then, in order of time.

    Raises
    ------
    InputError
        For another agent than iodine or gadolinium.
    FactorNotFoundError
        If the book has no point of the agent's curve.

    Examples
    --------
    >>> [(hours, row.value) for hours, row in published_points("iodine")]
    [(1.0, 0.5), (4.0, 0.75), (24.0, 0.96)]
    """
    if agent not in AGENTS:
        raise InputError(f"an agent is one of {', '.join(AGENTS)}", code="ecorad.contrast.agent")
    return _points(agent, factor_book or book())


@lru_cache(maxsize=16)
def _points(agent: str, factor_book: FactorBook) -> tuple[tuple[float, Factor], ...]:
    rows = factor_book.find(quantity="share_excreted", scope=agent)
    if not rows:  # an empty curve would say that nothing ever leaves the body
        raise FactorNotFoundError(f"no factor contrast.{agent}.excreted")
    return tuple(sorted((float(row.factor_id.rsplit(".", 1)[1].removesuffix("h")), row) for row in rows))


def excreted_share(
    hours: float, agent: str, egfr: float = HEALTHY_EGFR, *, factor_book: FactorBook | None = None
) -> float:
    """Share of an injection in the urine after some hours: modelled, through the published points. [1]

    Parameters
    ----------
    hours : float
        Since the injection, 0 or more. [h]
    agent : {"iodine", "gadolinium"}
        Whose curve.
    egfr : float
        Renal function, 0 or more; it stretches time. [mL/min/1.73 m2]
    factor_book : FactorBook, optional
        Whose points; those that ship unless given.

    Raises
    ------
    InputError
        For another agent, or a negative or infinite number.

    Examples
    --------
    >>> round(excreted_share(4.0, "iodine"), 3), round(excreted_share(4.0, "iodine", egfr=50.0), 3)
    (0.75, 0.603)
    """
    if not (math.isfinite(hours) and hours >= 0 and math.isfinite(egfr) and egfr >= 0):
        raise InputError("hours and eGFR are 0 or more", code="ecorad.contrast.excretion")
    return _through([(at, row.value) for at, row in published_points(agent, factor_book)], hours * egfr / HEALTHY_EGFR)


def sewer_load_g(
    given_g: Quantity,
    agent: str,
    hours: float = 24.0,
    egfr: float | None = None,
    *,
    factor_book: FactorBook | None = None,
) -> Quantity:
    """Grams that reach the sewer within some hours, at home or in the department.

    The interval holds that of the grams and that of the published points; an unknown renal function is taken as
    healthy, which makes the load of the first hours an upper one.
    """
    points = published_points(agent, factor_book)
    rows = tuple(row.factor_id for _, row in points)
    if given_g.value is None or given_g.low is None or given_g.high is None:
        return Quantity(None, "g", method=METHOD)
    scaled_h = hours * (HEALTHY_EGFR if egfr is None else egfr) / HEALTHY_EGFR
    curves = [[(at, bound(row)) for at, row in points] for bound in (_value, _low, _high)]
    share, low, high = (_through(curve, scaled_h) for curve in curves)
    return Quantity(
        given_g.value * share,
        "g",
        low=given_g.low * low,
        high=given_g.high * high,
        origin=max(given_g.origin, Origin.MODELLED, key=lambda origin: origin.rank),
        factors=tuple(sorted({*given_g.factors, *rows})),
        method=METHOD,
    )


def capture_by_bags_g(given_g: Quantity, agent: str, *, factor_book: FactorBook | None = None) -> Quantity:
    """Grams that handing out urine bags keeps out of the sewer, as measured in waste water, never as people said.

    Where several agents of a kind were measured the middle of them is the value, and their whole range the interval.

    >>> kept = capture_by_bags_g(Quantity(1000.0, "g", low=950.0, high=1050.0), "gadolinium")
    >>> kept.value, kept.factors
    (72.0, ('contrast.bags.effect.gadolinium',))
    """
    measured = {"iodine": ("iopromide", "ioversol"), "gadolinium": ("gadolinium",)}
    if agent not in measured:
        raise InputError(f"an agent is one of {', '.join(AGENTS)}", code="ecorad.contrast.agent")
    rows = [(factor_book or book()).get(f"contrast.bags.effect.{name}") for name in measured[agent]]
    if given_g.value is None or given_g.low is None or given_g.high is None:
        return Quantity(None, "g", method=METHOD)
    return Quantity(
        given_g.value * (sum(row.value for row in rows) / len(rows)),
        "g",
        low=given_g.low * min(row.low for row in rows),
        high=given_g.high * max(row.high for row in rows),
        origin=max(given_g.origin, *(row.origin for row in rows), key=lambda origin: origin.rank),
        factors=tuple(sorted({*given_g.factors, *(row.factor_id for row in rows)})),
        method=BAGS,
    )


def _through(points: list[tuple[float, float]], hours: float) -> float:
    """Share excreted on the curve through (hours, share): what is left falls by a constant rate between two points."""
    begun_h, left, rate = 0.0, 1.0, 0.0
    for at_h, share in points:
        rate = math.log(left / (1.0 - share)) / (at_h - begun_h)
        if hours <= at_h:
            break
        begun_h, left = at_h, 1.0 - share
    return 1.0 - left * math.exp(-rate * (hours - begun_h))


def _value(row: Factor) -> float:
    return row.value


def _low(row: Factor) -> float:
    return row.low


def _high(row: Factor) -> float:
    return row.high
