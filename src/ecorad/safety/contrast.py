"""When may the next contrast injection be given?

The answer comes from the rule sets of :mod:`ecorad.rules.intervals`. Without a choice the stricter answer of all sets
that speak of the pair counts, and "cannot advise" is the strictest of all. Missing or impossible data never give "ok".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ecorad.model import InputError
from ecorad.rules.intervals import AGENTS, DIALYSIS, IntervalRuleSet, interval_rule_set, interval_rule_sets

Verdict = Literal["ok", "wait", "cannot_advise"]
_STRICTNESS: dict[str, int] = {"ok": 0, "wait": 1, "cannot_advise": 2}
# eGFR beyond this is a slip of the pen or of the unit (mL/min not scaled to 1.73 m2, or creatinine in umol/L).
_HIGHEST_EGFR = 200.0


@dataclass(frozen=True, slots=True)
class ContrastAdvice:
    """The answer, and everything it rests on.

    ``earliest`` is the earliest safe time as far as it is known; ``None`` when it is not.
    """

    verdict: Verdict
    earliest: datetime | None
    rule: str
    rule_set: str
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The answer as the command line and the API write it."""
        return {
            "verdict": self.verdict,
            "earliest": None if self.earliest is None else self.earliest.isoformat(),
            "rule": self.rule,
            "rule_set": self.rule_set,
            "reasons": list(self.reasons),
        }


def check_contrast_interval(
    *,
    previous: str,
    following: str,
    egfr: float | None,
    previous_at: datetime | None,
    at: datetime | None = None,
    dialysis: str = "none",
    rule_set: str | None = None,
) -> ContrastAdvice:
    """Whether an injection of ``following`` at ``at`` keeps its interval from ``previous``.

    Parameters
    ----------
    previous, following : {"iodine", "gadolinium"}
        Agents of the injection that was given and of the one that is planned.
    egfr : float or None
        Estimated glomerular filtration rate. [mL/min/1.73 m2]
    previous_at, at : datetime or None
        Aware times of the two injections; without ``at`` the earliest time is given as "wait".
    dialysis : {"none", "residual", "anuric"}
        Dialysis, with or without residual renal function; decides over ``egfr``.
    rule_set : str, optional
        Use this edition alone.

    Raises
    ------
    InputError
        For an agent or dialysis word that is not one of those above, or a naive time.
    UnknownNameError
        For a rule set that does not exist.

    Examples
    --------
    >>> given = datetime(2026, 3, 2, 8, tzinfo=UTC)
    >>> advice = check_contrast_interval(previous="iodine", following="iodine", egfr=90.0, previous_at=given,
    ...                                  at=given + timedelta(hours=6))
    >>> advice.verdict, advice.earliest.hour, advice.rule_set
    ('wait', 20, 'esur-cmsc-2024')
    >>> check_contrast_interval(previous="iodine", following="iodine", egfr=None, previous_at=given).verdict
    'cannot_advise'
    """
    _refuse_unknown_words(previous, following, dialysis)
    _refuse_naive(previous_at, at)
    chosen = [interval_rule_set(rule_set)] if rule_set else list(interval_rule_sets().values())
    missing = _missing_data(egfr, dialysis, previous_at)
    if missing:
        return ContrastAdvice("cannot_advise", None, "data", ", ".join(r.id for r in chosen), tuple(missing))
    pair = (previous, following)
    speaking = [rules for rules in chosen if rules.speaks_of(pair)] or chosen
    answers = [
        _answer(rules, pair, egfr=egfr or 0.0, dialysis=dialysis, previous_at=_utc(previous_at), at=at)
        for rules in speaking
    ]
    return _strictest(answers)


def _answer(
    rules: IntervalRuleSet,
    pair: tuple[str, str],
    *,
    egfr: float,
    dialysis: str,
    previous_at: datetime,
    at: datetime | None,
) -> ContrastAdvice:
    tier = rules.tier(egfr, dialysis)
    name = f"{pair[0]}-{pair[1]}/{tier.name}"
    interval_h = rules.interval_h(pair, tier)
    floor_h = rules.known_floor_h(pair, tier)
    if interval_h is None and floor_h is None:
        return ContrastAdvice("cannot_advise", None, name, rules.id, (f"{rules.id} has no verified interval here",))
    if interval_h is None:
        reason = f"{rules.id} has no verified interval here, only that it is at least {floor_h:g} h"
        return ContrastAdvice("cannot_advise", None, name, rules.id, (reason,))
    earliest = previous_at + timedelta(hours=interval_h)
    reasons = [f"{rules.id}: {interval_h:g} h between {pair[0]} and {pair[1]} ({tier.name})"]
    if rules.notes.get(pair):
        reasons.append(f"{rules.id}: {rules.notes[pair]}")
    if at is not None and at < previous_at:
        return ContrastAdvice(
            "cannot_advise", None, name, rules.id, ("the planned injection lies before the previous one",)
        )
    verdict: Verdict = "ok" if at is not None and at >= earliest else "wait"
    return ContrastAdvice(verdict, earliest, name, rules.id, tuple(reasons))


def _strictest(answers: list[ContrastAdvice]) -> ContrastAdvice:
    """The strictest answer, with the reasons of all; among equals the latest time, then the newest edition."""

    def strictness(advice: ContrastAdvice) -> tuple[int, datetime, str]:
        return (_STRICTNESS[advice.verdict], advice.earliest or datetime.max.replace(tzinfo=UTC), advice.rule_set)

    strictest = max(answers, key=strictness)
    others = tuple(reason for advice in answers if advice is not strictest for reason in advice.reasons)
    return ContrastAdvice(
        strictest.verdict, strictest.earliest, strictest.rule, strictest.rule_set, (*strictest.reasons, *others)
    )


def _missing_data(egfr: float | None, dialysis: str, previous_at: datetime | None) -> list[str]:
    missing = []
    if previous_at is None:
        missing.append("the time of the previous injection is not known")
    if dialysis == "none" and egfr is None:
        missing.append("the eGFR is not known")
    if egfr is not None and not (math.isfinite(egfr) and 0.0 <= egfr <= _HIGHEST_EGFR):
        missing.append("the eGFR is not possible; it is given in mL/min/1.73 m2")
    return missing


def _refuse_unknown_words(previous: str, following: str, dialysis: str) -> None:
    if previous not in AGENTS or following not in AGENTS:
        raise InputError(f"an agent is one of {', '.join(AGENTS)}", code="ecorad.safety.agent")
    if dialysis not in DIALYSIS:
        raise InputError(f"dialysis is one of {', '.join(DIALYSIS)}", code="ecorad.safety.dialysis")


def _refuse_naive(*moments: datetime | None) -> None:
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise InputError("a time needs its UTC offset", code="ecorad.safety.time")


def _utc(moment: datetime | None) -> datetime:
    if moment is None:  # _missing_data has answered before; said again for the reader and the type checker
        raise InputError("the time of the previous injection is not known", code="ecorad.safety.time")
    return moment.astimezone(UTC)
