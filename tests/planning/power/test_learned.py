"""Modes learnt from runs of states, with what the site says."""

from __future__ import annotations

import numpy as np
import pytest

from ecorad.factors import book, power_states
from ecorad.model import PowerState
from ecorad.model.site_power import PowerEntry
from ecorad.planning.power.learned import BELOW_FLOOR, NO_LOW_MODE, NOT_MEASURED, DeviceHistory, learn_modes

OFF, SAVE, IDLE = PowerState.OFF, PowerState.POWER_SAVE, PowerState.IDLE
HOUR = 3_600_000_000


def history(runs, modality="CT", entry=None, **more):
    """Runs are (state, hours, kW), one after the other from the epoch."""
    hours = np.array([row[1] for row in runs], dtype=float)
    end = (np.cumsum(hours) * HOUR).astype(np.int64)
    return DeviceHistory(
        key="k",
        name="CT 1",
        modality=modality,
        state=np.array([row[0] for row in runs], dtype=object),
        start_us=np.concatenate(([0], end[:-1])),
        end_us=end,
        energy_kwh=hours * [row[2] for row in runs],
        exam_start_us=np.zeros(0, dtype=np.int64),
        exam_end_us=np.zeros(0, dtype=np.int64),
        entry=entry or PowerEntry(),
        **more,
    )


def learnt(device, modality="CT"):
    rows = {row.factor_id.split(".")[2]: row for row in book().find(quantity="break_even", scope=modality)}
    published = {PowerState(name): row for name, row in rows.items()}
    return learn_modes(device, power_states(modality), published)


def test_levels_are_means_over_time_and_no_order_is_assumed():
    device = history([("idle", 10, 3.0), ("off", 6, 4.0), ("idle", 10, 5.0), ("power_save", 8, 1.0)])
    found = learnt(device)
    assert found.power_kw == {IDLE: 4.0, OFF: 4.0, SAVE: 1.0}
    assert set(found.source.values()) == {"measured"}


def test_a_ct_switches_by_the_published_break_even_at_its_own_power():
    found = learnt(history([("idle", 10, 3.0), ("power_save", 6, 1.0)]))
    # 5 minutes times 2 kW.
    assert found.round_trip_kwh[SAVE] == pytest.approx(2.0 * 5 / 60)
    assert found.factors == ("break_even.ct.power_save.schulz",)


def test_other_devices_draw_idle_power_while_they_switch():
    device = history([("idle", 10, 12.0), ("off", 6, 8.0)], modality="MR", entry=PowerEntry(qa_min={OFF: 10.0}))
    found = learnt(device, "MR")
    # 5 minutes down, 20 up, 10 of quality control, at 4 kW more than off.
    assert found.round_trip_kwh[OFF] == pytest.approx(4.0 * 35 / 60)
    assert found.transitions[OFF, IDLE].minutes == 30.0


def test_a_mode_the_meter_has_not_seen_is_used_only_when_the_site_names_it():
    runs = [("idle", 10, 6.0), ("power_save", 1, 1.0)]
    assert learnt(history(runs)).power_kw == {IDLE: 6.0}
    assert [issue.code for issue in learnt(history(runs)).issues] == [NO_LOW_MODE]
    named = learnt(history(runs, entry=PowerEntry(modes=(SAVE,))))
    assert named.power_kw[SAVE] == pytest.approx(6.0 * 0.89 / 2.6)
    assert named.source[SAVE] == "published"
    assert NOT_MEASURED in [issue.code for issue in named.issues]
    given = learnt(history(runs, entry=PowerEntry(kw={SAVE: 1.5})))
    assert (given.power_kw[SAVE], given.source[SAVE]) == (1.5, "site")


def test_what_is_ruled_out_is_not_used():
    runs = [("idle", 10, 6.0), ("off", 10, 0.0)]
    assert OFF not in learnt(history(runs, entry=PowerEntry(never=(OFF,)))).power_kw


def test_a_magnet_is_never_below_its_cooling():
    device = history([("idle", 10, 12.0)], modality="MR", entry=PowerEntry(kw={OFF: 0.0, SAVE: 7.0}), floor_kw=7.0)
    found = learnt(device, "MR")
    assert set(found.power_kw) == {IDLE, SAVE}
    assert BELOW_FLOOR in [issue.code for issue in found.issues]
    ct = history([("idle", 10, 3.0)], entry=PowerEntry(kw={OFF: 0.0}), floor_kw=1.0)
    assert OFF in learnt(ct).power_kw


def test_without_an_idle_level_nothing_is_planned():
    assert learnt(history([("off", 10, 0.1)])) is None
