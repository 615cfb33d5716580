"""The appendix: licences of the tables used, and published claims as the evidence checker found them."""

from __future__ import annotations

from ..page import Cell, Table
from ..reader import Reader


def licences(reader: Reader) -> Table | None:
    """Each table of the book that a figure rests on, its licence, and whom it owes its rows to."""
    rows = {
        (row["row"]["table"], row.get("licence") or "", row.get("attribution") or "")
        for row in reader.statement["factors"]
        if "row" in row
    }
    if not rows:
        return None
    columns = tuple(reader.text(f"appendix.{name}") for name in ("table", "licence", "attribution"))
    return Table(reader.text("appendix.licences_caption"), columns, tuple(sorted(rows)), unfold=False)


def evidence_counts(reader: Reader) -> str:
    """How the claims came out, in one sentence; empty for a statement without them."""
    found = reader.statement.get("evidence")
    if not found:
        return ""
    counts = {name: reader.integer(found[name]) for name in ("claims", "reproduced", "given", "flagged", "off")}
    return reader.text("appendix.evidence_body", **counts)


def claims(reader: Reader) -> Table | None:
    """Claims about imaging, as their sources have them and as recomputed, with what speaks against them."""
    found = reader.statement.get("evidence")
    if not found or not found["rows"]:
        return None
    columns = tuple(reader.text(f"appendix.{name}") for name in ("claim", "value", "recomputed", "status", "why"))
    rows: list[tuple[Cell, ...]] = [
        (
            f"{row['id']}: {row['claim']}",
            f"{row['value']} {row['unit']}".strip(),
            row["recomputed"],
            reader.named("claim_status", row["status"]),
            row["why"],
        )
        for row in found["rows"]
    ]
    return Table(reader.text("appendix.claims_caption"), columns, tuple(rows), frozenset({1, 2}), unfold=False)
