"""All that is to be said about the orders of one patient, and the strictest of it as the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.intervals import interval_rule_sets

from .advice import Advice, DataUsed, strictest
from .breast import BREAST_RULES, check_breast_mri
from .contrast import check_contrast_interval
from .moments import BARE
from .preparation import arms_for, breast_preparation, checklist_record
from .radiation import check_contrast_in_pregnancy, check_radiation
from .reason import reason
from .request import Order, Patient, Request
from .sequence import check_sequence, proposed_sequence

DUPLICATE_RULES = "duplicates-1"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, what it is about, and which orders."""

    topic: str
    orders: tuple[str, ...]
    advice: Advice


@dataclass(frozen=True, slots=True)
class OrdersAdvice:
    """The strictest answer, every answer, the order in which to do the orders, and how to prepare them."""

    advice: Advice
    answers: tuple[Answer, ...]
    sequence: tuple[str, ...] = ()
    preparation: tuple[dict[str, Any], ...] = ()
    is_bare: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        rows = [
            {"topic": one.topic, "orders": list(one.orders), **one.advice.as_dict(is_bare=self.is_bare)}
            for one in self.answers
        ]
        return {
            **self.advice.as_dict(is_bare=self.is_bare),
            "answers": rows,
            "sequence": list(self.sequence),
            "preparation": list(self.preparation),
        }


def check_orders(request: Request) -> OrdersAdvice:
    """Intervals, order of CT and MR, duplicates, breast MRI, pregnancy, age and dose of all orders.

    How an MR is prepared stands beside the answers and decides nothing.

    Examples
    --------
    >>> from .request import parse_request
    >>> day = "2026-03-02T{}:00+01:00"
    >>> orders = [
    ...     {"id": "mr", "modality": "MR", "body_region": "abdomen", "contrast": "gadolinium", "at": day.format("08")},
    ...     {"id": "ct", "modality": "CT", "body_region": "abdomen", "contrast": "iodine", "at": day.format("14"),
    ...      "indication": True}]
    >>> patient = {"age_years": 60, "sex": "male", "egfr": 80}
    >>> found = check_orders(parse_request({"patient": patient, "orders": orders}))
    >>> found.advice.verdict, found.advice.rule, found.sequence
    ('change', 'ct-mr/abdomen', ('ct', 'mr'))
    """
    answers = [
        *_intervals(request),
        *_sequences(request),
        *_duplicates(request),
        *_each(request),
    ]
    return _collected(request, answers, proposed_sequence(request.orders), tuple(_preparation(request)))


def check_dose(request: Request) -> OrdersAdvice:
    """Only what radiation asks of each order: pregnancy, age, indication, a way with less dose."""
    answers = [
        Answer("dose", (order.id,), advice)
        for order in request.orders
        if not order.is_done
        for advice in check_radiation(order, request.patient)
    ]
    return _collected(request, answers)


def _collected(
    request: Request,
    answers: list[Answer],
    sequence: tuple[str, ...] = (),
    preparation: tuple[dict[str, Any], ...] = (),
) -> OrdersAdvice:
    if not answers:
        advice = Advice("cannot_advise", None, "data", "", (reason("no_orders"),))
    else:
        # A verdict of several orders has no single earliest time unless one order alone decides it.
        advice = strictest(one.advice for one in answers)
        advice = replace(advice, reasons=_decisive(advice, answers))
    if request.is_bare:
        advice = replace(advice, reasons=(*advice.reasons, BARE))
    return OrdersAdvice(advice, tuple(answers), sequence, preparation, request.is_bare)


def _decisive(advice: Advice, answers: list[Answer]) -> tuple[str, ...]:
    """Reasons of everything that is not "ok"; of all where everything is."""
    open_answers = [one.advice for one in answers if one.advice.verdict != "ok"] or [advice]
    return tuple(reason for reason in advice.reasons if any(reason in one.reasons for one in open_answers))


def _intervals(request: Request) -> Iterator[Answer]:
    """Each planned injection against every one before it, given or planned; nothing is said where one is not known."""
    enhanced = [order for order in request.orders if order.agent != "none"]
    earlier: list[tuple[str, str | None, datetime | None]] = [("", one.agent, one.at) for one in request.previous]
    planned = sorted(enhanced, key=lambda order: (order.at is None, order.at.timestamp() if order.at else 0.0))
    for order in planned:
        if not order.is_done:
            for name, agent, at in earlier:
                advice = _interval(agent, at, order, request.patient)
                yield Answer("interval", (*([name] if name else []), order.id), advice)
        earlier.append((order.id, order.agent, order.at))


def _interval(agent: str | None, at: datetime | None, order: Order, patient: Patient) -> Advice:
    if agent is None or order.agent is None:
        data = (DataUsed("previous", agent, at), DataUsed("next", order.agent, order.at))
        rules = list(interval_rule_sets().values())
        ids, versions = (", ".join(one) for one in zip(*((r.id, r.issued.isoformat()) for r in rules), strict=True))
        return Advice("cannot_advise", None, "data", ids, (reason("contrast_unsaid"),), versions, data)
    return check_contrast_interval(
        previous=agent,
        following=order.agent,
        egfr=None,
        previous_at=at,
        at=order.at,
        renal=patient.renal,
        metformin=patient.metformin,
    )


def _sequences(request: Request) -> Iterator[Answer]:
    cts = [order for order in request.orders if order.modality == "CT" and order.contrast == "iodine"]
    mrs = [order for order in request.orders if order.modality == "MR" and order.contrast == "gadolinium"]
    for ct in cts:
        for mr in mrs:
            if not ct.is_done:
                yield Answer("sequence", (ct.id, mr.id), check_sequence(ct, mr))


def _duplicates(request: Request) -> Iterator[Answer]:
    rules = rule_in_force(DUPLICATE_RULES)
    span = timedelta(days=rules.content["within_days"])
    for one, other in combinations(request.orders, 2):
        if one.is_follow_up or other.is_follow_up or not _same(one, other):
            continue
        if one.at is not None and other.at is not None and abs(one.at - other.at) > span:
            continue
        data = (DataUsed("modality", one.modality), DataUsed("body_region", one.body_region))
        yield Answer(
            "duplicate",
            (one.id, other.id),
            Advice("change", None, "duplicate", rules.id, (reason("duplicate"),), rules.version, data),
        )


def _same(one: Order, other: Order) -> bool:
    region = one.body_region is not None and one.body_region == other.body_region
    return region and one.modality == other.modality and one.contrast == other.contrast


def _each(request: Request) -> Iterator[Answer]:
    for order in request.orders:
        if order.is_done:
            continue
        if order.modality == "MR" and order.body_region in ("breast", None):
            for advice in check_breast_mri(order, request.patient):
                yield Answer("breast_mri", (order.id,), advice)
        contrast = check_contrast_in_pregnancy(order, request.patient)
        if contrast is not None:
            yield Answer("pregnancy", (order.id,), contrast)
        for advice in check_radiation(order, request.patient):
            yield Answer("dose", (order.id,), advice)


def _preparation(request: Request) -> Iterator[dict[str, Any]]:
    for order in request.orders:
        if order.modality != "MR" or order.is_done:
            continue
        if order.body_region == "abdomen":
            yield arms_for(order, request.patient)
        if order.body_region == "breast":
            yield breast_preparation(order, BREAST_RULES)
        yield checklist_record(order, request.patient)
