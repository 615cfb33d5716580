"""The ``modalities`` section, with regions, and the three allocation rules side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecorad.factors import Factor
from ecorad.footprint.energy.allocation import RULES
from ecorad.footprint.exam_parts import KINDS
from ecorad.footprint.results import GroupEnergy

from .quantities import quantity

_NOT_WRITTEN = ("", "unknown")


def modality_rows(groups: Sequence[GroupEnergy], published: dict[str, list[Factor]]) -> list[dict[str, Any]]:
    """One row a modality; ``published`` holds kWh-per-exam rows of the book by modality."""
    return [
        {
            "modality": group.name or "unknown",
            **_shared(group, published.get(group.name, [])),
            "tiers": _tiers(group),
            "co2e_kg_per_exam": {
                "attributional": quantity(group.attributional, _reason(group)),
                "marginal": quantity(group.consequential, _reason(group)),
            },
            "regions": [
                {"body_region": None if region.name in _NOT_WRITTEN else region.name, **_shared(region, [])}
                for region in group.regions
            ],
        }
        for group in groups
    ]


def allocation_rules(groups: Sequence[GroupEnergy]) -> list[dict[str, Any]]:
    """Mean allocated energy per exam under each rule; the total is the same under all."""
    return [
        {
            "rule": rule,
            "modalities": [
                {
                    "modality": group.name or "unknown",
                    "kwh_per_exam": quantity(group.allocated_by_rule[rule], "no_factor"),
                }
                for group in groups
                if rule in group.allocated_by_rule
            ],
        }
        for rule in RULES
    ]


def _shared(group: GroupEnergy, published: Sequence[Factor]) -> dict[str, Any]:
    return {
        "exams": group.exams,
        "kwh_per_exam": {kind: quantity(group.kwh_per_exam[kind], _reason(group)) for kind in KINDS},
        "published": [_range(factor) for factor in published],
    }


def _range(factor: Factor) -> dict[str, Any]:
    low, high = factor.interval95
    row = {"basis": "allocated", "value": factor.value, "low": low, "high": high}
    return {**row, "unit": factor.unit, "factors": [factor.factor_id]}


def _tiers(group: GroupEnergy) -> list[dict[str, Any]]:
    order = sorted(group.tiers, key=lambda tier: -(tier or 0))
    return [{"tier": tier, "exams": group.tiers[tier][0], "kwh": group.tiers[tier][1]} for tier in order]


def _reason(group: GroupEnergy) -> str:
    return "no_exams" if not group.exams else "no_factor"
