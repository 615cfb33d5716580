"""The ``method`` section, and the choices and factors that an audit is made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
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
from ecorad.factors.grid import contract_intensity
from ecorad.factors.sets import SHIPPED, FactorSet
from ecorad.footprint.inputs import DeviceInput, MeterInput
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
UNVERIFIED = "ecorad.factor.unverified"
_INTERVAL = 0.95


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Factors an audit uses, and what a reader must be told about them."""

    power_states: Mapping[str, Mapping[PowerState, Factor]]
    annual_energy: Mapping[str, Factor]
    average: AverageIntensity | None
    marginal: MarginalIntensity | None
    contract: AverageIntensity | None = None
    issues: tuple[Issue, ...]


def choices(site: Site, period: Period, book: FactorBook) -> Choices:
    """Factors for a site and period: the grid of its zone in the year most of the period lies in."""
    year = middle_year(period)
    average = marginal = None
    issues: tuple[Issue, ...] = ()
    contract = contract_intensity(year, factor_book=book)
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
        contract=None if contract is None else contract.intensity,
        issues=(*issues, *(() if contract is None else contract.issues)),
    )


def middle_year(period: Period) -> int:
    """The year that most of a period lies in."""
    return (period.start + (period.end - period.start) / 2).year


def method_section(
    site: Site,
    period: Period,
    factors: FactorSet,
    chosen: Choices,
    *,
    inputs: Mapping[str, Any],
    rules: list[dict[str, Any]],
    versions: Mapping[str, str],
    is_usual_set: bool = True,
) -> dict[str, Any]:
    """How it was worked out, by ids that each language has words for.

    Parameters
    ----------
    inputs : mapping
        As :func:`inputs_used` gives it.
    rules : list
        The three allocation rules side by side.
    versions : mapping
        ``ecorad`` and ``schema``.
    is_usual_set : bool
        Whether the factor set is the one that ``site.toml`` asks for; another must be named to have this file again.
    """
    days = list(period.local_days(site.timezone))
    other_set = "" if is_usual_set else f" --factors {factors.digest[:12]}"
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
        "factor_set": {
            "name": _set_name(factors, versions["ecorad"]),
            "digest": factors.digest,
            "tables": list(factors.tables),
            "unverified": sorted(factors.book.allowed),
        },
        "inputs": dict(inputs),
        "gwp": site.factors.gwp,
        "boundary": list(BOUNDARY),
        "interval": _INTERVAL,
        "seed": 0,
        "draws": DRAWS,
        "software": dict(versions),
        "command": f"ecorad audit DIR --from {days[0].isoformat()} --to {days[-1].isoformat()}{other_set}",
    }


def inputs_used(
    stored: int, digest: str, devices: Iterable[DeviceInput], meters: Iterable[MeterInput], site: Site
) -> dict[str, Any]:
    """What a statement was made from: how many inputs, and two digests that tell whether they are the same again.

    Parameters
    ----------
    stored : int
        Inputs in the ledger.
    digest : str
        SHA-256 over their digests, in an order that is not that of arrival.
    devices, meters, site
        What is registered; only pseudonyms and names of the report go into the digest.
    """
    register = [
        sorted([device.device_key, device.alias or "", device.modality or ""] for device in devices),
        sorted([m.meter_key, "|".join(sorted(m.feeds)), m.cooling, m.accuracy_percent] for m in meters),
        {day: [f"{opens}", f"{closes}"] for day, (opens, closes) in sorted(site.opening_hours.items())},
    ]
    text = json.dumps(register, sort_keys=True, default=str)
    return {"stored": stored, "digest": digest, "register": hashlib.sha256(text.encode("utf-8")).hexdigest()}


def unverified_issues(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """An issue for each row used that nobody has checked against its source."""
    return [(UNVERIFIED, row["id"], 1) for row in rows if row["evidence"] == "memory"]


def _set_name(factors: FactorSet, version: str) -> str:
    return factors.name.replace(SHIPPED, f"ecorad {version}", 1).replace("+", " + ")


def _powers(modality: str, book: FactorBook) -> dict[PowerState, Factor]:
    try:
        return power_states(modality, factor_book=book)
    except FactorNotFoundError:
        return {}


def _annual(modality: str, book: FactorBook) -> Factor | None:
    """The published yearly energy of a device of a modality: the row with the widest range."""
    rows = book.find(quantity="annual_energy", scope=modality)
    return max(rows, key=lambda row: (row.high / row.low, row.factor_id), default=None)
