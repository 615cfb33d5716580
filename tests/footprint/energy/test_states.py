import numpy as np
import pytest

from ecorad.footprint.energy import states
from ecorad.footprint.energy.states import STATES, classify
from ecorad.footprint.energy.trace import Trace
from ecorad.model import PowerState
from tests.footprint.made import HOUR, MONDAY, SECOND, scanner

PRIOR = {
    PowerState.OFF: (8.5, 7.3, 9.7),
    PowerState.POWER_SAVE: (6.4, 5.12, 8.0),
    PowerState.IDLE: (12.0, 9.5, 14.5),
    PowerState.READY: (21.45, 17.3, 25.6),
    PowerState.SCAN: (38.45, 28.6, 48.3),
}


def fused(made, resolution_s, prior=PRIOR):
    scans, exams = made.written(made.scans), made.written(made.exams)
    return classify(
        made.trace(resolution_s),
        "MR",
        scans[:, 0],
        scans[:, 1],
        exam_start_us=exams[:, 0],
        exam_end_us=exams[:, 1],
        prior=prior,
    )


def by_second(found):
    return np.repeat(found.state, (found.end_us - found.start_us) // SECOND)


def macro_f1(truth, found):
    truth = truth[: len(found)]
    scores = []
    for state in np.unique(truth):
        hit = ((truth == state) & (found == state)).sum()
        scores.append(2 * hit / ((truth == state).sum() + (found == state).sum()))
    return np.mean(scores)


@pytest.mark.parametrize(("resolution_s", "least"), [(10, 0.98), (60, 0.95)])
@pytest.mark.parametrize(("scale", "night", "seed"), [(0.7, 0, 3), (1.0, 1, 4), (1.5, 1, 5)])
def test_hard_scanners_of_unknown_size(resolution_s, least, scale, night, seed):
    levels = tuple(scale * kw for kw in (8.0, 6.4, 12.0, 20.0, 36.0))
    made = scanner(seed=seed, night=night, levels_kw=levels)
    found = fused(made, resolution_s)
    assert macro_f1(made.state, by_second(found)) > least
    runs = 1 + np.count_nonzero(np.diff(made.state))
    assert len(found.state) < 1.5 * runs


def test_every_second_reading_is_decoded():
    made = scanner(days=1, seed=8)
    assert macro_f1(made.state, by_second(fused(made, 1))) > 0.99


def test_batches_do_not_show(monkeypatch):
    made = scanner(days=3, seed=8)
    whole = fused(made, 10)
    monkeypatch.setattr(states, "_BATCH", 5000)
    parts = fused(made, 10)
    assert (parts.state == whole.state).all()
    # Where two paths are as good as each other to the last digit, rounding decides between neighbouring readings.
    moved = np.abs(parts.start_us - whole.start_us)
    assert moved.max() <= 10 * SECOND
    assert np.count_nonzero(moved) <= 2


def test_power_alone_still_tells_the_night_from_the_day():
    made = scanner(seed=6, overlap=0.0)
    found = classify(made.trace(10), "MR", prior=PRIOR)
    truth = made.state[: len(by_second(found))]
    assert np.mean((truth <= 1) == (by_second(found) <= 1)) > 0.999
    assert macro_f1(made.state, by_second(found)) > 0.85


def test_energy_is_conserved():
    made = scanner(days=2)
    trace = made.trace(60)
    found = fused(made, 60)
    assert found.energy_kwh.sum() == pytest.approx(trace.known_kwh, rel=1e-12)
    assert sum(found.energy_by_state().values()) == pytest.approx(trace.known_kwh, rel=1e-12)


def test_idle_energy_is_within_three_percent():
    made = scanner(seed=9)
    truth = made.power_kw[made.state == 2].sum() / 3600
    assert fused(made, 10).energy_by_state()[PowerState.IDLE] == pytest.approx(truth, rel=0.03)


def test_a_compressor_does_not_shatter_the_night():
    made = scanner(days=3, seed=2, night=1, compressor_kw=0.5)
    found = fused(made, 10)
    night = found.state == STATES.index(PowerState.POWER_SAVE)
    assert night.sum() <= 5


def test_unknown_readings_are_holes():
    trace = scanner(days=1).trace(60)
    energy = trace.energy_kwh.copy()
    energy[600:660] = np.nan
    found = classify(Trace(trace.start_us, trace.end_us, energy), "MR", prior=PRIOR)
    hole = MONDAY + 630 * 60 * SECOND
    assert not ((found.start_us <= hole) & (found.end_us > hole)).any()


def test_a_quarter_of_an_hour_is_too_coarse():
    found = fused(scanner(days=2), 900)
    assert not found.is_named
    assert found.energy_by_state() is None
    assert [issue.code for issue in found.issues] == ["ecorad.energy.too_coarse"]
    assert found.duty is not None
    assert found.duty.low_kw < 12 < found.duty.high_kw


@pytest.mark.parametrize("energies", [np.zeros(100), np.full(100, np.nan), np.full(5, 1.0)])
def test_readings_that_say_nothing_name_nothing(energies):
    starts = np.arange(len(energies), dtype=np.int64) * 60 * SECOND
    found = classify(Trace(starts, starts + 60 * SECOND, energies), "MR")
    assert not found.is_named
    assert len(found.issues) == 1


def test_a_device_that_never_changes_is_idle():
    made = scanner(days=2)
    trace = made.trace(60)
    flat = Trace(trace.start_us, trace.end_us, np.full(len(trace), 0.2))
    exams = made.written(made.exams)
    found = classify(flat, "MR", exam_start_us=exams[:, 0], exam_end_us=exams[:, 1], prior=PRIOR)
    assert list(found.level_kw) == [PowerState.IDLE]


def test_levels_follow_the_drift():
    made = scanner(days=5, drift=0.10, noise=0.02)
    found = fused(made, 60)
    idle = np.flatnonzero(made.state == 2)[::600]
    level = found.power_kw(PowerState.IDLE, MONDAY + idle * SECOND)
    slow = 12.0 * (1 + 0.1 * (0.4 * np.sin(2 * np.pi * idle / 86400 + 1) + 0.6 * np.sin(2 * np.pi * idle / 604800)))
    assert np.median(np.abs(level / slow - 1)) < 0.03  # without following it is 0.05


def test_a_state_never_seen_has_no_level():
    found = fused(scanner(days=2), 60)
    assert np.isnan(found.power_kw(PowerState.POWER_SAVE, np.array([MONDAY + HOUR]))).all()
