"""A feeder with two meters behind it and a bill for it, from their files to the page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from ecorad.intake.pipeline import ingest
from ecorad.ledger import Workspace
from ecorad.reporting.audit import audit
from ecorad.reporting.html import render
from ecorad.reporting.last_results import read_result
from ecorad.reporting.published_schema import audit_schema, undocumented_keys
from ecorad.reporting.write import write_audit
from tests.reporting.test_html import words

SITE = """
[site]
name = "Two rooms"
timezone = "UTC"
grid_zone = "NL"
opening_hours = { mon = "08:00-18:00", tue = "08:00-18:00", wed = "08:00-18:00", thu = "08:00-18:00" }

[[device]]
serial = "A"
alias = "CT A"
modality = "CT"

[[device]]
serial = "B"
alias = "CT B"
modality = "CT"

[[meter]]
id = "a"
feeds = ["CT A"]

[[meter]]
id = "b"
feeds = ["CT B"]

[[meter]]
id = "main"
feeds = ["CT A", "CT B"]

[[bill]]
meter = "main"
from = 2026-03-02
to = 2026-03-05
energy_kwh = 560

[[bill]]
meter = "main"
from = 2026-03-02
to = 2026-03-08
energy_kwh = 1000
"""
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def meter_file(kw):
    """Four days of hourly readings, ``kw`` by day."""
    rows = [f"{MONDAY + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ},{kw[n // 24]}" for n in range(96)]
    return "\n".join(["timestamp,power_kw", *rows, ""])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    path = tmp_path_factory.mktemp("feeder") / "site"
    workspace = Workspace.create(path, SITE)
    for name, kw in {"a": (2, 2, 2, 2), "b": (3, 3, 3, 3), "main": (5.5, 5.5, 5.5, 7.0)}.items():
        source = path.parent / f"{name}.csv"
        source.write_text(meter_file(kw))
        ingest(workspace, [source], feed=name, workers=1)
    return workspace


@pytest.fixture(scope="module")
def result(workspace):
    return audit(workspace)


@pytest.fixture(scope="module")
def statement(result):
    return json.loads(json.dumps(result.statement))


def test_the_feeder_stands_beside_its_meters_and_is_counted_once(statement):
    (feeder,) = statement["reconciliation"]["feeders"]
    assert (feeder["meter"], feeder["meters"]) == ("main", ["a", "b"])
    assert feeder["feeder_kwh"] == pytest.approx(3 * 24 * 5.5 + 24 * 7.0)
    assert feeder["meters_kwh"] == pytest.approx(96 * 5.0)
    assert feeder["residual_kwh"] == pytest.approx(3 * 24 * 0.5 + 24 * 2.0)
    assert (feeder["worst_day"], feeder["worst_day_residual_kwh"]) == ("2026-03-05", pytest.approx(48.0))
    assert [row["meter"] for row in statement["meters"]] == ["a", "b"]
    assert statement["totals"]["energy_kwh"]["value"] == pytest.approx(480.0)


def test_a_bill_is_compared_only_where_all_of_it_was_read(statement):
    whole, half_read = statement["reconciliation"]["bills"]
    assert (whole["from"], whole["to"]) == ("2026-03-02", "2026-03-05")
    assert whole["residual_kwh"] == pytest.approx(560.0 - 564.0)
    assert half_read["known_fraction"] == pytest.approx(4 / 7)
    assert half_read["residual_kwh"] is None


def test_it_follows_the_published_schema(statement):
    assert [error.json_path for error in jsonschema.Draft202012Validator(audit_schema()).iter_errors(statement)] == []
    assert undocumented_keys(statement) == []


def test_days_of_meters_feeders_and_bills_are_tables(workspace, result):
    write_audit(result.statement, result.tables, workspace.out_path)
    days = read_result(workspace.out_path, "meter_day")
    assert len(days["date"]) == 12
    feeders = read_result(workspace.out_path, "feeder_day")
    assert feeders["residual_kwh"] == pytest.approx([12.0, 12.0, 12.0, 48.0])
    assert read_result(workspace.out_path, "bill")["residual_kwh"] == [pytest.approx(-4.0), None]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "5 March 2026: 48.0"), ("nl", "5 maart 2026: 48,0"), ("zh", "2026年3月5日: 48.0")]
)
def test_the_page_shows_both(statement, language, said):
    assert said in words(render(statement, language))
