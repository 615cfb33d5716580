"""The regression finds what it was made from, and the exam that does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.footprint.expected import expect


def exams(seed=1, n=400, noise=0.1):
    rng = np.random.default_rng(seed)
    protocol = rng.choice(["head", "spine", "knee"], n, p=[0.5, 0.3, 0.2])
    data = rng.lognormal(18, 0.5, n)
    factor = np.array([{"head": 1.0, "spine": 1.5, "knee": 0.5}[one] for one in protocol])
    energy = 2.0 * factor * (data / np.exp(18)) ** 0.4 * np.exp(noise * rng.standard_normal(n))
    return energy, protocol, data


def test_known_effects_come_back_inside_their_intervals():
    energy, protocol, data = exams()
    model = expect(energy, {"protocol": list(protocol)}, {"data_bytes": data})
    effect = dict(zip(model.names, zip(model.effect, model.low, model.high, strict=True), strict=True))
    for name, truth in (("protocol=spine", 1.5), ("protocol=knee", 0.5), ("log(data_bytes)", np.exp(0.4))):
        value, low, high = effect[name]
        assert value == pytest.approx(truth, rel=0.05)
        assert low < truth < high
    assert model.explained > 0.9


def test_an_exam_that_drew_three_times_as_much_is_found_and_does_not_bend_the_rest():
    energy, protocol, data = exams()
    clean = expect(energy, {"protocol": list(protocol)}, {"data_bytes": data})
    energy[7] *= 3.0
    model = expect(energy, {"protocol": list(protocol)}, {"data_bytes": data})
    assert model.outliers[0] == 7
    assert model.expected_kwh[7] == pytest.approx(clean.expected_kwh[7], rel=0.01)


def test_unknown_energies_stay_unknown():
    energy, protocol, data = exams()
    energy[3] = np.nan
    model = expect(energy, {"protocol": list(protocol)}, {"data_bytes": data})
    assert np.isnan(model.expected_kwh[3]) and np.isnan(model.score[3])
    assert 3 not in model.outliers


def test_too_few_exams_and_measures_that_say_nothing():
    energy, protocol, _ = exams(n=39)
    assert expect(energy, {"protocol": list(protocol)}, {}) is None
    energy, _, _ = exams()
    model = expect(energy, {}, {"field_strength_t": np.full(400, 1.5), "age": np.full(400, np.nan)})
    assert model.names == ("intercept",)


def test_two_names_for_one_thing_do_not_tear_apart():
    energy, protocol, _ = exams()
    model = expect(energy, {"protocol": list(protocol), "region": list(protocol)}, {})
    assert np.all(np.isfinite(model.effect)) and np.all(model.effect < 10)


@given(st.floats(0.01, 100))
def test_another_unit_changes_no_score(scale):
    energy, protocol, data = exams(n=80)
    one = expect(energy, {"protocol": list(protocol)}, {"data_bytes": data})
    other = expect(scale * energy, {"protocol": list(protocol)}, {"data_bytes": data})
    assert np.allclose(one.score, other.score, atol=1e-2)


def test_one_exam_in_ten_at_three_times_its_energy_does_not_bend_the_rest():
    energy, protocol, data = exams()
    knee = np.flatnonzero(protocol == "knee")
    energy[knee[::10]] *= 3.0
    model = expect(energy, {"protocol": list(protocol)}, {"data_bytes": data})
    effect = dict(zip(model.names, model.effect, strict=True))
    assert effect["protocol=knee"] == pytest.approx(0.5, rel=0.06)
    assert set(knee[::10]) <= set(model.outliers)
