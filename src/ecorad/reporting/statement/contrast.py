"""The ``contrast`` section: what was injected, what became of the packs, what reaches the water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ecorad.findings.leftovers import Leftover
from ecorad.footprint.contrast import ContrastTotals, PackBalance, SheetMatch, sewer_load_g, what_ifs
from ecorad.model import Quantity
from ecorad.rules.intervals import interval_rule_sets
from ecorad.safety.history import PastInterval

from .quantities import quantity

Aliases = Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class ContrastFound:
    """Everything about contrast of one period."""

    totals: ContrastTotals
    sf6_vials_g: Quantity
    match: SheetMatch
    packs: Sequence[PackBalance]
    leftovers: Sequence[Leftover]
    intervals: Sequence[PastInterval]


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


def contrast_with_packs(found: ContrastFound, aliases: Aliases) -> dict[str, Any]:
    """The section with what a contrast sheet adds: packs, left-overs, sewer, what-ifs; and the intervals."""
    totals = found.totals
    sf6 = totals.sf6_g if totals.sf6_g.is_known else found.sf6_vials_g
    return {
        **contrast_section(totals),
        "sf6_g": quantity(sf6, "no_records"),
        "told_by": {
            "headers_and_sheet": found.match.both,
            "headers_only": found.match.headers_only,
            "sheet_only": found.match.lines_only,
        },
        "packs": [asdict(row) for row in found.packs],
        "leftovers": [_leftover(row, aliases) for row in found.leftovers],
        "to_sewer": {
            "iodine_g": quantity(sewer_load_g(totals.iodine_g, "iodine"), "no_records"),
            "gadolinium_g": quantity(sewer_load_g(totals.gadolinium_g, "gadolinium"), "no_records"),
        },
        "what_ifs": [
            {"id": one.id, "kind": one.kind, "grams": quantity(one.grams, "no_records")}
            for one in what_ifs(totals, found.packs)
        ],
        "intervals": _intervals(found.intervals),
    }


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
