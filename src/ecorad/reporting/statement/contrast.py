"""The ``contrast`` section: what was injected, what became of the packs, what reaches the water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from numpy.typing import NDArray

from ecorad.factors import FactorBook
from ecorad.findings.leftovers import Leftover
from ecorad.footprint.contrast import (
    ContrastTotals,
    PackBalance,
    SheetMatch,
    sewer_load_g,
    sf6_kg_co2e,
    sf6_of_vials,
    what_ifs,
)
from ecorad.model import FactorNotFoundError, Quantity
from ecorad.rules.intervals import interval_rule_sets
from ecorad.safety.history import PastInterval

from .quantities import quantity, unknown

Aliases = Mapping[str, str | None]
# What a figure is without whose row in the factor set: unknown for that reason, while the rest of the report goes on.
NO_FACTOR = "no_factor"


@dataclass(frozen=True, slots=True)
class MedicationTold:
    """Injections in the medication records of a period: joined to an examination, by what, and not joined.

    ``unlinked_ml`` is the volume of iodine and gadolinium agents among the latter: it is in no total. [mL]
    """

    linked_by: Mapping[str, int]
    unlinked: int
    unlinked_ml: float


@dataclass(frozen=True, kw_only=True)
class ContrastFound:
    """Everything about contrast of one period."""

    totals: ContrastTotals
    sf6_vials_g: Quantity | None
    match: SheetMatch
    medication: MedicationTold
    packs: Sequence[PackBalance]
    leftovers: Sequence[Leftover]
    intervals: Sequence[PastInterval]


@dataclass(frozen=True, slots=True)
class GasFactors:
    """A factor book, and the assessment report whose warming potentials gases are counted with."""

    book: FactorBook
    gwp: str = "AR6"


def contrast_section(totals: ContrastTotals) -> dict[str, Any]:
    """Grams by agent, and how many injections nobody knows the grams of."""
    return {
        "administrations": totals.administrations,
        "iodine_g": quantity(totals.iodine_g, "no_records"),
        "gadolinium_g": quantity(totals.gadolinium_g, "no_records"),
        "sf6_g": quantity(totals.sf6_g, "no_records"),
        "agents": [
            {
                "agent": row.agent,
                "kind": row.kind,
                "administrations": row.administrations,
                "volume_ml": row.volume_ml,
                "grams": row.grams,
            }
            for row in totals.agents
        ],
        "unknown": [{"kind": kind, "reason": reason, "count": count} for kind, reason, count in totals.unknown],
    }


def vials_opened(lines: Mapping[str, NDArray[Any]], book: FactorBook) -> Quantity | None:
    """Grams of SF6 in opened vials; ``None`` where the factor set does not say what a vial holds."""
    try:
        return sf6_of_vials(lines, factor_book=book)
    except FactorNotFoundError:
        return None


def contrast_with_packs(found: ContrastFound, aliases: Aliases, factors: GasFactors) -> dict[str, Any]:
    """The section with what a contrast sheet adds: packs, left-overs, sewer, what-ifs; and the intervals."""
    totals = found.totals
    return {
        **contrast_section(totals),
        **_sf6(found, factors),
        "told_by": {
            "headers_and_sheet": found.match.both,
            "headers_only": found.match.headers_only,
            "sheet_only": found.match.lines_only,
        },
        "medication_records": {
            "linked_by": dict(found.medication.linked_by),
            "unlinked": found.medication.unlinked,
            "unlinked_ml": found.medication.unlinked_ml,
        },
        "packs": [asdict(row) for row in found.packs],
        "leftovers": [_leftover(row, aliases) for row in found.leftovers],
        "to_sewer": {
            "iodine_g": _to_sewer(totals.iodine_g, "iodine", factors.book),
            "gadolinium_g": _to_sewer(totals.gadolinium_g, "gadolinium", factors.book),
        },
        "what_ifs": [
            {"id": one.id, "kind": one.kind, "grams": quantity(one.grams, "no_records")}
            for one in what_ifs(totals, found.packs, factor_book=factors.book)
        ],
        "intervals": _intervals(found.intervals),
    }


def _sf6(found: ContrastFound, factors: GasFactors) -> dict[str, Any]:
    """Gas of the vials that were opened, given or not; of what was given only where no vial was written down."""
    vials, given_g = found.sf6_vials_g, found.totals.sf6_g
    grams = vials if vials is not None and vials.is_known else given_g
    reason = NO_FACTOR if vials is None else "no_records"
    try:
        co2e = quantity(sf6_kg_co2e(grams, factors.gwp, factor_book=factors.book), reason)
    except FactorNotFoundError:
        co2e = unknown("kg{CO2e}", NO_FACTOR)
    return {"sf6_g": quantity(grams, reason), "sf6_co2e_kg": co2e}


def _to_sewer(given_g: Quantity, agent: str, book: FactorBook) -> dict[str, Any]:
    try:
        return quantity(sewer_load_g(given_g, agent, factor_book=book), "no_records")
    except FactorNotFoundError:
        return unknown("g", NO_FACTOR)


def _leftover(row: Leftover, aliases: Aliases) -> dict[str, Any]:
    named = asdict(row)
    device = named.pop("device_key")
    return {**named, "device": device, "alias": aliases.get(device) if device else None, "share": row.share}


def _intervals(found: Sequence[PastInterval]) -> dict[str, Any]:
    judgements = [one.judgement for one in found]
    return {
        "pairs": len(found),
        "too_soon": judgements.count("too_soon"),
        "cannot_say": judgements.count("cannot_say"),
        "rule_sets": list(interval_rule_sets()),
    }
