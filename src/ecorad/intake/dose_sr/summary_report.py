"""Summaries without events: one maker's own codes in an enhanced structured report."""

from __future__ import annotations

from typing import Any

from .tree import Node

_FLUORO_TIME, _DAP, _KERMA, _EXPOSURES = (f"99SMS_RADSUM:C-{number}" for number in (202, 204, 210, 200))


def read(root: Node) -> tuple[str | None, list[dict[str, Any]]]:
    """The modality and the totals of a mobile C-arm's radiation summary; it lists no events."""
    exposures = root.number(_EXPOSURES, "1", 1e6)
    totals = {
        "plane": None,
        "dose_area_product_gy_m2": root.number(_DAP, "Gy.m2", 1.0),
        "dose_rp_gy": root.number(_KERMA, "Gy", 100.0),
        "fluoroscopy_s": root.number(_FLUORO_TIME, "s", 86_400.0),
        "frames": None if exposures is None else round(exposures),
    }
    return "RF", [totals]
