import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint.energy.trace import EMPTY, Trace, added
from ecorad.model import InputError
from tests.footprint.made import HOUR, NO_TIMES, hours


def test_power_is_even_inside_an_interval():
    energy, known = Trace.of([0], [4 * HOUR], [8.0]).energy_between(hours(1), hours(2))
    assert (energy[0], known[0]) == (2.0, 1.0)


def test_unknown_stretches_add_nothing_and_lower_the_share():
    trace = Trace.of(hours(0, 1, 3), hours(1, 2, 4), [1.0, np.nan, 1.0])
    energy, known = trace.energy_between(hours(0), hours(4))
    assert (energy[0], known[0]) == (2.0, 0.5)


def test_windows_before_and_after_the_readings_hold_nothing():
    energy, known = Trace.of(hours(5), hours(6), [1.0]).energy_between(hours(0, 7), hours(4, 9))
    assert energy.tolist() == [0.0, 0.0]
    assert known.tolist() == [0.0, 0.0]


@given(st.lists(st.floats(0, 100) | st.just(float("nan")), min_size=1, max_size=30), st.integers(0, 10**6))
def test_parts_add_up_to_the_whole(energies, seed):
    edges = np.cumsum(np.random.default_rng(seed).integers(1, 10**9, len(energies) + 1))
    trace = Trace.of(edges[:-1], edges[1:], energies)
    cuts = np.sort(np.random.default_rng(seed + 1).integers(0, edges[-1] + 10**6, 20))
    cuts = np.concatenate(([0], cuts, [edges[-1]]))
    cuts = np.unique(cuts[cuts <= edges[-1]])
    energy, _ = trace.energy_between(cuts[:-1], cuts[1:])
    assert energy.sum() == pytest.approx(trace.known_kwh, rel=1e-9, abs=1e-12)


def test_cutting_keeps_the_energy_and_the_unknown():
    trace = Trace.of(hours(0, 1), hours(1, 2), [3.0, np.nan]).cut_at(hours(0.25, 1.5, 9))
    assert trace.energy_kwh[:2].tolist() == [0.75, 2.25]
    assert np.isnan(trace.energy_kwh[2:]).all()


def test_within_cuts_the_edges():
    part = Trace.of(hours(0, 1), hours(1, 2), [2.0, 4.0]).within(HOUR // 2, 3 * HOUR // 2)
    assert part.energy_kwh.tolist() == [1.0, 2.0]


def test_a_sum_is_known_only_where_every_meter_is():
    both = added([Trace.of(hours(0, 1), hours(1, 2), [1.0, np.nan]), Trace.of(hours(0), hours(2), [4.0])])
    assert both.energy_kwh[0] == 3.0
    assert np.isnan(both.energy_kwh[1])


def test_no_readings_have_no_energy_and_no_resolution():
    assert EMPTY.known_kwh == 0.0
    assert np.isnan(EMPTY.resolution_s)
    assert EMPTY.energy_between(hours(0), hours(1))[1].tolist() == [0.0]


@pytest.mark.parametrize(
    ("start", "end", "energy"),
    [([0, 1], [2, 3], [1.0, 1.0]), ([0], [0], [1.0]), ([0], [1], [1.0, 2.0]), ([5, 0], [6, 1], [1.0, 1.0])],
)
def test_intervals_that_cannot_be_are_refused(start, end, energy):
    with pytest.raises(InputError):
        Trace.of(start, end, energy)


def test_a_window_without_length_is_empty():
    energy, known = Trace.of([0], [HOUR], [1.0]).energy_between(hours(0.5), hours(0.5))
    assert (energy[0], known[0]) == (0.0, 0.0)
    assert len(NO_TIMES) == 0


SECOND_US = 1_000_000
LONG = 120_000  # as many readings as make a trace look for a grid


def long_traces():
    rng = np.random.default_rng(7)
    start = 17 + np.arange(LONG, dtype=np.int64) * SECOND_US
    energy = rng.uniform(0, 1, LONG)
    grid = Trace(start, start + SECOND_US, energy)
    moved = start.copy()
    moved[1000] += 300_000  # one reading that began late
    return grid, Trace(moved, start + SECOND_US, energy)


@pytest.mark.parametrize("which", [0, 1])
def test_a_grid_is_looked_up_as_any_other_trace_is(which):
    trace = long_traces()[which]
    moments = np.random.default_rng(8).integers(-5 * SECOND_US, (LONG + 5) * SECOND_US, 5000)
    moments = np.concatenate((moments, trace.start_us[::997], trace.end_us[::997]))
    assert (trace.place_of(moments) == np.searchsorted(trace.start_us, moments, side="right") - 1).all()
    energy, known = trace.energy_until(moments)
    place = np.maximum(trace.place_of(moments), 0)
    share = np.clip((moments - trace.start_us[place]) / (trace.end_us - trace.start_us)[place], 0, 1)
    before = np.concatenate(([0.0], np.cumsum(trace.energy_kwh)))
    assert energy == pytest.approx(before[place] + share * trace.energy_kwh[place])
    length = trace.end_us - trace.start_us
    assert known == pytest.approx(np.concatenate(([0], np.cumsum(length)))[place] + share * length[place])


def test_holes_in_a_long_trace_are_not_taken_for_a_grid():
    grid, _ = long_traces()
    energy = grid.energy_kwh.copy()
    energy[5000:6000] = np.nan
    holed = Trace(grid.start_us, grid.end_us, energy)
    assert not holed.is_whole
    assert holed.known_h == pytest.approx((LONG - 1000) / 3600)
    assert holed.energy_in_steps(np.array([grid.start_us[5000], grid.start_us[6000]])).tolist() == [0.0]


def test_what_touches_windows():
    trace = Trace.of(np.arange(10) * 10, np.arange(10) * 10 + 10, np.ones(10))
    found = trace.touching(np.array([12, 19, 55, 97]), np.array([18, 31, 60, 200]))
    # A reading that only begins where a window ends may be among them; none with time inside may be missing.
    assert {1, 2, 3, 5, 9} <= set(found.tolist()) <= {1, 2, 3, 5, 6, 9}
    assert (np.diff(found) > 0).all()
    assert len(trace.touching(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))) == 0
