from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.model import InputError
from ecorad.safety.orders import check_dose, check_orders
from ecorad.safety.request import parse_request

PATIENT = {"age_years": 60, "sex": "male", "egfr": 80}
MR = {"id": "mr", "modality": "MR", "body_region": "abdomen", "contrast": "gadolinium", "at": "2026-03-02T08:00+01:00"}
CT = {
    "id": "ct",
    "modality": "CT",
    "body_region": "abdomen",
    "contrast": "iodine",
    "at": "2026-03-02T14:00+01:00",
    "indication": True,
}


def ask(*orders, check=check_orders, previous=(), **patient):
    request = {"patient": {**PATIENT, **patient}, "orders": list(orders), "previous": list(previous)}
    return check(parse_request(request))


def topics(found, topic):
    return [one.advice.verdict for one in found.answers if one.topic == topic]


@pytest.mark.parametrize(
    ("region", "verdict"),
    [
        *[(region, "change") for region in ("abdomen", "pelvis", "whole_body")],
        *[(region, "ok") for region in ("head", "neck", "chest", "upper_limb", "lower_limb")],
        *[(region, "cannot_advise") for region in ("spine", "breast", "heart", None)],
    ],
)
def test_an_enhanced_mr_before_an_enhanced_ct_by_the_region_of_the_ct(region, verdict):
    assert topics(ask(MR, {**CT, "body_region": region}), "sequence") == [verdict]


def test_the_ct_first_or_a_day_later_is_fine():
    assert topics(ask({**MR, "at": "2026-03-02T20:00+01:00"}, CT), "sequence") == ["ok"]
    assert topics(ask(MR, {**CT, "at": "2026-03-03T08:00+01:00"}), "sequence") == ["ok"]
    assert topics(ask(MR, {**CT, "at": "2026-03-03T07:59+01:00"}), "sequence") == ["change"]


def test_an_mr_that_is_done_makes_the_ct_wait_24_hours():
    found = ask({**MR, "done": True}, CT)
    assert found.advice.verdict == "wait"
    assert found.advice.earliest is not None
    assert found.advice.earliest.isoformat() == "2026-03-03T08:00:00+01:00"


def test_the_proposed_sequence_puts_the_ct_first():
    assert ask(MR, CT).sequence == ("ct", "mr")
    assert ask(MR, {**CT, "body_region": "chest"}).sequence == ("mr", "ct")
    assert ask({**MR, "done": True}, CT).sequence == ("mr", "ct")


def test_plain_examinations_have_no_sequence_and_no_interval():
    found = ask({**MR, "contrast": "none"}, CT)
    assert topics(found, "sequence") == topics(found, "interval") == []


def test_planned_and_given_injections_are_all_held_against_each_other():
    found = ask(MR, CT, previous=[{"agent": "iodine", "at": "2026-03-01T22:00+01:00"}])
    assert sorted(topics(found, "interval")) == ["ok", "ok", "ok"]
    found = ask(MR, CT, previous=[{"agent": "iodine", "at": "2026-03-02T06:00+01:00"}])
    assert sorted(topics(found, "interval")) == ["ok", "wait", "wait"]
    assert topics(ask(CT, previous=[{"agent": "iodine"}]), "interval") == ["cannot_advise"]
    assert ask(CT, egfr=None, previous=[{"agent": "gadolinium", "at": MR["at"]}]).advice.verdict == "cannot_advise"


def without(order, *facts):
    return {name: value for name, value in order.items() if name not in facts}


@pytest.mark.parametrize("order", [CT, MR])
def test_contrast_of_which_nobody_says_whether_it_is_planned_is_no_yes(order):
    """An hour after iodine: whether the next may be depends on what nobody has said."""
    soon = [{"agent": "iodine", "at": "2026-03-02T07:00+01:00"}]
    unsaid = without(order, "contrast")
    found = ask(unsaid, previous=soon)
    assert topics(found, "interval") == [found.advice.verdict] == ["cannot_advise"]
    assert topics(ask({**order, "contrast": "none"}, previous=soon), "interval") == []
    # It says nothing of the first injection there is, or of what takes no contrast.
    assert topics(ask(unsaid), "interval") == []
    assert topics(ask(without({**CT, "modality": "DX"}, "contrast"), previous=soon), "interval") == []


