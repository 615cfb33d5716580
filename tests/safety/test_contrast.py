from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.model import InputError
from ecorad.safety import check_contrast_interval

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
