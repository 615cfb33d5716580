"""Rules of thumb against the optimum with hindsight."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.planning.power.policies import (
    LowMode,
    compared,
    immediate_kwh,
    offline_kwh,
    randomised_wait_h,
    wait_kwh,
)

MODES = st.lists(st.builds(LowMode, st.floats(0, 20), st.floats(0.001, 5)), max_size=3)
GAPS = st.lists(st.floats(0, 100), min_size=1, max_size=20).map(np.array)


@given(GAPS, st.floats(0.1, 20), MODES)
def test_waiting_costs_at_most_twice_the_optimum(gap_h, idle_kw, modes):
    best, wait = offline_kwh(gap_h, idle_kw, modes), wait_kwh(gap_h, idle_kw, modes)
    assert np.all(wait >= best - 1e-9)
    assert np.all(wait <= 2 * best + 1e-9)


@given(GAPS, st.floats(0.1, 20), MODES)
def test_nobody_beats_hindsight(gap_h, idle_kw, modes):
    best = offline_kwh(gap_h, idle_kw, modes)
    assert np.all(immediate_kwh(gap_h, idle_kw, modes) >= best - 1e-9)
    assert np.all(idle_kw * gap_h >= best - 1e-9)


def test_the_worst_gap_for_waiting_ends_just_after_the_switch():
    mode = LowMode(0.0, 1.0)
    just_after = np.array([1.0 + 1e-12])
    assert wait_kwh(just_after, 1.0, [mode])[0] / offline_kwh(just_after, 1.0, [mode])[0] == pytest.approx(2.0)


def test_the_random_rule_keeps_its_promise_at_every_gap():
    """Idle 1 kW, low 0 kW, switch 1 kWh: break-even 1 h. The mean over draws is e/(e-1) times the optimum, exactly."""
    waits = np.array([randomised_wait_h(1.0, q) for q in (np.arange(200_000) + 0.5) / 200_000])
    for gap in (0.1, 0.5, 1.0, 3.0):
        cost = np.where(gap > waits, waits + 1.0, gap).mean()
        assert cost / min(gap, 1.0) == pytest.approx(math.e / (math.e - 1), rel=1e-4)


def test_a_table_by_hand():
    """Two gaps, 1 h and 0.1 h, idle 10 kW; a mode of 4 kW and 1 kWh: break-even at 10 minutes."""
    table = compared(np.array([1.0, 0.1]), 6.0, 10.0, [LowMode(4.0, 1.0)])
    assert table["offline"] == pytest.approx(5.0 + 1.0)
    assert table["immediate"] == pytest.approx(5.0 + 1.4)
    assert table["never"] == pytest.approx(11.0)
    assert table["wait"] == pytest.approx(10 / 6 + 4 * 5 / 6 + 1.0 + 1.0)
    assert table["plan"] == 6.0
