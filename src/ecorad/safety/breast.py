"""A breast MRI: on which day of the cycle, and with which parts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.rule_set import RuleSet

from .advice import Advice, DataUsed, Verdict
from .request import Order, Patient


class _Found(NamedTuple):
    verdict: Verdict
    reason: str
    earliest: datetime | None


BREAST_RULES = "breast-mri-rimag-2022"


def check_breast_mri(order: Order, patient: Patient) -> list[Advice]:
    """Day of the cycle (7 to 14, both included) and plain plus enhanced part of one breast MRI.

    >>> from datetime import UTC, date
    >>> order = Order(id="1", modality="MR", body_region="breast", contrast="gadolinium", has_plain=True,
    ...               at=datetime(2026, 3, 8, 9, tzinfo=UTC))
    >>> [one.verdict for one in check_breast_mri(order, Patient(last_period=date(2026, 3, 2)))]
    ['ok', 'ok']
    """
    rules = rule_in_force(BREAST_RULES)
    return [_cycle(rules, order, patient), _parts(rules, order)]


def _parts(rules: RuleSet, order: Order) -> Advice:
    data = (DataUsed("contrast", order.contrast), DataUsed("has_plain", order.has_plain))

    def answer(verdict: Verdict, reason: str) -> Advice:
        return Advice(verdict, None, "breast/parts", rules.id, (reason,), rules.version, data)

    if order.contrast is None or order.has_plain is None:
        return answer("cannot_advise", "it is not known whether the breast MRI has a plain and an enhanced part")
    if order.contrast != rules.content["contrast"] or not order.has_plain:
        return answer("change", "a breast MRI holds a plain and an enhanced part")
    return answer("ok", "plain and enhanced part are planned")


def _cycle(rules: RuleSet, order: Order, patient: Patient) -> Advice:
    data: tuple[DataUsed, ...] = (DataUsed("has_no_cycle", patient.has_no_cycle),)
    if patient.has_no_cycle or patient.sex == "male":
        found = _Found("ok", "no menstrual cycle: any day will do", None)
    elif order.at is None or patient.last_period is None:
        found = _Found("cannot_advise", "the day of the examination or of the last period is not known", None)
    else:
        begun = datetime.combine(patient.last_period, time(), order.at.tzinfo)
        cycle_day = (order.at.date() - patient.last_period).days + 1
        data = (*data, DataUsed("cycle day", cycle_day, begun, (order.at - begun).total_seconds() / 3600.0))
        found = _window(rules, cycle_day, begun, patient.cycle_length_days)
    return Advice(found.verdict, found.earliest, "breast/cycle", rules.id, (found.reason,), rules.version, data)


def _window(rules: RuleSet, cycle_day: int, begun: datetime, length_days: int | None) -> _Found:
    first, last = rules.content["cycle_days"]
    if not 1 <= cycle_day <= rules.content["longest_cycle_days"]:
        return _Found("cannot_advise", "the last period says nothing about this day", None)
    if first <= cycle_day <= last:
        return _Found("ok", f"cycle day {cycle_day} lies within {first} to {last}", None)
    if cycle_day < first:
        return _Found("wait", f"cycle day {cycle_day} lies before {first}", begun + timedelta(days=first - 1))
    after = f"cycle day {cycle_day} lies after {last}"
    if length_days is None:
        return _Found("wait", f"{after}: book days {first} to {last} of the next cycle", None)
    following = begun + timedelta(days=length_days + first - 1)
    return _Found("wait", f"{after}: the next window is an estimate", following)
