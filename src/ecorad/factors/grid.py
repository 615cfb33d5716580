"""Which carbon intensity belongs to a zone and a year, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Generic, TypeVar

from ecorad.model import FactorNotFoundError, Issue, Origin

from .book import FactorBook, book
from .factor import Factor
from .intensity import AverageIntensity, MarginalIntensity
from .pedigree import grid_log_sd, widen
from .zones import canonical_zone

QUANTITY = "grid_intensity"
CONTRACT = "contract_intensity"
OTHER_YEAR = "ecorad.factor.other_year"
MARGINAL_MISSING = "ecorad.factor.marginal_missing"

# The order in which sources are preferred for one and the same year. Ember first and OWID second: life-cycle average of
# generation, one method for every country, so that sites in two countries compare. A table that is not named here (a
# site's own) comes before all of them.
PREFERENCE = (
    "grid_intensity_ember",
    "grid_intensity_owid",
    "grid_intensity_electricity_maps",
    "grid_intensity_uk_official",
    "grid_intensity_us_egrid",
)
LEAST_RELATIVE_WIDTH = 0.05
NEARBY_YEARS = 1

Intensity = TypeVar("Intensity", AverageIntensity, MarginalIntensity)


@dataclass(frozen=True, slots=True)
class GridAnswer(Generic[Intensity]):
    """An intensity, and what a reader of the result must be told about it."""

    intensity: Intensity
    issues: tuple[Issue, ...] = ()


def grid_average(
    zone: str, year: int | None = None, *, source: str | None = None, factor_book: FactorBook | None = None
) -> GridAnswer[AverageIntensity]:
    """Average, location-based carbon intensity of a zone.

    A site's own row comes first. Else the row of the year asked is used; else that of the nearest year before it; else
    of the nearest after it. Its 95 % interval covers the rows of all other sources for the same zone that are at most
    one year away, is at least ±5 %, and grows with the distance in years (:mod:`ecorad.factors.pedigree`).

    Parameters
    ----------
    zone : str
        ``NL``, ``NLD``, ``Netherlands``, or the code of a part of a country.
    year : int, optional
        Year of use; without it the latest there is.
    source : str, optional
        Name of the one table to use (``grid_intensity_uk_official``), instead of :data:`PREFERENCE`.
    factor_book : FactorBook, optional
        Another book than the one that ships.

    Returns
    -------
    GridAnswer
        With an issue ``ecorad.factor.other_year`` when the row is of another year.

    Raises
    ------
    FactorNotFoundError
        For a zone that no table has; names the nearest.

    Examples
    --------
    >>> answer = grid_average("Netherlands", 2024)
    >>> answer.intensity.zone, answer.intensity.year, answer.intensity.value, answer.issues
    ('NL', 2024, 0.2527, ())
    """
    zone, rows = _rows(zone, "average", factor_book or book())
    wanted = [row for row in rows if source is None or row.table == source]
    if not wanted:
        have = ", ".join(sorted({row.table for row in rows}))
        raise FactorNotFoundError(f"{source} has no zone {zone}; these have: {have}")
    chosen = _nearest_year(wanted, year)
    compared = _beside(chosen, rows)
    values = [row.value for row in compared]
    low = min(chosen.value * (1 - LEAST_RELATIVE_WIDTH), *values, chosen.interval95[0])
    high = max(chosen.value * (1 + LEAST_RELATIVE_WIDTH), *values, chosen.interval95[1])
    intensity = AverageIntensity(
        zone=zone,
        year=chosen.year,
        value=chosen.value,
        low=low,
        high=high,
        origin=chosen.origin,
        factor_id=chosen.factor_id,
        compared=tuple(row.factor_id for row in compared),
    )
    return _for_year(intensity, year)


def grid_marginal(
    zone: str, year: int | None = None, *, factor_book: FactorBook | None = None
) -> GridAnswer[MarginalIntensity]:
    """Marginal carbon intensity of a zone, for savings.

    Raises
    ------
    FactorNotFoundError
        For a zone without one: names the zones that have one. :func:`marginal_or_average` then gives a stand-in.

    Examples
    --------
    >>> grid_marginal("US").intensity.value
    0.709
    """
    zone, rows = _rows(zone, "marginal", factor_book or book())
    chosen = _nearest_year(rows, year)
    low, high = chosen.interval95
    intensity = MarginalIntensity(
        zone=zone,
        year=chosen.year,
        value=chosen.value,
        low=low,
        high=high,
        origin=chosen.origin,
        factor_id=chosen.factor_id,
    )
    return _for_year(intensity, year)


def grid_marginal_hours(zone: str, *, factor_book: FactorBook | None = None) -> tuple[Factor, ...]:
    """Marginal intensity in each hour of the day, local standard time, where a licence allows. [kg CO2e/kWh]

    Raises
    ------
    FactorNotFoundError
        For a zone without a profile: names the zones that have one.

    Examples
    --------
    >>> hours = grid_marginal_hours("US-CAL-CISO")
    >>> len(hours), hours[0].scope, hours[0].value
    (24, 'hour 0', 0.495)
    """
    rows = (factor_book or book()).find(quantity=f"{QUANTITY}_hour")
    mine = {int(row.scope.removeprefix("hour ")): row for row in rows if row.region == zone}
    if len(mine) != 24:
        have = ", ".join(sorted({row.region for row in rows}))
        raise FactorNotFoundError(f"no hourly profile for zone {zone}; there is one for: {have}")
    return tuple(mine[hour] for hour in range(24))


def marginal_or_average(
    zone: str, year: int | None = None, *, factor_book: FactorBook | None = None
) -> GridAnswer[MarginalIntensity]:
    """Marginal intensity, or the average in its place where no table has a marginal one.

    The stand-in has the average as its value, origin ``default``, and an interval from half the average up to the
    larger of twice the average and power from natural gas, which is what answers a change in most grids.

    Returns
    -------
    GridAnswer
        With an issue ``ecorad.factor.marginal_missing`` when the average stands in.

    Examples
    --------
    >>> answer = marginal_or_average("SE", 2024)
    >>> answer.intensity.value, answer.intensity.origin.value, answer.issues[0].code
    (0.03589, 'default', 'ecorad.factor.marginal_missing')
    """
    the_book = factor_book or book()
    average = grid_average(zone, year, factor_book=the_book)
    if (average.intensity.zone, "marginal") in _index(the_book):
        return grid_marginal(zone, year, factor_book=the_book)
    gas = the_book.get("generation.natural_gas.codecarbon")
    one = average.intensity
    stand_in = MarginalIntensity(
        zone=one.zone,
        year=one.year,
        value=one.value,
        low=min(one.low, one.value / 2),
        high=max(one.high, 2 * one.value, gas.value),
        origin=Origin.DEFAULT,
        factor_id=one.factor_id,
        compared=(*one.compared, gas.factor_id),
    )
    missing = Issue(MARGINAL_MISSING, where=f"zone {one.zone}", detail="average used in its place, interval widened")
    return GridAnswer(stand_in, (*average.issues, missing))


def contract_intensity(year: int, *, factor_book: FactorBook) -> GridAnswer[AverageIntensity] | None:
    """What a kWh of the site's contract emits, from its own table; ``None`` without a row ``contract_intensity``.

    For the market-based line of scope 2 (GHG Protocol Scope 2 Guidance, 2015, section 6.1.2), which stands beside the
    location-based one and never instead of it.

    Parameters
    ----------
    year : int
        Year of use; the nearest row before it is taken, else the nearest after it.

    Examples
    --------
    >>> contract_intensity(2025, factor_book=book()) is None
    True
    """
    rows = factor_book.find(quantity=CONTRACT)
    if not rows:
        return None
    chosen = _nearest_year(rows, year)
    low, high = chosen.interval95
    intensity = AverageIntensity(
        zone=chosen.region or "contract",
        year=chosen.year,
        value=chosen.value,
        low=low,
        high=high,
        origin=chosen.origin,
        factor_id=chosen.factor_id,
    )
    return _for_year(intensity, year)


@lru_cache(maxsize=8)
def _index(factor_book: FactorBook) -> MappingProxyType[tuple[str, str], tuple[Factor, ...]]:
    groups: dict[tuple[str, str], list[Factor]] = defaultdict(list)
    for row in factor_book.find(quantity=QUANTITY):
        groups[row.region, row.grid_kind].append(row)
    return MappingProxyType({key: tuple(rows) for key, rows in groups.items()})


def _rows(zone: str, kind: str, factor_book: FactorBook) -> tuple[str, tuple[Factor, ...]]:
    index = _index(factor_book)
    zone = canonical_zone(zone, {region for region, _ in index})
    rows = index.get((zone, kind))
    if rows is None:
        have = sorted(region for region, its_kind in index if its_kind == kind)
        family = [region for region in have if region[:2] == zone[:2]]
        names = ", ".join((family or have)[:8])
        raise FactorNotFoundError(f"no {kind} grid intensity for zone {zone}; there is one for: {names}")
    return zone, rows


def _rank(row: Factor) -> int:
    return PREFERENCE.index(row.table) if row.table in PREFERENCE else -1


def _nearest_year(rows: Iterable[Factor], year: int | None) -> Factor:
    def distance(row: Factor) -> tuple[bool, int, int, int]:
        own = row.year if row.year is not None else 0
        asked = year if year is not None else own
        late = own > asked
        closeness = -own if year is None else abs(own - asked)
        return _rank(row) >= 0, int(late), closeness, _rank(row)

    return min(rows, key=distance)


def _beside(chosen: Factor, rows: Iterable[Factor]) -> tuple[Factor, ...]:
    others: dict[str, Factor] = {}
    for row in rows:
        if row.table == chosen.table or row.year is None or chosen.year is None:
            continue
        apart = abs(row.year - chosen.year)
        held = others.get(row.table)
        if apart <= NEARBY_YEARS and (held is None or apart < abs((held.year or 0) - chosen.year)):
            others[row.table] = row
    return tuple(others[table] for table in sorted(others))


def _for_year(intensity: Intensity, year: int | None) -> GridAnswer[Intensity]:
    if year is None or intensity.year == year:
        return GridAnswer(intensity)
    used = "unknown" if intensity.year is None else str(intensity.year)
    issue = Issue(OTHER_YEAR, where=f"zone {intensity.zone}", detail=f"{year} asked, {used} used")
    if intensity.year is None or intensity.low <= 0:
        return GridAnswer(intensity, (issue,))
    low, high = widen(intensity.value, intensity.low, intensity.high, grid_log_sd(year - intensity.year))
    return GridAnswer(replace(intensity, low=low, high=high), (issue,))
