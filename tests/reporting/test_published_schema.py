from __future__ import annotations

import jsonschema
import pytest

from ecorad.reporting.published_schema import SCHEMA_VERSION, audit_schema, undocumented_keys
from tests.reporting.samples import make, sample

NAMES = ("department", "dicom_only")


def validator():
    schema = audit_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", NAMES)
def test_sample_follows_the_schema(name):
    assert [error.json_path for error in validator().iter_errors(sample(name))] == []
    assert undocumented_keys(sample(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_sample_is_what_its_maker_writes(name):
    assert sample(name) == getattr(make, name)()


@pytest.mark.parametrize("name", NAMES)
def test_sample_adds_up(name):
    statement = sample(name)
    receipts = dict(statement["receipts"])
    assert receipts.pop("received") == sum(receipts.values())
    for meter in statement["meters"]:
        parts = sum(meter[f"{part}_kwh"] for part in ("exams", "gaps", "off_hours", "unexplained"))
        assert parts == pytest.approx(meter["total_kwh"])
    assert sum(row["exams"] for row in statement["quality"]["tiers"]) == statement["totals"]["exams"]
    assert sum(row["exams"] for row in statement["modalities"]) == statement["totals"]["exams"]


@pytest.mark.parametrize("name", NAMES)
def test_every_factor_named_has_its_row(name):
    statement = sample(name)
    rows = {row["id"] for row in statement["factors"]}

    def named(value):
        if isinstance(value, list):
            return set().union(*map(named, value)) if value else set()
        if isinstance(value, dict):
            own = set(value["factors"]) if "origin" in value else set()
            return own.union(*map(named, value.values()))
        return set()

    assert named(statement) <= rows


@pytest.mark.parametrize("key", ["totals", "receipts", "meters", "method"])
def test_a_missing_key_is_refused(key):
    statement = sample("department")
    del statement[key]
    assert not validator().is_valid(statement)


def test_zero_quantity_needs_its_interval_keys():
    statement = sample("department")
    del statement["totals"]["energy_kwh"]["low"]
    assert not validator().is_valid(statement)


def test_a_slip_of_spelling_is_named():
    statement = sample("department")
    statement["devices"][0]["enery_kwh"] = None
    statement["method"]["grid"]["yaer"] = 2023
    assert undocumented_keys(statement) == ["devices[].enery_kwh", "method.grid.yaer"]


def test_version_of_the_samples_is_current():
    assert sample("department")["schema_version"] == SCHEMA_VERSION
