from __future__ import annotations

import numpy as np
import pytest

from ecorad.model import InputError
from ecorad.simulation import Settings, draw_department


@pytest.fixture(scope="module")
def month():
    return draw_department(5, days=30, settings=Settings(unmetered=1, gap_share=0.0))


def test_states_add_up_to_the_truth(month):
    for device in month.devices:
        assert sum(device.true_kwh_by_state.values()) == pytest.approx(device.true_kwh, rel=1e-9)
        assert sum(device.hours_by_state.values()) == pytest.approx(30 * 24)


def test_readings_differ_from_the_truth_by_the_gain(month):
    for device in month.devices[:-1]:
        assert device.reading_kwh.sum() == pytest.approx(device.true_kwh, rel=0.02)
        assert np.all(np.diff(device.reading_start_us) == 60_000_000)


def test_an_unmetered_scanner_has_a_truth_but_no_reading(month):
    assert month.devices[-1].true_kwh > 0
    assert len(month.devices[-1].reading_kwh) == 0


def test_exams_lie_apart_and_draw_less_than_everything(month):
    for device in month.devices:
        order = np.argsort(device.exam_start_s)
        assert np.all(device.exam_end_s[order][:-1] <= device.exam_start_s[order][1:])
        assert 0 < device.exam_active_kwh.sum() < device.true_kwh
        assert np.all(device.exam_marginal_kwh < device.exam_active_kwh)


def test_exam_energy_agrees_with_perfect_readings():
    settings = Settings(gap_share=0.0, drift=0.0)
    device = draw_department(8, days=7, scanners=1, resolution_s=1, settings=settings).devices[0]
    gain = device.reading_kwh.sum() / device.true_kwh
    counted = np.concatenate(([0.0], np.cumsum(device.reading_kwh)))
    found = counted[device.exam_end_s] - counted[device.exam_start_s]
    assert found == pytest.approx(gain * device.exam_active_kwh, rel=1e-3)


def test_the_same_seed_gives_the_same_arrays():
    first, second = (draw_department(9, days=7, scanners=2) for _ in range(2))
    for one, other in zip(first.devices, second.devices, strict=True):
        assert np.array_equal(one.reading_kwh, other.reading_kwh, equal_nan=True)


def test_the_gain_of_meters_stays_within_their_accuracy_19_times_in_20():
    covered = []
    for seed in range(200):
        device = draw_department(seed, days=1, scanners=1, settings=Settings(gap_share=0.0)).devices[0]
        error_percent = 100 * abs(device.reading_kwh.sum() / device.true_kwh - 1)
        covered.append(error_percent <= device.accuracy_percent)
    assert 0.91 <= np.mean(covered) <= 0.985


def test_a_gap_is_unknown_not_zero():
    device = draw_department(3, days=14, scanners=1, settings=Settings(gap_share=0.02)).devices[0]
    share = np.isnan(device.reading_kwh).mean()
    assert share == pytest.approx(0.02, abs=0.002)
    assert np.nanmin(device.reading_kwh) > 0


def test_a_resolution_that_does_not_divide_the_hour_is_refused():
    with pytest.raises(InputError):
        draw_department(1, resolution_s=7)
