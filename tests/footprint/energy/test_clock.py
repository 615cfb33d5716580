import numpy as np
import pytest

from ecorad.footprint.energy.clock import estimate_offsets
from ecorad.footprint.energy.clock_track import piecewise_lines
from ecorad.footprint.energy.trace import Trace
from tests.footprint.made import DAY, SECOND, scanner


def track(made, resolution_s, offset_s=0.0, drift_s=0.0, *, lengths=True, trace=None):
    scans = made.written(made.scans, offset_s, drift_s)
    end = scans[:, 1] if lengths else scans[:, 0]
    return estimate_offsets(trace or made.trace(resolution_s), scans[:, 0], end, scans[:, 0] / DAY)


@pytest.mark.parametrize(("resolution_s", "within_s"), [(1, 0.5), (10, 1.0), (60, 6.0)])
def test_a_skewed_and_drifting_clock_is_found(resolution_s, within_s):
    made = scanner(days=6)
    found = track(made, resolution_s, offset_s=170.0, drift_s=3.0)
    expected = 170.0 + 3.0 * (np.arange(6) + 0.5)
    assert np.abs(found.offset_s - expected).max() < within_s
    assert (found.u_s < 10).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_records_changes_nothing(seed):
    made = scanner(days=3)
    scans = made.written(made.scans, 40.0)
    mixed = np.random.default_rng(seed).permutation(scans)
    one, other = (estimate_offsets(made.trace(60), some[:, 0], some[:, 1], some[:, 0] / DAY) for some in (scans, mixed))
    assert one.offset_s.tolist() == other.offset_s.tolist()
    assert one.u_s.tolist() == other.u_s.tolist()


def test_the_sign_is_that_of_what_is_added_to_scanner_time():
    made = scanner(days=3)
    assert np.nanmedian(track(made, 10, offset_s=-100.0).offset_s) == pytest.approx(-100.0, abs=1.0)


def test_starts_alone_are_enough():
    found = track(scanner(days=4), 1, offset_s=60.0, lengths=False)
    assert np.nanmedian(found.offset_s) == pytest.approx(60.0, abs=3.0)


def test_a_correction_is_a_step():
    made = scanner(days=8)
    scans = made.written(made.scans)
    late = made.scans[:, 0] >= 4 * 86400
    scans = scans - np.where(late, 0, 90 * SECOND)[:, None]
    found = estimate_offsets(made.trace(10), scans[:, 0], scans[:, 1], scans[:, 0] / DAY)
    assert found.steps == 1
    assert found.offset_s == pytest.approx([90, 90, 90, 90, 0, 0, 0, 0], abs=1.5)


def test_the_meter_of_another_scanner_gives_nothing():
    found = track(scanner(days=6, seed=1), 10, trace=scanner(days=6, seed=2).trace(10))
    assert not found.is_known
    assert np.isnan(found.offset_s).all()


def by_chance(days_of_its_own, days):
    """A meter that shows this scanner on some days, and another one on the rest."""
    made, other = scanner(days=days, seed=1), scanner(days=days, seed=2)
    mine, theirs = made.trace(10), other.trace(10)
    own = (mine.start_us - mine.start_us[0]) // (86400 * SECOND) < days_of_its_own
    return made, Trace(mine.start_us, mine.end_us, np.where(own, mine.energy_kwh, theirs.energy_kwh))


def test_one_day_of_many_stands_out_by_chance():
    made, trace = by_chance(1, 8)
    assert not track(made, 10, trace=trace).is_known
    made, trace = by_chance(3, 8)
    assert track(made, 10, trace=trace).is_known


def test_days_that_were_not_read_do_not_count_against_the_others():
    made = scanner(days=8)
    trace = made.trace(10)
    energy = trace.energy_kwh.copy()
    energy[2 * 8640 :] = np.nan
    found = track(made, 10, offset_s=40.0, trace=Trace(trace.start_us, trace.end_us, energy))
    assert found.offset_s[:1] == pytest.approx([40.0], abs=1.0)


def test_a_flat_meter_gives_nothing():
    made = scanner(days=3)
    trace = made.trace(10)
    flat = Trace(trace.start_us, trace.end_us, np.full(len(trace), 0.1))
    assert not track(made, 10, trace=flat).is_known


def test_a_day_with_two_series_gives_nothing_but_is_bridged():
    made = scanner(days=5)
    keep = (made.scans[:, 0] // 86400 != 2) | (np.arange(len(made.scans)) % 40 == 0)
    scans = made.written(made.scans[keep], 30.0)
    chosen = np.flatnonzero(made.scans[keep][:, 0] // 86400 == 2)[2:]
    scans = np.delete(scans, chosen, axis=0)
    found = estimate_offsets(made.trace(10), scans[:, 0], scans[:, 1], scans[:, 0] / DAY)
    assert np.isnan(found.offset_s[2])
    offset, u = found.at(found.day[2:3] + 0.5)
    assert offset[0] == pytest.approx(30.0, abs=1.0)
    assert u[0] < 2.0


def test_nothing_to_go_by_is_zero_with_unknown_uncertainty():
    nothing = np.zeros(0, dtype=np.int64)
    found = estimate_offsets(scanner(days=1).trace(60), nothing, nothing, nothing.astype(float))
    offset, u = found.at(np.array([1.0]))
    assert offset[0] == 0.0
    assert np.isnan(u[0])
    assert found.rows() == ()


def test_a_wild_day_among_good_ones_is_left_out():
    days = np.arange(10.0)
    offsets = np.where(days == 5, 400.0, 20.0 + 2.0 * days)
    lines, fits = piecewise_lines(days, offsets, np.full(10, 1.0))
    assert len(lines) == 1
    assert fits.tolist() == [True] * 5 + [False] + [True] * 4
    assert lines[0].slope == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("end", [0, 9])
def test_a_weak_day_at_an_end_is_no_correction(end):
    days = np.arange(10.0)
    offsets = np.where(days == end, -580.0, 80.0)
    weak = days == end
    lines, fits = piecewise_lines(days, offsets, np.full(10, 4.0), weak)
    assert [round(line.offset_s) for line in lines] == [80]
    assert fits.tolist() == (~weak).tolist()
    assert len(piecewise_lines(days, offsets, np.full(10, 4.0), ~weak)[0]) == 2  # a strong one is
    assert len(piecewise_lines(days[:2], np.array([0.0, 500.0]), np.full(2, 1.0), np.full(2, True))[0]) == 2


def test_rows_carry_the_date():
    rows = track(scanner(days=2), 60).rows()
    assert [row.date.isoformat() for row in rows] == ["2026-03-02", "2026-03-03"]
