"""An answer of the safety checks in the words of a page: the same verdict, time, rule and data as the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .kit import texts

if TYPE_CHECKING:
    from datetime import datetime

    from ecorad.advice.choice import Choice
    from ecorad.model import Quantity
    from ecorad.safety import Advice, DataUsed
    from ecorad.safety.orders import OrdersAdvice


def shown(advice: Advice, language: str, zone: ZoneInfo) -> dict[str, Any]:
    """One answer for the template.

    Parameters
    ----------
    advice : Advice
        Of the library.
    language : {"en", "zh", "nl"}
        Of the reader.
    zone : ZoneInfo
        In which times are told.
    """
    from ecorad.safety.reason import said_in

    return {
        "verdict": advice.verdict,
        "earliest": _time(advice.earliest, zone),
        "rule": advice.rule,
        "rule_set": advice.rule_set,
        "version": advice.version,
        "reasons": [said_in(one, language) for one in advice.reasons],
        "data": [_fact(one, language, zone) for one in advice.data],
        "rows": [],
        "sequence": (),
        "preparation": [],
    }


def answer_of_orders(found: OrdersAdvice, language: str, zone: ZoneInfo) -> dict[str, Any]:
    """The strictest answer, with a row for each answer, the order in which to do them, and how they are prepared."""
    words = texts(language)["check"]
    rows = []
    for one in found.answers:
        told = shown(one.advice, language, zone)
        rows.append(
            told | {"orders": ", ".join(one.orders), "topic": words["topic"].get(one.topic, one.topic)},
        )
    return shown(found.advice, language, zone) | {
        "rows": rows,
        "sequence": found.sequence if len(found.sequence) > 1 else (),
        "preparation": [_prepared(row, language) for row in found.preparation],
    }


def answer_of_choice(found: Choice, language: str) -> dict[str, Any]:
    """What is suggested of several tests, if anything, and what sourced tables say of each."""
    from ecorad.reporting.messages import messages
    from ecorad.safety.reason import said_in

    words, catalogue = texts(language)["check"], messages(language)
    unsaid = [one.candidate.order.id for one in found.judged if one.candidate.answers is None]
    told = [
        {
            "id": one.candidate.order.id,
            "modality": catalogue.named("modality", one.candidate.order.modality),
            "answers": _value(one.candidate.answers, language),
            "dose": _interval(one.dose, catalogue, words),
            "saved": _interval(one.saved_kg, catalogue, words),
            "share": _interval(one.share_kg, catalogue, words),
            "radiation": words["short"][one.radiation.verdict],
        }
        for one in found.judged
    ]
    chosen = next((one.radiation for one in found.judged if one.candidate.order.id == found.suggested), None)
    doubts = () if chosen is None or chosen.verdict == "ok" else chosen.reasons
    return {
        "verdict": "cannot_advise" if chosen is None else "change" if doubts else "choice",
        "doubts": [said_in(one, language) for one in doubts],
        "suggested": found.suggested,
        "rule": found.rule,
        "reason": words["choice"]["some" if found.suggested else "none"][found.rule],
        "unsaid": ", ".join(unsaid),
        "tests": told,
    }


def _interval(one: Quantity, catalogue: Any, words: dict[str, Any]) -> str:
    from ecorad.reporting.messages import figures

    if one.value is None:
        return str(words["unknown"])
    if one.low == one.high:
        return str(figures(one.value, one.value, one.value, catalogue.locale).value)
    written = figures(one.value, one.low, one.high, catalogue.locale)
    return f"{written.value} ({written.low}–{written.high})"


def _prepared(row: dict[str, Any], language: str) -> dict[str, Any]:
    """How one MR is prepared; lists of a rule set in the reader's language where the leaflet has them so."""
    from ecorad.reporting.leaflet import breast_items, questions_of
    from ecorad.safety.reason import said_in

    words = texts(language)["check"]
    told = {"title": words["preparation"][row["topic"]], "order": row["order"], "rule_set": row["rule_set"]}
    if row["topic"] == "mr_checklist":
        return told | {"lines": [], "items": questions_of(language)}
    if row["topic"] == "breast_mri":
        return told | {"lines": [], "items": breast_items(language)}
    arms = words["arms"][row["arms"] or "unknown"]
    check = [said_in(one, language) for one in row["check"]]
    return told | {"lines": [arms, *(said_in(one, language) for one in row["reasons"])], "items": check}


def _fact(one: DataUsed, language: str, zone: ZoneInfo) -> dict[str, str]:
    words = texts(language)["check"]
    name = words["fact"].get(one.name.replace(" ", "_"), one.name)
    return {
        "name": name,
        "value": _value(one.value, language),
        "at": _time(one.at, zone),
        "age": _age(one.age_h, words),
    }


def _value(value: Any, language: str) -> str:
    from ecorad.reporting.messages import messages

    words = texts(language)["check"]
    if value is None:
        return str(words["unknown"])
    if isinstance(value, bool):
        return str(words["option"]["yes" if value else "no"])
    if isinstance(value, float):
        return f"{value:g}"
    return str(words["option"].get(str(value)) or messages(language).named("region", str(value)))


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def _age(hours: float | None, words: dict[str, Any]) -> str:
    if hours is None:
        return ""
    unit, count = ("hours", f"{hours:.1f}") if abs(hours) < 72 else ("days", f"{hours / 24:.0f}")
    return str(words["age"][unit]).format(n=count)
