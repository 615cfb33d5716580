"""The rule sets of a site that hold now, beside the shipped ones; none unless :mod:`ecorad.rules.local` says so.

They are known to the thread of work that reads them and to no other, so that one process may answer for several sites.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from .interval_table import IntervalRuleSet
from .rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class InForce:
    """Rule sets by id, interval tables by id, and by the id of a shipped set the one that a site has in its place."""

    sets: Mapping[str, RuleSet] = field(default_factory=dict)
    tables: Mapping[str, IntervalRuleSet] = field(default_factory=dict)
    instead: Mapping[str, RuleSet] = field(default_factory=dict)


OF_THE_SITE: ContextVar[InForce] = ContextVar("rules of the site", default=InForce())  # noqa: B039 - frozen
