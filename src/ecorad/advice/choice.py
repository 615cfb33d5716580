"""Which of several tests: able to answer first, then the least dose, then the least carbon; sourced numbers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecorad.factors import Factor, FactorBook, exam_footprint
from ecorad.model import FactorNotFoundError, InputError, Origin, Quantity, unknown
from ecorad.rules.catalogue import rule_in_force
from ecorad.safety.advice import Advice, strictest
from ecorad.safety.radiation import RADIATION_RULES, check_radiation
from ecorad.safety.request import Order, Patient, parse_request

CODE = "ecorad.advice.request"
METHOD = "typical_exam"
_KG = "kg{CO2e}/{exam}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One test as it was asked about; ``answers`` is whether it can answer the question, ``None`` if nobody said."""

    order: Order
    exam: str | None
    answers: bool | None
    answers_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A candidate with what sourced tables say; unknown where they say nothing.

    ``saved_kg`` is consequential: what one exam less saves, the only one that a choice may rest on. ``share_kg`` is
    the attributional footprint, told and never ranked.
    """

    candidate: Candidate
    dose: Quantity
    saved_kg: Quantity
    share_kg: Quantity
    radiation: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is suggested, if anything, and why; the candidates in the order they were given."""

    suggested: str | None
    rule: str
    reasons: tuple[str, ...]
    judged: tuple[Judged, ...]

    def as_dict(self) -> dict[str, Any]:
        """The answer as the command line writes it."""
        return {
            "suggested": self.suggested,
            "rule": self.rule,
            "reasons": list(self.reasons),
            "candidates": [_written(one) for one in self.judged],
        }


def parse_choice(content: Any) -> tuple[Patient, tuple[Candidate, ...]]:
    """Patient and candidates from JSON ``{"patient": {...}, "candidates": [...], "indication": true}``.

    Raises
    ------
    InputError
        Names the field that cannot be used. Nothing of the input is repeated.
    """
    if not isinstance(content, Mapping):
        raise InputError("the request must be a JSON object", code=CODE)
    rows = content.get("candidates")
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows) or len(rows) < 2:
        raise InputError("candidates must be a JSON list of two objects or more", code=CODE)
    names = ("id", "modality", "body_region")
    orders = [{**{name: row.get(name) for name in names}, "indication": content.get("indication")} for row in rows]
    request = parse_request({"patient": content.get("patient") or {}, "orders": orders})
    return request.patient, tuple(
        Candidate(
            order=order,
            exam=_text(row, "exam", n),
            answers=_answers(row, n),
            answers_by=_text(row, "answers_by", n),
        )
        for n, (order, row) in enumerate(zip(request.orders, rows, strict=True), 1)
    )


def choose(patient: Patient, candidates: Sequence[Candidate], book: FactorBook) -> Choice:
    """The first by capability, dose and carbon in this order, where each step can tell them surely apart.

    Capability is what the caller says: no open table of it is shipped. A test of which nobody said that it answers the
    question is never suggested. Carbon decides nothing but a tie of dose, and only by consequential figures whose
    intervals do not touch.

    Examples
    --------
    >>> from ecorad.factors import book
    >>> rows = [{"id": "ct", "modality": "CT", "exam": "ct_chest", "answers": True},
    ...         {"id": "film", "modality": "DX", "exam": "xr_chest", "answers": True}]
    >>> choose(*parse_choice({"candidates": rows}), book()).suggested
    'film'
    """
    rules = rule_in_force(RADIATION_RULES).content
    judged = tuple(
        Judged(
            candidate=one,
            dose=_dose(one, patient, rules, book),
            saved_kg=_consequential(one.order.modality, book),
            share_kg=_attributional(one.order.modality, book),
            radiation=strictest(check_radiation(one.order, patient)),
        )
        for one in candidates
    )
    able = [one for one in judged if one.candidate.answers is True]
    suggested, rule, reason = _first(able)
    unsaid = [one.candidate.order.id for one in judged if one.candidate.answers is None]
    reasons = [reason]
    if unsaid:
        reasons.append(f"nobody said whether these answer the question: {', '.join(unsaid)}")
    return Choice(suggested=suggested, rule=rule, reasons=tuple(reasons), judged=judged)


