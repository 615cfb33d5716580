from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.model import InputError
from ecorad.rules.intervals import interval_rule_sets
from ecorad.safety import RenalFunction, check_contrast_interval

GIVEN = datetime(2026, 3, 2, 8, tzinfo=UTC)
AGENTS = st.sampled_from(["iodine", "gadolinium"])
STRICTNESS = {"ok": 0, "wait": 1, "cannot_advise": 2}
I, G = "iodine", "gadolinium"  # noqa: E741


def ask(previous=I, following=I, egfr=90.0, hours=None, **more):
    at = None if hours is None else GIVEN + timedelta(hours=hours)
    return check_contrast_interval(previous=previous, following=following, egfr=egfr, previous_at=GIVEN, at=at, **more)


OLD_TABLE = [
    *[(p, f, 31.0, "none", 4) for p in (I, G) for f in (I, G)],
    *[(p, f, 30.0, "none", 48 if p == f == I else 168) for p in (I, G) for f in (I, G)],
    *[(p, f, 12.0, "residual", 48 if p == f == I else 168) for p in (I, G) for f in (I, G)],
    *[(p, f, 12.0, "anuric", None if p == f == I else 168) for p in (I, G) for f in (I, G)],
]


@pytest.mark.parametrize(("previous", "following", "egfr", "dialysis", "hours"), OLD_TABLE)
def test_the_2018_table_cell_by_cell(previous, following, egfr, dialysis, hours):
    advice = ask(previous, following, egfr, dialysis=dialysis, rule_set="esur-10.0-2018")
    assert advice.earliest == (None if hours is None else GIVEN + timedelta(hours=hours))
    assert advice.verdict == ("cannot_advise" if hours is None else "wait")


def test_the_2024_set_answers_only_what_was_verified():
    assert ask(egfr=61.0, hours=12, rule_set="esur-cmsc-2024").verdict == "ok"
    assert ask(egfr=61.0, hours=11.9, rule_set="esur-cmsc-2024").verdict == "wait"
    assert ask(egfr=60.0, hours=400, rule_set="esur-cmsc-2024").verdict == "cannot_advise"
    assert ask(G, G, 90.0, hours=400, rule_set="esur-cmsc-2024").verdict == "cannot_advise"


def test_without_a_choice_the_stricter_set_decides():
    assert ask(egfr=90.0, hours=5).rule_set == "esur-cmsc-2024"
    assert ask(egfr=90.0, hours=5).verdict == "wait"
    assert ask(I, G, 45.0, hours=4).verdict == "ok"  # only one set speaks of this pair


def test_a_set_that_speaks_of_the_pair_but_not_of_this_kidney_blocks():
    advice = ask(egfr=45.0, hours=400)
    assert advice.verdict == "cannot_advise"
    assert "at least 12 h" in advice.reasons[0]


@pytest.mark.parametrize("egfr", [None, float("nan"), -1.0, 900.0])
def test_missing_or_impossible_renal_function_is_never_ok(egfr):
    assert ask(egfr=egfr, hours=10_000).verdict == "cannot_advise"


def test_unknown_time_of_the_previous_injection_is_never_ok():
    advice = check_contrast_interval(previous=I, following=I, egfr=90.0, previous_at=None, at=GIVEN)
    assert advice.verdict == "cannot_advise"


def test_an_injection_planned_before_the_previous_one_is_not_judged():
    assert ask(egfr=90.0, hours=-1).verdict == "cannot_advise"


PAIRS = st.tuples(AGENTS, AGENTS)
SETS = st.sampled_from([None, "esur-10.0-2018"])


@given(PAIRS, st.floats(0, 200), st.floats(0, 200), st.floats(0, 500), SETS)
def test_a_worse_kidney_never_waits_shorter(pair, egfr, other, hours, rule_set):
    worse, better = sorted([egfr, other])
    answers = [ask(*pair, value, hours, rule_set=rule_set) for value in (worse, better)]
    assert STRICTNESS[answers[0].verdict] >= STRICTNESS[answers[1].verdict]


@given(AGENTS, AGENTS, st.floats(0, 200), st.floats(0, 500))
def test_mixed_pairs_are_symmetric(one, other, egfr, hours):
    there, back = ask(one, other, egfr, hours), ask(other, one, egfr, hours)
    assert (there.verdict, there.earliest) == (back.verdict, back.earliest)


@pytest.mark.parametrize("wrong", [{"previous": "barium"}, {"dialysis": "sometimes"}])
def test_words_it_does_not_know_are_refused(wrong):
    with pytest.raises(InputError):
        ask(**wrong)


