"""What would change: recycling left-overs, urine bags, half the dose. Each stands alone; none is a saving made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecorad.factors import FactorBook
from ecorad.model import FactorNotFoundError, InputError, Origin, Quantity

from .balance import PackBalance
from .excretion import AGENTS, BAGS, capture_by_bags_g
from .totals import ContrastTotals


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One change and the grams of one agent that it would keep out of the water, or bring back."""

    id: str
    kind: str
    grams: Quantity


def what_ifs(
    totals: ContrastTotals, balances: Iterable[PackBalance], *, factor_book: FactorBook | None = None
) -> tuple[WhatIf, ...]:
    """Urine bags by their measured effect; all that was left over recycled; half the gadolinium of every injection.

    Recycling and half dose are bounds: what is possible when everybody takes part, and when every indication allows it.
    A change of which the grams or the measured effect is not known is not in the answer.
    """
    balances = list(balances)
    given = {"iodine": totals.iodine_g, "gadolinium": totals.gadolinium_g}
    found = [WhatIf("urine_bags", kind, _by_bags_g(given[kind], kind, factor_book)) for kind in AGENTS]
    found += [WhatIf("recycle_leftovers", kind, recyclable_g(balances, kind)) for kind in AGENTS]
    found.append(WhatIf("half_dose", "gadolinium", dose_saved_g(totals.gadolinium_g, 0.5)))
    return tuple(one for one in found if one.grams.is_known)


def _by_bags_g(given_g: Quantity, kind: str, factor_book: FactorBook | None) -> Quantity:
    """Unknown where the factor set has no measured effect of bags."""
    try:
        return capture_by_bags_g(given_g, kind, factor_book=factor_book)
    except FactorNotFoundError:
        return Quantity(None, "g", method=BAGS)


def recyclable_g(balances: Iterable[PackBalance], kind: str, collected: float = 1.0) -> Quantity:
    """Grams of iodine or gadolinium in what was left over of opened packs, as far as it is collected.

    Unknown as soon as one agent's left-over or strength is; published shares count departments that recycle, not
    volume, and are not used here.

    Parameters
    ----------
    collected : float
        Share of the left-over that is collected, 0 to 1. [1]
    """
    _refuse_no_share(collected)
    mine = [one.left_g for one in balances if one.kind == kind]
    if not mine or None in mine:
        return Quantity(None, "g", method="contrast.recycling")
    value = sum(left_g for left_g in mine if left_g is not None) * collected
    return Quantity(
        value, "g", low=value * 0.98, high=value * 1.02, origin=Origin.REPORTED, method="contrast.recycling"
    )


def dose_saved_g(given_g: Quantity, saved: float, share_of_injections: float = 1.0) -> Quantity:
    """Grams saved when a share of the injections takes so much less.

    >>> dose_saved_g(Quantity(40.0, "g", low=38.0, high=42.0), 0.5, share_of_injections=0.25).value
    5.0
    """
    _refuse_no_share(saved)
    _refuse_no_share(share_of_injections)
    if given_g.value is None or given_g.low is None or given_g.high is None:
        return Quantity(None, "g", method="contrast.half_dose")
    part = saved * share_of_injections
    return Quantity(
        given_g.value * part,
        "g",
        low=given_g.low * part,
        high=given_g.high * part,
        origin=max(given_g.origin, Origin.MODELLED, key=lambda origin: origin.rank),
        factors=given_g.factors,
        method="contrast.half_dose",
    )


def _refuse_no_share(share: float) -> None:
    if not 0.0 <= share <= 1.0:
        raise InputError("a share lies between 0 and 1", code="ecorad.contrast.share")