def test_an_examination_before_of_which_nobody_says_what_was_given_is_no_yes():
    done = {**without(MR, "contrast"), "done": True}
    assert topics(ask(done, CT), "interval") == ["cannot_advise"]
    assert topics(ask({**done, "contrast": "none"}, CT), "interval") == []


def test_contrast_unsaid_in_a_pregnancy_is_no_yes():
    assert ask(without(MR, "contrast"), sex="female", pregnancy="yes").advice.verdict == "cannot_advise"


def test_an_mr_of_an_unknown_part_could_be_one_of_the_breast():
    unsaid = without(MR, "body_region")
    assert topics(ask(unsaid, sex="female"), "breast_mri") == ["cannot_advise"]
    assert topics(ask(unsaid, sex="female", has_no_cycle=True), "breast_mri") == []
    assert topics(ask(unsaid), "breast_mri") == []


BREAST = {"id": "b", "modality": "MR", "body_region": "breast", "contrast": "gadolinium", "has_plain": True}


@pytest.mark.parametrize(
    ("day", "verdict"),
    [(1, "wait"), (6, "wait"), (7, "ok"), (14, "ok"), (15, "wait"), (36, "cannot_advise"), (0, "cannot_advise")],
)
def test_a_breast_mri_by_the_day_of_the_cycle(day, verdict):
    at = f"2026-03-{day:02d}T10:00" if 1 <= day <= 31 else ("2026-04-05T10:00" if day == 36 else "2026-02-28T10:00")
    found = ask({**BREAST, "at": at}, sex="female", last_period="2026-03-01", pregnancy="no")
    assert topics(found, "breast_mri")[0] == verdict


def test_the_next_window_of_the_cycle():
    early = ask({**BREAST, "at": "2026-03-03T10:00"}, sex="female", last_period="2026-03-01", pregnancy="no").advice
    late = {"sex": "female", "last_period": "2026-03-01", "pregnancy": "no"}
    assert early.earliest is not None
    assert early.earliest.date().isoformat() == "2026-03-07"
    assert ask({**BREAST, "at": "2026-03-20T10:00"}, **late).advice.earliest is None
    known = ask({**BREAST, "at": "2026-03-20T10:00"}, **late, cycle_length_days=28).advice.earliest
    assert known is not None
    assert known.date().isoformat() == "2026-04-04"


def test_a_breast_mri_needs_both_parts_and_a_known_cycle():
    at = {"at": "2026-03-08T10:00"}
    assert ask({**BREAST, **at}, sex="female").advice.verdict == "cannot_advise"
    assert ask({**BREAST, **at}, sex="female", has_no_cycle=True).advice.verdict == "ok"
    assert ask({**BREAST, **at, "contrast": "none"}, has_no_cycle=True).advice.verdict == "change"
    assert ask({**BREAST, **at, "has_plain": None}, has_no_cycle=True).advice.verdict == "cannot_advise"


def test_orders_that_look_alike():
    assert topics(ask(CT, {**CT, "id": "2", "at": "2026-03-08T08:00+01:00"}), "duplicate") == ["change"]
    assert topics(ask(CT, {**CT, "id": "2", "at": "2026-03-09T14:00+01:00"}), "duplicate") == ["change"]
    assert topics(ask(CT, {**CT, "id": "2", "at": "2026-03-09T14:01+01:00"}), "duplicate") == []
    assert topics(ask(CT, {**CT, "id": "2", "follow_up": True}), "duplicate") == []
    assert topics(ask(CT, {**CT, "id": "2", "contrast": "none"}), "duplicate") == []


