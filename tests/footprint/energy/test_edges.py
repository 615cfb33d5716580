"""Edges of states inside readings: by hand, on square waves whose truth is known, and where they stay."""

import numpy as np
import pytest

from ecorad.footprint.energy.edges import by_inner_readings, placed
from ecorad.footprint.energy.states import STATES, classify
from ecorad.footprint.energy.trace import Trace
from ecorad.model import PowerState

MINUTE = 60_000_000


def edge(kwh, first, level, *, free=True, start=None):
    count = len(kwh)
    start = np.arange(count) * MINUTE if start is None else start
    is_free = np.full(len(first), free)
    return placed(
        np.array(first), start, start + MINUTE, np.array(kwh) / 60.0, np.array(level, dtype=float), is_free=is_free
    )


def test_a_fall_by_hand():
    # 3 kW until a quarter into the third minute, then 1 kW: that minute holds 0.75 + 0.75.
    start, end, kwh = edge([3, 3, 1.5, 1, 1], [0, 3], [3, 3, 3, 1, 1])
    assert end[0] == start[1] == pytest.approx(2.25 * MINUTE)
    assert 60 * kwh == pytest.approx([6.75, 2.75])


@pytest.mark.parametrize(
    ("kwh", "first", "level", "free"),
    [
        ([1, 1, 1.5, 3, 3], [0, 3], [1, 1, 1, 3, 3], False),  # known better from an acquisition
        ([1, 1, 2, 3, 3], [0, 2, 3], [1, 1, 2, 3, 3], True),  # a stretch of a single reading on one side
        ([1, 1, 1.04, 1.05, 1.05], [0, 3], [1, 1, 1, 1.05, 1.05], True),  # levels too close
    ],
)
def test_edges_that_stay(kwh, first, level, free):
    start, end, energy = edge(kwh, first, level, free=free)
    assert start.tolist() == [n * MINUTE for n in first]
    assert 60 * energy == pytest.approx(np.add.reduceat(np.array(kwh, dtype=float), first))
    assert (start[1:] == end[:-1]).all()


def test_an_edge_at_a_hole_stays():
    at = np.array([0, 1, 2, 5, 6, 7]) * MINUTE
    start, end, _ = edge([1, 1, 1.5, 3, 3, 3], [0, 3], [1, 1, 1, 3, 3, 3], start=at)
    assert (start[1], end[0]) == (5 * MINUTE, 3 * MINUTE)


def test_a_state_without_a_level_has_that_of_its_inner_readings():
    none = np.nan
    start, end, kwh = edge([1, 1, 2, 5, 5], [0, 2], [1, 1, none, none, none])
    assert end[0] == start[1] == pytest.approx(2.75 * MINUTE)
    assert 60 * kwh == pytest.approx([2.75, 11.25])


def test_a_beam_of_two_readings_is_as_long_as_its_usual_power_makes_it():
    # Beams of 5 kW over 1 kW: 0.75 of one minute and 0.5 of the next, in readings of 4 and 3 kW.
    none, minutes = np.nan, np.arange(6) * MINUTE
    level, kwh = np.array([1, 1, none, none, 1, 1]), np.array([1, 1, 4, 3, 1, 1]) / 60
    free = np.array([False, True, True])
    start, end, energy = placed(
        np.array([0, 2, 4]), minutes, minutes + MINUTE, kwh, level, is_free=free, unnamed_kw=5.0
    )
    assert (start[1] / MINUTE, end[1] / MINUTE) == pytest.approx((2.25, 3.5))
    assert 60 * energy == pytest.approx([2.25, 6.25, 2.5])
    # Without a usual power nobody can tell a short strong beam from a long weak one.
    start, end, _ = placed(np.array([0, 2, 4]), minutes, minutes + MINUTE, kwh, level, is_free=free)
    assert (start[1], end[1]) == (2 * MINUTE, 4 * MINUTE)


