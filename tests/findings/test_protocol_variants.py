from __future__ import annotations

import numpy as np
import pytest

from ecorad.findings.protocol_variants import MEASURES, median_of, protocol_variants


def asked(rows, patients=7, **amounts):
    """Groups of (name, how many) with amounts by measure, of so many patients in turn."""
    name = np.array([one for one, count in rows for _ in range(count)], dtype=object)
    count = len(name)
    nothing = np.full(count, np.nan)
    return protocol_variants(
        modality=np.full(count, "MR", dtype=object),
        region=np.full(count, "knee", dtype=object),
        name=name,
        patient=np.array([f"p{n % patients}" for n in range(count)], dtype=object),
        day=np.arange(count) // 3,
        amounts={measure: np.asarray(amounts.get(measure, nothing), dtype=float) for measure in MEASURES},
    )


def spread(middle, count):
    return middle + np.linspace(-1, 1, count)


def test_the_least_comes_first_and_sure_differences_are_told():
    kwh = np.concatenate([spread(9, 20), spread(5, 20), spread(5.3, 20)])
    (group,) = asked([("full", 20), ("fast", 20), ("short", 20)], kwh=kwh)
    assert (group.ranked_by, [one.name for one in group.variants]) == ("kwh", ["fast", "short", "full"])
    assert [one.apart for one in group.variants] == [False, False, True]
    assert group.variants[0].medians["dose_msv"] is None


def test_minutes_rank_where_one_variant_tells_no_energy():
    kwh = np.concatenate([np.full(12, np.nan), spread(5, 12)])
    (group,) = asked([("a", 12), ("b", 12)], kwh=kwh, minutes=np.concatenate([spread(20, 12), spread(30, 12)]))
    assert (group.ranked_by, group.variants[0].name) == ("minutes", "a")


def test_rare_names_are_nobodys_business():
    assert asked([("full", 20), ("mr smith", 9)], kwh=spread(5, 29)) == ()


def test_a_name_of_few_patients_is_theirs():
    assert asked([("full", 20), ("mr smith again", 20)], patients=4, kwh=spread(5, 40)) == ()
    assert len(asked([("full", 20), ("fast", 20)], patients=5, kwh=spread(5, 40))) == 1


def test_names_are_one_in_any_case_and_spacing():
    rows = [("Knee  fast", 6), ("knee FAST", 6), ("knee full", 12)]
    (group,) = asked(rows, kwh=spread(5, 24))
    assert [one.exams for one in group.variants] == [12, 12]


def test_nothing_told_is_no_group():
    assert asked([("a", 12), ("b", 12)]) == ()


@pytest.mark.parametrize(("count", "rank"), [(10, 1), (20, 5), (50, 18), (100, 40)])
def test_ranks_are_the_textbook_ones(count, rank):
    # Exact 95 % ranks of a median: the largest r with P(B(n, 1/2) < r) <= 0.025; here one lower at most.
    found = median_of(np.arange(1.0, count + 1))
    assert found.low in {rank, rank + 1} and found.high == count + 1 - found.low


def test_intervals_of_a_median_hold_it():
    random = np.random.default_rng(9)
    hits = 0
    for _ in range(1000):
        found = median_of(random.lognormal(size=25))
        hits += found.low <= 1.0 <= found.high
    assert 0.94 <= hits / 1000 <= 0.985


def test_too_few_say_nothing():
    assert median_of(np.arange(9.0)) is None


def test_a_median_above_the_best_interval_is_not_yet_surely_more():
    kwh = np.concatenate([spread(5, 20), np.concatenate([spread(5, 9), spread(7, 11)])])
    (group,) = asked([("fast", 20), ("full", 20)], kwh=kwh)
    best, other = (one.medians["kwh"] for one in group.variants)
    assert other.value > best.high > other.low and not group.variants[1].apart
