"""The evidence checker: published claims as data, each recomputed, compared with the book, and judged."""

from .arithmetic import evaluate
from .checker import FactResult, Status, check, check_all
from .consistency import Finding, book_findings, ratio_finding, source_findings, sum_finding, unit_findings
from .records import Disagreement, Fact, disagreements, facts

__all__ = [
    "Disagreement",
    "Fact",
    "FactResult",
    "Finding",
    "Status",
    "book_findings",
    "check",
    "check_all",
    "disagreements",
    "evaluate",
    "facts",
    "ratio_finding",
    "source_findings",
    "sum_finding",
    "unit_findings",
]
