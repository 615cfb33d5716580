"""Unfolding one figure of a statement, one level at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecorad.model import UnknownNameError
from ecorad.reporting.unfold import unfold_figure

STATEMENT = json.loads((Path(__file__).parent / "samples" / "department.json").read_text("utf-8"))


def part(unfolded, title):
    return next(part for part in unfolded.parts if part.title == title)


def test_a_total_is_made_of_its_devices():
    unfolded = unfold_figure(STATEMENT, "totals.energy_kwh")
    assert len(part(unfolded, "devices").rows) == len(STATEMENT["devices"])
    assert dict(unfolded.facts)["origin"] == "modelled"


def test_a_figure_names_the_factor_rows_behind_it():
    used = STATEMENT["totals"]["co2e_kg"]["attributional"]["factors"]
    rows = part(unfold_figure(STATEMENT, "totals.co2e_kg.attributional"), "factor rows").rows
    assert [row[0] for row in rows] == sorted(used)


def test_a_device_is_found_by_the_name_people_give_it_and_made_of_its_meters():
    unfolded = unfold_figure(STATEMENT, "devices.MR 1.energy_kwh")
    meter, total, *classes = part(unfolded, "meters").rows[0]
    assert meter == "meter-mr1"
    assert sum(classes) == pytest.approx(total)


def test_what_it_points_to_can_be_unfolded_again():
    (further, *_) = unfold_figure(STATEMENT, "totals.energy_kwh").further
    assert unfold_figure(STATEMENT, further).title == further


def test_an_unknown_figure_says_why():
    unfolded = unfold_figure(STATEMENT, "devices.dev-c9d8e7.energy_kwh")
    assert dict(unfolded.facts)["value"] == "unknown: no_factor"


def test_a_place_that_is_not_there_names_what_is():
    with pytest.raises(UnknownNameError, match=r"totals; there is .*energy_kwh"):
        unfold_figure(STATEMENT, "totals.energy")


def test_a_name_with_a_dot_is_one_name():
    plain = next(device for device in STATEMENT["devices"] if device["alias"] == "MR 1")
    statement = {**STATEMENT, "devices": [plain, {**plain, "alias": "MR 1.5 T"}]}
    assert unfold_figure(statement, "devices.MR 1.5 T.energy_kwh").facts
