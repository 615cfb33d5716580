"""Kidneys of the simulated patients, and which of their injections truly came too soon after one another.

The hours are those of an interval table of 2018, in ``tables/contrast_intervals.csv``; an empty cell is undefined.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .exams import Exam

_LONGEST_H = 168.0
# Share of patients, least and largest eGFR, dialysis. Assumed; whole numbers, so that 30 and 60 themselves occur.
_GROUPS = (
    (0.78, 61, 120, "none"),
    (0.15, 31, 60, "none"),
    (0.05, 8, 30, "none"),
    (0.013, 4, 14, "residual"),
    (0.007, 3, 10, "anuric"),
)
_NO_RESULT = 0.05  # share of patients of whom the laboratory knows nothing


@dataclass(frozen=True, slots=True)
class Kidneys:
    """What is true of one patient, and whether the laboratory has it. [mL/min/1.73 m2]"""

    egfr: int
    dialysis: str
    is_known: bool

    @property
    def column(self) -> str:
        """The column of the interval table that holds for this patient; 30 itself belongs to the worse one."""
        if self.dialysis != "none":
            return f"dialysis_{self.dialysis}"
        return "above_30" if self.egfr > 30 else "up_to_30"


@dataclass(frozen=True, slots=True)
class TruePair:
    """Two injections of one patient within a week; ``required_h`` is ``None`` where the table has no interval."""

    previous: Exam
    following: Exam
    hours: float
    required_h: float | None

    @property
    def is_too_soon(self) -> bool:
        """Whether the interval is defined and was not kept."""
        return self.required_h is not None and self.hours < self.required_h


def kidneys_of(patient: str, seed: int) -> Kidneys:
    """Kidneys of a patient, always the same.

    >>> kidneys_of("01000001", 1) == kidneys_of("01000001", 1)
    True
    """
    rng = random.Random(f"{seed}/{patient}/renal")
    (_, low, high, dialysis) = rng.choices(_GROUPS, [group[0] for group in _GROUPS])[0]
    return Kidneys(rng.randint(low, high), dialysis, rng.random() >= _NO_RESULT)


@cache
def required_hours() -> dict[tuple[str, str, str], float | None]:
    """Hours by (previous, next, column of the table)."""
    text = (files(__package__) / "tables" / "contrast_intervals.csv").read_text("utf-8")
    return {
        (row["previous"], row["next"], column): float(row[column]) if row[column] else None
        for row in csv.DictReader(io.StringIO(text))
        for column in row
        if column not in {"previous", "next"}
    }


def true_pairs(exams: Iterable[Exam], seed: int) -> Iterator[TruePair]:
    """Every two injections of one patient in different exams that are at most a week apart, in order."""
    given: dict[str, list[Exam]] = defaultdict(list)
    for exam in exams:
        if exam.contrast is not None and exam.patient:
            given[exam.patient].append(exam)
    for patient in sorted(given):
        mine = sorted(given[patient], key=lambda exam: (_at(exam), exam.key))
        column = kidneys_of(patient, seed).column
        for n, following in enumerate(mine):
            for previous in mine[:n]:
                hours = (_at(following) - _at(previous)) / 3600.0
                if hours <= _LONGEST_H:
                    pair = (_agent(previous), _agent(following), column)
                    yield TruePair(previous, following, hours, required_hours()[pair])


def laboratory(exams: Sequence[Exam], seed: int) -> Iterator[tuple[str, Kidneys]]:
    """Patients with contrast whom the laboratory knows, and their kidneys."""
    for patient in sorted({exam.patient for exam in exams if exam.contrast is not None and exam.patient}):
        kidneys = kidneys_of(patient, seed)
        if kidneys.is_known:
            yield patient, kidneys


def _at(exam: Exam) -> int:
    return 0 if exam.contrast is None else exam.contrast.start_s


def _agent(exam: Exam) -> str:
    return "" if exam.contrast is None else exam.contrast.product.substance
