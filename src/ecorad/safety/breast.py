"""A breast MRI: on which day of the cycle, and with which parts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.rule_set import RuleSet

from .advice import Advice, DataUsed, Verdict
from .reason import Reason, reason
from .request import Order, Patient


class _Found(NamedTuple):
    verdict: Verdict
    why: Reason
    earliest: datetime | None


BREAST_RULES = "breast-mri-rimag-2022"


def check_breast_mri(order: Order, patient: Patient) -> list[Advice]:
    """Day of the cycle (7 to 14, both included) and plain plus enhanced part of one breast MRI, or of what may be one.

    >>> from datetime import UTC, date
    >>> order = Order(id="1", modality="MR", body_region="breast", contrast="gadolinium", has_plain=True,
    ...               at=datetime(2026, 3, 8, 9, tzinfo=UTC))
    >>> [one.verdict for one in check_breast_mri(order, Patient(last_period=date(2026, 3, 2)))]
    ['ok', 'ok']
    """
    rules = rule_in_force(BREAST_RULES)
    if order.body_region is None:
        return _perhaps(rules, order, patient)
    return [_cycle(rules, order, patient), _parts(rules, order)]


def _perhaps(rules: RuleSet, order: Order, patient: Patient) -> list[Advice]:
    """An MR of an unknown part of the body, of somebody who may have a cycle."""
    if patient.has_no_cycle or patient.sex == "male":
        return []
    data = (DataUsed("body_region", order.body_region), DataUsed("has_no_cycle", patient.has_no_cycle))
    return [
        Advice("cannot_advise", None, "breast/cycle", rules.id, (reason("breast_unsaid"),), rules.version, data)
    ]  # fmt: skip


def _parts(rules: RuleSet, order: Order) -> Advice:
    data = (DataUsed("contrast", order.contrast), DataUsed("has_plain", order.has_plain))

    def answer(verdict: Verdict, why: Reason) -> Advice:
        return Advice(verdict, None, "breast/parts", rules.id, (why,), rules.version, data)

    if order.contrast is None or order.has_plain is None:
        return answer("cannot_advise", reason("parts_unknown"))
    if order.contrast != rules.content["contrast"] or not order.has_plain:
        return answer("change", reason("parts_needed"))
    return answer("ok", reason("parts_planned"))


def _cycle(rules: RuleSet, order: Order, patient: Patient) -> Advice:
    data: tuple[DataUsed, ...] = (DataUsed("has_no_cycle", patient.has_no_cycle),)
    if patient.has_no_cycle or patient.sex == "male":
        found = _Found("ok", reason("no_cycle"), None)
    elif order.at is None or patient.last_period is None:
        found = _Found("cannot_advise", reason("cycle_unknown"), None)
    else:
        begun = datetime.combine(patient.last_period, time(), order.at.tzinfo)
        cycle_day = (order.at.date() - patient.last_period).days + 1
        data = (*data, DataUsed("cycle day", cycle_day, begun, (order.at - begun).total_seconds() / 3600.0))
        found = _window(rules, cycle_day, begun, patient.cycle_length_days)
    return Advice(found.verdict, found.earliest, "breast/cycle", rules.id, (found.why,), rules.version, data)


def _window(rules: RuleSet, cycle_day: int, begun: datetime, length_days: int | None) -> _Found:
    first, last = rules.content["cycle_days"]
    days = {"day": cycle_day, "first": first, "last": last}
    if not 1 <= cycle_day <= rules.content["longest_cycle_days"]:
        return _Found("cannot_advise", reason("cycle_silent"), None)
    if first <= cycle_day <= last:
        return _Found("ok", reason("cycle_within", **days), None)
    if cycle_day < first:
        return _Found("wait", reason("cycle_before", **days), begun + timedelta(days=first - 1))
    if length_days is None:
        return _Found("wait", reason("cycle_book", **days), None)
    following = begun + timedelta(days=length_days + first - 1)
    return _Found("wait", reason("cycle_estimate", **days), following)
