from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.findings.contrast_yield import EnhancedExam, avoidable_ml, contrast_yields, find_needless_contrast
from ecorad.findings.leftovers import find_leftovers
from ecorad.model import InputError

LINE = {"day": 1, "device_key": "ct", "agent": "Omnipaque", "kind": "iodine", "movement": "opened", "quantity": 1.0}
VOLUMES = ("pack_volume_ml", "volume_given_ml", "volume_left_ml")


def sheet(*rows):
    full = [{**LINE, **dict(zip(VOLUMES, row[:3], strict=True)), **(row[3] if len(row) > 3 else {})} for row in rows]
    return {name: np.array([row[name] for row in full], dtype=object) for name in (*LINE, *VOLUMES)}


def test_left_overs_by_hand():
    found = find_leftovers(
        sheet(
            (100, 70, 30),
            (200, 90, 110, {"day": 2}),
            (50, 50, 0),
            (10, 7.5, 2.5, {"agent": "Gadovist", "kind": "gadolinium"}),
        )
    )
    assert [(one.agent, one.packs, one.days, one.packs_with_rest) for one in found] == [
        ("Omnipaque", 3, 2, 2),
        ("Gadovist", 1, 1, 1),
    ]
    assert (found[0].left_ml, found[0].opened_ml, found[0].share) == (140.0, 350.0, 0.4)
    assert (found[0].avoidable_packs, found[0].avoidable_ml) == (1, 100.0)  # 90 mL fit into 100
    assert (found[1].avoidable_packs, found[1].avoidable_ml) == (0, 0.0)


def test_sizes_of_another_agent_and_several_packs_a_line_spare_nothing():
    other = {"agent": "Visipaque"}
    found = find_leftovers(sheet((200, 90, 110), (100, 80, 20, other), (200, 90, 310, {"quantity": 2.0})))
    assert [one.avoidable_packs for one in found] == [0, 0]


def test_lines_without_volumes_and_other_movements_are_not_judged():
    assert find_leftovers(sheet((100, 70, None), (None, 70, 30), (100, 70, 30, {"movement": "received"}))) == ()
    assert find_leftovers(sheet((100, 100, 0))) == ()


@given(st.lists(st.tuples(st.sampled_from([50, 100, 200]), st.floats(0, 1)), min_size=1, max_size=20))
def test_what_could_be_spared_is_never_more_than_what_was_left(packs):
    rows = [(size, size * share, size * (1 - share)) for size, share in packs]
    for one in find_leftovers(sheet(*rows)):
        assert 0.0 <= one.avoidable_ml <= one.left_ml + 1e-6
        assert one.left_ml <= one.opened_ml + 1e-6


def exams(changed, unchanged, unknown=0, group="MR head", ml=15.0):
    answers = [True] * changed + [False] * unchanged + [None] * unknown
    return [EnhancedExam(group, answer, ml) for answer in answers]


def test_a_yield_has_its_interval_and_counts_only_what_somebody_said():
    (one,) = contrast_yields(exams(10, 30, unknown=5))
    assert (one.exams, one.unknown, one.changed, one.share, one.unchanged_ml) == (40, 5, 10, 0.25, 450.0)
    assert (one.low, one.high) == (pytest.approx(0.1419, abs=1e-4), pytest.approx(0.4019, abs=1e-4))  # Wilson
    assert contrast_yields(exams(0, 0, unknown=9)) == ()


def test_only_a_surely_low_yield_over_enough_examinations_is_named():
    few, low, high = exams(0, 19, group="few"), exams(1, 99, group="low"), exams(10, 90, group="high")
    assert [one.group for one in find_needless_contrast([*few, *low, *high], at_most=0.1)] == ["low"]
    with pytest.raises(InputError):
        find_needless_contrast(low, at_most=2.0)


def test_one_unknown_volume_makes_the_sum_unknown():
    (one,) = contrast_yields([*exams(1, 30), EnhancedExam("MR head", False, None)])
    assert one.unchanged_ml is None


def test_what_could_be_avoided_is_that_by_hand_and_its_ends_are_those_of_its_parts():
    """40 known with 10 that changed, 10 unknown, 12 mL on average: 50 x 0.75 x 12 = 450 mL."""
    known = [EnhancedExam("a", n < 10, 10.0 if n % 2 else 14.0) for n in range(40)]
    (one,) = contrast_yields([*known, *[EnhancedExam("a", None, None)] * 10])
    found = avoidable_ml(one)
    assert found.value == pytest.approx(450.0)
    # t(39; 0.975) = 2.0227; s = 2 sqrt(40/39); s / sqrt(40) = 0.32026
    half = 2.0227 * 0.32026
    assert found.low == pytest.approx(50 * (1 - one.high) * (12 - half), rel=1e-4)
    assert found.high == pytest.approx(50 * (1 - one.low) * (12 + half), rel=1e-4)


def test_without_ten_volumes_nobody_knows_what_could_be_avoided():
    (one,) = contrast_yields([EnhancedExam("a", False, 12.0 if n < 9 else None) for n in range(40)])
    assert avoidable_ml(one).value is None
