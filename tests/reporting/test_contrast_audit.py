"""Contrast of a simulated department against its truth: grams, left-overs, packs."""

from __future__ import annotations

import csv
import json

import pytest

from ecorad.cli.app import run
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from ecorad.reporting.audit import period_of_records
from ecorad.reporting.contrast_audit import contrast_and_helium
from ecorad.reporting.records import gather
from ecorad.simulation import Settings, simulate


def sections(folder, **settings):
    """The sections, the truth's summary, and its left-overs."""
    simulate(folder, days=6, scanners=5, seed=2, settings=Settings(unmetered=5, **settings))
    assert run(["ingest", str(folder), str(folder / "incoming"), "--workers", "1", "--json"]) == 0
    workspace = Workspace.open(folder)
    with open_ledger(workspace) as ledger:
        period = period_of_records(ledger, workspace.site.timezone)
        found = contrast_and_helium(ledger, workspace, period, gather(ledger, workspace, period))
    with (folder / "truth" / "leftovers.csv").open(encoding="utf-8", newline="") as lines:
        leftovers = list(csv.DictReader(lines))
    return found, json.loads((folder / "truth" / "summary.json").read_text("utf-8")), leftovers


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    return sections(tmp_path_factory.mktemp("contrast") / "complete")


def test_grams_are_within_one_percent_where_the_sheet_is_complete(complete):
    found, truth, _ = complete
    for kind in ("iodine", "gadolinium"):
        mine = found["contrast"][f"{kind}_g"]
        assert truth[f"{kind}_g"] > 0
        assert mine["value"] == pytest.approx(truth[f"{kind}_g"], rel=0.01)
        assert mine["low"] <= truth[f"{kind}_g"] <= mine["high"]
    assert found["contrast"]["unknown"] == []


def test_every_injection_is_counted_once(complete):
    found, _, leftovers = complete
    assert found["contrast"]["administrations"] == len(leftovers)
    assert found["contrast"]["told_by"] == {"headers_and_sheet": len(leftovers), "headers_only": 0, "sheet_only": 0}


def test_left_overs_are_found(complete):
    found, _, leftovers = complete
    true_ml: dict[str, float] = {}
    for row in leftovers:
        true_ml[row["device"]] = true_ml.get(row["device"], 0.0) + float(row["left_ml"])
    mine_ml: dict[str, float] = {}
    for row in found["contrast"]["leftovers"]:
        mine_ml[row["alias"]] = mine_ml.get(row["alias"], 0.0) + row["left_ml"]
    assert mine_ml == pytest.approx({device: ml for device, ml in true_ml.items() if ml})
    assert sum(row["packs_with_rest"] for row in found["contrast"]["leftovers"]) == sum(
        float(row["left_ml"]) > 0 for row in leftovers
    )


def test_packs_that_were_larger_than_needed_are_found(complete):
    found, _, leftovers = complete
    sizes: dict[str, set[float]] = {}
    for row in leftovers:
        sizes.setdefault(row["product"], set()).add(float(row["pack_ml"]))
    larger = [
        row
        for row in leftovers
        if any(float(row["given_ml"]) <= s < float(row["pack_ml"]) for s in sizes[row["product"]])
    ]
    assert larger
    assert sum(row["avoidable_packs"] for row in found["contrast"]["leftovers"]) == len(larger)


def test_packs_balance(complete):
    found, _, _ = complete
    for row in found["contrast"]["packs"]:
        parts = [row[f"{name}_ml"] for name in ("given", "left", "discarded", "recycled", "unexplained")]
        assert sum(parts) == pytest.approx(row["opened_ml"])


def test_with_a_sheet_that_has_gaps_headers_fill_in_and_the_truth_stays_inside(tmp_path):
    found, truth, leftovers = sections(tmp_path / "gaps", ledger_completeness=0.7)
    told = found["contrast"]["told_by"]
    assert told["headers_only"] > 0
    assert told["headers_and_sheet"] + told["headers_only"] == len(leftovers)
    for kind in ("iodine", "gadolinium"):
        mine = found["contrast"][f"{kind}_g"]
        assert mine["low"] <= truth[f"{kind}_g"] <= mine["high"]
