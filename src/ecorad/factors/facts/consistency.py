"""Checks of units, sums, ratios and sources against each other, for claims and for factor tables alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecorad.factors.book import FactorBook, book
from ecorad.factors.factor import Factor

SPREAD_WORTH_SAYING = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree: which check, which rows, and by how much."""

    check: str
    rows: tuple[str, ...]
    expected: float | None
    found: float | None
    detail: str


def sum_finding(name: str, total: float, parts: Sequence[float], *, tolerance: float = 0.001) -> Finding | None:
    """Whether parts add up to their total.

    Parameters
    ----------
    name : str
        What is summed.
    total, parts : float, sequence of float
        In one unit.
    tolerance : float
        Largest relative difference that counts as rounding.

    Examples
    --------
    >>> sum_finding("fleet", 614_825, [3 * 26_226, 4 * 134_037]) is None
    True
    >>> sum_finding("suite", 23_500, [23_548]).found
    23548
    """
    found = sum(parts)
    if abs(found - total) <= tolerance * abs(total):
        return None
    return Finding("sum", (name,), total, found, f"the parts make {found:g} of {total:g}")


def ratio_finding(
    name: str, numerator: float, denominator: float, expected: float, *, tolerance: float = 0.02
) -> Finding | None:
    """Whether two figures have the ratio that is claimed for them.

    Examples
    --------
    >>> ratio_finding("shutdown saves 76.3 %", 83_866.6, 137_760, 0.763).detail
    'the ratio is 0.6088, not 0.763'
    """
    if denominator == 0:
        return Finding("ratio", (name,), expected, None, "the denominator is zero")
    found = numerator / denominator
    if abs(found - expected) <= tolerance * abs(expected):
        return None
    return Finding("ratio", (name,), expected, found, f"the ratio is {found:.4g}, not {expected:g}")


def unit_findings(rows: Iterable[Factor]) -> tuple[Finding, ...]:
    """Quantities that are given in more than one unit."""
    units: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        units[row.quantity].setdefault(row.unit, row.factor_id)
    return tuple(
        Finding("unit", tuple(sorted(seen.values())), None, None, f"{quantity} in {', '.join(sorted(seen))}")
        for quantity, seen in sorted(units.items())
        if len(seen) > 1
    )


def source_findings(rows: Iterable[Factor], *, ratio: float = SPREAD_WORTH_SAYING) -> tuple[Finding, ...]:
    """Rows of different sources for the same quantity, scope, region, year, question and boundary that lie far apart.

    Parameters
    ----------
    rows : iterable of Factor
        Rows of one or many tables.
    ratio : float
        Smallest ratio of the largest to the smallest that is reported.
    """
    groups: dict[tuple[object, ...], list[Factor]] = defaultdict(list)
    for row in rows:
        if row.scope or row.region:
            same = (row.quantity, row.scope, row.region, row.year, row.accounting, row.grid_kind, row.boundary)
            groups[same].append(row)
    found = []
    for group in groups.values():
        ordered = sorted(group, key=lambda row: row.value)
        least, most = ordered[0], ordered[-1]
        if least.table + least.source_id == most.table + most.source_id or least.value <= 0:
            continue
        if most.value / least.value >= ratio:
            names = (least.factor_id, most.factor_id)
            apart = most.value / least.value
            found.append(Finding("source", names, least.value, most.value, f"{apart:.2g} times apart"))
    return tuple(sorted(found, key=lambda finding: finding.rows))


def book_findings(factor_book: FactorBook | None = None) -> tuple[Finding, ...]:
    """What the checks find in the whole factor book, and in the sums its own rows make.

    >>> [finding.check for finding in book_findings() if finding.check != "source"]
    ['sum', 'ratio']
    """
    the_book = factor_book or book()
    get = the_book.get
    suite = [row.value for row in the_book.find(table="ir_suite") if row.factor_id != "ir.week.total.chua"]
    fleet = [3 * get("annual.ct.heye").value, 4 * get("annual.mr.heye").value]
    cooled = [get("annual.fleet.scanners.heye").value, get("annual.fleet.cooling.heye").value]
    xa_saving, xa_use = get("saving.xa.off.vosshenrich").value, get("annual.fleet.xa.vosshenrich").value
    own = (
        sum_finding("ir.week.total.chua", get("ir.week.total.chua").value, suite),
        sum_finding("annual.fleet.scanners.heye", get("annual.fleet.scanners.heye").value, fleet, tolerance=1e-5),
        sum_finding("annual.fleet.total.heye", get("annual.fleet.total.heye").value, cooled, tolerance=1e-5),
        ratio_finding("share of its use that saving.xa.off.vosshenrich claims", xa_saving, xa_use, 1.0),
    )
    rows = [row for row in the_book if row.enabled]
    return (*unit_findings(rows), *(one for one in own if one is not None), *source_findings(rows))
