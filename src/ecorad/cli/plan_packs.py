"""``ecorad plan packs``: which contrast packs to open for a list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecorad.model import InputError

from .console import note, page, print_json, say, table
from .options import AsJson

if TYPE_CHECKING:
    from ecorad.planning.packs import PackPlan

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
    time_limit_s: Annotated[
        float, typer.Option("--time-limit", metavar="S", min=0.1, max=3600.0, help="Seconds to search.")
    ] = 8.0,
    as_json: AsJson = False,
) -> None:
    """Choose which contrast packs to open for a list of injections."""
    if objective not in _OBJECTIVES:
        raise InputError(f"--objective must be one of {', '.join(_OBJECTIVES)}", code="ecorad.packs.objective")
    from ecorad.planning.packs import PackProblem, parse_injections, parse_packs
    from ecorad.planning.packs import plan_packs as solve

    problem = PackProblem(
        parse_injections(_read(injections, "--injections")),
        parse_packs(_read(packs, "--packs")),
        sharing=sharing,
        objective="waste" if objective == "waste" else "cost",
    )
    plan = solve(problem, time_limit_s)
    if as_json:
        print_json(plan.as_dict())
        return
    _tell(plan)


def _read(path: Path, option: str) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError(f"the file of {option} is not JSON", code="ecorad.packs.input") from None


def _tell(plan: PackPlan) -> None:
    drawn: dict[str, list[str]] = {}
    for draw in plan.draws:
        drawn.setdefault(draw.pack, []).append(f"{draw.injection} {draw.ml:g} mL")
    rows = [(pack.id, pack.opened_at.isoformat(timespec="minutes"), ", ".join(drawn[pack.id])) for pack in plan.packs]
    page().print(table(("pack", "open at", "for"), rows))
    say(f"\n{len(plan.packs)} packs, cost {plan.cost:,.2f}, {plan.waste_ml:,.1f} mL left over.")
    proof = "proved: no plan is better" if plan.status == "optimal" else f"not proved; none goes below {plan.bound:g}"
    note(f"This plan is {proof}.")
