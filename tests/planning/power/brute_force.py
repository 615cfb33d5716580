"""Every plan of a small problem, by following commands minute rules by hand; shares no code with the planner."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from ecorad.model import PowerState
from ecorad.planning.power import PowerDevice, PowerProblem

AWAKE = (PowerState.IDLE, PowerState.READY)


@dataclass
class Followed:
    """One device following one list of commands: cost and minutes until awake in each slot."""

    cost: float
    wake: tuple[float, ...]


def wake_from(device: PowerDevice, mode: PowerState, seen=()) -> float:
    if mode in AWAKE:
        return 0.0
    ways = [
        switch.minutes + wake_from(device, end, (*seen, mode))
        for (start, end), switch in device.transitions.items()
        if start is mode and end not in seen and end is not mode
    ]
    return min(ways, default=math.inf)


def again(device: PowerDevice, mode: PowerState) -> float:
    """Energy of waking once and going back, over any number of switches."""
    if mode in AWAKE:
        return 0.0

    def least(start, ends, seen=()):
        if start in ends:
            return 0.0
        ways = [
            switch.energy_kwh + least(b, ends, (*seen, start))
            for (a, b), switch in device.transitions.items()
            if a is start and b not in seen and b is not start
        ]
        return min(ways, default=math.inf)

    back = min((least(one, (mode,)) for one in AWAKE if one in device.power_kw), default=math.inf)
    return least(mode, AWAKE) + back


def follow(  # noqa: C901, PLR0912 - one rule after another, as a person would check them
    device: PowerDevice, problem: PowerProblem, commands, first: PowerState
) -> Followed | None:
    """Obey ``commands`` (one mode a slot, where to be or go); ``None`` when one cannot be obeyed."""
    mode, target, left = first, None, 0
    stayed = math.inf
    cost, wake = 0.0, []
    h = problem.slot_min / 60
    for t, command in enumerate(commands):
        price = 1.0 if problem.price is None else problem.price[t]
        if left == 0 and target is not None:  # the switch is over: it arrives in this slot
            mode, target, stayed = target, None, 0
        if target is not None:
            if command is not target:
                return None
        elif command is not mode:
            switch = device.transitions.get((mode, command))
            if (t == 0 and device.initial is None) or switch is None:
                return None
            if stayed * problem.slot_min < device.least_min.get(mode, 0.0) - 1e-9 or (stayed == 0 and t > 0):
                return None
            cost += switch.energy_kwh * price
            left = math.ceil(switch.minutes / problem.slot_min - 1e-9)
            if left == 0:
                mode, stayed = command, 0
            else:
                target, total_min = command, switch.minutes
                length = left
        if target is None:
            kw, here = device.power_kw[mode], wake_from(device, mode)
            if mode not in AWAKE and stayed < math.inf:
                slots = max(1, math.ceil(device.least_min.get(mode, 0.0) / problem.slot_min - 1e-9))
                here += max(0, slots - stayed - 1) * problem.slot_min
            extra = again(device, mode)
            stayed += 1
        else:
            kw = min(device.power_kw[mode], device.power_kw[target])
            here = max(total_min - (length - left) * problem.slot_min, 0.0) + wake_from(device, target)
            if target not in AWAKE:
                slots = max(1, math.ceil(device.least_min.get(target, 0.0) / problem.slot_min - 1e-9))
                here += (slots - 1) * problem.slot_min
            extra = again(device, target)
            left -= 1
        if device.required[t] and not (target is None and mode in AWAKE):
            return None
        cost += kw * h * price
        if device.arrivals is not None and device.arrivals[t] > 0:
            cost += device.arrivals[t] * (extra * price + here * problem.delay_cost_per_min)
        wake.append(here)
    return Followed(cost, tuple(wake))


def ways(device: PowerDevice, problem: PowerProblem) -> list[Followed]:
    modes = list(device.power_kw)
    found = {}
    for commands in itertools.product(modes, repeat=problem.slots):
        firsts = [commands[0]] if device.initial is None else [device.initial]
        for first in firsts:
            one = follow(device, problem, commands, first)
            if one is not None and math.isfinite(one.cost) and one.cost < found.get(one.wake, math.inf):
                found[one.wake] = one.cost
    return [Followed(cost, wake) for wake, cost in found.items()]


def least_cost(problem: PowerProblem) -> float:
    """Cost of the best of all plans; infinite when there is none."""
    each = [ways(device, problem) for device in problem.devices]
    names = [device.name for device in problem.devices]
    best = math.inf
    for choice in itertools.product(*each):
        cost = sum(one.cost for one in choice)
        if cost >= best:
            continue
        if all(
            sum(choice[names.index(n)].wake[t] <= rule.within_min + 1e-9 for n in rule.devices) >= rule.at_least
            for rule in problem.rules
            for t in range(problem.slots)
            if rule.slots[t]
        ):
            best = cost
    return best
