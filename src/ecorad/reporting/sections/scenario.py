"""An estimate for a country or the world: its sum beside the claim, and what it counts."""

from __future__ import annotations

from dataclasses import dataclass

from ..reader import Reader


@dataclass(frozen=True, slots=True)
class ScenarioNote:
    """One sentence, and the boundary in plain English."""

    sentence: str
    boundary: str


def scenario_note(reader: Reader) -> ScenarioNote | None:
    """What a scenario adds up to; nothing in an ordinary statement."""
    found = reader.statement.get("scenario")
    if not found:
        return None
    sentence = reader.text(
        "scenario.body",
        total=reader.shown(found["co2e_kg"]).text,
        claim=found["claim"],
        claimed=reader.bare(found["claim_kg"], "kg{CO2e}"),
    )
    return ScenarioNote(sentence, found["boundary"])
