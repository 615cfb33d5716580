"""How far power outlasts images, and that the uncertainty that follows holds whatever the sides are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ecorad.footprint.energy.clock import estimate_offsets
from ecorad.footprint.energy.presence import FLANK_S, left_open_s, outlasting_s
from ecorad.footprint.energy.trace import Trace
from tests.footprint.made import MONDAY, SECOND

SESSIONS, EVERY_S, IMAGES_S = 16, 1500, 400


def live(lead_s, tail_s, *, resolution_s=10, days=1, level_kw=0.4, around_kw=0.1):
    """Meter, and first and last images on its clock; power is high from ``lead_s`` before to ``tail_s`` after them."""
    power = np.full(days * 86_400, around_kw)
    first = np.array([day * 86_400 + 30_000 + n * EVERY_S + 7 * n for day in range(days) for n in range(SESSIONS)])
    for start, lead, tail in zip(
        first, np.broadcast_to(lead_s, first.shape), np.broadcast_to(tail_s, first.shape), strict=True
    ):
        power[start - lead : start + IMAGES_S + tail] = level_kw
    moment = MONDAY + np.arange(0, len(power), resolution_s) * SECOND
    trace = Trace(moment, moment + resolution_s * SECOND, power.reshape(-1, resolution_s).sum(axis=1) / 3600)
    start = MONDAY + first * SECOND
    return trace, start, start + IMAGES_S * SECOND


@pytest.mark.parametrize("resolution_s", [1, 10, 30])
@pytest.mark.parametrize(("lead_s", "tail_s"), [(30, 10), (0, 40), (40, 0), (20, 60), (0, 0)])
def test_the_sum_of_both_sides_is_seen_whatever_the_clock(resolution_s, lead_s, tail_s):
    trace, start, end = live(lead_s, tail_s, resolution_s=resolution_s)
    # A clock that is off takes the images into one side and power from the other.
    for wrong_s in (0, -10, 15):
        shifted = outlasting_s(trace, start + wrong_s * SECOND, end + wrong_s * SECOND)
        most = max(lead_s + tail_s, abs(2 * wrong_s - lead_s + tail_s) / 2 + (lead_s + tail_s) / 2)
        assert lead_s + tail_s - 15 <= shifted <= most + resolution_s + 15


def test_what_is_left_open_is_an_even_law_over_the_sum():
    lead = np.random.default_rng(1).uniform(0, 40, 200_000)
    assert left_open_s(40.0, 0.0) == pytest.approx(np.std((lead - (40 - lead)) / 2), rel=0.01)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([10, 60]))
def test_the_offset_is_off_by_less_than_its_interval_whatever_the_sides(lead_s, tail_s, resolution_s):
    trace, start, end = live(lead_s, tail_s, resolution_s=resolution_s, days=2)
    day = (start - MONDAY) / (86_400 * SECOND)
    track = estimate_offsets(trace, start - 100 * SECOND, end - 100 * SECOND, day, flank_s=FLANK_S)
    shift = np.round(track.at(day)[0] * 1e6).astype(np.int64) - 100 * SECOND
    assume(track.is_known)
    known = track.widened(left_open_s(outlasting_s(trace, start + shift, end + shift), resolution_s))
    assert (np.abs(known.offset_s - 100.0) <= 1.96 * known.u_s + 1.0).all()


def test_too_few_sessions_tell_nothing():
    trace, start, end = live(30, 10)
    assert np.isnan(outlasting_s(trace, start[:9], end[:9]))
    assert np.isnan(outlasting_s(trace, start, start))
    flat, start, end = live(30, 10, level_kw=0.1)
    assert np.isnan(outlasting_s(flat, start, end))
