"""Contrast of a simulated department against its truth: grams, left-overs, packs."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest

from ecorad.cli.app import run
from ecorad.factors import FactorBook, book
from ecorad.intake.register import open_ledger
from ecorad.ledger import Workspace
from ecorad.model import Period
from ecorad.reporting.audit import period_of_records
from ecorad.reporting.contrast_audit import contrast_and_helium
from ecorad.reporting.records import gather
from ecorad.simulation import Settings, simulate

WITHOUT = ("contrast_excretion", "contrast_use", "helium", "ultrasound_contrast")


def sections(folder, without_sheet=False, **settings):
    """The sections, the truth's summary, and its left-overs."""
    simulate(folder, days=6, scanners=5, seed=2, settings=Settings(unmetered=5, **settings))
    if without_sheet:
        (folder / "incoming" / "ledgers" / "contrast.csv").unlink()
    assert run(["ingest", str(folder), str(folder / "incoming"), "--workers", "1", "--json"]) == 0
    workspace = Workspace.open(folder)
    with open_ledger(workspace) as ledger:
        period = period_of_records(ledger, workspace.site.timezone)
        found = contrast_and_helium(ledger, workspace, period, gather(ledger, workspace, period), book())
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


@pytest.fixture(scope="module")
def by_record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contrast") / "records"
    return sections(folder, without_sheet=True, medication_completeness=1.0)


def test_grams_are_within_one_percent_from_medication_records_alone(by_record):
    """No sheet: half of the records name their examination, the others a patient and a time."""
    found, truth, leftovers = by_record
    for kind in ("iodine", "gadolinium"):
        mine = found["contrast"][f"{kind}_g"]
        assert mine["value"] == pytest.approx(truth[f"{kind}_g"], rel=0.01)
        assert mine["low"] <= truth[f"{kind}_g"] <= mine["high"]
    told = found["contrast"]["medication_records"]
    assert set(told["linked_by"]) == {"accession", "time"}
    assert sum(told["linked_by"].values()) + told["unlinked"] == len(leftovers)


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


def test_what_a_factor_set_does_not_have_is_unknown_for_that_reason_and_the_rest_goes_on(tmp_path):
    folder = tmp_path / "site"
    simulate(folder, days=22, scanners=2, seed=2, settings=Settings(unmetered=2))
    assert run(["ingest", str(folder), str(folder / "incoming" / "ledgers"), "--workers", "1", "--json"]) == 0
    (tmp_path / "contrast-us.csv").write_text(
        "Datum;Product;Verpakking (mL);Toegediend (mL);Restant (mL);Kamer\n02-03-2026;SonoVue;5;2,4;2,6;CT-1\n", "utf-8"
    )
    assert run(["ingest", str(folder), str(tmp_path / "contrast-us.csv"), "--feed", "contrast", "--json"]) == 0
    workspace = Workspace.open(folder)
    lean = FactorBook(tuple(table for table in book().tables if table.name not in WITHOUT))
    with open_ledger(workspace) as ledger:
        period = Period.of_days(date(2026, 3, 1), date(2026, 3, 31), workspace.site.timezone)
        records = gather(ledger, workspace, period)
        full, found = (contrast_and_helium(ledger, workspace, period, records, one) for one in (book(), lean))
    for place in (("sf6_g",), ("sf6_co2e_kg",), ("to_sewer", "iodine_g"), ("to_sewer", "gadolinium_g")):
        known, unknown = full["contrast"], found["contrast"]
        for name in place:
            known, unknown = known[name], unknown[name]
        assert known["value"] > 0
        assert (unknown["value"], unknown["reason"]) == (None, "no_factor")
    assert found["contrast"]["iodine_g"] == full["contrast"]["iodine_g"]
    assert {one["id"] for one in full["contrast"]["what_ifs"]} - {
        one["id"] for one in found["contrast"]["what_ifs"]
    } == {"urine_bags"}
    (magnet,) = found["helium"]
    assert (magnet["lost_l"]["value"], magnet["lost_l"]["reason"], magnet["top_up"]) == (None, "no_factor", None)
    assert full["helium"][0]["lost_l"]["value"] is not None
    assert (magnet["readings"], magnet["received_l"]) == (
        full["helium"][0]["readings"],
        full["helium"][0]["received_l"],
    )
