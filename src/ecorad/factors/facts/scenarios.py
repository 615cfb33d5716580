"""Estimates beyond one department, as data: published activities, rows they are multiplied with, and the boundary."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ecorad.model import UnknownNameError

from .records import Fact, fact


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """So many of something, each with the footprint of a row.

    ``activity`` is the claim that says how many; ``modality`` a DICOM code (``DOC`` for paper).
    """

    name: str
    modality: str
    activity: Fact
    factor_id: str

    @property
    def amount(self) -> float:
        """How many."""
        return self.activity.values[0]


@dataclass(frozen=True, slots=True)
class Scenario:
    """An estimate for a country or the world, and the claim that it should reproduce.

    ``claim_kg`` is what the source says; ``boundary`` what the estimate counts and what it leaves out.
    """

    name: str
    title: str
    year: int
    region: str
    boundary: str
    lines: tuple[ScenarioLine, ...]
    claim: Fact
    claim_kg: float


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every scenario.

    >>> [one.name for one in scenarios()]
    ['world-ct', 'netherlands-ct-mr', 'england-paper', 'england-paper-high']
    """
    content = tomllib.loads((files(__package__) / "scenarios.toml").read_text("utf-8"))
    return tuple(_scenario(name, entry) for name, entry in content.items())


def scenario(name: str) -> Scenario:
    """The scenario called ``name``.

    Raises
    ------
    UnknownNameError
        Names those that there are.
    """
    for one in scenarios():
        if one.name == name:
            return one
    raise UnknownNameError(f"no scenario {name!r}; there are {', '.join(one.name for one in scenarios())}")


def _scenario(name: str, entry: dict[str, Any]) -> Scenario:
    claim, lines = fact(entry["claim"]), entry["line"]
    return Scenario(
        name=name,
        title=entry["title"],
        year=entry["year"],
        region=entry.get("region", ""),
        boundary=entry["boundary"],
        lines=tuple(ScenarioLine(row["name"], row["modality"], fact(row["activity"]), row["factor"]) for row in lines),
        claim=claim,
        claim_kg=claim.values[entry.get("claim_end", 0)] * float(entry.get("claim_unit_kg", 1)),
    )
