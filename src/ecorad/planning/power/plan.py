"""The plan: the best mode of each device in each slot, proved, and checked against the rules before it is given out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ecorad.model import EcoradError, PowerState

from .couple import Answer, solve_group
from .dynamic import Field, Ints, cheapest, field_of, path_costs, refuse_impossible, switches_kwh
from .graph import Place
from .group import groups_of, is_kept
from .problem import Floats, PowerProblem

Status = Literal["optimal", "feasible"]


@dataclass(frozen=True, eq=False)
class PowerPlan:
    """What each device does.

    Parameters
    ----------
    places : tuple of tuple of Place, shape (devices, slots)
        Where each device is in each slot.
    cost : float
        In kWh, or money when the problem has prices.
    bound : float
        No plan costs less; equal to ``cost`` when ``status`` is ``optimal``.
    energy_kwh : ndarray, shape (devices,)
        Energy of modes and switches, without what unbooked exams are expected to add. [kWh]
    expected_wait_min : ndarray, shape (devices,)
        Minutes that unbooked patients are expected to wait for a start, summed over them. [min]
    """

    problem: PowerProblem
    places: tuple[tuple[Place, ...], ...]
    cost: float
    bound: float
    status: Status
    energy_kwh: Floats
    expected_wait_min: Floats

    def modes(self, device: int) -> list[PowerState]:
        """Mode of a device in each slot; while it switches, the mode it is on the way to."""
        return [place.mode for place in self.places[device]]


def plan_power(problem: PowerProblem, time_limit_s: float = 20.0) -> PowerPlan:
    """The cheapest plan that keeps every constraint.

    Each device alone is solved exactly by dynamic programming; where rules tie devices together and their own best ways
    break one, the group is solved exactly too (:func:`~ecorad.planning.power.couple.solve_group`).

    Parameters
    ----------
    time_limit_s : float
        Seconds for the last resort of each group; a plan not proved by then is ``feasible`` and says its bound.

    Raises
    ------
    InputError
        When no plan keeps the constraints.
    EcoradError
        When a plan broke one of its own rules: it is not given out.

    Examples
    --------
    A scanner that idles at 12 kW, draws 8.5 kW off and 6.4 kW in power save, free for 12 hours:

    >>> from ecorad.planning.power.problem import PowerDevice, Transition
    >>> off, save, idle = PowerState.OFF, PowerState.POWER_SAVE, PowerState.IDLE
    >>> switch = Transition(minutes=15)
    >>> device = PowerDevice(
    ...     name="MR 1",
    ...     power_kw={off: 8.5, save: 6.4, idle: 12.0},
    ...     transitions={(idle, off): switch, (off, idle): switch, (idle, save): switch, (save, idle): switch},
    ...     required=np.array([True] + 12 * [False] + [True]),
    ... )
    >>> plan = plan_power(PowerProblem(devices=(device,), slots=14, slot_min=60))
    >>> [mode.value for mode in plan.modes(0)][:3], plan.status, round(float(plan.energy_kwh[0]), 1)
    (['idle', 'power_save', 'power_save'], 'optimal', 100.8)
    """
    if not problem.devices:
        return PowerPlan(problem, (), 0.0, 0.0, "optimal", np.zeros(0), np.zeros(0))
    field = field_of(problem)
    cost, paths = cheapest(field)
    refuse_impossible(cost, problem)
    bounds = cost.copy()
    groups = groups_of(problem, field)
    is_proved = True
    for group in groups:
        rows = list(group.rows)
        if is_kept(group, paths[rows]):
            continue
        answer: Answer = solve_group(field, group, time_limit_s)
        paths[rows] = answer.paths
        bounds[rows] = 0.0
        bounds[rows[0]] = answer.bound
        is_proved &= answer.cost <= answer.bound + 1e-6 * max(1.0, abs(answer.bound))
    total = float(path_costs(field, paths).sum())
    broken = not np.isfinite(total) or not all(is_kept(group, paths[list(group.rows)]) for group in groups)
    if broken:
        raise EcoradError("a plan broke one of its own rules and was not given out", code="ecorad.power.broken_plan")
    places = tuple(tuple(graph.places[int(n)] for n in path) for graph, path in zip(field.graphs, paths, strict=True))
    return PowerPlan(
        problem=problem,
        places=places,
        cost=total,
        bound=min(float(bounds.sum()), total) if not is_proved else total,
        status="optimal" if is_proved else "feasible",
        energy_kwh=_energy(field, paths, problem),
        expected_wait_min=_waits(places, problem),
    )


def _energy(field: Field, paths: Ints, problem: PowerProblem) -> Floats:
    """Modes and switches. [kWh]"""
    power_kw = [[graph.places[int(n)].power_kw for n in path] for graph, path in zip(field.graphs, paths, strict=True)]
    energy: Floats = problem.slot_h * np.array(power_kw).sum(axis=1) + switches_kwh(field, paths).sum(axis=1)
    return energy


def _waits(places: tuple[tuple[Place, ...], ...], problem: PowerProblem) -> Floats:
    found = np.zeros(len(places))
    for d, (way, device) in enumerate(zip(places, problem.devices, strict=True)):
        if device.arrivals is not None:
            pairs = zip(device.arrivals, way, strict=True)
            found[d] = sum(float(rate) * place.wake_min for rate, place in pairs if rate > 0)
    return found
