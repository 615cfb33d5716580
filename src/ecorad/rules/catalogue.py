"""Every rule set there is: what kind, which edition, on what evidence, signed by whom."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ecorad.model import UnknownNameError

from .in_force import OF_THE_SITE
from .rule_set import RuleSet, parse_rule_set

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


def rule_sets() -> dict[str, RuleSet]:
    """Every rule set by id: the shipped ones, and those of the site where :mod:`ecorad.rules.local` lets them hold.

    >>> rule_sets()["esur-10.0-2018"].kind
    'contrast_intervals'
    """
    return {**shipped_rule_sets(), **OF_THE_SITE.get().sets}


@cache
def shipped_rule_sets() -> dict[str, RuleSet]:
    """Every shipped rule set by id."""
    found = [parse_rule_set(kind, tomllib.loads(text)) for kind in KINDS for text in _texts(kind)]
    return {one.id: one for one in found}


def shipped_text(rule_set_id: str) -> tuple[RuleSet, str]:
    """A shipped rule set and its file as it is written.

    Raises
    ------
    UnknownNameError
        Names the rule sets there are.
    """
    found = shipped_rule_sets().get(rule_set_id)
    if found is None:
        raise _unknown(shipped_rule_sets())
    return found, next(text for text in _texts(found.kind) if tomllib.loads(text)["id"] == rule_set_id)


def rule_in_force(rule_set_id: str) -> RuleSet:
    """The rule set that holds where the program asks for a shipped one: the site's, where it has one in its place.

    >>> rule_in_force("duplicates-1").signed_by
    ''
    """
    return OF_THE_SITE.get().instead.get(rule_set_id) or rule_set(rule_set_id)


def rule_set(rule_set_id: str) -> RuleSet:
    """One rule set.

    Raises
    ------
    UnknownNameError
        Names the rule sets there are.
    """
    found = rule_sets()
    if rule_set_id not in found:
        raise _unknown(found)
    return found[rule_set_id]


def _texts(kind: str) -> list[str]:
    entries = sorted((files(__package__) / kind).iterdir(), key=lambda one: one.name)
    return [entry.read_text("utf-8") for entry in entries if entry.name.endswith(".toml")]


def _unknown(found: Mapping[str, RuleSet]) -> UnknownNameError:
    return UnknownNameError(f"no rule set of that id; there are {', '.join(found)}", code="ecorad.rules.not_found")