def test_fluoroscopies_are_not_as_long_as_the_readings_they_touch():
    rng = np.random.default_rng(3)
    second = np.full(6 * 3600, 2.0)
    truth = np.zeros(len(second), dtype=bool)
    at = 3600
    while at < 5 * 3600:
        length = int(rng.integers(6, 26))
        truth[at : at + length] = True
        at += length + int(rng.integers(25, 70))
    second[3600 : 5 * 3600] = 3.0
    second[truth] = 5.0
    noisy = second * (1 + 0.01 * rng.standard_normal(len(second)))
    moment = np.arange(0, len(second), 10) * 1_000_000
    trace = Trace(moment, moment + 10_000_000, noisy.reshape(-1, 10).sum(axis=1) / 3600)
    hour = 3600 * 1_000_000
    exams = np.array([hour]), np.array([5 * hour])
    runs = classify(trace, "XA", exam_start_us=exams[0], exam_end_us=exams[1])
    hours = runs.hours_by_state()
    assert hours[PowerState.SCAN] == pytest.approx(truth.sum() / 3600, rel=0.08)
    assert float(runs.energy_kwh.sum()) == pytest.approx(trace.known_kwh)


def test_levels_are_those_of_readings_that_hold_one_state_only():
    # Stretches of ready last four minutes, of which the first and last hold some of idle: their median is too low.
    state = np.tile(np.array([2, 2, 2, 2, 3, 3, 3, 3], dtype=np.int8), 15)
    power = np.tile([1.4, 1.0, 1.0, 1.4, 1.6, 2.0, 2.0, 1.6], 15)
    level = np.where(state == 2, 1.2, 1.8)
    assert by_inner_readings(state, power, level) == pytest.approx(np.where(state == 2, 1.0, 2.0))


def test_a_level_stays_where_too_few_readings_tell_of_it_or_it_is_not_known():
    state = np.repeat(np.array([2, 3, 4], dtype=np.int8), [21, 22, 40])
    power, level = np.repeat([1.0, 2.0, 5.0], [21, 22, 40]), np.repeat([1.2, 1.8, np.nan], [21, 22, 40])
    found = by_inner_readings(state, power, level)
    assert found[:21] == pytest.approx(1.2)  # 19 have idle before them too
    assert found[21:43] == pytest.approx(2.0)
    assert np.isnan(found[43:]).all()


@pytest.mark.parametrize("seed", range(20))
def test_no_energy_is_made_or_lost_and_order_is_kept(seed):
    rng = np.random.default_rng(seed)
    kwh = rng.uniform(0, 5, 200)
    first = np.unique(np.concatenate(([0], rng.integers(1, 200, 60))))
    level = rng.uniform(0, 5, len(first))[np.searchsorted(first, np.arange(200), side="right") - 1]
    level[rng.random(200) < 0.2] = np.nan
    start, end, energy = edge(kwh, first, level)
    assert 60 * energy.sum() == pytest.approx(kwh.sum())
    assert (end > start).all()
    assert (start[1:] == end[:-1]).all()


def test_live_scans_are_as_long_as_they_were_where_exams_begin_inside_readings():
    # Ultrasound read by the minute: idle 0.2, live scan 0.5 kW, an exam every half hour at odd seconds.
    rng = np.random.default_rng(4)
    second = np.full(5 * 86_400, 0.2)
    starts = np.arange(3600, len(second) - 3600, 1800) + rng.integers(
        0, 600, len(range(3600, len(second) - 3600, 1800))
    )
    for one in starts:
        second[one : one + 700] = 0.5
    second *= 1 + 0.02 * rng.standard_normal(len(second))
    minute = second.reshape(-1, 60).sum(axis=1) / 3600
    at = np.arange(len(minute), dtype=np.int64) * MINUTE
    exams = starts * 1_000_000
    runs = classify(
        Trace(at, at + MINUTE, minute), "US", exam_start_us=exams + 30_000_000, exam_end_us=exams + 690_000_000
    )
    scans = runs.state == STATES.index(PowerState.SCAN)
    begun, ended = runs.start_us[scans] - exams, runs.end_us[scans] - exams
    assert np.median(np.abs(begun)) < 2_000_000
    assert np.median(np.abs(ended - 700_000_000)) < 2_000_000
    assert runs.hours_by_state()[PowerState.SCAN] == pytest.approx(700 * len(exams) / 3600, rel=0.003)
