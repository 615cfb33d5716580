"""Packs, injections told twice, excretion, what-ifs."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import FactorBook, book
from ecorad.footprint.contrast import (
    capture_by_bags_g,
    contrast_totals,
    excreted_share,
    pack_balances,
    sewer_load_g,
    sf6_kg_co2e,
    sf6_of_vials,
    what_ifs,
    with_sheet,
)
from ecorad.footprint.contrast.balance import PackBalance
from ecorad.footprint.contrast.excretion import published_points
from ecorad.footprint.contrast.what_if import dose_saved_g, recyclable_g
from ecorad.model import FactorNotFoundError, InputError, Quantity
from tests.factors.changed import with_values

NUMBERS = ("volume_ml", "concentration_mg_ml", "iodine_g", "gadolinium_g", "sf6_g", "order_us")
LINE_NUMBERS = ("quantity", "pack_volume_ml", "volume_given_ml", "volume_left_ml", "concentration_mg_ml")
HEAD = {
    "study_key": "s",
    "device_key": "ct",
    "agent": "Omnipaque",
    "kind": "iodine",
    "origin": "ContrastBolusVolume",
    "confidence": "medium",
    "volume_ml": 80.0,
    "concentration_mg_ml": 350.0,
    "day": 100,
    "order_us": 0.0,
}
LINE = {
    "day": 100,
    "device_key": "ct",
    "agent": "Omnipaque",
    "kind": "iodine",
    "movement": "opened",
    "unit": "{item}",
    "quantity": 1.0,
    "pack_volume_ml": 100.0,
    "volume_given_ml": 70.0,
    "volume_left_ml": 30.0,
    "concentration_mg_ml": 350.0,
}


def heads(*rows):
    names = {**dict.fromkeys(NUMBERS, np.nan), **HEAD}
    return {
        name: np.array(
            [{**HEAD, **row}.get(name, np.nan) for row in rows],
            dtype=float if name in NUMBERS else int if name == "day" else object,
        )
        for name in names
    }


def lines(*rows):
    kinds = {"day": int, **dict.fromkeys(LINE_NUMBERS, float)}
    return {name: np.array([{**LINE, **row}[name] for row in rows], dtype=kinds.get(name, object)) for name in LINE}


def test_the_sheet_corrects_the_protocols_default():
    found = with_sheet(heads({}, {"order_us": 1.0}), lines({}, {"volume_given_ml": 95.0}))
    assert found.administrations["volume_ml"].tolist() == [70.0, 95.0]
    assert set(found.administrations["origin"]) == {"contrast sheet"}
    assert (found.both, found.headers_only, found.lines_only) == (2, 0, 0)
    assert contrast_totals(found.administrations).iodine_g.value == pytest.approx(165 * 0.35)


def test_a_header_without_volume_gets_one_and_one_without_a_line_keeps_its_own():
    told = heads({"volume_ml": 64.0, "origin": "ContrastBolusTotalDose"}, {"volume_ml": np.nan, "order_us": 1.0})
    found = with_sheet(told, lines({}))
    assert (found.both, found.headers_only) == (1, 1)
    found = with_sheet(told, lines({"volume_given_ml": 64.0}))
    assert found.administrations["volume_ml"][0] == 64.0
    assert np.isnan(found.administrations["volume_ml"][1])


def test_a_line_without_header_is_an_injection_without_study():
    found = with_sheet(heads({}), lines({}, {"volume_given_ml": 90.0}))
    assert (found.both, found.lines_only) == (1, 1)
    assert found.administrations["study_key"].tolist() == ["s", None]
    assert contrast_totals(found.administrations).administrations == 2


def test_agents_rooms_and_days_are_kept_apart():
    told = heads({"agent": "Visipaque", "concentration_mg_ml": 320.0}, {"order_us": 1.0})
    found = with_sheet(
        told,
        lines({"volume_given_ml": 90.0}, {"agent": "Visipaque", "concentration_mg_ml": 320.0, "volume_given_ml": 45.0}),
    )
    assert found.administrations["volume_ml"].tolist() == [45.0, 90.0]
    assert with_sheet(heads({}), lines({"device_key": "xa"})).both == 0
    assert with_sheet(heads({}), lines({"day": 102})).both == 0
    assert with_sheet(heads({}), lines({"kind": "gadolinium"})).both == 0


@pytest.mark.parametrize("shift", [-1, 1])
@pytest.mark.parametrize("day", [100, 101])
def test_a_night_exam_may_be_written_down_on_the_next_day(shift, day):
    assert with_sheet(heads({"day": day}), lines({"day": day + shift})).both == 1


def test_a_header_that_says_nothing_but_that_there_was_contrast_is_completed():
    found = with_sheet(heads({"agent": None, "kind": None, "volume_ml": np.nan}), lines({}))
    assert (found.administrations["kind"][0], found.administrations["agent"][0]) == ("iodine", "Omnipaque")


@given(st.randoms(use_true_random=False), st.integers(0, 12), st.integers(0, 12))
def test_grams_of_a_complete_sheet_do_not_depend_on_who_got_what(dice, some_heads, some_lines):
    agents = ("Omnipaque", "Visipaque")
    told = [
        {"agent": dice.choice(agents), "day": dice.choice([100, 101]), "order_us": float(n)} for n in range(some_heads)
    ]
    sheet = [
        {"agent": dice.choice(agents), "day": dice.choice([100, 101]), "volume_given_ml": dice.uniform(30, 120)}
        for n in range(some_lines)
    ]
    found = with_sheet(heads(*told), lines(*sheet))
    assert found.both + found.headers_only == some_heads
    assert found.both + found.lines_only == some_lines
    from_sheet = found.administrations["volume_ml"][found.administrations["origin"] == "contrast sheet"]
    assert sum(from_sheet) == pytest.approx(sum(row["volume_given_ml"] for row in sheet))


def test_a_balance_by_hand():
    (one,) = pack_balances(
        lines(
            {},
            {"pack_volume_ml": 100.0, "volume_given_ml": 60.0, "volume_left_ml": 35.0},
            {
                "movement": "recycled",
                "quantity": 0.02,
                "unit": "L",
                "volume_left_ml": np.nan,
                "volume_given_ml": np.nan,
            },
            {
                "movement": "discarded",
                "quantity": 5.0,
                "unit": "mL",
                "volume_left_ml": np.nan,
                "volume_given_ml": np.nan,
            },
        )
    )
    assert (one.packs, one.opened_ml, one.given_ml) == (2, 200.0, 130.0)
    assert (one.left_ml, one.recycled_ml, one.discarded_ml) == (40.0, 20.0, 5.0)
    assert one.unexplained_ml == 5.0
    assert one.left_g == pytest.approx(65 * 0.35)
    assert one.opened_ml == one.given_ml + one.left_ml + one.discarded_ml + one.recycled_ml + one.unexplained_ml


def test_what_was_not_written_is_unexplained_never_left_over():
    (one,) = pack_balances(lines({}, {"volume_left_ml": np.nan}))
    assert (one.unwritten, one.left_ml, one.unexplained_ml, one.left_g) == (1, 30.0, 30.0, None)
    (none,) = pack_balances(lines({"volume_left_ml": np.nan, "volume_given_ml": np.nan}))
    assert (none.left_ml, none.given_ml, none.unexplained_ml, none.not_given_ml) == (None, None, None, None)


@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 100)), min_size=1, max_size=20))
def test_every_balance_adds_up(packs):
    rows = [
        {"quantity": float(count), "volume_given_ml": given_ml, "volume_left_ml": 100.0 * count - given_ml}
        for count, given_ml in packs
    ]
    (one,) = pack_balances(lines(*rows))
    assert one.unexplained_ml == pytest.approx(0.0, abs=1e-5)
    assert one.packs == sum(count for count, _ in packs)


@pytest.mark.parametrize("agent", ["iodine", "gadolinium"])
def test_the_curve_runs_through_the_published_points(agent):
    for hours, row in published_points(agent):
        assert excreted_share(hours, agent) == pytest.approx(row.value)
    assert 0.93 <= excreted_share(24.0, agent) <= 0.99
    assert excreted_share(30.0, agent) > 0.97  # "almost all" within 30 h
    assert excreted_share(0.0, agent) == 0.0


def test_iodine_and_gadolinium_have_curves_of_their_own():
    assert excreted_share(1.0, "iodine") == pytest.approx(0.5)
    assert excreted_share(1.0, "gadolinium") == pytest.approx(1 - 0.25**0.25)
    assert excreted_share(1.0, "gadolinium") >= book().get("contrast.gadolinium.first_urine").low


@given(
    st.sampled_from(["iodine", "gadolinium"]),
    st.floats(0, 500),
    st.floats(0, 500),
    st.floats(0, 200),
    st.floats(0, 200),
)
def test_more_time_and_better_kidneys_never_excrete_less(agent, one, other, worse, better):
    early, late = sorted((one, other))
    low, high = sorted((worse, better))
    assert 0.0 <= excreted_share(early, agent, low) <= excreted_share(late, agent, low) + 1e-12
    assert excreted_share(late, agent, low) <= excreted_share(late, agent, high) + 1e-12 <= 1.0 + 1e-12


@pytest.mark.parametrize(("hours", "egfr"), [(-1.0, 90.0), (float("nan"), 90.0), (1.0, -5.0), (1.0, float("inf"))])
def test_impossible_hours_and_kidneys_are_refused(hours, egfr):
    with pytest.raises(InputError):
        excreted_share(hours, "iodine", egfr)


def test_the_load_of_a_day_holds_the_published_range():
    load = sewer_load_g(Quantity(1000.0, "g", low=980.0, high=1020.0), "iodine")
    assert load.value == pytest.approx(960.0)
    assert load.low == pytest.approx(980 * 0.93)
    assert load.high == pytest.approx(1020 * 0.99)
    assert load.origin.value == "modelled"
    assert sewer_load_g(Quantity(None, "g"), "iodine").value is None


def test_bags_keep_out_what_was_measured_not_what_people_say():
    kept = capture_by_bags_g(Quantity(1000.0, "g", low=1000.0, high=1000.0), "iodine")
    assert kept.value == pytest.approx(161.0)
    assert 70 <= kept.low <= kept.value <= kept.high <= 270  # type: ignore[operator]


def balance(**change):
    base = {"agent": "a", "kind": "iodine", "packs": 1, "unwritten": 0, "opened_ml": 100.0, "given_ml": 70.0}
    rest = {"left_ml": 30.0, "discarded_ml": 0.0, "recycled_ml": 0.0, "unexplained_ml": 0.0, "left_g": 10.5}
    return PackBalance(**{**base, **rest, **change})


def test_what_ifs_by_hand():
    assert recyclable_g([balance(), balance(left_g=4.5)], "iodine").value == 15.0
    assert recyclable_g([balance(), balance(left_g=None)], "iodine").value is None
    assert recyclable_g([balance()], "gadolinium").value is None
    assert dose_saved_g(Quantity(44.0, "g", low=44.0, high=44.0), 0.5).value == 22.0
    with pytest.raises(InputError):
        recyclable_g([], "iodine", collected=1.5)


def test_what_is_unknown_is_no_what_if():
    totals = contrast_totals(heads({}))
    assert {(one.id, one.kind) for one in what_ifs(totals, [balance()])} == {
        ("urine_bags", "iodine"),
        ("recycle_leftovers", "iodine"),
    }


def test_matching_is_repeatable():
    dice = random.Random(3)
    sheet = lines(*({"volume_given_ml": dice.uniform(50, 100)} for _ in range(9)))
    told = heads(
        *({"order_us": float(n), "origin": "ContrastBolusAgent", "volume_ml": dice.uniform(50, 100)} for n in range(9))
    )
    first, second = (with_sheet(told, sheet).administrations["volume_ml"].tolist() for _ in range(2))
    assert first == second


def test_another_factor_set_moves_everything_about_contrast():
    thousand = Quantity(1000.0, "g", low=1000.0, high=1000.0)
    slow = with_values({"contrast.iodine.excreted.1h": 0.4})
    assert excreted_share(1.0, "iodine", factor_book=slow) == pytest.approx(0.4)
    assert sewer_load_g(thousand, "iodine", hours=1.0, factor_book=slow).value == pytest.approx(400.0)
    assert excreted_share(1.0, "iodine") == pytest.approx(0.5)  # the shipped one is not touched
    bags = with_values({"contrast.bags.effect.gadolinium": 0.2})
    assert capture_by_bags_g(thousand, "gadolinium", factor_book=bags).value == pytest.approx(200.0)
    totals = contrast_totals(heads({}))
    named = with_values({"contrast.bags.effect.iopromide": 0.5, "contrast.bags.effect.ioversol": 0.5})
    before, after = (what_ifs(totals, [], factor_book=one)[0].grams.value for one in (book(), named))
    assert after / before == pytest.approx(0.5 / 0.161)
    vial = with_values({"ultrasound_contrast.sf6.vial": 100.0})
    opened = lines({"kind": "sf6", "quantity": 3.0})
    assert sf6_of_vials(opened, factor_book=vial).value == pytest.approx(0.3)


def test_a_set_without_a_curve_does_not_say_that_nothing_leaves_the_body():
    lean = FactorBook(tuple(table for table in book().tables if table.name != "contrast_excretion"))
    with pytest.raises(FactorNotFoundError):
        excreted_share(24.0, "iodine", factor_book=lean)


@pytest.mark.parametrize(("report", "kg"), [("AR4", 1.384), ("AR5", 1.426), ("AR6", 1.530)])
def test_gas_of_one_vial_by_each_report(report, kg):
    grams = sf6_of_vials(lines({"kind": "sf6", "quantity": 1.0}))
    found = sf6_kg_co2e(grams, report)
    assert found.value == pytest.approx(kg, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((kg * 59.5 / 60.7, kg * 61.9 / 60.7), rel=1e-3)
    assert found.factors == (f"gwp100.SF6.{report}", "ultrasound_contrast.sf6.vial")


def test_gas_nobody_knows_of_is_unknown():
    assert sf6_kg_co2e(sf6_of_vials(lines({}))).value is None
