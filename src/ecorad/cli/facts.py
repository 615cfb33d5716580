"""``ecorad facts``: the evidence checker, every published claim recomputed and judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ecorad.model import InputError

from .console import next_step, note, page, print_json, say, table
from .failure import Status as ExitStatus
from .options import AsJson

if TYPE_CHECKING:
    from ecorad.factors.facts import FactResult

STATUSES = ("reproduced", "given", "flagged", "off")


def facts(
    fact_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One claim, like SF027, with its reasons.")
    ] = None,
    status: Annotated[
        str | None, typer.Option("--status", metavar="|".join(STATUSES), help="Only claims that ended so.")
    ] = None,
    group: Annotated[str | None, typer.Option("--group", metavar="NAME", help="Only claims of this group.")] = None,
    as_json: AsJson = False,
) -> int:
    """Recompute every published claim and say what speaks against it. Exits with 3 if a formula does not hold."""
    from ecorad.factors.facts import check_all

    if status is not None and status not in STATUSES:
        raise InputError(f"--status must be one of {', '.join(STATUSES)}", code="ecorad.input.status")
    everything = check_all()
    shown = [one for one in everything if _is_wanted(one, fact_id, status, group)]
    if fact_id is not None and not shown:
        from ecorad.factors.facts.records import fact

        fact(fact_id)  # says which identifiers there are
    if as_json:
        _json(everything, shown)
    elif fact_id is not None and shown:
        _one(shown[0])
    else:
        _table(everything, shown)
    is_off = any(one.status.value == "off" for one in everything)
    return int(ExitStatus.COULD_NOT if is_off else ExitStatus.DONE)


def _is_wanted(one: FactResult, fact_id: str | None, status: str | None, group: str | None) -> bool:
    return (
        (fact_id is None or one.fact.fact_id == fact_id.upper())
        and (status is None or one.status.value == status)
        and (group is None or one.fact.group == group)
    )


def _json(everything: tuple[FactResult, ...], shown: list[FactResult]) -> None:
    from ecorad.factors.facts import book_findings, disagreements

    named = {one.key for result in shown for one in result.disagreements}
    print_json(
        {
            "claims": len(everything),
            "counts": _counts(everything),
            "facts": [one.as_dict() for one in shown],
            "disagreements": [
                asdict(one) for one in disagreements() if one.key in named or len(shown) == len(everything)
            ],
            "book_findings": [asdict(found) for found in book_findings()],
        }
    )


def _counts(results: tuple[FactResult, ...]) -> dict[str, int]:
    found = Counter(one.status.value for one in results)
    return {name: found[name] for name in STATUSES}


def _table(everything: tuple[FactResult, ...], shown: list[FactResult]) -> None:
    cells = [
        (
            one.fact.fact_id,
            one.fact.label,
            _range(one.fact.values) or one.fact.text,
            one.fact.unit,
            _range(one.computed),
            one.status.value,
            " ".join(reason.key for reason in one.disagreements),
        )
        for one in shown
    ]
    columns = ("id", "claim", "value", "unit", "recomputed", "status", "why")
    page().print(table(columns, cells, right=("value", "recomputed")))
    counts = ", ".join(f"{number} {name}" for name, number in _counts(everything).items())
    note(f"{len(everything)} claims: {counts}.")
    next_step("ecorad facts SF034")


def _one(result: FactResult) -> None:
    fact = result.fact
    beside = "" if result.ratio_to_factor is None else f"{result.ratio_to_factor:.3g} times {fact.factor_id}"
    cells = [
        ("value", f"{_range(fact.values) or fact.text} {fact.unit}"),
        ("source", " ".join(part for part in (fact.source, fact.reference) if part)),
        ("formula", fact.formula),
        ("recomputed", _range(result.computed)),
        ("beside the book", beside),
        ("status", result.status.value),
        ("remark", fact.remark),
        *((f"{one.key} ({one.verdict})", f"{one.reason}. So: {one.consequence}") for one in result.disagreements),
    ]
    say(f"{fact.fact_id}: {fact.label}\n")
    page().print(table(("", ""), [cell for cell in cells if cell[1]]))


def _range(values: tuple[float, ...]) -> str:
    return " to ".join(f"{value:,.8g}" for value in values)
