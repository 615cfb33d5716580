"""Claims and disagreements as records, read from the two files beside this module."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ecorad.model import InputError, UnknownNameError

KINDS = ("claim", "factor", "rule", "score", "dose")


@dataclass(frozen=True, slots=True)
class Fact:
    """One quantitative claim of a source.

    Parameters
    ----------
    fact_id, group, label : str
        Identifier (``SF027``), topic, and what is claimed, in the project's own words.
    text : str
        The value where it is not a number.
    values : tuple of float
        One number, the two ends of a range, or nothing.
    unit : str
        As the source gives it; not UCUM.
    source, reference : str
        Number of the source, and what the source itself cites.
    kind : str
        ``claim``, ``factor``, ``rule``, ``score`` or ``dose``.
    formula : str
        Arithmetic that should give the values; empty where nothing can be recomputed.
    tolerance : float
        Largest relative difference that counts as the same.
    factor_id : str
        Row of the factor book that gives the same quantity from elsewhere.
    factor_scale : float
        What the row's value is multiplied with to have the claim's unit.
    remark : str
        What a reader should know.
    """

    fact_id: str
    group: str
    label: str
    text: str
    values: tuple[float, ...]
    unit: str
    source: str
    reference: str
    kind: str
    formula: str
    tolerance: float
    factor_id: str
    factor_scale: float
    remark: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"{self.fact_id}: kind must be one of {', '.join(KINDS)}")
        if not self.tolerance >= 0:
            raise InputError(f"{self.fact_id}: the tolerance is not negative")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Why some claims are wrong, in conflict, or need care.

    ``verdict`` is ``wrong`` (false as written), ``conflict`` (two sources cannot both hold), ``outdated``,
    ``unsupported`` (nothing shows it), ``boundary`` (right for something else than it says), or ``editorial``.
    """

    key: str
    verdict: str
    fact_ids: tuple[str, ...]
    reason: str
    consequence: str


@cache
def facts() -> tuple[Fact, ...]:
    """Every claim, in the order of its identifier.

    >>> len(facts())
    217
    """
    return tuple(
        Fact(
            fact_id=row["fact_id"],
            group=row["group"],
            label=row["label"],
            text=row["text"],
            values=tuple(float(cell) for cell in (row["value"], row["low"], row["high"]) if cell),
            unit=row["unit"],
            source=row["source"],
            reference=row["reference"],
            kind=row["kind"],
            formula=row["formula"],
            tolerance=float(row["tolerance"] or 0.002),
            factor_id=row["factor_id"],
            factor_scale=float(row["factor_scale"] or 1),
            remark=row["remark"],
        )
        for row in _rows("facts.csv")
    )


@cache
def disagreements() -> tuple[Disagreement, ...]:
    """Every disagreement.

    >>> disagreements()[0].key, disagreements()[0].verdict
    ('W1', 'wrong')
    """
    return tuple(
        Disagreement(row["key"], row["verdict"], tuple(row["facts"].split()), row["reason"], row["consequence"])
        for row in _rows("disagreements.csv")
    )


def fact(fact_id: str) -> Fact:
    """The claim with this identifier.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    for one in facts():
        if one.fact_id == fact_id:
            return one
    raise UnknownNameError(f"no fact {fact_id!r}; they run from {facts()[0].fact_id} to {facts()[-1].fact_id}")


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader((files(__package__) / name).read_text("utf-8").splitlines())
