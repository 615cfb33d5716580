"""Interval tables between two contrast injections: dated, cited data files, one per edition of a guideline."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from ecorad.model import UnknownNameError

from .in_force import OF_THE_SITE
from .interval_table import IntervalRuleSet, parse_interval_rules


def interval_rule_sets() -> dict[str, IntervalRuleSet]:
    """Every interval table by id: the shipped ones, and those of the site where they hold.

    >>> sorted(interval_rule_sets())
    ['esur-10.0-2018', 'esur-cmsc-2024']
    """
    own = OF_THE_SITE.get().tables
    return {**_shipped(), **own} if own else dict(_shipped())


@cache
def _shipped() -> dict[str, IntervalRuleSet]:
    folder = files(__package__) / "contrast_intervals"
    texts = sorted(entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    sets = [parse_interval_rules(tomllib.loads(text)) for text in texts]
    return {rules.id: rules for rules in sorted(sets, key=lambda rules: rules.id)}


def interval_rule_set(rule_set_id: str) -> IntervalRuleSet:
    """One interval table.

    Raises
    ------
    UnknownNameError
        Names the tables there are.
    """
    try:
        return interval_rule_sets()[rule_set_id]
    except KeyError:
        known = ", ".join(interval_rule_sets())
        raise UnknownNameError(f"no rule set of that id; there are {known}", code="ecorad.rules.not_found") from None
