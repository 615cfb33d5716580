"""The factor set of an earlier statement, made again from the rows it lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ecorad.factors import Boundary, Bounds, Evidence, Factor, FactorBook, FactorTable, Shape, Source
from ecorad.factors.grid import QUANTITY
from ecorad.factors.sets import FactorSet
from ecorad.model import Origin

FORMER = "former"


def former_set(statement: Mapping[str, Any], now: FactorSet) -> FactorSet:
    """The set of today with the rows that a statement used as they were then.

    Rows that a statement did not use are those of today, but for the grid: a row of its zone that it did not use would
    have been used, had it been there.

    Parameters
    ----------
    statement : mapping
        An ``audit.json``.
    now : FactorSet
        The set to start from.
    """
    then = {row["id"]: row for row in statement["factors"]}
    rows: dict[str, list[Factor]] = defaultdict(list)
    sources: dict[str, dict[str, Source]] = defaultdict(dict)
    today = {row.factor_id: row for row in now.book}
    for factor_id, entry in then.items():
        row = _row(entry, today.get(factor_id))
        if row is not None:
            rows[row.table].append(row)
            sources[row.table][row.source_id] = _source(entry, row.source_id)
    later = _later_grid_rows(statement, now.book, set(then))
    tables = [_table(table, rows.pop(table.name, []), sources[table.name], later) for table in now.book.tables]
    tables += [_new_table(name, left, sources[name]) for name, left in sorted(rows.items())]
    allowed = {row.factor_id for table in tables for row in table.factors if not row.enabled} & (
        set(then) | now.book.allowed
    )
    return FactorSet(FORMER, FactorBook(tuple(tables), frozenset(allowed)))


def _row(entry: Mapping[str, Any], today: Factor | None) -> Factor | None:
    """The row as the statement had it; of a statement without the details, today's row with its number and bounds."""
    if "row" not in entry:
        if today is None:
            return None
        same = (entry["value"], entry["low"], entry["high"]) == (today.value, *today.interval95)
        bounds = {"low": entry["low"], "high": entry["high"], "bounds": Bounds.CI95}
        return today if same else replace(today, value=entry["value"], year=entry["year"], **bounds)
    row = entry["row"]
    return Factor(
        factor_id=entry["id"],
        table=row["table"],
        quantity=row["quantity"],
        scope=row["scope"],
        region=entry["region"] or "",
        year=entry["year"],
        value=entry["value"],
        low=row["low"],
        high=row["high"],
        unit=entry["unit"],
        bounds=Bounds(row["bounds"]),
        shape=Shape(row["distribution"]),
        boundary=Boundary.of(*entry["boundary"]),
        accounting=entry["accounting"] or "neutral",
        grid_kind=row["grid_kind"],
        origin=Origin(row["origin"]),
        evidence=Evidence(entry["evidence"]),
        enabled=row.get("enabled", True),
        source_id=row.get("source_id", FORMER),
        locator=row.get("locator", ""),
        note=entry.get("note") or "",
    )


def _source(entry: Mapping[str, Any], source_id: str) -> Source:
    return Source(source_id, entry["source"], entry.get("link") or "", "", "", "")


def _later_grid_rows(statement: Mapping[str, Any], book: FactorBook, then: set[str]) -> set[str]:
    zones = {row["region"] for row in statement["factors"] if row["kind"] == "grid"}
    grid = (row for row in book if row.quantity == QUANTITY and row.region in zones)
    return {row.factor_id for row in grid if row.factor_id not in then}


def _table(table: FactorTable, former: list[Factor], sources: Mapping[str, Source], later: set[str]) -> FactorTable:
    mine = {row.factor_id: row for row in former}
    kept = [mine.pop(row.factor_id, row) for row in table.factors if row.factor_id not in later]
    added = {**sources, **table.sources}
    return replace(table, factors=(*kept, *mine.values()), sources=added)


def _new_table(name: str, rows: list[Factor], sources: Mapping[str, Source]) -> FactorTable:
    return FactorTable(
        name=name,
        title=name,
        licence="as stated then",
        attribution="as stated then",
        boundary="",
        share_alike=False,
        script="",
        sources=dict(sources),
        factors=tuple(rows),
    )
