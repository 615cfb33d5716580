"""A CT and an MR of one patient on two days that could have been one visit, as far as the rules of safety allow.

The CT goes first, which no rule of order forbids. Where both need contrast, the interval between iodine and gadolinium
must fit into one day; without a renal function nobody can say that it does. A visit is saved only where one of the two
days had no other exam of the patient.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ecorad.factors import FactorBook
from ecorad.footprint.uncertainty import Term, of_factor, total
from ecorad.model import InputError, Quantity
from ecorad.safety.contrast import check_contrast_interval
from ecorad.safety.renal import RenalFunction

Verdict = Literal["one_visit", "too_long", "cannot_advise"]
Renal = Callable[[str, datetime], RenalFunction | None]
# Per kilometre, of a car of which nothing is known.
TRAVEL = "travel.uk.car_unknown"
METHOD = "visits"
_AGENT = {"CT": "iodine", "MR": "gadolinium"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """One exam, done or planned; ``day`` is local, ``enhanced`` whether contrast is given."""

    id: str
    patient: str
    modality: str
    enhanced: bool
    at: datetime
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A CT and an MR that might be one visit; ``wait_h`` is the time between the two injections. [h]"""

    ct: Exam
    mr: Exam
    verdict: Verdict
    wait_h: float | None
    rule: str
    rule_set: str
    reasons: tuple[str, ...]

    @property
    def apart_days(self) -> int:
        """Days between the two, as they are."""
        return abs((self.mr.day - self.ct.day).days)


def bundles(
    exams: Iterable[Exam], renal: Renal, *, within_days: int, day_h: float, rule_set: str | None = None
) -> tuple[Bundle, ...]:
    """Pairs whose being one visit would save one, each exam in one pair at most, the nearest first.

    Parameters
    ----------
    exams : iterable of Exam
        Of any patients and modalities: others tell which days hold another exam.
    renal : callable
        What is known of a patient's kidneys at a time; ``None`` when nothing.
    within_days : int
        How far apart the two may be for one question to be behind both. [d]
    day_h : float
        How long a visit may be: an interval beyond it takes two. [h]
    rule_set : str, optional
        One edition of the intervals; the stricter of all unless said.

    Raises
    ------
    InputError
        ``ecorad.visits.bounds`` for a number that is not above 0.

    Examples
    --------
    >>> from datetime import UTC
    >>> def exam(name, modality, day):
    ...     at = datetime(2026, 3, day, 9, tzinfo=UTC)
    ...     return Exam(id=name, patient="p", modality=modality, enhanced=True, at=at, day=at.date())
    >>> known = RenalFunction(90.0)
    >>> (one,) = bundles([exam("a", "CT", 2), exam("b", "MR", 5)], lambda patient, at: known, within_days=7, day_h=8.0)
    >>> one.verdict, one.wait_h, one.apart_days
    ('one_visit', 4.0, 3)
    """
    if not (within_days > 0 and 0 < day_h <= 24):
        raise InputError("days and hours of a visit must be above 0, and a day has 24", code="ecorad.visits.bounds")
    by_patient: dict[str, list[Exam]] = defaultdict(list)
    for exam in exams:
        by_patient[exam.patient].append(exam)
    return tuple(
        _judged(ct, mr, renal, day_h, rule_set)
        for patient in sorted(by_patient)
        for ct, mr in _pairs(by_patient[patient], within_days)
    )


def visits_kg_co2e(visits: int, km_one_way: float, factor_book: FactorBook) -> Quantity:
    """Journeys of visits that need not be, there and back by car. [kg CO2e]

    Parameters
    ----------
    km_one_way : float
        Mean distance that the site declares. [km]

    Examples
    --------
    >>> from ecorad.factors import book
    >>> round(visits_kg_co2e(10, 20.0, book()).value, 3)
    66.764
    """
    if not 0 <= km_one_way < 20_000:
        raise InputError("a distance is 0 km or more", code="ecorad.visits.bounds")
    factor = factor_book.get(TRAVEL)
    return total([Term(visits * 2.0 * km_one_way, (of_factor(factor),))], "kg{CO2e}", METHOD)


def _pairs(exams: Sequence[Exam], within_days: int) -> list[tuple[Exam, Exam]]:
    """CT and MR on two days of which one would be empty: its only exam is then used, so no day is emptied twice."""
    held = Counter(exam.day for exam in exams)
    near = sorted(
        (
            (abs((mr.day - ct.day).days), min(ct.at, mr.at), ct.id, mr.id, ct, mr)
            for ct in exams
            if ct.modality == "CT"
            for mr in exams
            if mr.modality == "MR" and mr.day != ct.day and abs((mr.day - ct.day).days) <= within_days
        ),
        key=lambda one: one[:4],
    )
    used: set[str] = set()
    found = []
    for *_, ct, mr in near:
        if used & {ct.id, mr.id} or min(held[ct.day], held[mr.day]) != 1:
            continue
        used |= {ct.id, mr.id}
        found.append((ct, mr))
    return found


def _judged(ct: Exam, mr: Exam, renal: Renal, day_h: float, rule_set: str | None) -> Bundle:
    if not (ct.enhanced and mr.enhanced):
        return Bundle(ct=ct, mr=mr, verdict="one_visit", wait_h=0.0, rule="", rule_set="", reasons=())
    first = min(ct.at, mr.at)
    advice = check_contrast_interval(
        previous=_AGENT["CT"],
        following=_AGENT["MR"],
        egfr=None,
        previous_at=first,
        rule_set=rule_set,
        renal=renal(ct.patient, first) or RenalFunction(None),
    )
    wait_h = None if advice.earliest is None else (advice.earliest - first).total_seconds() / 3600.0
    verdict: Verdict = "cannot_advise"
    if advice.verdict != "cannot_advise" and wait_h is not None:
        verdict = "one_visit" if wait_h <= day_h else "too_long"
    return Bundle(
        ct=ct,
        mr=mr,
        verdict=verdict,
        wait_h=wait_h,
        rule=advice.rule,
        rule_set=advice.rule_set,
        reasons=advice.reasons,
    )
