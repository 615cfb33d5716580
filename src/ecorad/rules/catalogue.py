"""Every rule set there is: what kind, which edition, on what evidence, signed by whom."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from ecorad.model import UnknownNameError

# Folder of the rule sets, and what they are about.
KINDS: Mapping[str, str] = {
    "contrast_intervals": "time between two contrast injections",
    "conditions": "when an eGFR may be used",
    "same_day_order": "which of two enhanced examinations comes first",
    "duplicates": "two orders that may be one",
    "preparation": "when and how an examination is prepared",
    "radiation": "who needs a second thought before radiation",
    "checklists": "questions that are asked and recorded",
}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One edition of one rule set; ``content`` is its whole file."""

    id: str
    kind: str
    title: str
    issued: date
    citation: str
    evidence: str
    signed_by: str
    scope: str
    content: Mapping[str, Any]

    @property
    def version(self) -> str:
        """The date of the edition, as answers cite it."""
        return self.issued.isoformat()


@cache
def rule_sets() -> dict[str, RuleSet]:
    """Every shipped rule set by id.

    >>> rule_sets()["esur-10.0-2018"].kind
    'contrast_intervals'
    """
    found = []
    for kind in KINDS:
        folder = files(__package__) / kind
        for entry in sorted(folder.iterdir(), key=lambda one: one.name):
            if entry.name.endswith(".toml"):
                found.append(_rule_set(kind, tomllib.loads(entry.read_text("utf-8"))))
    return {one.id: one for one in found}


def rule_set(rule_set_id: str) -> RuleSet:
    """One rule set.

    Raises
    ------
    UnknownNameError
        Names the rule sets there are.
    """
    try:
        return rule_sets()[rule_set_id]
    except KeyError:
        known = ", ".join(rule_sets())
        raise UnknownNameError(f"no rule set of that id; there are {known}", code="ecorad.rules.not_found") from None


def _rule_set(kind: str, content: dict[str, Any]) -> RuleSet:
    head = {name: content[name] for name in ("id", "title", "citation", "evidence", "signed_by", "scope")}
    return RuleSet(kind=kind, issued=content["issued"], content=content, **head)
