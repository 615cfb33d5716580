"""Energy of exams as sums of things that may be wrong, so that any group of exams has an interval of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .uncertainty import Floats, Source, Term

Kind = Literal["active", "allocated", "marginal"]
KINDS: tuple[Kind, ...] = ("active", "allocated", "marginal")
Part = tuple[Floats, tuple[Source, ...]]


@dataclass(frozen=True)
class ExamParts:
    """For each kind of energy, arrays of activity over exams and the sources each is multiplied with.

    An exam's energy is the sum over parts of ``activity * sources``; NaN where it is not known.
    """

    parts: Mapping[Kind, tuple[Part, ...]] = field(default_factory=dict)

    def value(self, kind: Kind, exams: int) -> Floats:
        """Central energy of each exam, NaN when not known, shape (exams,). [kWh]"""
        parts = self.parts.get(kind, ())
        if not parts:
            return np.full(exams, np.nan)
        total = np.zeros(exams)
        for activity, sources in parts:
            central = float(np.prod([source.value for source in sources])) if sources else 1.0
            # An activity of a deviation is 0 at its centre and must not turn an unknown exam into a known one.
            total = total + activity * central
        return total

    def terms(self, kind: Kind, mask: NDArray[np.bool_], *, per: float = 1.0) -> list[Term]:
        """The sum over chosen exams with known energy, divided by ``per``; empty when there is none."""
        parts = self.parts.get(kind, ())
        if not parts:
            return []
        known = mask & ~np.isnan(self.value(kind, len(mask)))
        if not known.any():
            return []
        return [Term(float(activity[known].sum()) / per, sources) for activity, sources in parts]

    def known(self, kind: Kind, mask: NDArray[np.bool_]) -> int:
        """How many of the chosen exams have this energy."""
        return int(np.count_nonzero(mask & ~np.isnan(self.value(kind, len(mask)))))
