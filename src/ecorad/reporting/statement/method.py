"""The ``method`` section, and the choices and factors that an audit is made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecorad.factors import (
    AverageIntensity,
    Factor,
    FactorBook,
    MarginalIntensity,
    grid_average,
    marginal_or_average,
    power_states,
)
from ecorad.factors.distribution import DRAWS
from ecorad.model import FactorNotFoundError, Issue, Period, PowerState, Site

TEXTS = (
    "energy_tiers", "states", "exam_window", "clock", "allocation", "marginal", "carbon", "uncertainty", "cooling",
    "unknown", "contrast", "privacy",
)  # fmt: skip
BOUNDARY = (
    "in.scanner_electricity", "out.cooling", "out.embodied", "out.consumables", "out.travel", "out.data",
    "out.contrast",
)  # fmt: skip
MODALITIES = ("MR", "CT", "PT", "NM", "XA", "RF", "MG", "DX", "CR", "US")
GRID_ZONE_MISSING = "ecorad.audit.no_grid_zone"
_INTERVAL = 0.95


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Factors an audit uses, and what a reader must be told about them."""

    power_states: Mapping[str, Mapping[PowerState, Factor]]
    annual_energy: Mapping[str, Factor]
    average: AverageIntensity | None
    marginal: MarginalIntensity | None
    issues: tuple[Issue, ...]


def choices(site: Site, period: Period, book: FactorBook) -> Choices:
    """Factors for a site and period: the grid of its zone in the year most of the period lies in."""
    year = middle_year(period)
    average = marginal = None
    issues: tuple[Issue, ...] = ()
    if site.grid_zone is None:
        issues = (Issue(GRID_ZONE_MISSING, where="site.toml"),)
    else:
        answer, other = (
            grid_average(site.grid_zone, year, factor_book=book),
            marginal_or_average(site.grid_zone, year, factor_book=book),
        )
        average, marginal = answer.intensity, other.intensity
        issues = tuple(dict.fromkeys((*answer.issues, *other.issues)))
    return Choices(
        power_states={modality: powers for modality in MODALITIES if (powers := _powers(modality, book))},
        annual_energy={modality: row for modality in MODALITIES if (row := _annual(modality, book))},
        average=average,
        marginal=marginal,
        issues=issues,
    )


def middle_year(period: Period) -> int:
    """The year that most of a period lies in."""
    return (period.start + (period.end - period.start) / 2).year


def method_section(
    site: Site,
    period: Period,
    book: FactorBook,
    chosen: Choices,
    *,
    rules: list[dict[str, Any]],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """How it was worked out, by ids that each language has words for.

    Parameters
    ----------
    rules : list
        The three allocation rules side by side.
    versions : mapping
        ``ecorad`` and ``schema``.
    """
    days = list(period.local_days(site.timezone))
    return {
        "texts": list(TEXTS),
        "allocation": site.allocation,
        "allocation_rules": rules,
        "grid": {
            "zone": site.grid_zone,
            "year": None if chosen.average is None else chosen.average.year,
            "average": None if chosen.average is None else chosen.average.factor_id,
            "marginal": None if chosen.marginal is None else chosen.marginal.factor_id,
        },
        "factor_set": {"name": f"ecorad {versions['ecorad']}", "digest": book.digest},
        "boundary": list(BOUNDARY),
        "interval": _INTERVAL,
        "seed": 0,
        "draws": DRAWS,
        "software": dict(versions),
        "command": f"ecorad audit DIR --from {days[0].isoformat()} --to {days[-1].isoformat()}",
    }


def _powers(modality: str, book: FactorBook) -> dict[PowerState, Factor]:
    try:
        return power_states(modality, factor_book=book)
    except FactorNotFoundError:
        return {}


def _annual(modality: str, book: FactorBook) -> Factor | None:
    """The published yearly energy of a device of a modality: the row with the widest range."""
    rows = book.find(quantity="annual_energy", scope=modality)
    return max(rows, key=lambda row: (row.high / row.low, row.factor_id), default=None)