@pytest.mark.parametrize(
    ("patient", "verdict"),
    [
        ({}, "ok"),
        ({"sex": "female"}, "ok"),
        ({"sex": "female", "age_years": 30}, "cannot_advise"),
        ({"sex": "female", "age_years": 55}, "cannot_advise"),
        ({"sex": "female", "age_years": 12}, "cannot_advise"),
        ({"sex": None, "age_years": 30}, "cannot_advise"),
        ({"sex": "female", "age_years": 30, "pregnancy": "no"}, "ok"),
        ({"sex": "female", "age_years": 30, "pregnancy": "planned"}, "change"),
        ({"sex": "female", "age_years": 30, "pregnancy": "yes"}, "change"),
        ({"age_years": 17.9}, "change"),
        ({"age_years": 18}, "ok"),
        ({"age_years": None}, "cannot_advise"),
    ],
)
def test_who_needs_a_second_thought_before_radiation(patient, verdict):
    assert ask({**CT, "contrast": "none"}, check=check_dose, **patient).advice.verdict == verdict


def test_what_uses_no_radiation_asks_nothing():
    assert (
        ask({**MR, "contrast": "none"}, check=check_dose, age_years=5, sex=None, pregnancy="yes").advice.verdict == "ok"
    )
    assert ask({**MR, "modality": "ZZ"}, check=check_dose).advice.verdict == "cannot_advise"


@pytest.mark.parametrize(
    ("patient", "is_asked"),
    [
        ({"sex": "female", "age_years": 31}, True),
        ({"sex": None, "age_years": None}, True),
        ({"sex": "female", "age_years": 31, "pregnancy": "no"}, False),
        ({"sex": "female", "age_years": 70}, False),
        ({"sex": "male", "age_years": 31}, False),
    ],
)
def test_contrast_asks_for_a_pregnancy_that_nobody_has_spoken_of(patient, is_asked):
    answers = ask(MR, **patient).answers
    assert [one.advice.verdict for one in answers if one.topic == "pregnancy"] == ["cannot_advise"] * is_asked
    assert [one for one in ask({**MR, "contrast": "none"}, **patient).answers if one.topic == "pregnancy"] == []


def test_contrast_in_a_pregnancy_has_no_rule():
    assert ask(MR, sex="female", pregnancy="yes").advice.verdict == "cannot_advise"
    assert ask({**MR, "contrast": "none"}, sex="female", pregnancy="yes").advice.verdict == "ok"


def test_low_dose_first():
    def verdict(**order):
        return ask({**CT, "contrast": "none", **order}, check=check_dose).advice.verdict

    assert verdict(alternatives=[{"modality": "US"}]) == "change"
    assert verdict(alternatives=[{"modality": "DX"}]) == "change"
    assert verdict(alternatives=[{"modality": "PT"}]) == "ok"  # not ranked by the rule
    assert verdict(alternatives=[{"modality": "CT", "expected_msv": 1.5}], expected_msv=6.1) == "change"
    assert verdict(alternatives=[{"modality": "CT", "expected_msv": 6.1}], expected_msv=6.1) == "ok"


def test_radiation_needs_an_indication():
    assert ask({**CT, "contrast": "none", "indication": None}, check=check_dose).advice.verdict == "cannot_advise"


def test_preparation_decides_nothing_and_clears_nobody():
    found = ask(MR, mr_checklist={"implant": "yes"})
    arms, record = found.preparation
    assert (arms["arms"], found.advice.verdict) == (None, "ok")
    assert (record["flagged"], record["is_clearance"]) == (["implant"], False)
    assert ask(MR, shoulders_ok=True, breath_hold_ok=True).preparation[0]["arms"] == "up"
    assert ask(MR, shoulders_ok=True, breath_hold_ok=False).preparation[0]["arms"] == "down"
    assert ask({**MR, "contrast": "none"}, shoulders_ok=True, breath_hold_ok=True).preparation[0]["arms"] == "down"


def test_nothing_asked_is_not_ok():
    assert ask().advice.verdict == "cannot_advise"


