"""When may the next contrast injection be given?

The answer comes from the rule sets of :mod:`ecorad.rules.intervals`. Without a choice the stricter answer of all sets
that speak of the pair counts, and "cannot advise" is the strictest of all. Missing or impossible data never give "ok".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ecorad.model import InputError
from ecorad.rules.interval_table import AGENTS, IntervalRuleSet
from ecorad.rules.intervals import interval_rule_set, interval_rule_sets

from .advice import Advice, DataUsed, Verdict, strictest
from .reason import Reason, reason
from .renal import RenalFunction, missing_renal_data


def check_contrast_interval(
    *,
    previous: str,
    following: str,
    egfr: float | None,
    previous_at: datetime | None,
    at: datetime | None = None,
    dialysis: str = "none",
    rule_set: str | None = None,
    renal: RenalFunction | None = None,
    metformin: bool = False,
) -> Advice:
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
    renal : RenalFunction, optional
        All that is known of the kidneys, in place of ``egfr`` and ``dialysis``.
    metformin : bool
        Changes no interval; the answer says that metformin has a rule of its own.

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
    renal = renal or RenalFunction(egfr, dialysis=dialysis)
    _refuse(previous, following, previous_at, at)
    chosen = [interval_rule_set(rule_set)] if rule_set else list(interval_rule_sets().values())
    pair = (previous, following)
    speaking = [rules for rules in chosen if rules.speaks_of(pair)] or chosen
    missing = _missing_data(renal, previous_at, at)
    if missing:
        names = ", ".join(rules.id for rules in speaking)
        versions = ", ".join(rules.issued.isoformat() for rules in speaking)
        answer = Advice("cannot_advise", None, "data", names, (*missing, *_at_least(speaking, pair)), versions)
    else:
        answer = strictest(
            _answer(rules, pair, renal=renal, previous_at=_utc(previous_at), at=at) for rules in speaking
        )
    return _with_data(answer, pair, renal, previous_at=previous_at, at=at, metformin=metformin)


def interval_range_h(previous: str, following: str) -> tuple[float, float]:
    """The shortest interval any edition allows any kidney, and the longest any edition asks of any. [h]

    Sooner than the first is wrong whoever the patient is.

    >>> interval_range_h("gadolinium", "iodine")
    (4.0, 168.0)
    """
    hours = [h for rules in interval_rule_sets().values() for h in rules.hours.get((previous, following), {}).values()]
    return min(hours), max(hours)


def _answer(
    rules: IntervalRuleSet, pair: tuple[str, str], *, renal: RenalFunction, previous_at: datetime, at: datetime | None
) -> Advice:
    tier = rules.tier(renal.egfr if renal.egfr is not None else 0.0, renal.dialysis)
    name, version = f"{pair[0]}-{pair[1]}/{tier.name}", rules.issued.isoformat()
    interval_h = rules.interval_h(pair, tier)
    floor_h = rules.known_floor_h(pair, tier)
    if interval_h is None:
        known = {} if floor_h is None else {"hours": floor_h}
        why = reason("only_floor" if known else "no_interval", rules=rules.id, **known)
        return Advice("cannot_advise", None, name, rules.id, (why,), version)
    if at is not None and at < previous_at:
        return Advice("cannot_advise", None, name, rules.id, (reason("before_previous"),), version)
    earliest = previous_at + timedelta(hours=interval_h)
    why = reason("interval", rules=rules.id, hours=interval_h, previous=pair[0], following=pair[1], tier=tier.name)
    reasons = [why]
    if rules.notes.get(pair):
        reasons.append(reason("note", rules=rules.id, note=rules.notes[pair]))
    verdict: Verdict = "ok" if at is not None and at >= earliest else "wait"
    return Advice(verdict, earliest, name, rules.id, tuple(reasons), version)


def _at_least(speaking: list[IntervalRuleSet], pair: tuple[str, str]) -> list[Reason]:
    """What holds whatever the kidney: the longest of the shortest intervals. Never an answer, only a floor."""
    floors = [min(rules.hours[pair].values()) for rules in speaking if rules.hours.get(pair)]
    return [reason("floor", hours=max(floors))] if floors else []


def _missing_data(renal: RenalFunction, previous_at: datetime | None, at: datetime | None) -> list[Reason]:
    missing = [] if previous_at is not None else [reason("no_previous_time")]
    # Without a planned time an eGFR must at least have been fresh at the previous injection.
    moments = [one for one in (previous_at, renal.egfr_at) if one is not None]
    return [*missing, *missing_renal_data(renal, at or max(moments, default=None))]


def _with_data(
    answer: Advice,
    pair: tuple[str, str],
    renal: RenalFunction,
    *,
    previous_at: datetime | None,
    at: datetime | None,
    metformin: bool,
) -> Advice:
    age_h = None if at is None or previous_at is None else (at - previous_at).total_seconds() / 3600.0
    notes = []
    if renal.egfr is not None and renal.dialysis == "none" and renal.egfr_at is None:
        notes.append(reason("egfr_undated"))
    if metformin and pair[1] == "iodine":
        notes.append(reason("metformin"))
    data = (
        DataUsed("previous", pair[0], previous_at, age_h),
        DataUsed("next", pair[1], at),
        *renal.data_used(at),
        DataUsed("metformin", metformin),
    )
    reasons = (*answer.reasons, *notes)
    return Advice(answer.verdict, answer.earliest, answer.rule, answer.rule_set, reasons, answer.version, data)


def _refuse(previous: str, following: str, *moments: datetime | None) -> None:
    if previous not in AGENTS or following not in AGENTS:
        raise InputError(f"an agent is one of {', '.join(AGENTS)}", code="ecorad.safety.agent")
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise InputError("a time needs its UTC offset", code="ecorad.safety.time")


def _utc(moment: datetime | None) -> datetime:
    if moment is None:  # _missing_data has answered before; said again for the reader and the type checker
        raise InputError(reason("no_previous_time"), code="ecorad.safety.time")
    return moment.astimezone(UTC)
