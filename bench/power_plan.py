"""Plans for 50 scanners over a day in quarters of an hour. Aim: under 1 s, proved."""

from __future__ import annotations

import numpy as np

from ecorad.model import PowerState
from ecorad.planning.power import PowerDevice, PowerProblem, ReadyRule, Transition, plan_power

from .harness import Timing, timed

SLOTS, SLOT_MIN, SCANNERS = 96, 15.0, 50
SWITCHES = ((PowerState.OFF, 20.0), (PowerState.POWER_SAVE, 12.0), (PowerState.READY, 1.0))


def measure() -> list[Timing]:
    """Without rules, one rule a group of five, and one rule over all."""
    alone = fleet(0, 0)
    first = timed("50 scanners, no rule", lambda: plan_power(alone))
    rows = [first]
    for size, at_least in ((5, 1), (10, 2), (50, 5)):
        problem = fleet(size, at_least)
        status = plan_power(problem).status
        what = f"50 scanners, {at_least} of every {size} within 10 min ({status})"
        rows.append(timed(what, lambda problem=problem: plan_power(problem), anchor=first))
    return rows


def fleet(group: int, at_least: int, seed: int = 0) -> PowerProblem:
    """Half MRI, half CT, each with its own powers, switches and opening hours, from noon to noon."""
    rng = np.random.default_rng(seed)
    devices = tuple(_device(n, rng) for n in range(SCANNERS))
    always = np.ones(SLOTS, dtype=bool)
    groups = range(0, SCANNERS, group) if group else ()
    rules = tuple(
        ReadyRule(
            devices=tuple(str(n) for n in range(first, first + group)), at_least=at_least, within_min=10, slots=always
        )
        for first in groups
    )
    return PowerProblem(devices=devices, slots=SLOTS, slot_min=SLOT_MIN, rules=rules)


def _device(number: int, rng: np.random.Generator) -> PowerDevice:
    is_mr = number % 2 == 1
    idle = rng.uniform(9.5, 14.5) if is_mr else rng.uniform(1.3, 3.9)
    power = {
        PowerState.OFF: 0.7 * idle if is_mr else 0.01,
        PowerState.POWER_SAVE: (0.5 if is_mr else 0.35) * idle,
        PowerState.IDLE: idle,
        PowerState.READY: 1.6 * idle,
    }
    transitions = {}
    for mode, minutes in SWITCHES:
        transitions[PowerState.IDLE, mode] = Transition(minutes=5.0 if minutes > 1 else 0.0, energy_kwh=0.02)
        transitions[mode, PowerState.IDLE] = Transition(minutes=minutes, energy_kwh=float(rng.uniform(0.1, 1.0)))
    clock = 12 + np.arange(SLOTS) * SLOT_MIN / 60
    required = (clock < 18 + rng.integers(0, 3) / 2) | (clock > 31.5 - rng.integers(0, 4) / 2)
    return PowerDevice(
        name=str(number),
        power_kw=power,
        transitions=transitions,
        required=required,
        arrivals=rng.uniform(0, 0.05, SLOTS),
        least_min={PowerState.OFF: 60.0},
        initial=PowerState.IDLE,
    )