def test_every_answer_names_its_rule_and_edition():
    found = ask(
        MR, CT, {**CT, "id": "2"}, {**BREAST, "at": "2026-03-08T10:00+01:00"}, sex="female", pregnancy="possible"
    )
    for one in found.answers:
        assert one.advice.rule_set
        assert one.advice.version
        assert one.advice.reasons
        assert one.advice.data


FACTS = {"age_years": 40, "sex": "female", "pregnancy": "no", "egfr": 80, "last_period": "2026-03-01"}
STRICTNESS = {"ok": 0, "change": 1, "wait": 2, "cannot_advise": 3}


@given(st.sampled_from(sorted(FACTS)), st.sampled_from([MR, CT, {**BREAST, "at": "2026-03-09T10:00+01:00"}]))
def test_what_is_not_known_never_helps(fact, order):
    """Leaving out a fact that allows an examination never makes the answer milder."""
    given_before = [{"agent": "iodine", "at": "2026-02-01T08:00+01:00"}]
    request = {"patient": FACTS, "orders": [order], "previous": given_before}
    less = copy.deepcopy(request)
    del less["patient"][fact]  # type: ignore[attr-defined]
    known, unknown = (check_orders(parse_request(one)).advice.verdict for one in (request, less))
    assert known == "ok"
    assert STRICTNESS[unknown] >= STRICTNESS[known]


@given(
    st.sampled_from(["contrast", "body_region", "at", "has_plain", "indication"]),
    st.sampled_from([0, 1]),
    st.tuples(st.sampled_from([MR, CT, BREAST]), st.sampled_from([MR, CT, {**BREAST, "id": "b2"}])),
    st.sampled_from(["2026-03-03T10:00+01:00", "2026-03-09T10:00+01:00"]),
    st.tuples(st.sampled_from([None, "iodine", "gadolinium"]), st.sampled_from(["no", "possible"])),
)
def test_what_an_order_does_not_say_never_helps(fact, which, orders, at, known):
    """Leaving out what an order says never makes the answer milder; two that look alike are no matter of safety."""
    pair = [{**one, "id": str(n)} for n, one in enumerate(orders)]
    pair[which] = {**pair[which], "at": at}
    agent, pregnancy = known
    before = [] if agent is None else [{"agent": agent, "at": "2026-03-02T05:00+01:00"}]
    request = {"patient": {**FACTS, "pregnancy": pregnancy}, "orders": pair, "previous": before}
    less = copy.deepcopy(request)
    less["orders"][which].pop(fact, None)

    def strictness(content):
        found = check_orders(parse_request(content)).answers
        return max((STRICTNESS[one.advice.verdict] for one in found if one.topic != "duplicate"), default=0)

    assert strictness(less) >= strictness(request)


@pytest.mark.parametrize(
    "change",
    [
        {"orders": None},
        {"orders": [7]},
        {"orders": [{"modality": "CT"}]},
        {"orders": [{"id": "1"}]},
        {"orders": [{**CT, "contrast": "water"}]},
        {"orders": [{**CT, "at": "noon"}]},
        {"orders": [{**CT, "at": 7}]},
        {"orders": [CT, {**MR, "at": "2026-03-02T08:00"}]},
        {"orders": [CT, CT]},
        {"orders": [{**CT, "indication": "yes"}]},
        {"patient": {"age_years": -1}},
        {"patient": {"age_years": "40"}},
        {"patient": {"sex": "Anna Smith"}},
        {"patient": {"last_period": "soon"}},
        {"patient": {"mr_checklist": {"metal": "maybe"}}},
        {"previous": [{"at": "2026-03-02T08:00+01:00"}]},
        {"previous": {}},
    ],
)
def test_requests_that_cannot_be_used_are_refused_without_repeating_them(change):
    content = {"orders": [CT], **change}
    if change.get("previous") == {}:
        content["previous"] = {"agent": "iodine"}
    with pytest.raises(InputError) as refused:
        parse_request(content)
    assert "Anna" not in str(refused.value)
