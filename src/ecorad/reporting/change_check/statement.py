"""A verified change as data: ``changes/NAME.json``."""

from __future__ import annotations

import math
from typing import Any

from ecorad import __version__
from ecorad.factors import Factor
from ecorad.model import Site
from ecorad.verification.effect import Effect
from ecorad.verification.judge import Judged
from ecorad.verification.rejects import Rejects

from ..statement.quantities import quantity
from .build import Measured, Verified, as_quantity, needs_quality
from .inputs import day_date

SCHEMA_VERSION = "1"
CONTROL_MOVED = "ecorad.verify.control_moved"
REJECTS_ROSE = "ecorad.verify.rejects_rose"
REJECTS_NOT_SHOWN = "ecorad.verify.rejects_not_shown"
REJECTS_UNKNOWN = "ecorad.verify.rejects_unknown"
_QUALITY = {"rise": REJECTS_ROSE, "not_shown": REJECTS_NOT_SHOWN, "unknown": REJECTS_UNKNOWN}
REFUSED = "verify_refused"


def change_statement(found: Verified, site: Site) -> dict[str, Any]:
    """One change with everything it rests on; the same records give the same statement."""
    return {
        "schema_version": SCHEMA_VERSION,
        "software": __version__,
        "site": {"name": site.name, "currency": site.currency},
        **change_row(found),
    }


def change_row(found: Verified) -> dict[str, Any]:
    """One change as a row of a statement."""
    entry, window = found.entry, found.window
    return {
        "change": {
            "name": entry.name,
            "device": found.scanner.key,
            "alias": found.scanner.alias,
            "modality": found.scanner.modality,
            "from": day_date(window.first).isoformat(),
            "on": entry.on.isoformat(),
            "counted_from": day_date(window.begins).isoformat(),
            "to": day_date(window.last).isoformat(),
            "without": [day.isoformat() for day in entry.left_out],
            "body_regions": list(entry.body_regions),
            "by_minutes": entry.by_minutes,
        },
        "measures": [_measure(one, found) for one in found.measures],
        "rejects": _rejects(found.rejects, entry.reject_margin),
        "controls": [
            {
                "device": scanner.key,
                "alias": scanner.alias,
                "measure": "kwh_per_day",
                "change_share": _share(judged, "kwh_per_day"),
                "refused": list(judged.refused),
                "issues": [CONTROL_MOVED] if judged.verdict in {"reduction", "rise"} else [],
            }
            for scanner, judged in found.controls
        ],
        "saved": {
            "days": found.saved.days,
            "kwh": quantity(found.saved.kwh, "no_reduction_shown"),
            "money": quantity(found.saved.money, "no_tariff" if found.saved.days else "no_reduction_shown"),
            "co2e_kg": quantity(found.saved.co2e_kg, "no_grid_zone" if found.saved.days else "no_reduction_shown"),
        },
    }


def _measure(one: Measured, found: Verified) -> dict[str, Any]:
    judged, entry = one.judged, found.entry
    effect = judged.effect
    quality = found.rejects.quality if needs_quality(one.name) and judged.verdict == "reduction" else None
    claimed = entry.claim_percent if entry.claim_of == one.name else None
    return {
        "measure": one.name,
        "unit": one.unit,
        **_sizes(effect),
        "change": _change(judged, one.unit, one.name),
        "change_share": _share(judged, one.name),
        "verdict": judged.verdict,
        "refused": list(judged.refused),
        "issues": [_QUALITY[quality]] if quality in _QUALITY else [],
        "detectable_share": _number(None if effect is None else effect.detectable),
        "cvrmse": _number(None if effect is None else effect.cvrmse),
        "placebo_share": _interval(judged.placebo),
        "quality": quality,
        "claim": None if claimed is None else {"percent": claimed, "verdict": one.claim},
        "published": [_published(row) for row in one.published],
    }


def _sizes(effect: Effect | None) -> dict[str, Any]:
    names = ("days_before", "days_after", "rows_before", "rows_after", "baseline", "after")
    return {name: None if effect is None else getattr(effect, name) for name in names}


def _change(judged: Judged, unit: str, measure: str) -> dict[str, Any]:
    effect = judged.effect
    if effect is None or judged.refused:
        return quantity(as_quantity(math.nan, math.nan, math.nan, unit, measure), REFUSED)
    return quantity(as_quantity(effect.change, effect.low, effect.high, unit, measure))


def _share(judged: Judged, measure: str) -> dict[str, Any]:
    effect = judged.effect
    if effect is None or judged.refused:
        return quantity(as_quantity(math.nan, math.nan, math.nan, "1", measure), REFUSED)
    return quantity(as_quantity(effect.share, effect.share_low, effect.share_high, "1", measure), REFUSED)


def _interval(effect: Effect | None) -> dict[str, float | None] | None:
    if effect is None:
        return None
    ends = {"value": effect.share, "low": effect.share_low, "high": effect.share_high}
    return {name: _number(one) for name, one in ends.items()}


def _rejects(one: Rejects, margin: float) -> dict[str, Any]:
    return {
        "before": one.before,
        "rejected_before": one.rejected_before,
        "after": one.after,
        "rejected_after": one.rejected_after,
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "margin": margin,
        "quality": one.quality,
    }


def _published(row: Factor) -> dict[str, Any]:
    return {
        "factor": row.factor_id,
        "of": row.quantity,
        "value": row.value,
        "low": row.low,
        "high": row.high,
        "unit": row.unit,
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value
