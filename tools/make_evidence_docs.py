"""The page of checked claims, from the claims themselves: ``make_evidence_docs.py``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ecorad.factors.facts import FactResult, Status, book_findings, check_all, disagreements

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "evidence.md"
SOURCES = {
    "000": "ESR eBook, chapter on sustainable imaging (English and Chinese)",
    "001": "RIMAG imaging network journal, December 2022 (Chinese)",
    "002": "AI and sustainability in radiology (Dutch)",
    "003": "Siemens Healthineers and ESR, joint release",
    "004": "International Day of Radiology 2022 (Chinese)",
}

HEAD = """\
# Published claims, checked

Written by `tools/make_evidence_docs.py` from `src/ecorad/factors/facts/`. Each claim with a formula is recomputed; each
that the factor book knows from elsewhere is held against it; each that is wrong, in conflict or in need of care says
why.
"""


def page() -> str:
    results = check_all()
    return "\n".join([HEAD, *summary(results), *verdicts(), *findings(), *claims(results)]) + "\n"


def summary(results: tuple[FactResult, ...]) -> Iterator[str]:
    count = Counter(result.status for result in results)
    with_formula = sum(1 for result in results if result.fact.formula)
    right = sum(1 for result in results if result.reproduced)
    yield f"{len(results)} claims; {with_formula} have a formula, and {right} of these give what is claimed."
    yield "A right sum can stand on a wrong premise: it is then *flagged*."
    yield ""
    yield "| status | means | claims |"
    yield "|---|---|---|"
    yield f"| reproduced | its formula gives it, nothing speaks against it | {count[Status.REPRODUCED]} |"
    yield f"| given | nothing to recompute, nothing speaks against it | {count[Status.GIVEN]} |"
    yield f"| flagged | a disagreement below names it | {count[Status.FLAGGED]} |"
    yield f"| off | its formula gives something else | {count[Status.OFF]} |"
    yield ""


def verdicts() -> Iterator[str]:
    yield "## Disagreements"
    yield ""
    yield "| key | verdict | claims | reason | what the program does |"
    yield "|---|---|---|---|---|"
    for one in disagreements():
        yield f"| {one.key} | {one.verdict} | {' '.join(one.fact_ids)} | {one.reason} | {one.consequence} |"
    yield ""


def findings() -> Iterator[str]:
    yield "## What the same checks find in the factor book"
    yield ""
    yield "| check | rows | finding |"
    yield "|---|---|---|"
    for found in book_findings():
        yield f"| {found.check} | {', '.join(found.rows)} | {found.detail} |"
    yield ""


def claims(results: tuple[FactResult, ...]) -> Iterator[str]:
    yield "## Claims"
    yield ""
    yield "Sources: " + "; ".join(f"{key} = {name}" for key, name in SOURCES.items()) + "."
    yield ""
    yield "| id | claim | value | source | recomputed | beside the book | status |"
    yield "|---|---|---|---|---|---|---|"
    for result in results:
        fact = result.fact
        value = " to ".join(f"{number:.8g}" for number in fact.values) or fact.text
        computed = " to ".join(f"{number:.6g}" for number in result.computed)
        beside = ""
        if result.ratio_to_factor is not None:
            beside = f"{result.ratio_to_factor:.3g} × `{fact.factor_id}`"
        keys = " ".join(one.key for one in result.disagreements)
        label = fact.label.replace("|", "/")
        cells = (
            fact.fact_id,
            label,
            f"{value} {fact.unit}",
            fact.source,
            computed,
            beside,
            f"{result.status.value} {keys}",
        )
        yield "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE.name}: {page().count(chr(10))} lines")
