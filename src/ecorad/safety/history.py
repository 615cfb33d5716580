"""Which injections came sooner after the one before than the rules allow; looked at afterwards.

The time of an injection is that of a scanner's clock or of the first enhanced image, a few minutes off. What lies that
close to a bound is told apart, not judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ecorad.rules.interval_table import AGENTS
from ecorad.rules.intervals import interval_rule_set, interval_rule_sets

from .advice import Advice
from .contrast import check_contrast_interval
from .renal import RenalFunction

Judgement = Literal["kept", "too_soon", "cannot_say"]
Renal = Callable[[str, datetime], RenalFunction | None]
# Half of the error of two injection times together.
_CLOSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class GivenInjection:
    """One injection of one patient, by pseudonym; without ``study_key`` no examination is known for it."""

    patient_key: str
    study_key: str | None
    agent: str
    at: datetime
    record_key: str | None = None

    @property
    def procedure(self) -> str:
        """What the injections of one examination have in common; else the medication record itself."""
        return self.study_key or f"record {self.record_key}"


@dataclass(frozen=True, slots=True)
class PastInterval:
    """Two injections of one patient, judged; ``is_close`` when a few minutes would turn the judgement."""

    previous: GivenInjection
    following: GivenInjection
    judgement: Judgement
    is_close: bool
    advice: Advice

    @property
    def apart_h(self) -> float:
        """Time between the two. [h]"""
        return (self.following.at - self.previous.at).total_seconds() / 3600.0


def past_intervals(
    injections: Iterable[GivenInjection], renal: Renal, rule_set: str | None = None
) -> tuple[PastInterval, ...]:
    """Every pair of injections of one patient that lies within the longest interval of the rules, judged.

    Parameters
    ----------
    injections : iterable of GivenInjection
        Of any patients, in any order; other agents than iodine and gadolinium are not judged.
    renal : callable
        What was known of a patient's kidneys at a time; ``None`` when nothing. Then a pair is "too_soon" only if it
        would be for every kidney, and else "cannot_say".
    rule_set : str, optional
        One edition; the stricter of all unless said.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    >>> pair = [GivenInjection("p", str(n), "gadolinium", at + timedelta(hours=n)) for n in (0, 3)]
    >>> [one.judgement for one in past_intervals(pair, lambda patient, at: None)]
    ['too_soon']
    """
    chosen = [interval_rule_set(rule_set)] if rule_set else list(interval_rule_sets().values())
    hours = [hours for rules in chosen for row in rules.hours.values() for hours in row.values()]
    reach = timedelta(hours=max(hours))
    found = [
        _judged(previous, following, renal(following.patient_key, following.at), rule_set)
        for previous, following in _pairs(injections, reach)
    ]
    return tuple(found)


def _pairs(injections: Iterable[GivenInjection], reach: timedelta) -> Iterator[tuple[GivenInjection, GivenInjection]]:
    by_patient: dict[str, list[GivenInjection]] = defaultdict(list)
    for one in injections:
        if one.agent in AGENTS:
            by_patient[one.patient_key].append(one)
    for patient in sorted(by_patient):
        mine = sorted(by_patient[patient], key=lambda one: (one.at, one.procedure, one.agent))
        for n, following in enumerate(mine):
            for previous in mine[:n]:
                if previous.procedure != following.procedure and following.at - previous.at < reach + _CLOSE:
                    yield previous, following


def _judged(
    previous: GivenInjection, following: GivenInjection, renal: RenalFunction | None, rule_set: str | None
) -> PastInterval:
    def ask(shift: timedelta) -> tuple[Judgement, Advice]:
        at = max(previous.at, following.at + shift)
        known = renal or RenalFunction(None)
        advice = _check(previous, following, at, known, rule_set)
        if advice.verdict != "cannot_advise":
            return ("kept" if advice.verdict == "ok" else "too_soon"), advice
        # Too soon for the best of kidneys is too soon for these.
        best = _check(previous, following, at, RenalFunction(_BEST_EGFR), rule_set)
        return ("too_soon" if best.verdict == "wait" else "cannot_say"), advice

    judgement, advice = ask(timedelta())
    is_close = any(ask(shift)[0] != judgement for shift in (-_CLOSE, _CLOSE))
    return PastInterval(previous, following, judgement, is_close, advice)


# Above every bound of every edition.
_BEST_EGFR = 150.0


def _check(
    previous: GivenInjection, following: GivenInjection, at: datetime, renal: RenalFunction, rule_set: str | None
) -> Advice:
    return check_contrast_interval(
        previous=previous.agent,
        following=following.agent,
        egfr=None,
        previous_at=previous.at,
        at=at,
        rule_set=rule_set,
        renal=renal,
    )
