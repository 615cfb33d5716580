"""The page of the rule sets, from their files: ``make_rules_docs.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecorad.rules.catalogue import rule_sets
from ecorad.rules.rule_set import RuleSet

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "rules" / "index.md"
AGENTS = ("iodine", "gadolinium")
HEADER = {"id", "title", "issued", "citation", "evidence", "signed_by", "scope"}
HEAD = """\
# Rule sets

Written from `src/ecorad/rules/` by `tools/make_rules_docs.py`; `ecorad rules` prints the list, `ecorad rules show ID`
every line of one. Nobody has signed any of them: that is for your site.

| id | edition | about | evidence |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    found = list(rule_sets().values())
    rows = [f"| [`{r.id}`](#{r.id.replace('.', '')}) | {r.version} | {r.title} | {r.evidence} |" for r in found]
    return HEAD + "\n".join([*rows, *(line for one in found for line in section(one))]) + "\n"


def section(one: RuleSet) -> Iterator[str]:
    """One rule set."""
    yield from ("", f"## {one.id}", "", f"{one.title}. {one.scope[0].upper()}{one.scope[1:]}.", "")
    yield from (f"Source: {one.citation}.", "")
    if one.kind == "contrast_intervals":
        yield from intervals(one.content)
        return
    for name, value in one.content.items():
        if name not in HEADER:
            yield f"- `{name}`: {words(value)}"


def intervals(content: Any) -> Iterator[str]:
    """Every pair by every tier; an empty cell answers "cannot advise"."""
    tiers = [tier["name"] for tier in content["tiers"]]
    hours = {tuple(cell["pair"]): cell["hours"] for cell in content["cell"]}
    yield f"| from, to | {' | '.join(tier.replace('_', ' ') for tier in tiers)} |"
    yield "|---|" + "---|" * len(tiers)
    for pair in [(one, other) for one in AGENTS for other in AGENTS]:
        row = hours.get(pair, {})
        cells = [f"{row[tier]:g} h" if tier in row else "cannot advise" for tier in tiers]
        yield f"| {pair[0]}, {pair[1]} | {' | '.join(cells)} |"


def words(value: Any) -> str:
    """A value in plain words."""
    if isinstance(value, dict):
        return str(value["text"])
    if isinstance(value, list):
        return ", ".join(" or ".join(one) if isinstance(one, list) else words(one) for one in value)
    return str(value)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE.name}: {len(rule_sets())} rule sets")
