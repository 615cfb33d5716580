"""The factor rows behind a statement, as its appendix lists them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ecorad.factors import Factor, FactorBook

_KINDS = {
    "grid_intensity": "grid",
    "exam_footprint": "per_exam",
    "exam_energy": "per_exam",
    "cooling_ratio": "cooling",
    "annual_energy": "per_exam",
    "gwp100": "gwp",
}


def factor_rows(book: FactorBook, factor_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Every row used, once, sorted by id, with its source and boundary."""
    return [_row(book, book.get(factor_id, allow_unverified=True)) for factor_id in sorted(set(factor_ids))]


def used_factors(statement: Any) -> set[str]:
    """Identifiers named by any quantity of a statement, wherever it stands.

    >>> sorted(used_factors({"a": [{"factors": ["x"]}], "grid": {"average": "y", "marginal": None}}))
    ['x', 'y']
    """
    found: set[str] = set()
    if isinstance(statement, dict):
        found.update(name for name in statement.get("factors", []) if isinstance(name, str))
        if "average" in statement and "marginal" in statement:
            found.update(name for name in (statement["average"], statement["marginal"]) if isinstance(name, str))
        for part in statement.values():
            found |= used_factors(part)
    elif isinstance(statement, list):
        for part in statement:
            found |= used_factors(part)
    return found


def _row(book: FactorBook, factor: Factor) -> dict[str, Any]:
    source, table = book.source(factor), book.table(factor.table)
    low, high = factor.interval95
    kind = next((kind for start, kind in _KINDS.items() if factor.quantity.startswith(start)), "other")
    return {
        "id": factor.factor_id,
        "kind": "power_state" if factor.quantity.startswith("power.") else kind,
        "value": factor.value,
        "low": low,
        "high": high,
        "unit": factor.unit,
        "region": factor.region or None,
        "year": factor.year,
        "accounting": None if factor.accounting == "neutral" else factor.accounting,
        "source": source.citation,
        "link": source.doi or None,
        "licence": table.licence,
        "boundary": list(factor.boundary.names),
        "evidence": factor.evidence.value,
        "note": factor.note or None,
        "attribution": table.attribution,
        "row": {
            "table": factor.table,
            "quantity": factor.quantity,
            "scope": factor.scope,
            "low": factor.low,
            "high": factor.high,
            "bounds": factor.bounds.value,
            "distribution": factor.shape.value,
            "grid_kind": factor.grid_kind,
            "origin": factor.origin.value,
            "enabled": factor.enabled,
            "source_id": factor.source_id,
            "locator": factor.locator,
        },
    }
