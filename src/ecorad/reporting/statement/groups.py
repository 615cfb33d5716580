"""The ``modalities`` section, with regions, and the three allocation rules side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecorad.factors import Factor
from ecorad.footprint.energy.allocation import RULES, Rule
from ecorad.footprint.exam_parts import KINDS
from ecorad.footprint.results import GroupEnergy

from .quantities import quantity

_NOT_WRITTEN = ("", "unknown")
# Fewer exams of a region say little about a rule.
LEAST_EXAMS = 5


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
    """Mean allocated energy per exam under each rule; the total is the same under all.

    With the region of each modality that the choice moves most: exams of one scanner have one mean whatever the rule.
    """
    moved = {group.name: _most_moved(group) for group in groups}
    return [
        {"rule": rule, "modalities": [_under(rule, group, moved[group.name]) for group in groups]} for rule in RULES
    ]


def _under(rule: Rule, group: GroupEnergy, region: GroupEnergy | None) -> dict[str, Any]:
    return {
        "modality": group.name or "unknown",
        "kwh_per_exam": quantity(group.allocated_by_rule[rule], "no_factor"),
        "most_moved": None
        if region is None
        else {"body_region": region.name, "kwh_per_exam": quantity(region.allocated_by_rule[rule], "no_factor")},
    }


def _most_moved(group: GroupEnergy) -> GroupEnergy | None:
    """The region whose mean the rules differ about most; ``None`` without one of enough exams."""
    named = [one for one in group.regions if one.exams >= LEAST_EXAMS and one.name not in _NOT_WRITTEN]
    return max(named, key=_disagreement, default=None)


def _disagreement(group: GroupEnergy) -> float:
    means = [one.value for one in group.allocated_by_rule.values() if one.value]
    return max(means) / min(means) if means else 0.0


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
    if not group.exams:
        return "no_exams"
    if not group.kwh_per_exam["allocated"].is_known:
        return "no_factor"
    if 1 in group.tiers:
        return "no_state_model"
    # Their share is known and what they used themselves is not: no durations, or a meter too slow for single exams.
    return "no_exam_times" if 2 in group.tiers else "resolution_too_coarse"