def test_a_time_without_offset_is_refused():
    with pytest.raises(InputError):
        check_contrast_interval(previous=I, following=I, egfr=90.0, previous_at=datetime(2026, 3, 2, 8))  # noqa: DTZ001


DIALYSIS = ["none", "residual", "anuric"]


@given(PAIRS, st.sampled_from(DIALYSIS), st.sampled_from(DIALYSIS), st.floats(0, 500))
def test_less_function_on_dialysis_never_waits_shorter(pair, one, other, hours):
    better, worse = sorted((one, other), key=DIALYSIS.index)
    answers = [ask(*pair, 20.0, hours, dialysis=dialysis) for dialysis in (worse, better)]
    assert STRICTNESS[answers[0].verdict] >= STRICTNESS[answers[1].verdict]


@given(PAIRS, st.floats(0, 200), st.floats(0, 500), st.floats(0, 100))
def test_waiting_longer_is_never_worse(pair, egfr, hours, more):
    first, later = ask(*pair, egfr, hours), ask(*pair, egfr, hours + more)
    assert STRICTNESS[first.verdict] >= STRICTNESS[later.verdict]


@given(PAIRS, st.floats(0, 200), st.sampled_from(DIALYSIS), st.floats(0, 500))
def test_no_answer_is_milder_than_any_edition_that_speaks_of_the_pair(pair, egfr, dialysis, hours):
    together = ask(*pair, egfr, hours, dialysis=dialysis)
    for name, rules in interval_rule_sets().items():
        if rules.speaks_of(pair):
            alone = ask(*pair, egfr, hours, dialysis=dialysis, rule_set=name)
            assert STRICTNESS[together.verdict] >= STRICTNESS[alone.verdict]
            assert together.earliest is None or alone.earliest is None or together.earliest >= alone.earliest


@pytest.mark.parametrize(
    ("bound", "rule_set", "pair"), [(30, "esur-10.0-2018", (G, G)), (60, "esur-cmsc-2024", (I, I))]
)
def test_a_bound_belongs_to_the_worse_kidney(bound, rule_set, pair):
    above, on = (ask(*pair, egfr, 12, rule_set=rule_set) for egfr in (math.nextafter(bound, 99), bound))
    assert above.verdict == "ok"
    assert on.verdict != "ok"


def kidneys(**known):
    return ask(hours=12, renal=RenalFunction(**{"egfr": 90.0, **known})).verdict


def test_an_egfr_has_an_age_a_unit_and_a_steady_state():
    planned = GIVEN + timedelta(hours=12)
    assert kidneys() == "ok"
    assert kidneys(egfr_at=planned - timedelta(days=90)) == "ok"
    assert kidneys(egfr_at=planned - timedelta(days=90, seconds=1)) == "cannot_advise"
    assert kidneys(egfr_at=planned + timedelta(hours=1)) == "cannot_advise"
    assert kidneys(unit="mL/min/{1.73_m2}") == kidneys(unit="ml/min/1.73 m²") == "ok"
    assert kidneys(unit="ml/min/1,73 m^2") == kidneys(unit="mL/min/1.73m2")
    assert kidneys(unit="mL/min") == kidneys(unit="mL/min/m2") == "cannot_advise"
    assert kidneys(aki=True) == kidneys(aki=True, dialysis="residual") == "cannot_advise"
    assert kidneys(egfr=None) == "cannot_advise"


def test_without_a_planned_time_the_egfr_must_fit_the_previous_injection():
    old = RenalFunction(90.0, GIVEN - timedelta(days=91))
    assert ask(renal=old).verdict == "cannot_advise"
    assert ask(renal=RenalFunction(90.0, GIVEN - timedelta(days=89))).verdict == "wait"


def test_metformin_changes_no_interval_and_is_told_apart():
    plain, with_it = ask(hours=12), ask(hours=12, metformin=True)
    assert (plain.verdict, plain.earliest) == (with_it.verdict, with_it.earliest)
    assert "metformin" in with_it.reasons[-1]
    assert "metformin" not in "".join(ask(I, G, hours=12, metformin=True).reasons)


def test_an_answer_shows_its_data_with_their_age():
    advice = ask(hours=12, renal=RenalFunction(90.0, GIVEN))
    ages = {one.name: (one.value, one.age_h) for one in advice.data}
    assert (ages["previous"], ages["egfr"]) == ((I, 12.0), (90.0, 12.0))
    assert advice.version == "2024-04-01"


def test_what_is_missing_is_told_with_the_floor_that_holds_for_everybody():
    assert "whatever the kidney, the interval is at least 12 h" in ask(egfr=None, hours=1).reasons
