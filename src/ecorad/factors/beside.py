"""Estimates vary: every row of the book for one quantity, side by side, each with its source, year and interval."""

from __future__ import annotations

from dataclasses import dataclass

from .book import FactorBook, book
from .factor import Factor
from .table import Source
from .zones import canonical_zone


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure as it may be printed: never without source, year, interval and how it was checked."""

    factor: Factor
    source: Source
    licence: str

    @property
    def provenance(self) -> str:
        """Source, place and year on one line.

        >>> side_by_side("exam_footprint", scope="CT")[0].provenance.split("; ")[-2:]
        ['2018', 'abstract_or_primary']
        """
        year = "no year" if self.factor.year is None else str(self.factor.year)
        return f"{self.source.citation}, {self.factor.locator}; {year}; {self.factor.evidence.value}"


def side_by_side(
    quantity: str,
    *,
    scope: str | None = None,
    region: str | None = None,
    years: tuple[int, int] | None = None,
    factor_book: FactorBook | None = None,
) -> tuple[Estimate, ...]:
    """Every usable row for a quantity, lowest first.

    Parameters
    ----------
    quantity : str
        ``exam_footprint``, ``grid_intensity`` ...
    scope : str, optional
        Rows whose scope begins so: ``CT`` finds ``CT`` and ``CT abdomen``.
    region : str, optional
        Country or zone, by any name; without it rows of all regions.
    years : tuple of int, optional
        First and last year.

    Examples
    --------
    >>> [(e.factor.table[15:], e.factor.value) for e in side_by_side("grid_intensity", region="GB", years=(2024, 2024))]
    [('electricity_maps', 0.175), ('uk_official', 0.20705), ('ember', 0.21579)]
    """
    the_book = factor_book or book()
    rows = the_book.find(quantity=quantity)
    zone = canonical_zone(region, {row.region for row in rows}) if region else None
    found = [
        row
        for row in rows
        if (scope is None or any(part == scope or part.startswith(f"{scope} ") for part in row.scopes))
        and (zone is None or row.region == zone)
        and (years is None or (row.year is not None and years[0] <= row.year <= years[1]))
    ]
    found.sort(key=lambda row: (row.value, row.factor_id))
    return tuple(Estimate(row, the_book.source(row), the_book.table(row.table).licence) for row in found)
