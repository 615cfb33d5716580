"""One edition of the table of intervals between contrast injections, checked as it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ecorad.model import InputError

AGENTS = ("iodine", "gadolinium")
DIALYSIS = ("none", "residual", "anuric")


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of renal function; ``above_egfr`` is its lower bound, which is not part of it. [mL/min/1.73 m2]"""

    name: str
    above_egfr: float | None


@dataclass(frozen=True, slots=True)
class IntervalRuleSet:
    """One edition of an interval table.

    ``hours[(previous, next)][tier]`` is the interval in hours; a tier that is absent is not known.
    """

    id: str
    title: str
    issued: date
    citation: str
    evidence: str
    signed_by: str
    scope: str
    tiers: tuple[Tier, ...]
    hours: Mapping[tuple[str, str], Mapping[str, float]]
    notes: Mapping[tuple[str, str], str]

    def tier(self, egfr: float, dialysis: str) -> Tier:
        """The tier of a patient; a value on a bound belongs to the worse tier.

        >>> from ecorad.rules.intervals import interval_rule_sets
        >>> interval_rule_sets()["esur-10.0-2018"].tier(30.0, "none").name
        'egfr_30_or_below'
        """
        if dialysis != "none":
            return next(tier for tier in self.tiers if tier.name == f"dialysis_{dialysis}")
        return next(t for t in self.tiers if t.above_egfr is None or egfr > t.above_egfr)

    def interval_h(self, pair: tuple[str, str], tier: Tier) -> float | None:
        """Interval of one cell, ``None`` when the edition at hand does not give it. [h]"""
        return self.hours.get(pair, {}).get(tier.name)

    def known_floor_h(self, pair: tuple[str, str], tier: Tier) -> float | None:
        """Longest interval given for this pair at the same or a better renal function. [h]

        No guideline lets a worse kidney wait shorter, so an unknown cell is at least this long.
        """
        better = self.tiers[: self.tiers.index(tier) + 1]
        known = [self.hours[pair][t.name] for t in better if t.name in self.hours.get(pair, {})]
        return max(known, default=None)

    def speaks_of(self, pair: tuple[str, str]) -> bool:
        """Whether this edition has any cell for the pair."""
        return bool(self.hours.get(pair))


def parse_interval_rules(content: Mapping[str, Any]) -> IntervalRuleSet:
    """A rule set from the content of its TOML file.

    Raises
    ------
    InputError
        For an unknown agent or tier, an interval that is not positive, or one that is shorter for a worse kidney.
    """
    tiers = tuple(Tier(row["name"], row.get("above")) for row in content["tiers"])
    hours: dict[tuple[str, str], dict[str, float]] = {}
    notes: dict[tuple[str, str], str] = {}
    for cell in content["cell"]:
        previous, following = cell["pair"]
        if previous not in AGENTS or following not in AGENTS:
            raise InputError("an interval stands between iodine and gadolinium only", code="ecorad.rules.pair")
        hours[previous, following] = _checked_hours(cell["hours"], tiers)
        notes[previous, following] = cell.get("note", "")
    words = ("id", "title", "citation", "evidence", "signed_by", "scope")
    return IntervalRuleSet(
        issued=content["issued"], tiers=tiers, hours=hours, notes=notes, **{w: content[w] for w in words}
    )


def _checked_hours(row: Mapping[str, float], tiers: tuple[Tier, ...]) -> dict[str, float]:
    names = [tier.name for tier in tiers]
    if not set(row) <= set(names):
        raise InputError("an interval names a tier that the rule set does not define", code="ecorad.rules.tier")
    ordered = [float(row[name]) for name in names if name in row]
    if any(hours <= 0 for hours in ordered) or ordered != sorted(ordered):
        raise InputError("intervals are positive and never shorter for a worse kidney", code="ecorad.rules.order")
    return {name: float(row[name]) for name in names if name in row}
