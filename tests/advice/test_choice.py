"""Which test: able first, then surely less dose, then surely less carbon; what has no source decides nothing."""

from __future__ import annotations

import itertools

import pytest

from ecorad.advice.choice import choose, parse_choice
from ecorad.factors import book
from ecorad.model import InputError

FILM = {"id": "film", "modality": "DX", "exam": "xr_chest", "answers": True}
CT = {"id": "ct", "modality": "CT", "exam": "ct_chest", "answers": True}
SCREEN = {"id": "low", "modality": "CT", "exam": "ct_lung_screening", "answers": True}
MR = {"id": "mr", "modality": "MR", "answers": True}
US = {"id": "us", "modality": "US", "answers": True}


def asked(*candidates, **patient):
    return choose(*parse_choice({"patient": patient, "indication": True, "candidates": list(candidates)}), book())


def test_the_least_dose_among_those_that_answer():
    found = asked(CT, FILM)
    assert (found.suggested, found.rule) == ("film", "dose")
    assert [one.dose.value for one in found.judged] == [6.1, 0.1]  # ACR card
    assert asked(CT, {**FILM, "answers": False}).suggested == "ct"


def test_the_order_of_the_question_does_not_matter():
    for rows in itertools.permutations((CT, FILM, SCREEN)):
        assert asked(*rows).suggested == "film"


def test_nobody_said_so_is_never_suggested():
    found = asked({**FILM, "answers": None}, CT)
    assert found.suggested == "ct"
    assert "film" in found.reasons[1]
    assert asked({**FILM, "answers": None}, {**CT, "answers": None}).suggested is None


def test_without_ionising_radiation_comes_before_any_dose_even_an_unknown_one():
    found = asked(CT, US)
    assert (found.suggested, found.judged[1].dose.value, found.judged[1].dose.high) == ("us", 0.0, 0.0)
    assert asked({"id": "xa", "modality": "XA", "answers": True}, US).suggested == "us"


def test_a_dose_without_source_is_unknown_and_nothing_is_suggested():
    found = asked(FILM, {**CT, "exam": None})
    assert (found.suggested, found.judged[1].dose.value) == (None, None)


def test_doses_whose_intervals_touch_are_not_told_apart():
    spine = {"id": "spine", "modality": "CT", "exam": "ct_spine", "answers": True}  # 5.9 to 13.2 against 4.1 to 9.2
    assert (asked(CT, spine).suggested, asked(CT, spine).rule) == (None, "tie")


def test_carbon_without_a_verified_consequential_figure_decides_nothing():
    found = asked(MR, US)
    assert (found.suggested, found.rule) == (None, "tie")
    assert all(one.saved_kg.value is None for one in found.judged)
    assert [one.share_kg.value for one in found.judged] == [17.5, 0.53]  # attributional: told, and not ranked


def test_of_a_child_no_adults_dose_is_told():
    found = asked(CT, FILM, age_years=5)
    assert found.suggested is None
    assert {one.dose.value for one in found.judged} == {None}
    assert found.judged[0].radiation.verdict != "ok"


def test_a_pregnancy_is_said_beside_each():
    found = asked(CT, US, age_years=30, sex="female", pregnancy="yes")
    assert any("pregnant" in reason for reason in found.judged[0].radiation.reasons)
    assert found.judged[1].radiation.verdict == "ok"


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"candidates": [CT]},
        {"candidates": [CT, {**FILM, "answers": "yes"}]},
        {"candidates": [CT, {**FILM, "exam": 3}]},
        {"candidates": [CT, CT]},
        {"candidates": [CT, {"id": "x"}]},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(InputError):
        parse_choice(wrong)


def test_an_exam_that_no_table_has_names_those_it_has():
    with pytest.raises(InputError, match="xr_chest"):
        asked(CT, {**FILM, "exam": "xr_ches"})
