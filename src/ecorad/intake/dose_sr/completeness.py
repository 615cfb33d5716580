"""Whether a report is whole: its own counts and totals against what was found in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ecorad.model import DecodeError, IrradiationEvent

from .tree import Notes

# Consoles round each event to the last shown digit; a missing event makes more than this.
_TOLERANCE = 0.05
QUANTITIES = ("dlp_mgy_cm", "dose_area_product_gy_m2", "dose_rp_gy")


def check(totals: Sequence[dict[str, Any]], events: Sequence[IrradiationEvent], notes: Notes) -> None:
    """Refuse a report that has fewer events than it says; note one whose events do not make its total.

    A total that differs is no proof of a cut: some consoles list acquisitions and leave fluoroscopy out.

    Raises
    ------
    DecodeError
        ``ecorad.dose_sr.cut``.
    """
    declared = sum(row.get("events_declared") or 0 for row in totals)
    if declared > len(events) > 0 or (declared and not events):
        raise DecodeError("fewer events than the report says", code="ecorad.dose_sr.cut")
    for name in QUANTITIES:
        told = [row[name] for row in totals if row.get(name) is not None]
        found = [getattr(event, name) for event in events if getattr(event, name) is not None]
        if not told or not found:
            continue
        total, whole = sum(found), sum(told)
        if not math.isclose(total, whole, rel_tol=_TOLERANCE):
            notes.add(
                "ecorad.dose_sr.total_differs",
                name,
                "the events make less" if total < whole else "the events make more",
            )
