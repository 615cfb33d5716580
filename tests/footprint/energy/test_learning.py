import numpy as np
import pytest

from ecorad.footprint.energy.drift import LARGEST, no_drift, smoothed
from ecorad.footprint.energy.duty import estimate_duty
from ecorad.footprint.energy.emission import switch_cost
from ecorad.footprint.energy.modes import Mode, modes, named
from ecorad.footprint.energy.states import classify
from ecorad.footprint.energy.trace import Trace
from ecorad.footprint.energy.viterbi import best_path, certain
from ecorad.model import PowerState
from tests.footprint.made import HOUR, scanner

CT = {
    PowerState.OFF: (0.01, 0.007, 0.013),
    PowerState.POWER_SAVE: (0.89, 0.47, 1.31),
    PowerState.IDLE: (2.6, 1.26, 3.94),
}


def slow_path(emission, cost):
    """Viterbi as the textbook has it, one reading after another."""
    score, back = emission[0].astype(float), []
    for row in emission[1:]:
        options = score[:, None] - cost
        back.append(options.argmax(axis=0))
        score = options.max(axis=0) + row
    path = [int(score.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


@pytest.mark.parametrize("count", [1, 7, 300, 6000])
def test_chunks_give_the_path_of_the_textbook(count):
    rng = np.random.default_rng(count)
    truth = (np.cumsum(rng.random(count) < 0.02) % 3).astype(int)
    emission = rng.normal(-3.0, 1.0, (count, 3)).astype(np.float32)
    emission[np.arange(count), truth] += 2.5
    cost = switch_cost((PowerState.IDLE, PowerState.READY, PowerState.SCAN), 10.0)
    assert best_path(emission.T, cost).tolist() == slow_path(emission, cost)


@pytest.mark.parametrize("noise", [0.3, 1.0, 2.0])
def test_readings_that_are_certain_are_where_the_path_of_the_textbook_goes(noise):
    rng = np.random.default_rng(11)
    truth = (np.cumsum(rng.random(4000) < 0.01) % 3).astype(int)
    emission = rng.normal(-3.0, noise, (4000, 3)).astype(np.float32)
    emission[np.arange(4000), truth] += 2.5
    cost = switch_cost((PowerState.IDLE, PowerState.READY, PowerState.SCAN), 10.0)
    whole, whole_cost = (np.rint(1024 * part).astype(np.int32) for part in (emission, cost))
    state, is_certain = certain(whole.T, whole_cost)
    path = np.array(slow_path(whole, whole_cost))
    assert (state[is_certain] == path[is_certain]).all()
    assert is_certain.mean() > (0.8 if noise < 1 else 0.0)


def test_of_two_paths_as_good_as_each_other_the_earlier_state_is_taken():
    """The middle reading says nothing of either state: power is risen only once it must be."""
    emission = np.array([[0, 0, -8, -20, -20], [-20, -20, -8, 0, 0]], dtype=np.float32)
    cost = np.array([[0, 2.3], [2.3, 0]], dtype=np.float32)
    assert best_path(emission, cost).tolist() == [0, 0, 0, 1, 1]
    assert best_path(emission[::-1], cost).tolist() == [1, 1, 0, 0, 0]


def test_waking_goes_through_idle():
    cost = switch_cost((PowerState.OFF, PowerState.IDLE, PowerState.SCAN), 1.0)
    assert cost[0, 2] > cost[0, 1] + cost[1, 2] - 1e-6
    assert (np.diag(cost) == 0).all()


def test_two_plateaus_of_one_compressor_are_one_state():
    found = (Mode(np.log(6.0), 0.3), Mode(np.log(6.7), 0.3), Mode(np.log(12.0), 0.4))
    levels = named(found, None, idle=float(np.log(12.0)))
    assert len(levels) == 2


def test_a_scanner_of_another_size_keeps_its_names():
    levels = named(tuple(Mode(float(np.log(1.5 * kw)), 0.3) for kw in (0.89, 2.6)), CT)
    assert set(levels) == {PowerState.POWER_SAVE, PowerState.IDLE}


def test_an_mri_that_is_off_may_draw_more_than_in_power_save():
    prior = {
        PowerState.OFF: (8.5, 7.3, 9.7),
        PowerState.POWER_SAVE: (6.4, 5.1, 8.0),
        PowerState.IDLE: (12.0, 9.5, 14.5),
    }
    found = tuple(Mode(float(np.log(kw)), 0.3) for kw in (6.4, 8.5, 12.0))
    levels = named(found, prior)
    assert levels[PowerState.POWER_SAVE] < levels[PowerState.OFF] < levels[PowerState.IDLE]


def test_a_plateau_is_found_where_the_time_is_spent():
    power = np.random.default_rng(1).normal(np.log(5.0), 0.02, 5000)
    found = modes(power, np.ones(5000))
    assert len(found) == 1
    assert np.exp(found[0].log_kw) == pytest.approx(5.0, rel=0.01)


def test_no_values_have_no_plateau():
    assert modes(np.zeros(0), np.zeros(0)) == ()


def test_drift_without_evidence_is_none():
    nothing = np.zeros(0)
    drift = smoothed(0, 100 * HOUR, nothing.astype(np.int64), nothing, weight=nothing, width_h=3.0)
    assert (drift.at(np.array([5 * HOUR])) == 0.0).all()
    assert len(no_drift(0, 1).log_factor) == 1


def test_drift_is_bounded():
    moments = np.arange(100, dtype=np.int64) * HOUR
    drift = smoothed(0, 100 * HOUR, moments, np.full(100, 2.0), weight=np.ones(100), width_h=3.0)
    assert drift.at(moments).max() <= LARGEST


def test_duty_keeps_the_mean_power():
    rng = np.random.default_rng(4)
    starts = np.arange(200, dtype=np.int64) * HOUR
    energy = np.where(rng.random(200) < 0.3, rng.normal(9, 0.5, 200), rng.normal(2, 0.3, 200))
    duty = estimate_duty(Trace(starts, starts + HOUR, energy))
    assert duty.share_high * duty.high_kw + (1 - duty.share_high) * duty.low_kw == pytest.approx(energy.mean())
    assert duty.share_high == pytest.approx(0.3, abs=0.1)


def test_alike_or_few_readings_have_no_duty():
    starts = np.arange(20, dtype=np.int64) * HOUR
    assert estimate_duty(Trace(starts, starts + HOUR, np.ones(20))) is None
    assert estimate_duty(Trace(starts[:5], starts[:5] + HOUR, np.arange(5.0))) is None


def test_a_compressor_at_night_is_one_state():
    # Power save of 3.8 kW with a cold head of 0.35 kW: two plateaus that change places every six minutes.
    made = scanner(days=4, seed=5, levels_kw=(4.5, 3.8, 6.2, 11.5, 18.0), night=1, noise=0.02)
    trace = made.trace(10)
    scans, exams = made.written(made.scans), made.written(made.exams)
    runs = classify(trace, "MR", scans[:, 0], scans[:, 1], exam_start_us=exams[:, 0], exam_end_us=exams[:, 1])
    night = {PowerState.OFF, PowerState.POWER_SAVE} & set(runs.level_kw)
    assert len(night) == 1
    assert runs.level_kw[night.pop()] == pytest.approx(3.8, rel=0.05)
