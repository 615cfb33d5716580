"""``ecorad check contrast``: the interval between two contrast injections."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from .console import note, page, print_json, say, table
from .options import AsJson, SiteRules

if TYPE_CHECKING:
    from ecorad.safety import Advice

_AGENT = "iodine|gadolinium"
VERDICTS = {
    "ok": "The interval is kept.",
    "wait": "Wait.",
    "change": "Do it another way.",
    "cannot_advise": "CANNOT ADVISE: data or rule are missing. This is not a yes.",
}


def check_contrast(
    previous: Annotated[str, typer.Option("--previous", metavar=_AGENT, help="Agent that was given.")],
    following: Annotated[str, typer.Option("--next", metavar=_AGENT, help="Agent that is planned.")],
    egfr: Annotated[float | None, typer.Option("--egfr", metavar="X", help="eGFR in mL/min/1.73 m2.")] = None,
    dialysis: Annotated[
        str, typer.Option("--dialysis", metavar="none|residual|anuric", help="With or without residual function.")
    ] = "none",
    previous_at: Annotated[
        str | None, typer.Option("--previous-at", metavar="T", help="When it was given, like 2026-03-02T08:00+01:00.")
    ] = None,
    next_at: Annotated[str | None, typer.Option("--next-at", metavar="T", help="When the next one is planned.")] = None,
    rule_set: Annotated[
        str | None, typer.Option("--rule-set", metavar="ID", help="One edition; the stricter of all unless said.")
    ] = None,
    egfr_at: Annotated[
        str | None, typer.Option("--egfr-at", metavar="T", help="When the sample for the eGFR was taken.")
    ] = None,
    egfr_unit: Annotated[
        str, typer.Option("--egfr-unit", metavar="UNIT", help="As the laboratory wrote it.")
    ] = "mL/min/1.73m2",
    aki: Annotated[bool, typer.Option("--aki", help="Acute kidney injury.")] = False,
    metformin: Annotated[bool, typer.Option("--metformin", help="The patient takes metformin.")] = False,
    site: SiteRules = None,
    as_json: AsJson = False,
) -> None:
    """Tell from when the next contrast injection keeps its interval."""
    from ecorad.rules.local import rules_of
    from ecorad.safety import RenalFunction, check_contrast_interval
    from ecorad.safety.moments import BARE, on_one_clock, read_time

    written = {"--previous-at": previous_at, "--next-at": next_at, "--egfr-at": egfr_at}
    times, is_bare = on_one_clock({option: read_time(text, option) for option, text in written.items()})
    with rules_of(site):
        advice = check_contrast_interval(
            previous=previous,
            following=following,
            egfr=egfr,
            previous_at=times["--previous-at"],
            at=times["--next-at"],
            rule_set=rule_set,
            renal=RenalFunction(egfr, times["--egfr-at"], dialysis, aki, egfr_unit),
            metformin=metformin,
        )
    if is_bare:
        advice = replace(advice, reasons=(*advice.reasons, BARE))
    if as_json:
        print_json(advice.as_dict(is_bare=is_bare))
        return
    tell(advice, is_bare=is_bare)


def tell(advice: Advice, *, is_bare: bool = False) -> None:
    """One answer in words: verdict, time, rule, reasons, data with their age."""
    answer = advice.as_dict(is_bare=is_bare)
    say(VERDICTS[advice.verdict])
    if answer["earliest"]:
        say(f"Earliest: {answer['earliest']}")
    say(f"Rule: {advice.rule} of {advice.rule_set} ({advice.version})\n")
    for reason in answer["reasons"]:
        say(f"- {reason}")
    rows = [
        (row["name"], "unknown" if row["value"] is None else row["value"], row["at"] or "", _age(row["age_h"]))
        for row in answer["data"]
    ]
    say("")
    page().print(table(("data used", "value", "at", "age"), rows))
    note("Advice, not a clearance: the physician decides. `ecorad rules show ID` shows a rule with its source.")


def _age(hours: float | None) -> str:
    if hours is None:
        return ""
    return f"{hours:.1f} h" if abs(hours) < 72 else f"{hours / 24:.0f} d"
