from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from ecorad.simulation.days import Days
from ecorad.simulation.plan import plan_scanner
from ecorad.simulation.scanners import draw_scanners
from ecorad.simulation.settings import Settings

WEEK = Days.of(date(2026, 3, 2), 7, "Europe/Amsterdam")
seeds = st.integers(min_value=0, max_value=2**31)


@given(seeds)
@tries(max_examples=12, deadline=None)
def test_nothing_overlaps_at_a_scanner(seed):
    for scanner in draw_scanners(5, Settings(repeat_series=0.3), seed):
        exams = plan_scanner(scanner, WEEK, Settings(), seed).exams
        for one, after in pairwise(exams):
            assert one.leaves_s <= after.enters_s
        for exam in exams:
            spans = [(beam.start_s, beam.end_s) for beam in exam.beams]
            assert all(first[1] <= second[0] for first, second in pairwise(spans))
            assert exam.enters_s <= spans[0][0] and spans[-1][1] <= exam.leaves_s
            assert exam.acquisitions[0].start_s == exam.start_s


def test_emergencies_come_when_the_department_is_closed():
    scanner = draw_scanners(2, Settings(), 3)[1]
    plan = plan_scanner(scanner, WEEK, Settings(), 3)
    unbooked = [exam for exam in plan.exams if exam.booked == "unbooked"]
    assert unbooked
    for exam in unbooked:
        span = WEEK.opening_s(exam.enters_s // 86400, saturday=True)
        assert span is None or not span[0] <= exam.enters_s < span[1]


def test_overlap_puts_sequences_into_the_band_of_ready():
    scanner = draw_scanners(1, Settings(), 4)[0]
    shares = {}
    for overlap in (0.0, 0.3):
        exams = plan_scanner(scanner, WEEK, Settings(overlap=overlap), 4).exams
        shares[overlap] = [one.kw_share for exam in exams for one in exam.acquisitions if one.kind == "scan"]
    assert min(shares[0.0]) >= 0.35
    assert np.mean(np.array(shares[0.3]) < 0.2) == pytest.approx(0.3, abs=0.05)
