from __future__ import annotations

import pytest

from ecorad.verification.rejects import rejects


def test_published_example():
    # Newcombe 1998, table II, example (a), method 10: 56/70 less 48/80.
    found = rejects(80, 48, 70, 56, margin=0.02)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize(
    ("counts", "quality"),
    [
        ((1000, 50, 1000, 40), "no_rise"),
        ((1000, 50, 1000, 120), "rise"),
        ((100, 5, 100, 5), "not_shown"),
        ((29, 2, 1000, 40), "unknown"),
        ((1000, 0, 1000, 0), "unknown"),
    ],
)
def test_verdicts(counts, quality):
    assert rejects(*counts, margin=0.02).quality == quality


def test_a_wider_margin_lets_more_pass():
    assert rejects(400, 20, 400, 20, margin=0.01).quality == "not_shown"
    assert rejects(400, 20, 400, 20, margin=0.05).quality == "no_rise"


def test_the_interval_turns_with_the_question():
    there, back = rejects(300, 9, 200, 12, margin=0.02), rejects(200, 12, 300, 9, margin=0.02)
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))
