"""Every claim recomputed from its formula, held against the factor book, and given its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ecorad.factors.book import FactorBook, book

from .arithmetic import evaluate
from .records import Disagreement, Fact, disagreements, facts


class Status(StrEnum):
    """What came of a claim."""

    REPRODUCED = "reproduced"  # its formula gives it, and nothing speaks against it
    GIVEN = "given"  # nothing to recompute, and nothing speaks against it
    FLAGGED = "flagged"  # a disagreement names it
    OFF = "off"  # its formula gives something else


@dataclass(frozen=True, slots=True)
class FactResult:
    """What came of one claim.

    Parameters
    ----------
    fact : Fact
        The claim.
    computed : tuple of float
        What its formula gives; empty without one.
    reproduced : bool or None
        Whether that is what it says; ``None`` without a formula.
    disagreements : tuple of Disagreement
        What speaks against it or needs care.
    ratio_to_factor : float or None
        The claim over the row of the factor book for the same quantity.
    within_factor : bool or None
        Whether the claim lies in (or its range touches) the 95 % interval of that row.
    """

    fact: Fact
    computed: tuple[float, ...]
    reproduced: bool | None
    disagreements: tuple[Disagreement, ...]
    ratio_to_factor: float | None
    within_factor: bool | None

    @property
    def status(self) -> Status:
        """The verdict in one word."""
        if self.reproduced is False:
            return Status.OFF
        if self.disagreements:
            return Status.FLAGGED
        return Status.REPRODUCED if self.reproduced else Status.GIVEN

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON writes it."""
        return {
            "id": self.fact.fact_id,
            "group": self.fact.group,
            "label": self.fact.label,
            "values": list(self.fact.values),
            "text": self.fact.text,
            "unit": self.fact.unit,
            "source": self.fact.source,
            "status": self.status.value,
            "computed": list(self.computed),
            "reproduced": self.reproduced,
            "disagreements": [one.key for one in self.disagreements],
            "factor": self.fact.factor_id or None,
            "ratio_to_factor": self.ratio_to_factor,
            "within_factor": self.within_factor,
            "remark": self.fact.remark,
        }


def check(fact: Fact, *, factor_book: FactorBook | None = None) -> FactResult:
    """Recompute one claim and hold it against the book.

    Examples
    --------
    >>> from ecorad.factors.facts.records import fact
    >>> result = check(fact("SF029"))
    >>> result.computed, result.reproduced, result.status.value
    ((35.0,), True, 'reproduced')
    """
    computed = evaluate(fact.formula) if fact.formula else ()
    reproduced = _same(computed, fact.values, fact.tolerance) if fact.formula else None
    against = tuple(one for one in disagreements() if fact.fact_id in one.fact_ids)
    ratio, within = _beside_book(fact, factor_book or book())
    return FactResult(fact, computed, reproduced, against, ratio, within)


def check_all(*, factor_book: FactorBook | None = None) -> tuple[FactResult, ...]:
    """Every claim checked.

    >>> from collections import Counter
    >>> sum(Counter(result.status.value for result in check_all()).values())
    217
    """
    return tuple(check(one, factor_book=factor_book) for one in facts())


def _same(computed: tuple[float, ...], stated: tuple[float, ...], tolerance: float) -> bool:
    if len(computed) != len(stated):
        return False
    return all(abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-12) for a, b in zip(computed, stated, strict=True))


def _beside_book(fact: Fact, factor_book: FactorBook) -> tuple[float | None, bool | None]:
    if not fact.factor_id or not fact.values:
        return None, None
    row = factor_book.get(fact.factor_id, allow_unverified=True)
    low, high = (end * fact.factor_scale for end in row.interval95)
    middle = sum(fact.values) / len(fact.values)
    slack = 1e-9 * abs(middle)
    touches = min(fact.values) <= high + slack and max(fact.values) >= low - slack
    return middle / (row.value * fact.factor_scale), touches
