"""``ecorad plan packs``: which contrast packs to open for a list."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import note, page, print_json, say, table
from .options import AsJson

if TYPE_CHECKING:
    from ecorad.planning.packs import PackPlan, PackProblem

_MONTH_DAYS = 31
_OBJECTIVES = ("cost", "waste")


def plan_packs(
    injections: Annotated[Path, typer.Option("--injections", metavar="F", help="JSON list of {id, at, volume_ml}.")],
    packs: Annotated[
        Path,
        typer.Option("--packs", metavar="F", help="JSON list of {name, size_ml, price, multi_patient, in_use_life_h}."),
    ],
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Folder of the site; its sheets tell what was opened.")
    ] = None,
    sharing: Annotated[
        bool, typer.Option("--sharing", help="Packs for several patients may be shared within their in-use life.")
    ] = False,
    objective: Annotated[str, typer.Option("--objective", metavar="cost|waste", help="What to keep low.")] = "cost",
    round_within_ml: Annotated[
        float, typer.Option("--round-within", metavar="ML", help="Round down to a pack at most so much smaller.")
    ] = 0.0,
    floor_ml: Annotated[
        float, typer.Option("--floor", metavar="ML", help="No injection is rounded below this volume.")
    ] = 60.0,
    kind: Annotated[
        str, typer.Option("--kind", metavar="iodine|gadolinium", help="Of the sheet to compare with.")
    ] = "iodine",
    time_limit_s: Annotated[
        float, typer.Option("--time-limit", metavar="S", min=0.1, max=3600.0, help="Seconds to search.")
    ] = 9.0,
    as_json: AsJson = False,
) -> None:
    """Choose which contrast packs to open for a list of injections."""
    if objective not in _OBJECTIVES:
        raise InputError(f"--objective must be one of {', '.join(_OBJECTIVES)}", code="ecorad.packs.objective")
    from ecorad.planning.packs import PackProblem, parse_injections, parse_packs, round_down
    from ecorad.planning.packs import plan_packs as solve

    shelf = parse_packs(_read(packs, "--packs"))
    ordered = parse_injections(_read(injections, "--injections"))
    planned, rounded = round_down(ordered, shelf, within_ml=round_within_ml, floor_ml=floor_ml)
    problem = PackProblem(planned, shelf, sharing, "waste" if objective == "waste" else "cost")
    plan = solve(problem, time_limit_s)
    reality = None if directory is None else _reality(directory, problem, kind)
    if as_json:
        beside = {"rounded": [asdict(one) for one in rounded], "last_month": reality}
        print_json({**plan.as_dict(), **beside})
        return
    _tell(plan, problem, len(rounded), reality)


def _reality(directory: Path, problem: PackProblem, kind: str) -> dict[str, Any] | None:
    """The last month of the sheet before the list; ``None`` when it has nothing."""
    from ecorad.intake.register import open_ledger
    from ecorad.ledger import Workspace
    from ecorad.planning.packs import reality_of
    from ecorad.reporting.contrast_records import last_opened_day, opened_before

    if not problem.injections:
        return None
    workspace = Workspace.open(directory)
    with open_ledger(workspace) as ledger:
        last = last_opened_day(ledger, problem.injections[0].at.date())
        lines = [] if last is None else opened_before(ledger, workspace, last, _MONTH_DAYS, kind)
    found = reality_of(lines, problem.packs)
    return None if found is None or last is None else {"last_day": last.isoformat(), **found.as_dict()}


def _read(path: Path, option: str) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError(f"the file of {option} is not JSON", code="ecorad.packs.input") from None


def _tell(plan: PackPlan, problem: PackProblem, rounded: int, reality: dict[str, Any] | None) -> None:
    drawn: dict[str, list[str]] = {}
    for draw in plan.draws:
        drawn.setdefault(draw.pack, []).append(f"{draw.injection} {draw.ml:g} mL")
    rows = [(pack.id, pack.opened_at.isoformat(timespec="minutes"), ", ".join(drawn[pack.id])) for pack in plan.packs]
    page().print(table(("pack", "open at", "for"), rows))
    count = max(1, len(problem.injections))
    compared = [("this plan", plan.cost / count, plan.waste_ml / count)]
    if plan.smallest_sufficient:
        habit = plan.smallest_sufficient
        compared.append(("smallest sufficient vial", habit["cost"] / count, habit["waste_ml"] / count))
    if reality is not None:
        compared.append(("the last month", reality["cost_per_injection"], reality["waste_ml_per_injection"]))
    say("")
    columns = ("an injection", "cost", "mL left over")
    page().print(table(columns, [(name, _two(cost), _two(ml)) for name, cost, ml in compared], right=columns[1:]))
    active = "" if plan.waste_active_g is None else f" ({plan.waste_active_g:g} g of the active element)"
    say(f"\n{len(plan.packs)} packs, cost {plan.cost:,.2f}, {plan.waste_ml:,.1f} mL left over{active}.")
    if rounded:
        note(f"{rounded} injections were rounded down: a policy of yours, to be agreed with those who prescribe.")
    proof = "proved: no plan is better" if plan.status == "optimal" else f"not proved; none goes below {plan.bound:g}"
    note(f"This plan is {proof}. No footprint of a mL of contrast has been published, so no CO2e is given.")


def _two(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.2f}"
