"""The ``evidence`` section: published claims recomputed, for the appendix."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from ecorad.factors.facts import FactResult, Status, check_all

# Topics that a reader of a footprint meets in talks and papers; the others are told by `ecorad facts`.
_TOPICS = frozenset(
    "imaging-share per-exam mri-power transport contrast contrast-volume helium paper nl vendor ai".split()
)


@cache
def _section() -> dict[str, Any]:
    results = check_all()
    count = Counter(one.status for one in results)
    return {
        "claims": len(results),
        **{status.value: count[status] for status in Status},
        "rows": [_row(one) for one in results if _is_shown(one)],
    }


def evidence_section() -> dict[str, Any]:
    """How the claims came out; of those about imaging, all with a formula or a row of the book beside them."""
    section = _section()
    return {**section, "rows": [dict(row) for row in section["rows"]]}


def _is_shown(one: FactResult) -> bool:
    fact = one.fact
    # A count of deaths is no indicator of an imaging department, so none is printed in a report.
    is_about_deaths = "death" in f"{fact.unit} {fact.label}".lower()
    return fact.group in _TOPICS and bool(fact.formula or fact.factor_id) and not is_about_deaths


def _row(one: FactResult) -> dict[str, Any]:
    fact = one.fact
    return {
        "id": fact.fact_id,
        "claim": fact.label,
        "value": _range(fact.values) or fact.text,
        "unit": fact.unit,
        "recomputed": _range(one.computed),
        "status": one.status.value,
        "why": "; ".join(f"{reason.key}: {reason.reason}" for reason in one.disagreements),
        "factor": fact.factor_id or None,
    }


def _range(values: tuple[float, ...]) -> str:
    return " to ".join(f"{value:,.6g}" for value in values)
