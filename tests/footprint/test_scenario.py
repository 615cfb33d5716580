"""Estimates beyond one department: the sources' claims come out, with interval and boundary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import book, exam_footprint
from ecorad.factors.facts.scenarios import scenario, scenarios
from ecorad.footprint.scenario import (
    covered,
    estimate_kg,
    mix_difference_kg,
    multiphase_kg,
    scenario_kg,
    scenario_parts,
)
from ecorad.footprint.uncertainty import Term, of_factor, total
from ecorad.model import Accounting, FactorNotFoundError, MixingError, UnknownNameError


@pytest.mark.parametrize(
    ("name", "tonnes"),
    [("world-ct", 3_220_000), ("netherlands-ct-mr", 35_900), ("england-paper", 194.85), ("england-paper-high", 2598)],
)
def test_the_claims_of_the_sources_come_out(name, tonnes):
    """350 M CT x 9.2 kg; 2 M CT x 9.2 + 1 M MRI x 17.5 kg; 43.3 M sheets x 4.5 and 60 g."""
    found = scenario_kg(scenario(name))
    assert found.value / 1000 == pytest.approx(tonnes)
    assert found.value == pytest.approx(scenario(name).claim_kg, rel=0.01)
    assert found.low < found.value < found.high and found.origin.value in {"default", "claimed"}


def test_the_world_is_wider_than_the_study():
    use = scenario_parts(scenario("netherlands-ct-mr"))[0][1]
    assert {issue.code for issue in use.issues} >= {"ecorad.factor.other_country"}
    assert use.factor.high > exam_footprint("CT").high


def test_every_scenario_states_its_boundary_and_none_counts_deaths():
    for one in scenarios():
        assert len(one.boundary) > 40
        assert "death" not in f"{one.title} {one.boundary} {one.claim.unit} {one.claim.label}".lower()


def test_an_unknown_scenario_names_the_others():
    with pytest.raises(UnknownNameError, match="world-ct"):
        scenario("mars")


def test_two_questions_are_not_added():
    marginal = exam_footprint("MR", Accounting.CONSEQUENTIAL, allow_unverified=True)
    with pytest.raises(MixingError):
        estimate_kg([(1.0, exam_footprint("CT")), (1.0, marginal)])


def test_a_mix_by_hand():
    """100 MRI instead of 100 ultrasound: 100 x (17.5 - 0.53); the 500 CT of both are no part of it."""
    found = mix_difference_kg({"MR": 100, "CT": 500}, {"US": 100, "CT": 500})
    without = mix_difference_kg({"MR": 100}, {"US": 100})
    assert found.value == pytest.approx(1697.0)
    assert (found.low, found.high) == pytest.approx((without.low, without.high))


@given(st.integers(1, 10**6), st.sampled_from(["MR", "CT", "US", "DX"]))
def test_equal_mixes_do_not_differ_at_all(exams, modality):
    found = mix_difference_kg({modality: exams}, {modality: exams})
    assert (found.low, found.value, found.high) == (0.0, 0.0, 0.0)


def test_common_factors_narrow_a_comparison():
    """10 % fewer CT: known far better, in kg, than either total; and relative to itself as well as one exam is."""
    saved = mix_difference_kg({"CT": 1000}, {"CT": 900})
    whole = estimate_kg([(1000.0, exam_footprint("CT"))])
    assert saved.high - saved.low == pytest.approx((whole.high - whole.low) / 10, rel=1e-6)


def test_a_modality_nobody_published_is_refused():
    with pytest.raises(FactorNotFoundError, match="BDUS"):
        mix_difference_kg({"BDUS": 1}, {"CT": 1})


def test_phases_of_a_ct():
    share = book().get("share.department.equipment_use_energy_all.thiel")
    once = multiphase_kg(exam_footprint("CT"), 1, share)
    thrice = multiphase_kg(exam_footprint("CT"), 3, share)
    assert once.value == pytest.approx(9.2)
    assert thrice.value == pytest.approx(9.2 * (1 + 2 * 0.54))
    assert share.factor_id in thrice.factors


def test_what_a_sum_covers_is_what_each_covers():
    rows = [exam_footprint("CT"), book().get("exam.ct.abdomen.martin.use")]
    assert covered(rows) == ("active", "standby")


def test_a_scenario_is_the_sum_of_ordinary_terms():
    """The same engine: 3 x CT by hand is the estimate, draw by draw."""
    row = exam_footprint("CT")
    assert estimate_kg([(3.0, row)]).high == total([Term(3.0, (of_factor(row),))], "kg{CO2e}").high
