"""Enhanced CT and enhanced MR of one patient: which comes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.rule_set import RuleSet

from .advice import Advice, DataUsed, Verdict
from .reason import Reason, reason
from .request import Order

ORDER_RULES = "ct-mr-order-rimag-2022"


def check_sequence(ct: Order, mr: Order) -> Advice:
    """Whether an enhanced MR before an enhanced CT disturbs it.

    Parameters
    ----------
    ct, mr : Order
        A CT with iodine and an MR with gadolinium of one patient.

    Notes
    -----
    The region of the CT decides: gadolinium reaches the urinary tract wherever the MR looked.

    Examples
    --------
    >>> from datetime import UTC
    >>> morning = datetime(2026, 3, 2, 8, tzinfo=UTC)
    >>> ct = Order(id="ct", modality="CT", body_region="abdomen", contrast="iodine", at=morning + timedelta(hours=5))
    >>> mr = Order(id="mr", modality="MR", body_region="head", contrast="gadolinium", at=morning)
    >>> check_sequence(ct, mr).verdict
    'change'
    """
    rules = rule_in_force(ORDER_RULES)
    guard = timedelta(hours=rules.content["guard_h"])
    if ct.at is not None and mr.at is not None and (ct.at < mr.at or ct.at >= mr.at + guard):
        return _advice(rules, "ok", reason("ct_before_mr"), pair=(ct, mr))
    if ct.body_region in rules.content["free"]:
        return _advice(rules, "ok", reason("any_order", region=ct.body_region), pair=(ct, mr))
    if ct.body_region not in rules.content["ct_first"]:
        why = reason("region_silent" if ct.body_region else "region_unknown")
        return _advice(rules, "cannot_advise", why, pair=(ct, mr))
    hours = rules.content["guard_h"]
    if mr.at is None or ct.at is None:
        return _advice(rules, "change", reason("plan_ct_first", hours=hours), pair=(ct, mr))
    if mr.is_done:
        return _advice(rules, "wait", reason("misread", hours=hours), pair=(ct, mr), earliest=mr.at + guard)
    return _advice(rules, "change", reason("ct_first", hours=hours), pair=(ct, mr), earliest=mr.at + guard)


def proposed_sequence(orders: Sequence[Order]) -> tuple[str, ...]:
    """Ids in the order in which to do them: as planned, but a CT that must come first stands before every enhanced MR.

    >>> mr = Order(id="mr", modality="MR", body_region="head", contrast="gadolinium")
    >>> ct = Order(id="ct", modality="CT", body_region="pelvis", contrast="iodine")
    >>> proposed_sequence([mr, ct])
    ('ct', 'mr')
    """
    first = rule_in_force(ORDER_RULES).content["ct_first"]

    def before(order: Order) -> bool:
        return order.modality == "CT" and order.contrast == "iodine" and order.body_region in first

    planned = sorted(
        enumerate(orders), key=lambda one: (one[1].at is None, one[1].at.timestamp() if one[1].at else 0.0, one[0])
    )
    row = [order for _, order in planned]
    enhanced = [
        n
        for n, order in enumerate(row)
        if order.modality == "MR" and order.contrast == "gadolinium" and not order.is_done
    ]
    if not enhanced:
        return tuple(order.id for order in row)
    place = enhanced[0]
    early = [order for order in row[place:] if before(order)]
    rest = [order for order in row[place:] if not before(order)]
    return tuple(order.id for order in (*row[:place], *early, *rest))


def _advice(
    rules: RuleSet, verdict: Verdict, why: Reason, *, pair: tuple[Order, Order], earliest: datetime | None = None
) -> Advice:
    ct, mr = pair
    data = (DataUsed("ct body_region", ct.body_region, ct.at), DataUsed("mr body_region", mr.body_region, mr.at))
    rule = f"ct-mr/{ct.body_region or 'unknown'}"
    return Advice(verdict, earliest, rule, rules.id, (why,), rules.version, data)
