"""How an MR is prepared: arms, and the record of what was asked. Never a clearance."""

from __future__ import annotations

from typing import Any

from ecorad.rules.catalogue import rule_in_force

from .reason import Reason, reason
from .request import Order, Patient

ARMS_RULES = "abdominal-mri-arms-rimag-2022"
CHECKLIST_RULES = "mr-safety-rimag-2022"


def arms_for(order: Order, patient: Patient) -> dict[str, Any]:
    """Arms ``up``, ``down`` or unknown (``None``) for an MR of the abdomen, with reasons and what to check.

    >>> mr = Order(id="1", modality="MR", body_region="abdomen", contrast="gadolinium")
    >>> arms_for(mr, Patient(shoulders_ok=True, breath_hold_ok=True))["arms"]
    'up'
    >>> arms_for(mr, Patient(shoulders_ok=False))["arms"]
    'down'
    """
    rules = rule_in_force(ARMS_RULES)
    content = rules.content
    able = [getattr(patient, name) for name in content["up_needs"]]
    lacking = [name for name, value in zip(content["up_needs"], able, strict=True) if value is None]
    low, high = content["breath_hold_loss_s"]
    arms: str | None
    reasons: list[Reason]
    if order.contrast == "none":
        arms, reasons = "down", [reason("arms_plain")]
    elif False in able:
        arms, reasons = "down", [reason("arms_unable")]
    elif lacking or order.contrast is None:
        unknown = (*lacking, *(("contrast",) if order.contrast is None else ()))
        arms, reasons = None, [reason("arms_unknown", facts=unknown)]
    else:
        arms, reasons = "up", [reason("arms_easier"), reason("arms_breath", low=low, high=high)]
    check = content.get(f"check_{arms}", [])
    return {"topic": "arms", "order": order.id, "arms": arms, "reasons": reasons, "check": check, **_rule(ARMS_RULES)}


def checklist_record(order: Order, patient: Patient) -> dict[str, Any]:
    """What was asked before an MR: a record. ``is_clearance`` is never true.

    >>> record = checklist_record(Order(id="1", modality="MR"), Patient(mr_checklist={"metal": "yes", "implant": "no"}))
    >>> record["flagged"], record["is_clearance"], "kidney" in record["open"]
    (['metal'], False, True)
    """
    questions = [one["id"] for one in rule_in_force(CHECKLIST_RULES).content["questions"]]
    answers = {name: patient.mr_checklist.get(name, "unknown") for name in questions}
    return {
        "topic": "mr_checklist",
        "order": order.id,
        "answers": answers,
        "open": [name for name, answer in answers.items() if answer == "unknown"],
        "flagged": [name for name, answer in answers.items() if answer == "yes"],
        "is_clearance": False,
        **_rule(CHECKLIST_RULES),
    }


def breast_preparation(order: Order, rule_set_id: str) -> dict[str, Any]:
    """What is told to the patient before a breast MRI."""
    content = rule_in_force(rule_set_id).content
    return {"topic": "breast_mri", "order": order.id, "check": content["preparation"], **_rule(rule_set_id)}


def _rule(rule_set_id: str) -> dict[str, str]:
    rules = rule_in_force(rule_set_id)
    return {"rule_set": rules.id, "version": rules.version}
