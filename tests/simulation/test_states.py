from __future__ import annotations

from ecorad.simulation.scanners import STATES
from ecorad.simulation.states import state_runs
from tests.simulation.hand_made import LEVELS_KW, hand_made_plan


def test_states_are_painted_over_one_another():
    runs = state_runs(hand_made_plan(LEVELS_KW), 7200)
    # Woken 600 s before the patient; idle by the plan until 5000.
    assert [STATES[code] for code in runs.state] == ["off", "idle", "ready", "scan", "ready", "idle", "power_save"]
    assert runs.bounds_s.tolist() == [0, 1400, 2000, 2400, 2500, 3000, 5000, 7200]
    assert runs.level_kw.tolist() == [1.0, 10.0, 20.0, 40.0, 20.0, 10.0, 2.0]
