"""A trace without times says what a trace with them says."""

import numpy as np
import pytest

from ecorad.footprint.energy.even import Even, gathered, on_a_grid
from ecorad.footprint.energy.sharpen import coarsened
from ecorad.footprint.energy.trace import Trace, concatenated
from ecorad.model import InputError

SECOND = 1_000_000
FIRST = 17


def pair(count, *, holes):
    """The same readings, held both ways."""
    rng = np.random.default_rng(count)
    energy = rng.uniform(0, 1, count)
    if holes:
        energy[rng.integers(0, count, max(1, count // 50))] = np.nan
        energy[count // 2 : count // 2 + count // 10] = np.nan
    even = Even(FIRST, SECOND, energy)
    return even, Trace(even.start_us, even.end_us, energy)


def moments(even, shape):
    rng = np.random.default_rng(1)
    found = rng.integers(FIRST - 5 * SECOND, FIRST + (len(even) + 5) * SECOND, shape)
    edges = np.concatenate((even.start_us[[0, -1]], even.end_us[-1:]))
    found.flat[: len(edges)] = edges
    return found


@pytest.mark.parametrize("count", [1, 5, 5000, 300_000])
@pytest.mark.parametrize("holes", [False, True])
def test_sums_are_those_of_the_readings(count, holes):
    even, plain = pair(count, holes=holes)
    at = moments(even, (30, 7))
    assert even.kwh_until(at) == pytest.approx(plain.kwh_until(at), rel=1e-12, abs=1e-9)
    ends = at + 100 * SECOND
    assert np.allclose(even.energy_between(at, ends), plain.energy_between(at, ends), rtol=1e-9, atol=1e-9)
    for name in ("known_kwh", "known_h", "resolution_s", "is_whole"):
        assert getattr(even, name) == pytest.approx(getattr(plain, name), nan_ok=True), name
    for ours, theirs in zip(even.known_spans(), plain.known_spans(), strict=True):
        assert ours.tolist() == theirs.tolist()
    assert np.allclose(even.power_kw, plain.power_kw, equal_nan=True)


@pytest.mark.parametrize("holes", [False, True])
def test_parts_windows_and_steps_are_those_of_the_readings(holes):
    even, plain = pair(5000, holes=holes)
    edges = np.unique(np.clip(moments(even, 200), FIRST, FIRST + 5000 * SECOND))
    assert even.energy_in_steps(edges) == pytest.approx(plain.energy_in_steps(edges), abs=1e-9)
    for window in ((FIRST + 3 * SECOND, FIRST + 40 * SECOND), (3 * SECOND, 2000 * SECOND + 5), (0, 9000 * SECOND)):
        ours, theirs = even.within(*window), plain.within(*window)
        assert (ours.start_us.tolist(), ours.end_us.tolist()) == (theirs.start_us.tolist(), theirs.end_us.tolist())
        assert np.allclose(ours.energy_kwh, theirs.energy_kwh, equal_nan=True)
    cuts = moments(even, 50)
    ours, theirs = coarsened(even, 10.0, cuts), coarsened(plain, 10.0, cuts)
    assert ours.start_us.tolist() == theirs.start_us.tolist()
    assert ours.energy_kwh == pytest.approx(theirs.energy_kwh, abs=1e-9)


def test_cut_steps_keep_the_energy_of_what_they_are_cut_at():
    """A beam of a kilowatt from the 13th second to the 28th: the steps around it hold none of it."""
    energy = np.zeros(60)
    energy[13:28] = 1.0 / 3600
    fine = coarsened(Even(0, SECOND, energy), 10.0, np.array([13, 28]) * SECOND)
    inside = (fine.start_us >= 13 * SECOND) & (fine.end_us <= 28 * SECOND)
    assert fine.power_kw[inside] == pytest.approx(1.0)
    assert fine.power_kw[~inside] == pytest.approx(0.0)


def test_parts_that_lie_on_one_grid_are_held_without_times():
    even, plain = pair(5000, holes=True)
    parts = [plain.part(0, 1000).known(), plain.part(1000, 3000).known(), plain.part(3100, 5000).known()]
    found = gathered(parts)
    assert isinstance(found, Even)
    expected = even.energy_kwh.copy()
    expected[3000:3100] = np.nan
    assert np.allclose(found.energy_kwh, expected[: len(found)], rtol=1e-7, equal_nan=True)
    assert found.energy_kwh.dtype == np.float32
    # Sums of single precision must not be taken in single precision.
    assert found.known_kwh == pytest.approx(np.nansum(expected), rel=1e-9)


@pytest.mark.parametrize("shift_us", [1, SECOND // 2])
def test_parts_on_two_grids_keep_their_times(shift_us):
    _, plain = pair(2000, holes=False)
    later = Trace(plain.start_us[1000:] + shift_us, plain.end_us[1000:] + shift_us, plain.energy_kwh[1000:])
    found = gathered([plain.part(0, 1000), later])
    assert not isinstance(found, Even)
    assert found.start_us.tolist() == [*plain.start_us[:1000].tolist(), *later.start_us.tolist()]


def test_readings_of_ten_seconds_or_more_and_sparse_ones_keep_their_times():
    slow = np.arange(100) * 10 * SECOND
    assert not isinstance(gathered([Trace(slow, slow + 10 * SECOND, np.ones(100))]), Even)
    now_and_then = np.arange(100) * 10 * SECOND
    assert not isinstance(gathered([Trace(now_and_then, now_and_then + SECOND, np.ones(100))]), Even)
    assert len(gathered([])) == 0


def test_a_reading_of_several_steps_is_spread_over_them_and_one_beside_the_grid_is_not():
    start = np.concatenate((np.arange(50), np.arange(60, 100))) * SECOND
    end = np.append(start[1:], 100 * SECOND)
    found = gathered([Trace(start, end, np.where(end - start > SECOND, 22.0, 1.0))])
    assert isinstance(found, Even)
    assert found.energy_kwh[[48, 49, 59, 60]].tolist() == [1.0, 2.0, 2.0, 1.0]
    assert found.known_kwh == pytest.approx(89 + 22.0)
    # A reading that lasts a step and a half tells its own beginning and end.
    end[-1] += SECOND // 2
    assert not isinstance(gathered([Trace(start, end, np.ones(90))]), Even)
    # So does a single one left of a part, which is as long as many steps of the others.
    alone = Trace(np.array([100 * SECOND]), np.array([130 * SECOND]), np.array([np.nan]))
    end[-1] -= SECOND // 2
    assert len(gathered([Trace(start, end, np.ones(90)), alone])) == 130


def test_what_is_no_grid_is_told():
    start = np.arange(600_000, dtype=np.int64) * SECOND
    assert on_a_grid(start, SECOND, np.ones(600_000)) is not None
    start[599_999] += 1
    assert on_a_grid(start, SECOND, np.ones(600_000)) is None
    assert on_a_grid(start[:0], SECOND, np.ones(0)) is None
    with pytest.raises(InputError):
        Even(0, 0, np.ones(3))


def test_joined_parts_are_in_order():
    _, plain = pair(10, holes=False)
    assert concatenated([plain.part(0, 4), plain.part(4, 10)]).energy_kwh.tolist() == plain.energy_kwh.tolist()
