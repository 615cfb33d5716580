"""Pregnancy, children and justification: who needs a second thought before radiation."""

from __future__ import annotations

from ecorad.rules.catalogue import rule_in_force
from ecorad.rules.rule_set import RuleSet

from .advice import Advice, DataUsed, Verdict
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
        reason = f"{order.modality} uses no ionising radiation"
        return [Advice("ok", None, "radiation/none", rules.id, (reason,), rules.version, data)]
    if order.modality not in rules.content["ionising"]:
        reason = "it is not known whether this modality uses ionising radiation"
        return [Advice("cannot_advise", None, "radiation/modality", rules.id, (reason,), rules.version, data)]
    return [
        _pregnancy(rules, patient),
        _child(rules, patient),
        _indication(rules, order),
        _less_dose(rules, order),
    ]


def check_contrast_in_pregnancy(order: Order, patient: Patient) -> Advice | None:
    """Contrast in a pregnancy: no rule is at hand, so nothing is advised; ``None`` where neither is the case."""
    if order.contrast in (None, "none") or patient.pregnancy not in ("yes", "possible"):
        return None
    rules = rule_in_force(RADIATION_RULES)
    reason = f"{order.contrast} in a pregnancy: no rule set at hand speaks of it"
    data = (DataUsed("pregnancy", patient.pregnancy), DataUsed("contrast", order.contrast))
    return Advice("cannot_advise", None, "contrast/pregnancy", rules.id, (reason,), rules.version, data)


def _pregnancy(rules: RuleSet, patient: Patient) -> Advice:
    data = (
        DataUsed("pregnancy", patient.pregnancy),
        DataUsed("sex", patient.sex),
        DataUsed("age_years", patient.age_years),
    )

    def answer(verdict: Verdict, reason: str) -> Advice:
        return Advice(verdict, None, "radiation/pregnancy", rules.id, (reason,), rules.version, data)

    if patient.pregnancy in ("yes", "planned", "possible"):
        words = {"yes": "pregnant", "planned": "a pregnancy is planned", "possible": "a pregnancy is possible"}
        return answer("change", f"{words[patient.pregnancy]}: ask for a way without radiation, and who decides")
    if patient.pregnancy == "no" or patient.sex == "male":
        return answer("ok", "no pregnancy")
    first, last = rules.content["pregnancy_asked"]
    if patient.age_years is not None and not first <= int(patient.age_years) <= last:
        return answer("ok", f"a pregnancy is asked for between {first} and {last} years")
    return answer("cannot_advise", "nobody has said whether the patient is pregnant")


def _child(rules: RuleSet, patient: Patient) -> Advice:
    limit = rules.content["child_below_years"]
    data = (DataUsed("age_years", patient.age_years),)

    def answer(verdict: Verdict, reason: str) -> Advice:
        return Advice(verdict, None, "radiation/child", rules.id, (reason,), rules.version, data)

    if patient.age_years is None:
        return answer("cannot_advise", "the patient's age is not known")
    if patient.age_years < limit:
        return answer("change", "a child: ask for a way without radiation; if there is none, a child's protocol")
    return answer("ok", "an adult")


def _indication(rules: RuleSet, order: Order) -> Advice:
    data = (DataUsed("indication", order.indication),)
    if order.indication:
        return Advice("ok", None, "radiation/indication", rules.id, ("there is an indication",), rules.version, data)
    reason = "no indication is given: radiation needs a justification (2013/59/Euratom, Art. 55)"
    return Advice("cannot_advise", None, "radiation/indication", rules.id, (reason,), rules.version, data)


def _less_dose(rules: RuleSet, order: Order) -> Advice:
    """Whether an alternative that the caller names as able to answer the question has less dose."""
    data = tuple(
        DataUsed(f"expected mSv {name}", msv)
        for name, msv in ((order.modality, order.expected_msv), *order.alternatives)
    )

    def answer(verdict: Verdict, reason: str) -> Advice:
        return Advice(verdict, None, "radiation/low-dose-first", rules.id, (reason,), rules.version, data)

    better = [
        name for name, msv in order.alternatives if _is_less(rules, (name, msv), (order.modality, order.expected_msv))
    ]
    if better:
        return answer("change", f"low dose first: {better[0]} answers the question with less")
    return answer("ok", "no way with less dose was named")


def _is_less(rules: RuleSet, one: tuple[str, float | None], other: tuple[str, float | None]) -> bool:
    """By expected dose where both are given, else by the ladder; what is on neither is not ranked."""
    if one[1] is not None and other[1] is not None:
        return one[1] < other[1]
    steps = {name: n for n, names in enumerate(rules.content["ladder"]) for name in names}
    return one[0] in steps and other[0] in steps and steps[one[0]] < steps[other[0]]
