"""The answer: packs to open, what is drawn from each, what is left over; checked before it leaves the room."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from ecorad.model import EcoradError

from .patterns import Pattern, windows_of
from .private import private_sets
from .problem import Injection, PackProblem, tenths
from .solve import solve

_TIME_LIMIT_S = 9.0


@dataclass(frozen=True, slots=True)
class OpenedPack:
    """One pack to open."""

    id: str
    name: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw for one injection from one opened pack. [mL]"""

    injection: str
    pack: str
    ml: float


@dataclass(frozen=True, slots=True)
class PackPlan:
    """A plan; ``bound`` is what no plan can go below, in the unit of the objective (money, or mL of waste).

    ``waste_active_g`` is the iodine or gadolinium of what is left over, unknown when a pack's strength is. [g]
    """

    packs: tuple[OpenedPack, ...]
    draws: tuple[Draw, ...]
    cost: float
    waste_ml: float
    status: Literal["optimal", "feasible"]
    bound: float
    smallest_sufficient: dict[str, float]
    waste_active_g: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The plan as the command line writes it."""
        return {
            "packs": [{"id": p.id, "name": p.name, "opened_at": p.opened_at.isoformat()} for p in self.packs],
            "draws": [{"injection": d.injection, "pack": d.pack, "ml": d.ml} for d in self.draws],
            "cost": self.cost,
            "waste_ml": self.waste_ml,
            "status": self.status,
            "bound": self.bound,
            "smallest_sufficient": self.smallest_sufficient,
            "waste_active_g": self.waste_active_g,
        }


def plan_packs(problem: PackProblem, time_limit_s: float = _TIME_LIMIT_S) -> PackPlan:
    """The packs to open for a list, at the least cost or waste, proved where ``status`` is "optimal".

    Examples
    --------
    >>> from .problem import parse_injections, parse_packs
    >>> times = {"a": "2026-03-02T08:00", "b": "2026-03-02T09:00"}
    >>> day = parse_injections([{"id": name, "at": at, "volume_ml": 70} for name, at in times.items()])
    >>> shelf = parse_packs([{"name": "100", "size_ml": 100, "price": 30}, {"name": "bulk", "size_ml": 200, "price": 45,
    ...                       "multi_patient": True, "in_use_life_h": 8}])
    >>> plan = plan_packs(PackProblem(day, shelf, sharing=True))
    >>> plan.cost, plan.waste_ml, plan.status
    (45.0, 60.0, 'optimal')
    """
    sets = private_sets(problem)
    singles = [Pattern(weight, (j,), None) for j, (weight, _) in enumerate(sets)]
    solution = solve(singles, windows_of(problem), len(problem.injections), time_limit_s)
    packs, draws = _open(problem, solution.patterns, [chosen for _, chosen in sets])
    needed_ml = math.fsum(injection.volume_ml for injection in problem.injections)
    by_name = {pack.name: pack for pack in problem.packs}
    opened_ml = math.fsum(by_name[pack.name].size_ml for pack in packs)
    offset = needed_ml if problem.objective == "waste" else 0.0
    plan = PackPlan(
        tuple(packs),
        tuple(draws),
        cost=math.fsum(by_name[pack.name].price for pack in packs),
        waste_ml=round(opened_ml - needed_ml, 6),
        status="optimal" if solution.is_optimal else "feasible",
        bound=round(solution.bound - offset, 6),
        smallest_sufficient=_smallest_sufficient(problem),
        waste_active_g=_waste_active_g(problem, packs, draws),
    )
    check(problem, plan)
    return plan


def check(problem: PackProblem, plan: PackPlan) -> None:
    """Refuse a plan that breaks a rule, whoever made it.

    Raises
    ------
    EcoradError
        Names the rule (volume, size, life, sharing).
    """
    by_name = {pack.name: pack for pack in problem.packs}
    injections = {injection.id: injection for injection in problem.injections}
    for injection in problem.injections:
        drawn_ml = math.fsum(draw.ml for draw in plan.draws if draw.injection == injection.id)
        _hold(abs(drawn_ml - injection.volume_ml) < 1e-6, "an injection does not get its volume")
    for opened in plan.packs:
        kind = by_name[opened.name]
        mine = [draw for draw in plan.draws if draw.pack == opened.id]
        times = [injections[draw.injection].at for draw in mine]
        _hold(math.fsum(draw.ml for draw in mine) <= kind.size_ml + 1e-6, "a pack gives more than it holds")
        _hold(min(times, default=opened.opened_at) >= opened.opened_at, "a pack is drawn from before it is opened")
        if len({draw.injection for draw in mine}) > 1:
            _hold(kind.multi_patient and problem.sharing, "a pack is shared that may not be")
            life = timedelta(hours=kind.in_use_life_h)
            _hold(max(times) <= opened.opened_at + life, "a pack is used beyond its in-use life")


def _open(
    problem: PackProblem, patterns: tuple[Pattern, ...], private: list[tuple[int, ...]]
) -> tuple[list[OpenedPack], list[Draw]]:
    """Packs and draws of the chosen patterns; an injection covered twice is drawn from the earlier one."""
    packs: list[OpenedPack] = []
    draws: list[Draw] = []
    served: set[int] = set()
    for pattern in sorted(patterns, key=lambda p: (p.injections, p.pack is None)):
        mine = [j for j in pattern.injections if j not in served]
        served.update(mine)
        if not mine:
            continue
        kinds = private[mine[0]] if pattern.pack is None else (pattern.pack,)
        queue = [(problem.injections[j], problem.injections[j].volume_ml) for j in mine]
        _draw(problem, kinds, queue, packs, draws)
    return packs, draws


def _draw(
    problem: PackProblem,
    kinds: tuple[int, ...],
    queue: list[tuple[Injection, float]],
    packs: list[OpenedPack],
    draws: list[Draw],
) -> None:
    opened_at = queue[0][0].at
    for kind in kinds:
        pack = problem.packs[kind]
        opened = OpenedPack(f"{pack.name} #{len(packs) + 1}", pack.name, opened_at)
        packs.append(opened)
        room_ml = pack.size_ml
        while queue and room_ml > 1e-9:
            injection, rest_ml = queue.pop(0)
            ml = min(rest_ml, room_ml)
            draws.append(Draw(injection.id, opened.id, round(ml, 6)))
            room_ml -= ml
            if rest_ml - ml > 1e-9:
                queue.insert(0, (injection, rest_ml - ml))


def _waste_active_g(problem: PackProblem, packs: list[OpenedPack], draws: list[Draw]) -> float | None:
    kinds = {pack.name: pack for pack in problem.packs}
    total_g = 0.0
    for opened in packs:
        kind = kinds[opened.name]
        if kind.active_mg_ml is None:
            return None
        left_ml = kind.size_ml - math.fsum(draw.ml for draw in draws if draw.pack == opened.id)
        total_g += left_ml * kind.active_mg_ml / 1000.0
    return round(total_g, 6)


def _smallest_sufficient(problem: PackProblem) -> dict[str, float]:
    """Cost and waste of the habit to beat: for each patient the smallest single pack that holds the volume."""
    cost = waste_ml = 0.0
    for injection in problem.injections:
        fitting = [p for p in problem.packs if tenths(p.size_ml) >= tenths(injection.volume_ml)]
        if not fitting:
            return {}
        pack = min(fitting, key=lambda p: (p.size_ml, p.price))
        cost += pack.price
        waste_ml += pack.size_ml - injection.volume_ml
    return {"cost": round(cost, 6), "waste_ml": round(waste_ml, 6)}


def _hold(condition: bool, rule: str) -> None:
    if not condition:
        raise EcoradError(f"the plan was refused: {rule}", code="ecorad.packs.broken_plan")
