"""The problem of one night, its solution, and what it saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

import numpy as np

from ecorad.footprint.carbon import Intensity
from ecorad.model import InputError, Issue, PowerState, Site
from ecorad.model.site_power import is_within
from ecorad.planning.power import PowerDevice, PowerPlan, PowerProblem, ReadyRule, plan_power
from ecorad.planning.power.learned import NO_STATES, DeviceHistory, Learned, learn_modes
from ecorad.planning.power.night import (
    SLOT_MIN,
    Before,
    Night,
    before,
    booked_slots,
    nights_alike,
    open_slots,
)
from ecorad.planning.power.replay import replayed
from ecorad.planning.power.roster import Stretch, stretches
from ecorad.planning.power.savings import Compared, Saved, saved

from .inputs import PlanInputs

Objective = Literal["energy", "money"]
Booked = Mapping[str, Sequence[tuple[int, int]]]
RULE_LEFT_OUT = "ecorad.power.rule_left_out"


@dataclass(frozen=True, kw_only=True, eq=False)
class Planned:
    """One device of the plan, with what it rests on."""

    history: DeviceHistory
    learned: Learned
    before: Before
    saved: Saved
    policies: Mapping[str, float] | None
    energy_kwh: float
    wait_min: float


@dataclass(frozen=True, kw_only=True, eq=False)
class NightPlan:
    """A plan for one night."""

    night: Night
    plan: PowerPlan
    devices: tuple[Planned, ...]
    stretches: tuple[Stretch, ...]
    objective: Objective
    marginal: Intensity | None
    issues: tuple[Issue, ...]


def build(
    inputs: PlanInputs, site: Site, night: Night, *, booked: Booked, objective: Objective, delay_cost_per_min: float
) -> NightPlan:
    """Learn, plan, and compare with the nights before.

    Raises
    ------
    InputError
        When money is to be kept low and no price is known, or no plan keeps the rules.
    """
    issues = [Issue(NO_STATES, where=name, detail=reason) for name, reason in inputs.unknown]
    known: list[tuple[DeviceHistory, Learned]] = []
    for history in inputs.devices:
        modality = history.modality or ""
        learned = learn_modes(history, inputs.published.get(modality, {}), inputs.break_even.get(modality, {}))
        if learned is None:
            issues.append(Issue(NO_STATES, where=history.name, detail="no idle level"))
        else:
            issues += learned.issues
            known.append((history, learned))
    earlier = [before(history, learned, night, inputs.hours[history.name]) for history, learned in known]
    price = _price(site, night)
    if objective == "money" and price is None:
        raise InputError("money needs tariff_per_kwh or [[tariff]] in site.toml", code="ecorad.power.no_tariff")
    rules, rule_issues = _rules(site, [history.name for history, _ in known], night)
    problem = PowerProblem(
        devices=tuple(
            _device(history, learned, one, _required(night, inputs, history.name, booked))
            for (history, learned), one in zip(known, earlier, strict=True)
        ),
        slots=night.slots,
        slot_min=SLOT_MIN,
        rules=rules,
        price=price if objective == "money" else None,
        delay_cost_per_min=delay_cost_per_min,
    )
    plan = plan_power(problem)
    edges = [*night.local(), _local_end(night)]
    return NightPlan(
        night=night,
        plan=plan,
        devices=tuple(
            _planned(n, history, learned, one, plan=plan, inputs=inputs, night=night, site=site, price=price)
            for n, ((history, learned), one) in enumerate(zip(known, earlier, strict=True))
        ),
        stretches=tuple(stretches(plan, edges)),
        objective=objective,
        marginal=inputs.marginal,
        issues=(*issues, *rule_issues),
    )


def _local_end(night: Night) -> datetime:
    last = night.local()[-1]
    offset = last.utcoffset() or timedelta(0)
    return last.astimezone(timezone(offset)) + timedelta(minutes=SLOT_MIN)


def _required(night: Night, inputs: PlanInputs, name: str, booked: Booked) -> np.ndarray:
    """Opening hours; where a list of bookings was given for the device, the booked exams alone."""
    if name in booked:
        return booked_slots(night, booked[name])
    return open_slots(night, inputs.hours[name])


def _device(history: DeviceHistory, learned: Learned, earlier: Before, required: np.ndarray) -> PowerDevice:
    return PowerDevice(
        name=history.name,
        power_kw=learned.power_kw,
        transitions=learned.transitions,
        required=required,
        arrivals=earlier.arrivals,
        least_min=history.entry.least_min,
        initial=PowerState.IDLE if required[0] else None,
    )


def _rules(site: Site, names: Sequence[str], night: Night) -> tuple[tuple[ReadyRule, ...], list[Issue]]:
    """Rules over the devices that are planned; the others are taken to stay as they are, and count for nothing."""
    alias = {entry.serial: entry.alias for entry in site.devices}
    local = night.local()
    rules, issues = [], []
    for number, entry in enumerate(site.ready, 1):
        devices = tuple(dict.fromkeys(alias.get(name, name) for name in entry.devices))
        planned = tuple(name for name in devices if name in names)
        at_least = min(entry.at_least, len(planned))
        if at_least < entry.at_least:
            issues.append(Issue(RULE_LEFT_OUT, where=f"[[ready]] {number}", detail=f"{len(planned)} devices planned"))
        if planned:
            slots = np.array([is_within(moment.time(), entry.hours) for moment in local])
            rules.append(ReadyRule(devices=planned, at_least=at_least, within_min=entry.within_min, slots=slots))
    return tuple(rules), issues


def _price(site: Site, night: Night) -> np.ndarray | None:
    prices = [site.price_per_kwh(moment) for moment in night.local()]
    known = [price for price in prices if price is not None]
    return np.array(known) if len(known) == len(prices) else None


def _planned(
    number: int,
    history: DeviceHistory,
    learned: Learned,
    earlier: Before,
    *,
    plan: PowerPlan,
    inputs: PlanInputs,
    night: Night,
    site: Site,
    price: np.ndarray | None,
) -> Planned:
    places = plan.places[number]
    plan_kw = np.array([place.power_kw for place in places])
    energy = float(plan.energy_kwh[number])
    used = {learned.source[place.mode] for place in places}
    weakest = next(one for one in ("published", "site", "measured") if one in used)
    woken = sum(
        float(rate) * learned.round_trip_kwh.get(place.mode, 0.0)
        for rate, place in zip(earlier.arrivals, places, strict=True)
    )
    compared = Compared(
        name=history.key,
        before_kw=earlier.power_kw,
        before_switches_kwh=earlier.switches,
        plan_kw=plan_kw,
        plan_switches_kwh=energy - float(plan_kw.sum()) * plan.problem.slot_h,
        woken_kwh=woken,
        slot_h=plan.problem.slot_h,
        source=weakest,
        accuracy_percent=history.accuracy_percent,
        factors=learned.factors if weakest == "published" else (),
    )
    nights = nights_alike(history, night, inputs.hours[history.name])
    return Planned(
        history=history,
        learned=learned,
        before=earlier,
        saved=saved(compared, site.currency, price, inputs.marginal),
        policies=replayed(plan.modes(number), nights, history, learned, inputs.hours[history.name]),
        energy_kwh=energy + woken,
        wait_min=float(plan.expected_wait_min[number]),
    )
