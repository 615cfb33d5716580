"""Dose index against size of the patient in the ``dose`` section, by scanner and protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecorad.footprint.dose.tube_current import SizeCurve, SizeCurves

from .quantities import number


def size_section(found: SizeCurves, aliases: Mapping[str, str | None]) -> dict[str, Any]:
    """How many scans tell a size, and the protocols with enough of them."""
    return {
        "scans_with_size": found.sized,
        "scans_without_size": found.unsized,
        "protocols": [_curve(one, aliases) for one in found.curves],
    }


def _curve(one: SizeCurve, aliases: Mapping[str, str | None]) -> dict[str, Any]:
    ends = ("low", "median", "high")
    return {
        "device": one.device_key or None,
        "alias": aliases.get(one.device_key),
        "protocol": one.protocol,
        "scans": one.scans,
        "size_cm": dict(zip(ends, one.size_cm, strict=True)),
        "per_cm": dict(zip(("value", "low", "high"), map(number, one.per_cm), strict=True)),
        "ctdi_vol_at_median_mgy": one.at_median_mgy,
        "following": one.following.value,
        "above": [
            {
                "study": scan.study_key,
                "ctdi_vol_mgy": scan.value_mgy,
                "expected_mgy": scan.expected_mgy,
                "score": scan.score,
            }
            for scan in one.above
        ],
    }
