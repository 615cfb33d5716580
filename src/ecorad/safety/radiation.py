"""Pregnancy, children and justification: who needs a second thought before radiation."""

from __future__ import annotations

from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.rule_set import RuleSet

from .advice import Advice, DataUsed, Verdict
from .reason import Reason, reason
from .request import Order, Patient

RADIATION_RULES = "special-groups-rimag-2022"


def check_radiation(order: Order, patient: Patient) -> list[Advice]:
    """Everything radiation asks of one order: pregnancy, age, indication, a way with less dose.

    One answer, "ok", for an examination without ionising radiation; no individual risk is computed.

    Examples
    --------
    >>> ct = Order(id="1", modality="CT", body_region="chest", indication=True)
    >>> sorted({one.verdict for one in check_radiation(ct, Patient(age_years=30, sex="female"))})
    ['cannot_advise', 'ok']
    >>> [one.verdict for one in check_radiation(Order(id="2", modality="US"), Patient())]
    ['ok']
    """
    rules = rule_in_force(RADIATION_RULES)
    data = (DataUsed("modality", order.modality),)
    if order.modality in rules.content["not_ionising"]:
        why = reason("not_ionising", modality=order.modality)
        return [Advice("ok", None, "radiation/none", rules.id, (why,), rules.version, data)]
    if order.modality not in rules.content["ionising"]:
        why = reason("modality_unknown")
        return [Advice("cannot_advise", None, "radiation/modality", rules.id, (why,), rules.version, data)]
    return [
        _pregnancy(rules, patient),
        _child(rules, patient),
        _indication(rules, order),
        _less_dose(rules, order),
    ]


def check_contrast_in_pregnancy(order: Order, patient: Patient) -> Advice | None:
    """Contrast in a pregnancy: no rule is at hand, so nothing is advised; ``None`` where surely neither is the case.

    Where nobody has said whether there is one, of somebody whom it is asked of, that is missing as it is for radiation.
    """
    rules = rule_in_force(RADIATION_RULES)
    is_unsaid = patient.pregnancy is None and _is_asked(rules, patient)
    if order.agent == "none" or not (is_unsaid or patient.pregnancy in ("yes", "possible")):
        return None
    why = reason("contrast_pregnancy", contrast=order.agent) if order.agent else reason("contrast_unsaid")
    if is_unsaid:
        why = reason("pregnancy_unsaid")
    data = (DataUsed("pregnancy", patient.pregnancy), DataUsed("contrast", order.contrast))
    return Advice("cannot_advise", None, "contrast/pregnancy", rules.id, (why,), rules.version, data)


def _pregnancy(rules: RuleSet, patient: Patient) -> Advice:
    data = (
        DataUsed("pregnancy", patient.pregnancy),
        DataUsed("sex", patient.sex),
        DataUsed("age_years", patient.age_years),
    )

    def answer(verdict: Verdict, why: Reason) -> Advice:
        return Advice(verdict, None, "radiation/pregnancy", rules.id, (why,), rules.version, data)

    if patient.pregnancy in ("yes", "planned", "possible"):
        keys = {"yes": "pregnant", "planned": "pregnancy_planned", "possible": "pregnancy_possible"}
        return answer("change", reason(keys[patient.pregnancy]))
    if patient.pregnancy == "no" or patient.sex == "male":
        return answer("ok", reason("no_pregnancy"))
    if _is_asked(rules, patient):
        return answer("cannot_advise", reason("pregnancy_unsaid"))
    first, last = rules.content["pregnancy_asked"]
    return answer("ok", reason("pregnancy_ages", first=first, last=last))


def _is_asked(rules: RuleSet, patient: Patient) -> bool:
    """Whether a pregnancy is to be asked for: not of men, nor outside of the ages of the rule set."""
    first, last = rules.content["pregnancy_asked"]
    in_ages = patient.age_years is None or first <= int(patient.age_years) <= last
    return patient.sex != "male" and in_ages


def _child(rules: RuleSet, patient: Patient) -> Advice:
    limit = rules.content["child_below_years"]
    data = (DataUsed("age_years", patient.age_years),)

    def answer(verdict: Verdict, why: Reason) -> Advice:
        return Advice(verdict, None, "radiation/child", rules.id, (why,), rules.version, data)

    if patient.age_years is None:
        return answer("cannot_advise", reason("age_unknown"))
    if patient.age_years < limit:
        return answer("change", reason("child"))
    return answer("ok", reason("adult"))


def _indication(rules: RuleSet, order: Order) -> Advice:
    data = (DataUsed("indication", order.indication),)
    if order.indication:
        return Advice("ok", None, "radiation/indication", rules.id, (reason("indication"),), rules.version, data)
    why = reason("no_indication")
    return Advice("cannot_advise", None, "radiation/indication", rules.id, (why,), rules.version, data)


def _less_dose(rules: RuleSet, order: Order) -> Advice:
    """Whether an alternative that the caller names as able to answer the question has less dose."""
    data = tuple(
        DataUsed(f"expected mSv {name}", msv)
        for name, msv in ((order.modality, order.expected_msv), *order.alternatives)
    )

    def answer(verdict: Verdict, why: Reason) -> Advice:
        return Advice(verdict, None, "radiation/low-dose-first", rules.id, (why,), rules.version, data)

    better = [
        name for name, msv in order.alternatives if _is_less(rules, (name, msv), (order.modality, order.expected_msv))
    ]
    if better:
        return answer("change", reason("less_dose", modality=better[0]))
    return answer("ok", reason("no_less_dose"))


def _is_less(rules: RuleSet, one: tuple[str, float | None], other: tuple[str, float | None]) -> bool:
    """By expected dose where both are given, else by the ladder; what is on neither is not ranked."""
    if one[1] is not None and other[1] is not None:
        return one[1] < other[1]
    steps = {name: n for n, names in enumerate(rules.content["ladder"]) for name in names}
    return one[0] in steps and other[0] in steps and steps[one[0]] < steps[other[0]]
