"""The ``contrast`` section: what was injected, as the records write it."""

from __future__ import annotations

from typing import Any

from ecorad.footprint.contrast import ContrastTotals

from .quantities import quantity


def contrast_section(found: ContrastTotals) -> dict[str, Any]:
    """Grams by agent, and how many injections nobody knows the grams of."""
    return {
        "administrations": found.administrations,
        "iodine_g": quantity(found.iodine_g, "no_records"),
        "gadolinium_g": quantity(found.gadolinium_g, "no_records"),
        "sf6_g": quantity(found.sf6_g, "no_records"),
        "agents": [
            {
                "agent": row.agent,
                "kind": row.kind,
                "administrations": row.administrations,
                "volume_ml": row.volume_ml,
                "grams": row.grams,
            }
            for row in found.agents
        ],
        "unknown": [{"kind": kind, "reason": reason, "count": count} for kind, reason, count in found.unknown],
    }
