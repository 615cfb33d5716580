"""The form of every answer: a verdict, the rule behind it, and the data it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

Verdict = Literal["ok", "change", "wait", "cannot_advise"]
# From free to go to not known; the strictest of several answers is the answer.
STRICTNESS: dict[str, int] = {"ok": 0, "change": 1, "wait": 2, "cannot_advise": 3}


@dataclass(frozen=True, slots=True)
class DataUsed:
    """One fact an answer rests on: its value, when it was true, and how old it is at the planned time. [h]"""

    name: str
    value: str | float | bool | None
    at: datetime | None = None
    age_h: float | None = None

    def as_dict(self, *, is_bare: bool = False) -> dict[str, Any]:
        """The fact as the command line and the API write it."""
        return {"name": self.name, "value": self.value, "at": written(self.at, is_bare), "age_h": self.age_h}


@dataclass(frozen=True, slots=True)
class Advice:
    """One answer, and everything it rests on.

    Parameters
    ----------
    verdict : {"ok", "change", "wait", "cannot_advise"}
        ``change``: do it in another way, which the reasons name. ``cannot_advise``: data or rule are missing.
    earliest : datetime or None
        The earliest safe time as far as it is known; ``None`` when it is not, or when time does not matter.
    rule, rule_set, version : str
        The cell or line that decided, the rule set it stands in, and the date of that edition.
    reasons : tuple of str
        The decisive one first.
    data : tuple of DataUsed
        What the answer rests on.
    """

    verdict: Verdict
    earliest: datetime | None
    rule: str
    rule_set: str
    reasons: tuple[str, ...]
    version: str = ""
    data: tuple[DataUsed, ...] = ()

    def as_dict(self, *, is_bare: bool = False) -> dict[str, Any]:
        """The answer as the command line and the API write it; ``is_bare`` leaves UTC offsets out of its times."""
        return {
            "verdict": self.verdict,
            "earliest": written(self.earliest, is_bare),
            "rule": self.rule,
            "rule_set": self.rule_set,
            "version": self.version,
            "reasons": list(self.reasons),
            "data": [one.as_dict(is_bare=is_bare) for one in self.data],
        }


def written(moment: datetime | None, is_bare: bool) -> str | None:
    """A time as an answer writes it.

    >>> written(datetime(2026, 3, 2, 8, tzinfo=UTC), is_bare=True)
    '2026-03-02T08:00:00'
    """
    if moment is None:
        return None
    return (moment.replace(tzinfo=None) if is_bare else moment).isoformat()


def strictest(answers: Iterable[Advice]) -> Advice:
    """The strictest answer, with the reasons of all; among equals the latest time, then the newest edition.

    >>> free = Advice("ok", None, "a", "old", ("fine",))
    >>> unknown = Advice("cannot_advise", None, "b", "new", ("no data",))
    >>> strictest([free, unknown]).reasons
    ('no data', 'fine')
    """
    answers = list(answers)

    def strictness(advice: Advice) -> tuple[int, datetime, str]:
        return STRICTNESS[advice.verdict], advice.earliest or datetime.max.replace(tzinfo=UTC), advice.rule_set

    first = max(answers, key=strictness)
    others = dict.fromkeys(reason for advice in answers if advice is not first for reason in advice.reasons)
    return replace(first, reasons=(*first.reasons, *(reason for reason in others if reason not in first.reasons)))
