"""One edition of one rule set, as its file has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


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
    signed_on: date | None = None

    @property
    def version(self) -> str:
        """The date of the edition, as answers cite it."""
        return self.issued.isoformat()


def parse_rule_set(kind: str, content: dict[str, Any]) -> RuleSet:
    """A rule set from the content of its file."""
    head = {name: content[name] for name in ("id", "title", "citation", "evidence", "signed_by", "scope")}
    return RuleSet(kind=kind, issued=content["issued"], content=content, signed_on=content.get("signed_on"), **head)
