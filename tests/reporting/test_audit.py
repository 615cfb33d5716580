"""The statement of whole ledgers: all of it metered, some of it, and none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ecorad.intake.pipeline import ingest
from ecorad.ledger import Workspace
from ecorad.reporting.audit import audit
from ecorad.reporting.html import render
from ecorad.reporting.published_schema import audit_schema, undocumented_keys
from ecorad.simulation import simulate

CASES = ("metered", "partly", "dicom_only")


def statement_of(folder: Path, *sources: Path) -> dict[str, Any]:
    workspace = Workspace.open(folder)
    ingest(workspace, sources, workers=1)
    return json.loads(json.dumps(audit(workspace).statement))


@pytest.fixture(scope="module")
def statements(tmp_path_factory) -> dict[str, dict[str, Any]]:
    first = tmp_path_factory.mktemp("audit") / "metered"
    simulate(first, days=3, scanners=3, seed=8)
    incoming = first / "incoming"
    folders = {name: first.with_name(name) for name in CASES}
    for folder in (folders["partly"], folders["dicom_only"]):
        shutil.copytree(first, folder, ignore=shutil.ignore_patterns("incoming", "truth"))
    one_meter = sorted((incoming / "meters").glob("mr*"))
    return {
        "metered": statement_of(folders["metered"], incoming),
        "partly": statement_of(folders["partly"], incoming / "dicom", *one_meter),
        "dicom_only": statement_of(folders["dicom_only"], incoming / "dicom"),
    }


@pytest.fixture(params=CASES)
def statement(statements, request) -> dict[str, Any]:
    return statements[request.param]


def quantities(value: Any, place: str = ""):
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from quantities(item, f"{place}[{i}]")
    elif isinstance(value, dict):
        if "origin" in value and "unit" in value:
            yield place, value
        for key, item in value.items():
            yield from quantities(item, f"{place}.{key}")


def test_it_follows_the_published_schema(statement):
    validator = jsonschema.Draft202012Validator(audit_schema())
    assert [error.json_path for error in validator.iter_errors(statement)] == []
    assert undocumented_keys(statement) == []


def test_every_quantity_is_whole(statement):
    rows = {row["id"] for row in statement["factors"]}
    for place, quantity in quantities(statement):
        value, low, high = (quantity[end] for end in ("value", "low", "high"))
        if value is not None:
            assert low <= value <= high, place
        else:
            assert quantity["reason"], place
        assert set(quantity["factors"]) <= rows, place


def test_a_share_is_between_nothing_and_all(statement):
    for place, quantity in quantities(statement):
        if quantity["unit"] == "1" and quantity["value"] is not None:
            assert 0 <= quantity["low"] <= quantity["high"] <= 1, place


def test_parts_add_up(statement):
    totals = statement["totals"]
    known = [device["energy_kwh"]["value"] for device in statement["devices"]]
    assert totals["energy_kwh"]["value"] == pytest.approx(sum(kwh for kwh in known if kwh is not None))
    for rows in (statement["devices"], statement["modalities"], statement["quality"]["tiers"]):
        assert sum(row["exams"] for row in rows) == totals["exams"]
    assert sum(statement["quality"]["energy_by_origin_kwh"].values()) == pytest.approx(totals["energy_kwh"]["value"])
    for meter in statement["meters"]:
        parts = sum(meter[f"{part}_kwh"] or 0 for part in ("exams", "gaps", "off_hours", "unexplained"))
        assert parts == pytest.approx(meter["total_kwh"] or 0)


def test_a_device_s_states_are_its_energy(statements):
    for device in statements["metered"]["devices"]:
        by_state = [kwh for kwh in device["energy_by_state_kwh"].values() if kwh is not None]
        assert sum(by_state) <= device["energy_kwh"]["value"] * (1 + 1e-9)


def test_without_a_meter_nothing_is_measured(statements):
    statement = statements["dicom_only"]
    assert all(meter["total_kwh"] is None for meter in statement["meters"])
    assert statement["quality"]["energy_by_origin_kwh"]["measured"] == 0
    known = [quantity for _, quantity in quantities(statement) if quantity["value"] is not None]
    assert all(quantity["origin"] != "measured" for quantity in known)
    assert statement["totals"]["non_imaging_share"]["value"] is None
    assert all(row["tier"] != 3 for row in statement["quality"]["tiers"])


def test_one_borrowed_meter_is_recommended_where_it_tells_most(statements):
    advice = statements["dicom_only"]["advice_on_data"]
    widths = {
        device["device"]: device["energy_kwh"]["high"] - device["energy_kwh"]["low"]
        for device in statements["dicom_only"]["devices"]
        if device["energy_kwh"]["value"] is not None
    }
    assert advice[0]["device"] == max(widths, key=widths.get)
    assert statements["metered"]["advice_on_data"] == []


def test_a_meter_narrows_the_total(statements):
    def relative_width(name):
        energy = statements[name]["totals"]["energy_kwh"]
        return (energy["high"] - energy["low"]) / energy["value"]

    assert relative_width("metered") < relative_width("partly") < relative_width("dicom_only")


@pytest.mark.parametrize("language", ["en", "zh", "nl"])
def test_each_is_a_page(statement, language):
    page = render(statement, language)
    assert f'lang="{language}' in page
    assert "None" not in page
