from __future__ import annotations

import csv
import itertools
import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecorad.model import EcoradError, InputError
from ecorad.planning.packs import (
    Injection,
    Pack,
    PackPlan,
    PackProblem,
    parse_injections,
    parse_packs,
    plan_packs,
    round_down,
)
from ecorad.planning.packs.patterns import Pattern, windows_of
from ecorad.planning.packs.plan import Draw, OpenedPack, check
from ecorad.planning.packs.private import private_sets
from ecorad.planning.packs.relaxation import Limits, Pool
from tests.shared_data import shared_data

DAY = datetime(2026, 3, 2, 8)  # noqa: DTZ001
SHELF = (
    Pack("50", 50, 18, False, 0),
    Pack("75", 75, 24, False, 0),
    Pack("100", 100, 29, False, 0),
    Pack("200", 200, 52, True, 4),
    Pack("500", 500, 105, True, 8),
)


def day(volumes, minutes=30):
    return tuple(Injection(f"i{n}", DAY + timedelta(minutes=n * minutes), v) for n, v in enumerate(volumes))


def brute_force(problem: PackProblem) -> float:
    """Least weight over all partitions of the list into groups, each served privately or from one shared pack."""
    injections = problem.injections

    def private(volume):
        best = float("inf")
        for count in range(1, 5):
            for packs in itertools.combinations_with_replacement(problem.packs, count):
                if sum(p.size_ml for p in packs) >= volume:
                    best = min(best, sum(map(problem.weight, packs)))
        return best

    def group(members):
        volume = sum(injections[j].volume_ml for j in members)
        span = injections[members[-1]].at - injections[members[0]].at
        options = [private(volume)] if len(members) == 1 else []
        for pack in problem.packs:
            in_life = span <= timedelta(hours=pack.in_use_life_h)
            if problem.sharing and pack.multi_patient and pack.size_ml >= volume and in_life:
                options.append(problem.weight(pack))
        return min(options, default=float("inf"))

    def best(rest):
        if not rest:
            return 0.0
        first, others = rest[0], rest[1:]
        return min(
            group((first, *chosen)) + best(tuple(j for j in others if j not in chosen))
            for size in range(len(others) + 1)
            for chosen in itertools.combinations(others, size)
        )

    return best(tuple(range(len(injections))))


volumes = st.lists(st.sampled_from([30, 45, 60, 70, 80, 95, 120.5]), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(volumes, st.sampled_from([20, 90, 200]), st.booleans(), st.sampled_from(["cost", "waste"]))
def test_a_plan_equals_brute_force(list_of_ml, minutes, sharing, objective):
    problem = PackProblem(day(list_of_ml, minutes), SHELF, sharing, objective)
    plan = plan_packs(problem)
    needed = sum(list_of_ml) if objective == "waste" else 0.0
    found = plan.waste_ml + needed if objective == "waste" else plan.cost
    assert plan.status == "optimal"
    assert found == pytest.approx(brute_force(problem))
    assert plan.bound + needed == pytest.approx(found)


def test_two_small_packs_may_be_cheaper_than_a_large_one():
    plan = plan_packs(PackProblem(day([100]), (Pack("50", 50, 10, False, 0), Pack("100", 100, 29, False, 0))))
    assert (plan.cost, len(plan.packs), [d.ml for d in plan.draws]) == (20, 2, [50, 50])


def test_bulk_is_worse_at_low_volume_and_better_at_high():
    single, bulk = Pack("100", 100, 29, False, 0), Pack("500", 500, 105, True, 8)
    for count, better in ((2, "100"), (6, "500")):
        plan = plan_packs(PackProblem(day([70] * count, 20), (single, bulk), sharing=True, objective="waste"))
        assert {p.name for p in plan.packs} == {better}


def test_a_day_of_forty_injections_is_proved_optimal():
    dice = random.Random(5)
    list_of_ml = [dice.choice([40, 60, 65, 70, 75, 80, 90, 100, 120]) for _ in range(40)]
    problem = PackProblem(day(list_of_ml, 12), SHELF, sharing=True)
    plan = plan_packs(problem, time_limit_s=300.0)  # a busy machine must not fail it; bench measures how long it takes
    assert plan.status == "optimal"
    assert plan.cost <= plan.smallest_sufficient.get("cost", float("inf"))


def bin_packing_instances():
    """Name, capacity, items and best-known bins of every instance at hand."""
    for path in sorted(shared_data("or", "binpack").glob("*.txt")):
        lines = path.read_text().split("\n")
        at = 1
        for _ in range(int(lines[0])):
            capacity, count, best = (float(word) for word in lines[at + 1].split())
            items = [float(line) for line in lines[at + 2 : at + 2 + int(count)]]
            yield lines[at].strip(), capacity, items, best
            at += 2 + int(count)


@pytest.mark.parametrize("half", [0, 1])
def test_bin_packing_reaches_the_best_known_number_of_bins(half):
    told = {}
    with shared_data("or", "expected_binpack.csv").open(encoding="utf-8", newline="") as lines:
        told = {row["instance"]: int(row["best_known_bins"]) for row in csv.DictReader(lines)}
    instances = list(bin_packing_instances())
    assert {name for name, *_ in instances} >= set(told)
    for name, capacity, items, best in instances[half::2]:
        injections = tuple(Injection(str(n), DAY, item) for n, item in enumerate(items))
        one_bin = (Pack("bin", capacity, 1, True, 1),)
        plan = plan_packs(PackProblem(injections, one_bin, sharing=True), time_limit_s=300.0)
        assert (name, len(plan.packs), plan.status) == (name, best, "optimal")
        assert told.get(name, best) == best


def test_a_broken_plan_is_refused():
    problem = PackProblem(day([60, 60]), SHELF, sharing=False)
    shared = (OpenedPack("p", "200", DAY),)
    plan = PackPlan(shared, (Draw("i0", "p", 60), Draw("i1", "p", 60)), 52, 80, "optimal", 52, {})
    with pytest.raises(EcoradError, match="shared"):
        check(problem, plan)


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": "a", "at": "tomorrow", "volume_ml": 70}],
        [{"id": "a", "at": "2026-03-02T08:00", "volume_ml": -1}],
        [{"id": "a", "at": "2026-03-02T08:00", "volume_ml": 70}] * 2,
        [{"at": "2026-03-02T08:00", "volume_ml": 70}],
        {"id": "a"},
        [7],
    ],
)
def test_injections_that_cannot_be_used_are_refused(rows):
    with pytest.raises(InputError):
        parse_injections(rows)


