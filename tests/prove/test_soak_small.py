"""The soak at a small scale, and what its figures say of a server that grows or loses."""

from __future__ import annotations

import pytest

from prove import soak


@pytest.mark.slow
def test_s21_two_days_are_kept_to_the_last_reading(monkeypatch):
    for name, count in (("SCANNERS", 2), ("EXAMS", 3), ("MESSAGES", 5)):
        monkeypatch.setattr(soak, name, count)
    found = soak.soaked(2, 3)
    assert found.sent == found.kept == {"dicom-node": 36, "mpps": 24, "hl7": 10, "http": 48}
    assert found.energy_kwh == pytest.approx(10 * 3.0 * (48 - 1 / 60))
    assert found.alarms == []
    assert len(found.memory_mb) == len(found.handles) == 2
    assert min(found.memory_mb) > 100


def told(**changes):
    sent = {"hl7": 5, "http": 2}
    found = soak.Soak([400.0] * 15, [60] * 15, [30] * 15, [1.0], sent, dict(sent), 7.0, 7.0, [])
    for name, value in changes.items():
        setattr(found, name, value)
    return [one.holds for one in soak.figures(found, 1)]


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        ({}, [True, True, True]),
        ({"memory_mb": [400.0 + 1.5 * day for day in range(15)]}, [False, True, True]),
        ({"memory_mb": [400.0, 900.0] + [450.0] * 13}, [True, True, True]),
        ({"handles": [60] * 12 + [61] * 3}, [True, False, True]),
        ({"kept": {"hl7": 5, "http": 1}}, [True, True, False]),
        ({"energy_kwh": 6.9}, [True, True, False]),
        ({"alarms": ["late"]}, [True, True, False]),
    ],
)
def test_what_grows_or_is_lost_does_not_hold(changes, holds):
    assert told(**changes) == holds


def test_a_slope_does_not_follow_one_odd_day():
    assert soak.slope([10.0, 11.0, 12.0, 40.0, 14.0]) == 1.0
