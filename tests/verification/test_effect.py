"""Known effects lie in the interval, changes that nobody made are not seen, a small case is worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ecorad.verification.effect import Sample, effect
from ecorad.verification.judge import Limits, judge

NONE = np.zeros((0, 0))


def days_of(random, count, *, change=0.0, likeness=0.3, start=0):
    """A scanner's days: 150 kWh, 2 kWh an exam, less on weekends, and what one day leaves for the next."""
    day = np.arange(start, start + 2 * count)
    weekend = ((day + 3) % 7 >= 5).astype(float)
    exams = random.poisson(np.where(weekend > 0, 4.0, 20.0)).astype(float)
    rest = np.zeros(2 * count)
    shocks = random.normal(scale=8.0, size=2 * count)
    for t in range(2 * count):
        rest[t] = (likeness * rest[t - 1] if t else 0.0) + shocks[t]
    kwh = 150.0 + 2.0 * exams - 10.0 * weekend + rest
    late = np.arange(2 * count) >= count
    kwh = kwh + np.where(late, change, 0.0)
    whole = Sample(day, kwh, np.column_stack([exams, weekend]))
    return whole.only(~late), whole.only(late)


def test_hand_worked():
    # Two means without work: 10 and 14 around 12, then 7 and 9 around 8.
    day = np.arange(40)
    before = Sample(day[:20], np.tile([10.0, 14.0], 10), np.zeros((20, 0)))
    after = Sample(day[20:], np.tile([7.0, 9.0], 10), np.zeros((20, 0)))
    found = effect(before, after)
    assert (found.baseline, found.after, found.change) == (pytest.approx(12.0), pytest.approx(8.0), pytest.approx(-4.0))
    assert found.share == pytest.approx(-1 / 3)
    # Residuals are 2 each; n - p = 19.
    assert found.cvrmse == pytest.approx(np.sqrt(20 * 4 / 19) / 12)
    # Variance by the two cosines of 20 days, each side; the baseline's times n / (n - p).
    cosines = np.cos(np.pi * np.array([[1], [2]]) * (np.arange(20) + 0.5) / 20)
    own = [20 * np.mean((np.sqrt(2 / 20) * cosines @ (half * np.tile([-1.0, 1.0], 10) / 20)) ** 2) for half in (2, 1)]
    own[0] *= 20 / 19
    freedom = sum(own) ** 2 / (own[0] ** 2 / 2 + own[1] ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(own))
    assert (found.low, found.high) == (pytest.approx(-4 - half), pytest.approx(-4 + half))


@pytest.mark.parametrize(("count", "likeness"), [(30, 0.0), (30, 0.4), (90, 0.6)])
def test_intervals_hold_a_known_effect(count, likeness):
    random = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        found = effect(*days_of(random, count, change=-25.0, likeness=likeness))
        hits += found.low <= -25.0 <= found.high
    assert 0.92 <= hits / 400 <= 0.99


def test_intervals_of_a_share_hold_it_too():
    random = np.random.default_rng(12)
    hits = 0
    for _ in range(300):
        before, after = days_of(random, 60, change=-25.0)
        found = effect(before, after)
        truth = -25.0 / (150 + 2 * after.work[:, 0].mean() - 10 * after.work[:, 1].mean())
        hits += found.share_low <= truth <= found.share_high
    assert 0.92 <= hits / 300 <= 0.99


def test_a_change_that_nobody_made_is_seldom_seen():
    random = np.random.default_rng(13)
    told = [judge(*days_of(random, 45, likeness=0.4), Limits(cvrmse=0.3, nmbe=0.05)) for _ in range(400)]
    seen = sum(one.verdict in {"reduction", "rise"} for one in told)
    assert seen / 400 <= 0.065  # 5 %, and twice the error of 400 draws
    assert sum(one.is_told for one in told) / 400 > 0.9


def test_more_work_is_no_rise():
    # Throughput trap: twice the exams afterwards. Without the work the saving of 10 kWh would look like a loss.
    random = np.random.default_rng(14)
    exams = np.concatenate([random.integers(8, 30, 60), random.integers(18, 30, 60)]).astype(float)
    kwh = 100 + 3 * exams - np.where(np.arange(120) >= 60, 10.0, 0.0) + random.normal(scale=2, size=120)
    whole, late = Sample(np.arange(120), kwh, exams[:, None]), np.arange(120) >= 60
    found = effect(whole.only(~late), whole.only(late))
    assert whole.only(late).value.mean() > whole.only(~late).value.mean()
    assert found.high < 0 and found.low <= -10 <= found.high


def test_exams_of_one_day_are_not_that_many_witnesses():
    # Whole days are off by 5 min; 20 exams a day say no more of that than one.
    random = np.random.default_rng(15)
    day = np.repeat(np.arange(60), 20)
    minutes = 30 + np.repeat(random.normal(scale=5, size=60), 20) + random.normal(scale=1, size=1200)
    whole = Sample(day, minutes, np.zeros((1200, 0)))
    found = effect(whole.only(day < 30), whole.only(day >= 30))
    assert found.high - found.low > 2 * 1.96 * np.sqrt(2 * 25 / 30) * 0.6


def test_what_could_have_been_seen_is_seen_four_times_in_five():
    random = np.random.default_rng(16)
    told = [effect(*days_of(random, 60, likeness=0.0)) for _ in range(60)]
    size = float(np.median([one.detectable * one.baseline for one in told]))
    seen = [effect(*days_of(random, 60, change=-size, likeness=0.0)).high < 0 for _ in range(300)]
    assert 0.68 <= np.mean(seen) <= 0.92


def test_values_that_never_differ_show_no_change():
    # Headers that write the protocol's 80 mL for everybody, in two regions.
    random = np.random.default_rng(17)
    day = np.repeat(np.arange(60), 7)
    whole = Sample(day, np.full(420, 80.0), random.integers(0, 2, (420, 1)).astype(float))
    found = effect(whole.only(day < 30), whole.only(day >= 30))
    assert (found.change, found.low, found.high, found.share, found.detectable) == (0, 0, 0, 0, 0)


def test_too_few_rows_are_refused():
    one = Sample(np.arange(2), np.ones(2), np.arange(2.0)[:, None])
    with pytest.raises(ValueError, match="too few rows"):
        effect(one, one)