@pytest.mark.parametrize("change", [{"size_ml": 0}, {"price": -1}, {"multi_patient": "yes"}, {"in_use_life_h": None}])
def test_packs_that_cannot_be_used_are_refused(change):
    row = {"name": "bulk", "size_ml": 500, "price": 105, "multi_patient": True, "in_use_life_h": 8}
    with pytest.raises(InputError):
        parse_packs([{**row, **change}])


@given(volumes, st.floats(0, 40), st.floats(0, 120))
def test_rounding_gives_whole_packs_within_its_bounds(list_of_ml, within_ml, floor_ml):
    ordered = day(list_of_ml)
    planned, rounded = round_down(ordered, SHELF, within_ml=within_ml, floor_ml=floor_ml)
    told = {one.injection: one for one in rounded}
    for before, after in zip(ordered, planned, strict=True):
        assert before.volume_ml - within_ml - 1e-9 <= after.volume_ml <= before.volume_ml
        if before.id in told:
            assert after.volume_ml in {pack.size_ml for pack in SHELF}
            assert after.volume_ml >= floor_ml
        else:
            assert after == before


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 14, 21])
def test_the_published_crossover_of_a_bulk_pack(count):
    """Bulk packs of 500 mL waste more than single doses for few patients, next to nothing for many (Yaghmai)."""
    injections = day([70] * count, 20)
    single = plan_packs(PackProblem(injections, (Pack("100", 100, 29, False, 0),), objective="waste"))
    bulk = plan_packs(PackProblem(injections, (Pack("500", 500, 105, True, 8),), sharing=True, objective="waste"))
    assert (bulk.waste_ml > single.waste_ml) == (count < 5)


def test_a_pack_is_not_shared_beyond_its_life():
    bulk = (Pack("500", 500, 105, True, 2), Pack("100", 100, 60, False, 0))
    assert len(plan_packs(PackProblem(day([70, 70], 120), bulk, sharing=True)).packs) == 1
    assert len(plan_packs(PackProblem(day([70, 70], 121), bulk, sharing=True)).packs) == 2


@settings(max_examples=20, deadline=None)
@given(volumes, st.sampled_from(["cost", "waste"]))
def test_no_plan_is_worse_than_the_smallest_sufficient_vials(list_of_ml, objective):
    plan = plan_packs(PackProblem(day(list_of_ml), SHELF, sharing=False, objective=objective))
    key = "cost" if objective == "cost" else "waste_ml"
    assert getattr(plan, key) <= plan.smallest_sufficient[key] + 1e-6


@pytest.mark.parametrize("seed", [2, 4, 5, 6])
def test_a_relaxed_plan_has_a_share_for_every_pattern_found(seed):
    """Pricing may add patterns after the last plan was made; whoever reads the plan needs their shares, too."""
    dice = random.Random(seed)
    list_of_ml = [dice.randint(20, 100) for _ in range(40)]
    problem = PackProblem(day(list_of_ml, 0), (Pack("bin", 150, 1, True, 1),), sharing=True)
    start = [Pattern(weight, (j,), None) for j, (weight, _) in enumerate(private_sets(problem))]
    pool = Pool(start, windows_of(problem), len(list_of_ml))
    pool.ceiling = float(len(list_of_ml))
    pool.step = 1.0  # every plan opens whole bins: a relaxed plan within the last one is good enough
    relaxed = pool.relax(Limits())
    assert len(relaxed.shares) == len(pool.patterns)
    assert sum(list_of_ml) / 150 - 1e-6 <= pool.round_up(relaxed.weight) <= len(list_of_ml)
