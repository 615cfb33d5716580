"""The part ``together`` of the section ``use``: scanners of one modality, and whether one could have stayed closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecorad.findings.scanner_use.fewer import Together

from .quantities import quantity


def together_rows(found: Sequence[Together]) -> list[dict[str, Any]]:
    """One row a modality with several scanners."""
    return [_row(one) for one in found]


def _row(one: Together) -> dict[str, Any]:
    aliases = {device.device.device_key: device.device.alias for device in one.devices}
    reason = "no_sure_saving"
    return {
        "modality": one.modality,
        "devices": list(aliases),
        "aliases": list(aliases.values()),
        "days": one.days,
        "changeover_min": one.changeover_min,
        "closed": one.closed,
        "closed_alias": aliases[one.closed],
        "days_as_timed": one.as_timed,
        "days_if_moved": one.if_moved,
        "kwh_per_exam_before": quantity(one.before, reason),
        "kwh_per_exam_after": quantity(one.after, reason),
    }
