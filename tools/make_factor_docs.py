"""The page of the factor book, from the tables: ``make_factor_docs.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ecorad.factors import Factor, FactorTable, book

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "factors.md"
LONGEST = 60  # a longer table is listed by the program, not on the page

HEAD = """\
# The factor book

Written from `src/ecorad/factors/tables/` by `tools/make_factor_docs.py`; `ecorad factors list` prints the same rows.
[How sure the numbers are](../explanation/factors.md) says what bounds and distributions mean. Rows marked *off* were
not checked against their source; nothing uses them unless it is asked to, and then the result says so.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *contents(), *(line for table in book().tables for line in section(table))]) + "\n"


def contents() -> Iterator[str]:
    yield "| table | rows | what | licence |"
    yield "|---|---|---|---|"
    for table in book().tables:
        yield f"| [{table.name}](#{table.name}) | {len(table.factors)} | {table.title} | {table.licence} |"
    yield ""


def section(table: FactorTable) -> Iterator[str]:
    yield f"## {table.name}"
    yield ""
    yield f"{table.title}. {table.boundary}."
    yield ""
    yield f"Licence: {table.licence}. Attribution: {table.attribution}. Made by `{table.script}`."
    if table.share_alike:
        yield "Share-alike: this table stands in a file of its own; a copy of it stays under its licence."
    yield ""
    for source in table.sources.values():
        where = f", doi:{source.doi}" if source.doi else ""
        original = f"; original `{source.original}`, SHA-256 `{source.sha256[:16]}…`" if source.sha256 else ""
        yield f"- `{source.source_id}`: {source.citation}{where}{original}"
    yield ""
    if len(table.factors) > LONGEST:
        regions = {factor.region for factor in table.factors if factor.region}
        of = f" for {len(regions)} zones" if regions else ""
        yield f"{len(table.factors)} rows{of}: `ecorad factors list {table.name}`."
    else:
        yield "| id | value | 95 % interval | unit | bounds | counts | origin, evidence | note |"
        yield "|---|---|---|---|---|---|---|---|"
        yield from (line_of(factor) for factor in table.factors)
    yield ""


def line_of(factor: Factor) -> str:
    low, high = factor.interval95
    interval = "exact" if low == high else f"{low:.4g} to {high:.4g}"
    cells = (
        f"`{factor.factor_id}`" + ("" if factor.enabled else " *off*"),
        f"{factor.value:.6g}",
        interval,
        f"`{factor.unit}`",
        factor.bounds.value,
        ", ".join(factor.boundary.names),
        f"{factor.origin.value}, {factor.evidence.value.replace('_', ' ')}",
        factor.note,
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE.name}: {page().count(chr(10))} lines")
