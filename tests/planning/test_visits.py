"""CT and MR of one patient as one visit: intervals decide, kidneys must be known, and a visit is saved once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import book
from ecorad.model import InputError
from ecorad.planning.visits import Exam, bundles, visits_kg_co2e
from ecorad.safety.renal import RenalFunction


def exam(name, modality, day, *, patient="p", enhanced=True):
    at = datetime(2026, 3, day, 9, tzinfo=UTC)
    return Exam(id=name, patient=patient, modality=modality, enhanced=enhanced, at=at, day=at.date())


def found(*exams, egfr=90.0, within_days=7, day_h=8.0):
    known = None if egfr is None else RenalFunction(egfr)
    return bundles(exams, lambda patient, at: known, within_days=within_days, day_h=day_h)


@pytest.mark.parametrize(
    ("egfr", "day_h", "verdict", "wait_h"),
    [
        (90.0, 8.0, "one_visit", 4.0),
        (90.0, 4.0, "one_visit", 4.0),
        (90.0, 3.9, "too_long", 4.0),
        (20.0, 8.0, "too_long", 168.0),
        (None, 8.0, "cannot_advise", None),
    ],
)
def test_the_interval_of_the_rules_must_fit_into_a_visit(egfr, day_h, verdict, wait_h):
    """Iodine to gadolinium: 4 h with healthy kidneys, 7 days below 30, and without an eGFR nobody can say."""
    (one,) = found(exam("a", "CT", 2), exam("b", "MR", 4), egfr=egfr, day_h=day_h)
    assert (one.verdict, one.wait_h) == (verdict, wait_h)


def test_without_contrast_in_both_no_interval_stands_between():
    (one,) = found(exam("a", "CT", 2, enhanced=False), exam("b", "MR", 4), egfr=None)
    assert (one.verdict, one.wait_h) == ("one_visit", 0.0)


@pytest.mark.parametrize(
    ("exams", "pairs"),
    [
        ([exam("a", "CT", 2), exam("b", "MR", 2)], 0),  # one visit already
        ([exam("a", "CT", 2), exam("b", "MR", 10)], 0),  # too far apart
        ([exam("a", "CT", 2), exam("b", "MR", 4, patient="q")], 0),
        ([exam("a", "CT", 2), exam("b", "CT", 4)], 0),
        ([exam("a", "CT", 2), exam("x", "DX", 2), exam("b", "MR", 4)], 1),  # the MR's own day is saved
        ([exam("a", "CT", 2), exam("x", "DX", 2), exam("b", "MR", 4), exam("y", "US", 4)], 0),  # both days stay
        ([exam("a", "CT", 2), exam("b", "MR", 4), exam("c", "MR", 5)], 1),  # a CT goes with one MR
        ([exam("a", "CT", 2), exam("b", "MR", 4), exam("c", "CT", 8), exam("d", "MR", 9)], 2),
    ],
)
def test_a_visit_is_saved_where_a_day_becomes_empty(exams, pairs):
    assert len(found(*exams)) == pairs


def test_the_nearest_go_together():
    (one,) = found(exam("a", "CT", 2), exam("b", "MR", 7), exam("c", "CT", 6))
    assert (one.ct.id, one.mr.id) == ("c", "b")


@given(st.lists(st.tuples(st.sampled_from(["CT", "MR", "DX"]), st.integers(1, 20)), max_size=12))
def test_never_more_visits_are_saved_than_days_come_free(rows):
    exams = [exam(str(n), modality, day) for n, (modality, day) in enumerate(rows)]
    pairs = found(*exams)
    assert len(pairs) <= max(0, len({one.day for one in exams}) - 1)
    names = [name for one in pairs for name in (one.ct.id, one.mr.id)]
    assert len(names) == len(set(names))


def test_journeys_there_and_back():
    """10 visits x 2 x 20 km x 0.16691 kg/km = 66.76 kg."""
    kg = visits_kg_co2e(10, 20.0, book())
    assert kg.value == pytest.approx(66.764)
    assert kg.low < kg.value < kg.high
    assert kg.factors == ("travel.uk.car_unknown",)


def test_bounds_that_make_no_sense_are_refused():
    for bounds in ({"within_days": 0}, {"day_h": 0.0}, {"day_h": 25.0}):
        with pytest.raises(InputError, match="above 0"):
            found(**bounds)
    with pytest.raises(InputError, match="distance"):
        visits_kg_co2e(1, -1.0, book())
