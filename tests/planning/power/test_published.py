"""Fed what was published, the plan gives back what was published."""

from __future__ import annotations

import numpy as np
import pytest

from ecorad.factors import book, power_states
from ecorad.model import PowerState
from ecorad.planning.power import PowerDevice, PowerProblem, Transition, break_even_min, plan_power, transition_kwh

OFF, SAVE, IDLE = PowerState.OFF, PowerState.POWER_SAVE, PowerState.IDLE
NIGHTS, HOURS = 365, 12


def planned(powers, *, needed_h=12, free_h=HOURS, switch=None, slot_min=60.0):
    """The plan of one scanner that is needed, then free; switches free of charge unless said, as in the publication."""
    switch = switch or {}
    transitions = {(IDLE, mode): Transition() for mode in powers if mode is not IDLE}
    transitions |= {(mode, IDLE): switch.get(mode, Transition()) for mode in powers if mode is not IDLE}
    needed, free = round(needed_h * 60 / slot_min), round(free_h * 60 / slot_min)
    required = np.array([True] * needed + [False] * free + [True])
    device = PowerDevice(name="one", power_kw=powers, transitions=transitions, required=required)
    return plan_power(PowerProblem(devices=(device,), slots=len(required), slot_min=slot_min))


def saved_mwh_a_year(powers, baseline):
    """Against spending the night in ``baseline``; the hour after the night is idle either way."""
    plan = planned(powers)
    left = 13 * powers[IDLE] + 12 * powers[baseline]
    return NIGHTS * (left - float(plan.energy_kwh[0])) / 1000


def test_the_published_powers_give_savings_inside_the_published_ranges():
    kw = {state: row.value for state, row in power_states("MR").items() if state in (OFF, SAVE, IDLE)}
    get = book().get
    low, high = (getattr(get("saving.mr.off_12h.woolen"), end) / 1000 for end in ("low", "high"))
    assert (low, high) == (12.3, 21.0)
    assert low < saved_mwh_a_year({OFF: kw[OFF], IDLE: kw[IDLE]}, IDLE) < high
    low, high = (getattr(get("saving.mr.power_save_12h.woolen"), end) / 1000 for end in ("low", "high"))
    assert (low, high) == (8.8, 11.4)
    assert low < saved_mwh_a_year(kw, OFF) < high


# The abstract gives ranges over scanners, not pairs. The scanner with the largest saving is at the top of both ranges
# (14.5 and 9.7 kW: 4.8 kW is 33 % of 14.5); that with the least saved 25 %, so idles at 12.3 MWh / 4380 h / 0.25.
@pytest.mark.parametrize(
    ("idle_kw", "off_kw", "mwh"), [(14.5, 9.7, 21.0), (12300 / 4380 / 0.25, 12300 / 4380 * 0.75 / 0.25, 12.3)]
)
def test_woolen_idle_to_off(idle_kw, off_kw, mwh):
    powers = power_states("MR")
    assert powers[IDLE].low <= idle_kw <= powers[IDLE].high
    assert powers[OFF].low <= off_kw <= powers[OFF].high
    assert saved_mwh_a_year({OFF: off_kw, IDLE: idle_kw}, IDLE) == pytest.approx(mwh, rel=0.002)


# Off to power save at 6.4 kW: the lower scanner above (8.44 kW) and one at 9.0 kW.
@pytest.mark.parametrize(("off_kw", "mwh"), [(12300 / 4380 * 3, 8.8), (9.0, 11.4)])
def test_woolen_off_to_power_save(off_kw, mwh):
    powers = {OFF: off_kw, SAVE: 6.4, IDLE: 12.0}
    plan = planned(powers)
    assert plan.modes(0)[12:24] == [SAVE] * 12
    assert saved_mwh_a_year(powers, OFF) == pytest.approx(mwh, rel=0.02)


def test_schulz_breaks_even_after_5_and_2_minutes():
    kw = {state: row.value for state, row in power_states("CT").items()}
    assert break_even_min(2.6, 0.89, 0.1425) == pytest.approx(5.00, abs=0.005)
    for mode, minutes, row in ((SAVE, 5.0, "break_even.ct.power_save.schulz"), (OFF, 2.0, "break_even.ct.off.schulz")):
        assert book().get(row).value == minutes
        kwh = transition_kwh(kw[IDLE], kw[mode], minutes)
        assert break_even_min(kw[IDLE], kw[mode], kwh) == pytest.approx(minutes)
        # A minute on either side, by the plan itself.
        for gap, expected in ((minutes - 1, IDLE), (minutes + 1, mode)):
            plan = planned(
                {mode: kw[mode], IDLE: kw[IDLE]},
                needed_h=1 / 60,
                free_h=gap / 60,
                switch={mode: Transition(energy_kwh=kwh)},
                slot_min=1.0,
            )
            assert plan.modes(0)[1] is expected


def test_off_is_chosen_where_it_draws_less_and_power_save_where_that_does():
    night = slice(13, 23)
    switch = {OFF: Transition(minutes=20, energy_kwh=1.0), SAVE: Transition(minutes=5, energy_kwh=0.2)}
    ct = planned({OFF: 0.01, SAVE: 0.89, IDLE: 2.6}, switch=switch)
    mr = planned({OFF: 8.5, SAVE: 6.4, IDLE: 12.0}, switch=switch)
    assert set(ct.modes(0)[night]) == {OFF}
    assert set(mr.modes(0)[night]) == {SAVE}


def test_off_is_not_worth_its_start_in_a_short_gap():
    switch = {OFF: Transition(minutes=20, energy_kwh=1.0), SAVE: Transition(minutes=5, energy_kwh=0.2)}
    powers = {OFF: 0.01, SAVE: 0.89, IDLE: 2.6}
    # 0.8 kWh more to start from off, 0.88 kW less: it pays from 55 minutes on.
    assert SAVE in planned(powers, free_h=0.75, switch=switch, slot_min=5.0).modes(0)
    assert OFF in planned(powers, free_h=1.5, switch=switch, slot_min=5.0).modes(0)