def _first(able: Sequence[Judged]) -> tuple[str | None, str, str]:
    """Id, rule and reason of the one to take; no id where nothing tells them apart."""
    if not able:
        return None, "capability", "no candidate is said to answer the question"
    if len(able) == 1:
        return able[0].candidate.order.id, "capability", "the only one that is said to answer the question"
    free = [one for one in able if one.dose.high == 0]
    if not free and any(not one.dose.is_known for one in able):
        names = ", ".join(one.candidate.order.id for one in able if not one.dose.is_known)
        return None, "dose", f"no sourced dose: {names}; nothing can be told"
    least = free or _least([(one, one.dose) for one in able])
    if len(least) == 1:
        return least[0].candidate.order.id, "dose", "of those that answer the question, surely the least dose"
    greener = _least([(one, one.saved_kg) for one in least])
    if len(greener) == 1:
        return greener[0].candidate.order.id, "carbon", "the doses cannot be told apart; surely the least CO2e"
    names = ", ".join(one.candidate.order.id for one in least)
    return None, "tie", f"no sourced number tells these apart: {names}"


def _least(rows: Sequence[tuple[Judged, Quantity]]) -> list[Judged]:
    """Those that no other lies surely below; all where one of them is not known."""
    bounds = [(one, found.low, found.high) for one, found in rows]
    if any(low is None or high is None for _, low, high in bounds):
        return [one for one, _ in rows]
    ceiling = min(high for _, _, high in bounds if high is not None)
    return [one for one, low, _ in bounds if low is not None and low <= ceiling]


def _dose(one: Candidate, patient: Patient, rules: Mapping[str, Any], book: FactorBook) -> Quantity:
    """None for what does not ionise; the published dose of the named exam for an adult; else unknown."""
    if one.order.modality in rules["not_ionising"]:
        return Quantity(0.0, "mSv", low=0.0, high=0.0, origin=Origin.DEFAULT, method="not_ionising")
    is_child = patient.age_years is not None and patient.age_years < rules["child_below_years"]
    if one.exam is None or is_child:
        return unknown("mSv", METHOD)
    rows = {row.factor_id.rsplit(".", maxsplit=1)[-1]: row for row in book.find(quantity="effective_dose")}
    if one.exam not in rows:
        raise InputError(f"no dose is published for that exam; known are {', '.join(sorted(rows))}", code=CODE)
    return _of(rows[one.exam], "mSv")


def _consequential(modality: str, book: FactorBook) -> Quantity:
    rows = book.find(quantity="exam_footprint", scope=modality, accounting="consequential")
    return _of(rows[0], _KG) if len(rows) == 1 else unknown(_KG, METHOD)


def _attributional(modality: str, book: FactorBook) -> Quantity:
    try:
        return _of(exam_footprint(modality, factor_book=book), _KG)
    except FactorNotFoundError:
        return unknown(_KG, METHOD)


def _of(row: Factor, unit: str) -> Quantity:
    low, high = row.interval95
    return Quantity(row.value, unit, low=low, high=high, origin=Origin.DEFAULT, factors=(row.factor_id,), method=METHOD)


def _text(row: Mapping[str, Any], name: str, place: int) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"candidate {place}: {name} must be text", code=CODE)
    return value or None


def _answers(row: Mapping[str, Any], place: int) -> bool | None:
    value = row.get("answers")
    if value is not None and not isinstance(value, bool):
        raise InputError(f"candidate {place}: answers must be true or false", code=CODE)
    return value


def _written(one: Judged) -> dict[str, Any]:
    return {
        "id": one.candidate.order.id,
        "modality": one.candidate.order.modality,
        "answers": one.candidate.answers,
        "answers_by": one.candidate.answers_by,
        "dose_msv": one.dose.as_dict(),
        "consequential_kg": one.saved_kg.as_dict(),
        "attributional_kg": one.share_kg.as_dict(),
        "radiation": {"verdict": one.radiation.verdict, "reasons": list(one.radiation.reasons)},
    }
