import numpy as np
import pytest

from ecorad.footprint.energy.join import above_idle, join
from ecorad.footprint.energy.sharpen import sharpened
from ecorad.footprint.energy.trace import Trace
from tests.footprint.made import SECOND, hours, scanner


def test_active_and_marginal_by_hand():
    trace = Trace.of(hours(0, 1), hours(1, 2), [10.0, 4.0])
    found = join(trace, hours(0.5), hours(2), 4.0)
    assert found.active_kwh[0] == 5.0 + 4.0
    assert found.marginal_kwh[0] == 3.0


def test_power_below_idle_saves_nothing():
    assert above_idle(Trace.of(hours(0), hours(1), [1.0]), 4.0).energy_kwh.tolist() == [0.0]


def test_overlapping_exams_share_and_add_up():
    trace = Trace.of(hours(0), hours(4), [8.0])
    found = join(trace, hours(0, 1), hours(3, 2), 0.0)
    assert found.active_kwh.tolist() == [5.0, 1.0]


def test_an_exam_that_was_mostly_not_read_is_unknown():
    trace = Trace.of(hours(0, 1), hours(1, 4), [1.0, np.nan])
    found = join(trace, hours(0, 0), hours(4, 1), 0.0)
    assert np.isnan(found.active_kwh[0])
    assert found.flags.tolist() == ["unread", ""]


def test_an_unknown_idle_level_leaves_the_marginal_energy_unknown():
    found = join(Trace.of(hours(0), hours(1), [1.0]), hours(0), hours(1), float("nan"))
    assert np.isnan(found.marginal_kwh).all()
    assert found.active_kwh[0] == 1.0


@pytest.mark.parametrize("resolution_s", [10, 60])
def test_sharpening_keeps_the_energy_and_mends_the_edges(resolution_s):
    made = scanner(days=2, noise=0.0, drift=0.0, compressor_kw=0.0, overlap=0.0)
    trace = made.trace(resolution_s)
    scans, exams = made.written(made.scans), made.written(made.exams)
    fine = sharpened(trace, scans[:, 0], scans[:, 1], 20.0)
    truth = made.active_kwh()
    error = [
        np.median(np.abs(join(one, exams[:, 0], exams[:, 1], 12.0).active_kwh / truth - 1)) for one in (trace, fine)
    ]
    assert fine.known_kwh == pytest.approx(trace.known_kwh, rel=1e-12)
    assert error[1] < 0.002
    assert error[1] < error[0]


def test_a_reading_below_the_background_is_left_as_it_is():
    fine = sharpened(Trace.of([0], [60 * SECOND], [0.01]), np.array([30 * SECOND]), np.array([40 * SECOND]), 3.0)
    assert fine.known_kwh == pytest.approx(0.01)
    assert fine.energy_kwh.min() >= 0.0
