from __future__ import annotations

import numpy as np
import pytest

from ecorad.simulation.power import Drift, Tally, draw_drift, render
from ecorad.simulation.scanners import STATES, draw_scanners
from ecorad.simulation.settings import Settings
from ecorad.simulation.states import state_runs
from tests.simulation.hand_made import LEVELS_KW, hand_made_plan

STILL = Drift(amplitude=0.0, daily_phase=0.0, weekly_phase=0.0, compressor_kw=0.0, compressor_s=600.0)


def test_energy_by_hand():
    plan = hand_made_plan(LEVELS_KW)
    runs = state_runs(plan, 7200)
    tally = Tally(runs, np.array([[2400, 2600]]))
    for span in ((0, 2450), (2450, 7200)):  # chunks cut through a run and through the window
        tally.add(render(plan.scanner, runs, STILL, span, noise=0.0, seed=1))
    assert tally.run_kwh * 3600 == pytest.approx([1400, 6000, 8000, 4000, 10000, 20000, 4400])
    assert tally.window_kwh * 3600 == pytest.approx([100 * 40 + 100 * 20])
    assert tally.window_marginal_kwh * 3600 == pytest.approx([100 * 30 + 100 * 10])
    assert tally.by_state_kwh() * 3600 == pytest.approx([1400, 4400, 26000, 18000, 4000])


def test_noise_and_drift_are_as_large_as_asked_for():
    plan = hand_made_plan(dict.fromkeys(STATES, 10.0))
    runs = state_runs(plan, 86400)
    power = render(plan.scanner, runs, STILL, (0, 86400), noise=0.05, seed=1).power_kw
    assert np.std(power) == pytest.approx(0.5, rel=0.02)
    drift = draw_drift(plan.scanner, Settings(drift=0.1), 1)
    factor = drift.factor(np.arange(0, 7 * 86400, 60))
    assert 0.9 <= factor.min() < 0.93 and 1.07 < factor.max() <= 1.1


def test_the_compressor_cycles_around_zero():
    drift = draw_drift(draw_scanners(1, Settings(), 1)[0], Settings(), 1)
    cycles = drift.compressor(np.arange(86400))
    assert set(np.unique(cycles)) == {-0.35, 0.35}
    assert abs(cycles.mean()) < 0.02
