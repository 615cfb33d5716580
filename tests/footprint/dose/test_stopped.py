from __future__ import annotations

from ecorad.footprint.dose.stopped import stopped_steps
from tests.footprint.dose.made import columns


def step(state, **facts):
    return {"step_key": "s", "state": state, **facts}


def test_rooms_come_from_the_images_and_else_from_the_step():
    steps = columns(
        "performed_step",
        step("discontinued", study_key="a", device_key="station", reason="equipment failure"),
        step("discontinued", study_key=None, device_key="ct-1"),
        step("completed", study_key="b", device_key="ct-2"),
        step("in progress", study_key="a"),
        step(None, study_key="a"),
    )
    (one,) = stopped_steps(steps, {"a": "ct-1", "b": "ct-1"})
    assert (one.device_key, one.ended, one.stopped) == ("ct-1", 3, 2)
    assert one.causes == {"equipment failure": 1, "not said": 1}


def test_without_a_step_broken_off_there_is_nothing_to_tell():
    assert stopped_steps(columns("performed_step", step("completed", device_key="d")), {}) == ()
    assert stopped_steps(columns("performed_step"), {}) == ()
