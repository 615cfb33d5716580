"""Plans are the best there are: against every plan of small problems, and against published savings."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.model import InputError, PowerState
from ecorad.planning.power import PowerDevice, PowerProblem, ReadyRule, Transition, plan_power
from ecorad.planning.power.arcs import solve_arcs
from ecorad.planning.power.dynamic import field_of, path_costs
from ecorad.planning.power.group import groups_of

from .brute_force import least_cost

OFF, SAVE, IDLE, READY = PowerState.OFF, PowerState.POWER_SAVE, PowerState.IDLE, PowerState.READY
KW = st.floats(0, 20).map(lambda kw: round(kw, 2))


@st.composite
def device(draw, name: str, slots: int):
    modes = [IDLE, *draw(st.lists(st.sampled_from([OFF, SAVE, READY]), max_size=2, unique=True))]
    minutes = st.sampled_from([0.0, 5.0, 15.0, 20.0, 31.0])
    switch = st.builds(Transition, minutes=minutes, energy_kwh=st.floats(0, 3).map(lambda kwh: round(kwh, 2)))
    transitions = {}
    for mode in modes[1:]:
        transitions[IDLE, mode] = draw(switch)
        transitions[mode, IDLE] = draw(switch)
    if len(modes) == 3 and draw(st.booleans()):
        transitions[modes[1], modes[2]] = draw(switch)
    required = np.array(draw(st.lists(st.booleans(), min_size=slots, max_size=slots)))
    if draw(st.booleans()):
        required &= False
    return PowerDevice(
        name=name,
        power_kw={mode: draw(KW) for mode in modes},
        transitions=transitions,
        required=required,
        arrivals=draw(
            st.none() | st.lists(st.sampled_from([0.0, 0.1, 1.0]), min_size=slots, max_size=slots).map(np.array)
        ),
        least_min=draw(st.dictionaries(st.sampled_from(modes), st.sampled_from([15.0, 30.0, 40.0]), max_size=2)),
        initial=draw(st.none() | st.sampled_from(modes)),
    )


@st.composite
def problem(draw, count, rules=0, most_slots=5):
    slots = draw(st.integers(1, most_slots))
    names = [f"d{n}" for n in range(count)]
    rule = st.builds(
        ReadyRule,
        devices=st.lists(st.sampled_from(names), min_size=1, unique=True).map(tuple),
        at_least=st.integers(1, count),
        within_min=st.sampled_from([0.0, 5.0, 20.0, 50.0]),
        slots=st.lists(st.booleans(), min_size=slots, max_size=slots).map(np.array),
    )
    return PowerProblem(
        devices=tuple(draw(device(name, slots)) for name in names),
        slots=slots,
        slot_min=15.0,
        rules=tuple(draw(rule) for _ in range(rules)),
        price=draw(
            st.none() | st.lists(st.sampled_from([0.1, 1.0, 2.5]), min_size=slots, max_size=slots).map(np.array)
        ),
        delay_cost_per_min=draw(st.sampled_from([0.0, 0.05])),
    )


def agrees(one: PowerProblem) -> None:
    best = least_cost(one)
    if any(rule.at_least > len(rule.devices) for rule in one.rules):
        best = math.inf
    if math.isinf(best):
        with pytest.raises(InputError, match=r"ecorad\.power\.not_possible"):
            plan_power(one)
        return
    plan = plan_power(one)
    assert plan.cost == pytest.approx(best, abs=1e-6)
    assert plan.status == "optimal"


@settings(max_examples=250, deadline=None)
@given(problem(1))
def test_one_device_is_planned_as_well_as_by_trying_everything(one):
    agrees(one)


@settings(max_examples=150, deadline=None)
@given(problem(2, rules=2))
def test_tied_devices_are_planned_as_well_as_by_trying_everything(one):
    agrees(one)


@settings(max_examples=60, deadline=None)
@given(problem(3, rules=1, most_slots=3))
def test_three_tied_devices(one):
    agrees(one)


@settings(max_examples=100, deadline=None)
@given(problem(2, rules=1))
def test_the_last_resort_finds_the_same(one):
    """Branch and cut over the steps is seldom needed; here it is asked first."""
    field = field_of(one)
    for group in groups_of(one, field) if all(len(r.devices) >= r.at_least for r in one.rules) else ():
        own = field.take(group.rows)
        found = solve_arcs(own, group.counts, group.need, 10.0)
        best = least_cost(replace(one, devices=tuple(one.devices[n] for n in group.rows)))
        if found is None:
            assert math.isinf(best)
        else:
            paths, bound = found
            assert float(path_costs(own, paths).sum()) == pytest.approx(best, abs=1e-6)
            assert bound == pytest.approx(best, abs=1e-6)


def scanner(name="MR 1", powers=None, switches=None, **more):
    """A scanner with switches between idle and each other mode."""
    powers = powers or {OFF: 8.5, SAVE: 6.4, IDLE: 12.0}
    switches = switches or {}
    transitions = {}
    for mode in powers:
        if mode is not IDLE:
            transitions[IDLE, mode] = Transition()
            transitions[mode, IDLE] = switches.get(mode, Transition())
    return PowerDevice(name=name, power_kw=powers, transitions=transitions, **more)


def test_a_magnet_whose_off_draws_more_than_power_save():
    one = scanner(required=np.array([True, False, False, True]))
    plan = plan_power(PowerProblem(devices=(one,), slots=4, slot_min=60.0))
    assert plan.modes(0) == [IDLE, SAVE, SAVE, IDLE]
    assert plan.cost == pytest.approx(12 + 6.4 + 6.4 + 12)


def test_a_start_is_made_in_time_and_quality_control_counts():
    switches = {SAVE: Transition(minutes=50, energy_kwh=2.0)}
    one = scanner(switches=switches, powers={SAVE: 1.0, IDLE: 5.0}, required=np.array([True] + [False] * 11 + [True]))
    plan = plan_power(PowerProblem(devices=(one,), slots=13, slot_min=15.0))
    places = plan.places[0]
    # 50 minutes are four quarters of an hour, the last four before it is needed.
    assert [place.is_switch for place in places] == [False] * 8 + [True] * 4 + [False]
    assert [place.wake_min for place in places[8:]] == [50.0, 35.0, 20.0, 5.0, 0.0]
    assert plan.cost == pytest.approx(0.25 * (2 * 5.0 + 11 * 1.0) + 2.0)


def test_one_of_three_stays_within_reach_and_it_is_the_one_that_costs_least():
    slots, none = 40, np.zeros(40, dtype=bool)
    switch = {SAVE: Transition(minutes=30, energy_kwh=0.5)}
    devices = tuple(
        scanner(name, powers={SAVE: 1.0, IDLE: kw}, switches=switch, required=none, initial=IDLE)
        for name, kw in (("a", 4.0), ("b", 3.0), ("c", 5.0))
    )
    rule = ReadyRule(devices=("a", "b", "c"), at_least=1, within_min=15.0, slots=np.ones(slots, dtype=bool))
    plan = plan_power(PowerProblem(devices=devices, slots=slots, slot_min=15.0, rules=(rule,)))
    assert plan.status == "optimal"
    assert [set(plan.modes(n)) for n in range(3)] == [{SAVE}, {IDLE}, {SAVE}]
    assert plan.cost == pytest.approx(10 * (1.0 + 3.0 + 1.0))


def test_a_mode_that_wakes_soon_enough_is_ready_enough():
    slots, none = 40, np.zeros(40, dtype=bool)
    one = scanner(powers={SAVE: 1.0, IDLE: 4.0}, switches={SAVE: Transition(minutes=5)}, required=none, initial=IDLE)
    rule = ReadyRule(devices=("MR 1",), at_least=1, within_min=10.0, slots=np.ones(slots, dtype=bool))
    plan = plan_power(PowerProblem(devices=(one,), slots=slots, slot_min=15.0, rules=(rule,)))
    assert set(plan.modes(0)) == {SAVE}


def test_a_shortest_stay_is_kept_and_a_mode_that_is_not_there_is_not_used():
    required = np.array([True] + [False] * 4 + [True])
    one = scanner(powers={SAVE: 1.0, IDLE: 4.0}, least_min={SAVE: 75.0}, required=required)
    plan = plan_power(PowerProblem(devices=(one,), slots=6, slot_min=15.0))
    assert set(plan.modes(0)) == {IDLE}


def test_waiting_patients_keep_a_scanner_awake_when_they_are_given_a_price():
    rate = np.full(8, 0.5)
    required = np.zeros(8, dtype=bool)
    powers, switches = {SAVE: 1.0, IDLE: 4.0}, {SAVE: Transition(minutes=20)}
    one = scanner(powers=powers, switches=switches, required=required, arrivals=rate)
    asleep = plan_power(PowerProblem(devices=(one,), slots=8, slot_min=15.0))
    awake = plan_power(PowerProblem(devices=(one,), slots=8, slot_min=15.0, delay_cost_per_min=1.0))
    assert set(asleep.modes(0)) == {SAVE}
    assert asleep.expected_wait_min[0] == pytest.approx(8 * 0.5 * 20)
    assert set(awake.modes(0)) == {IDLE}
    assert awake.expected_wait_min[0] == 0


def test_cheap_hours_are_used_when_there_are_prices():
    """Quality control that must be done once is not moved, but a start is: it costs least where energy does."""
    price = np.array([1.0, 1.0, 5.0, 5.0])
    one = scanner(
        powers={SAVE: 1.0, IDLE: 1.1},
        switches={SAVE: Transition(energy_kwh=1.0)},
        required=np.array([0, 0, 0, 1]) > 0,
        initial=SAVE,
    )
    plan = plan_power(PowerProblem(devices=(one,), slots=4, slot_min=60.0, price=price))
    assert plan.modes(0).index(IDLE) <= 1


def test_wrong_shapes_and_names_are_refused():
    ok = scanner(required=np.array([True]))
    with pytest.raises(InputError, match=r"ecorad\.power\.horizon"):
        PowerProblem(devices=(ok,), slots=2, slot_min=15.0)
    with pytest.raises(InputError, match=r"ecorad\.power\.device"):
        PowerProblem(devices=(ok, ok), slots=1, slot_min=15.0)
    rule = ReadyRule(devices=("nobody",), at_least=1, within_min=1.0, slots=np.array([True]))
    with pytest.raises(InputError, match=r"ecorad\.power\.device"):
        PowerProblem(devices=(ok,), slots=1, slot_min=15.0, rules=(rule,))
    with pytest.raises(InputError, match=r"ecorad\.power\.mode"):
        scanner(powers={PowerState.SCAN: 30.0, IDLE: 4.0}, required=np.array([True]))
    with pytest.raises(InputError, match=r"ecorad\.power\.switch"):
        Transition(minutes=-1)


def test_nothing_to_plan():
    plan = plan_power(PowerProblem(devices=(), slots=1, slot_min=15.0))
    assert plan.cost == 0 and plan.status == "optimal"
