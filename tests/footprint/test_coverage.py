"""Intervals hold what they promise, in departments whose factors are drawn from their own distributions.

``python -m bench.coverage`` draws 500; here are fewer, always the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bench.coverage import coverage, drawn_world

from ecorad.footprint import assess, uncertainty


def test_with_central_factors_the_estimate_is_the_truth():
    world = drawn_world(np.random.default_rng(5), "central", is_central=True)
    found = assess(world.department)
    assert found.energy.value == pytest.approx(world.kwh, rel=1e-9)
    assert found.attributional.value == pytest.approx(world.kg, rel=1e-9)


def test_about_95_of_100_truths_lie_inside():
    """Of 80 at 95 %, fewer than 70 come once in some thousand draws."""
    energy, carbon = coverage(80, seed=11).shares()
    assert 0.875 <= energy <= 1.0 and 0.875 <= carbon <= 1.0
    assert energy + carbon < 2.0


def test_intervals_half_as_wide_would_be_seen(monkeypatch):
    honest = uncertainty._interval

    def too_narrow(terms):
        low, high = honest(terms)
        middle = sum(term.value for term in terms)
        return middle - (middle - low) / 2, middle + (high - middle) / 2

    monkeypatch.setattr(uncertainty, "_interval", too_narrow)
    energy, carbon = coverage(60, seed=11).shares()
    assert energy < 0.85 and carbon < 0.85


def test_the_worlds_differ():
    rng = np.random.default_rng(1)
    one, other = drawn_world(rng, "a"), drawn_world(rng, "b")
    assert one.kwh != other.kwh and one.department.average is not None
    assert replace(one, kg=0.0) != one
