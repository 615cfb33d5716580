import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint.energy.allocation import RULES, allocate, split, unexplained
from ecorad.footprint.energy.join import join, shared_kwh
from ecorad.footprint.energy.spans import merged
from ecorad.footprint.energy.trace import EMPTY, Trace
from ecorad.model import InputError
from tests.footprint.made import HOUR, NO_TIMES, hours

NUMBERS = st.integers(0, 48 * 3600)


def windows(pairs):
    start = np.array([a for a, _ in pairs], dtype=np.int64) * 1_000_000
    return start, start + np.array([b for _, b in pairs], dtype=np.int64) * 1_000_000


def day(energies):
    edges = np.arange(len(energies) + 1, dtype=np.int64) * HOUR
    return Trace.of(edges[:-1], edges[1:], energies)


@given(
    st.lists(st.floats(0, 50) | st.just(float("nan")), min_size=1, max_size=48),
    st.lists(st.tuples(NUMBERS, st.integers(0, 9000)), max_size=12),
    st.lists(st.tuples(NUMBERS, st.integers(0, 40000)), max_size=4),
    st.lists(st.tuples(NUMBERS, st.integers(0, 2000)), max_size=4),
    st.sampled_from(RULES),
)
def test_energy_is_conserved_under_every_rule(energies, exams, opening, qc, rule):
    trace = day(energies)
    start, end = windows(exams)
    parts = split(trace, start, end, merged(*windows(opening)), qc_start_us=windows(qc)[0], qc_end_us=windows(qc)[1])
    close = {"rel": 1e-9, "abs": 1e-9}
    assert parts.total_kwh == pytest.approx(trace.known_kwh, **close)
    assert shared_kwh(trace, start, end).sum() == pytest.approx(parts.exams_kwh, **close)
    active = join(trace, start, end, 1.0).active_kwh
    if len(active) and not np.isnan(active).all():
        allocated = allocate(active, (end - start) / HOUR, parts.pool_kwh, rule)
        assert np.nansum(allocated) == pytest.approx(np.nansum(active) + parts.pool_kwh, **close)


def test_a_day_by_hand():
    trace = day(np.arange(24.0))
    parts = split(trace, hours(9), hours(10), (hours(8), hours(12)), qc_start_us=hours(7), qc_end_us=hours(8))
    assert parts.exams_kwh == 9.0
    assert parts.qc_kwh == 7.0
    assert parts.gaps_kwh == 7.0 + 8.0 + 10.0 + 11.0
    assert parts.off_hours_kwh == 276.0 - 9.0 - 36.0


def test_without_opening_hours_the_rest_is_unexplained():
    parts = split(day(np.ones(24)), hours(9), hours(10), None)
    assert (parts.exams_kwh, parts.gaps_kwh, parts.off_hours_kwh, parts.unexplained_kwh) == (1.0, 0.0, 0.0, 23.0)


def test_a_meter_nobody_knows_is_unexplained():
    assert unexplained(day(np.ones(24))).unexplained_kwh == 24.0
    assert split(EMPTY, NO_TIMES, NO_TIMES, None).total_kwh == 0.0


@pytest.mark.parametrize("rule", ["time", "active"])
def test_splitting_an_exam_in_two_changes_nothing(rule):
    whole = allocate(np.array([4.0, 2.0]), np.array([1.0, 0.5]), 10.0, rule)
    halves = allocate(np.array([2.0, 2.0, 2.0]), np.array([0.5, 0.5, 0.5]), 10.0, rule)
    assert halves[:2].sum() == pytest.approx(whole[0])


def test_splitting_an_exam_in_two_matters_when_exams_count_alike():
    whole = allocate(np.array([4.0, 2.0]), np.array([1.0, 0.5]), 10.0, "exam")
    halves = allocate(np.array([2.0, 2.0, 2.0]), np.array([0.5, 0.5, 0.5]), 10.0, "exam")
    assert halves[:2].sum() > whole[0]


def test_an_unread_exam_stays_unknown_and_carries_nothing():
    found = allocate(np.array([1.0, np.nan]), np.array([1.0, 1.0]), 5.0, "time")
    assert found[0] == 6.0
    assert np.isnan(found[1])


def test_a_pool_without_exams_is_refused():
    with pytest.raises(InputError):
        allocate(np.array([np.nan]), np.array([1.0]), 5.0)
    with pytest.raises(InputError):
        allocate(np.array([1.0]), np.array([1.0]), 5.0, "area")  # type: ignore[arg-type]


def test_the_published_fleet_comes_out_at_its_kwh_per_patient():
    patients, scanners_kwh, cooling_kwh = 40_276, 614_825.0, 492_624.0
    each = allocate(np.zeros(patients), np.ones(patients), scanners_kwh, "exam")
    assert each[0] == pytest.approx(15.3, abs=0.05)
    assert each[0] * (1 + cooling_kwh / scanners_kwh) == pytest.approx(27.5, abs=0.05)
