from __future__ import annotations

import numpy as np
import pytest

from ecorad.verification import judge as judged
from ecorad.verification.effect import Sample, effect
from ecorad.verification.judge import Limits, claim_verdict, judge

LIMITS = Limits(cvrmse=0.3, nmbe=0.05)


def split(values, work=None, at=None):
    count = len(values)
    day = np.arange(count)
    whole = Sample(day, np.asarray(values, float), np.zeros((count, 0)) if work is None else np.asarray(work, float))
    early = day < (count // 2 if at is None else at)
    return whole.only(early), whole.only(~early)


def noise(count, scale=1.0, seed=3):
    return np.random.default_rng(seed).normal(scale=scale, size=count)


def test_nothing_recorded():
    before, after = split(100 + noise(60))
    nothing = after.only(np.zeros(len(after), bool))
    assert judge(before, nothing, LIMITS).refused == (judged.NO_RECORDS,)


@pytest.mark.parametrize(("at", "code"), [(19, judged.FEW_BEFORE), (41, judged.FEW_AFTER)])
def test_too_few_days(at, code):
    found = judge(*split(100 + noise(60), at=at), LIMITS)
    assert found.refused == (code,) and found.effect is None and found.verdict is None


def test_a_baseline_that_does_not_fit():
    found = judge(*split(np.maximum(0, 100 + noise(80, 60))), LIMITS)
    assert judged.BAD_FIT in found.refused and not found.is_told
    assert judged.BAD_FIT not in judge(*split(100 + noise(80, 60)), Limits(cvrmse=None, nmbe=0.05)).refused


def test_a_baseline_around_nothing_fits_nothing():
    assert judged.BAD_FIT in judge(*split(noise(80) - 10), LIMITS).refused


def test_a_baseline_that_moved_by_itself():
    values = 100 + noise(120)
    values[30:60] -= 15  # somebody changed something before
    assert judge(*split(values), LIMITS).refused == (judged.DRIFT,)


def test_work_that_the_baseline_never_saw():
    exams = np.concatenate([np.tile([10.0, 12.0], 20), np.tile([11.0, 20.0], 20)])
    assert judge(*split(100 + 2 * exams + noise(80), exams[:, None]), LIMITS).refused == (judged.OTHER_WORK,)


def test_too_many_columns_for_the_days():
    work = np.random.default_rng(4).normal(size=(60, 6))
    assert judge(*split(100 + noise(60), work), LIMITS).refused == (judged.FEW_BEFORE,)


@pytest.mark.parametrize(("change", "verdict"), [(-20, "reduction"), (20, "rise"), (0, "none_seen")])
def test_verdicts(change, verdict):
    values = 100 + noise(80, seed=8)
    values[40:] += change
    assert judge(*split(values), LIMITS).verdict == verdict


def test_claims_between_the_ends_are_neither_met_nor_refuted():
    values = 100 + noise(80, 5)
    values[40:] -= 20
    found = effect(*split(values))
    assert claim_verdict(found, -found.share) == "not_shown"
    assert claim_verdict(found, -found.share_high) == "met"
    assert claim_verdict(found, -found.share_low + 1e-9) == "not_met"
