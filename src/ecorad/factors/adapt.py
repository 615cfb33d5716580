"""A published factor used for another year, country or technology than it was made for: wider, and said so."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ecorad.model import Issue

from .distribution import Bounds
from .factor import Factor
from .pedigree import LOG_SD_PER_YEAR, OTHER_COUNTRY_K, OTHER_TECHNOLOGY_K, log_sd_of, widen

OTHER_YEAR = "ecorad.factor.other_year"
OTHER_COUNTRY = "ecorad.factor.other_country"
OTHER_TECHNOLOGY = "ecorad.factor.other_technology"


@dataclass(frozen=True, slots=True)
class Adapted:
    """A factor with the interval it deserves where it is used, and what a reader must be told."""

    factor: Factor
    issues: tuple[Issue, ...] = ()


def adapted(
    factor: Factor, *, region: str | None = None, year: int | None = None, technology: str | None = None
) -> Adapted:
    """The factor as it may be used for a site: same value, same identifier, same draws, wider bounds.

    Nothing happens to a convention (a GWP), to a factor that holds everywhere, or where region and year agree. A grid
    intensity is not adapted here: :func:`ecorad.factors.grid_average` does it by the grid's own rule.

    Parameters
    ----------
    factor : Factor
        As the book gives it.
    region : str, optional
        Country of use (ISO 3166-1 alpha-2).
    year : int, optional
        Year of use.
    technology : str, optional
        What it is used for (``CT abdomen``), where that may not be what it was made for.

    Examples
    --------
    >>> from ecorad.factors import exam_footprint
    >>> use = adapted(exam_footprint("MR"), region="NL", year=2025)
    >>> [issue.code for issue in use.issues]
    ['ecorad.factor.other_year', 'ecorad.factor.other_country']
    >>> use.factor.value == 17.5, use.factor.interval95[1] > exam_footprint("MR").interval95[1]
    (True, True)
    """
    spreads: list[float] = []
    issues: list[Issue] = []
    if year is not None and factor.year is not None and factor.year != year:
        spreads.append(LOG_SD_PER_YEAR * abs(year - factor.year) ** 0.5)
        issues.append(Issue(OTHER_YEAR, where=factor.factor_id, detail=f"{year} asked, {factor.year} used"))
    if region is not None and factor.region and factor.region[:2] != region[:2]:
        spreads.append(log_sd_of(OTHER_COUNTRY_K))
        issues.append(Issue(OTHER_COUNTRY, where=factor.factor_id, detail=f"made for {factor.region}"))
    if technology is not None and factor.scope and technology not in factor.scopes:
        spreads.append(log_sd_of(OTHER_TECHNOLOGY_K))
        issues.append(Issue(OTHER_TECHNOLOGY, where=factor.factor_id, detail=f"made for {factor.scope}"))
    if not spreads or factor.bounds is Bounds.EXACT or factor.interval95[0] <= 0:
        return Adapted(factor, tuple(issues) if factor.bounds is not Bounds.EXACT else ())
    low, high = widen(factor.value, *factor.interval95, *spreads)
    if factor.quantity.startswith("share"):
        high = min(high, 1.0)
    return Adapted(replace(factor, low=low, high=high, bounds=Bounds.CI95), tuple(issues))
