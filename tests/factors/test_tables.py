"""Every row of every shipped table."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from importlib.resources import files

import pytest

from ecorad.factors import Bounds, Evidence, Factor, Shape, book
from ecorad.factors.boundary import FLAGS
from ecorad.factors.pedigree import ASSUMED_K
from ecorad.factors.table import COLUMNS, FactorTable, parse_table
from ecorad.model import InputError, Origin

TABLES = book().tables
SHARE_ALIKE = {"CC-BY-SA", "ODbL"}

# Smallest and largest value that can be right, by quantity: a slip of a factor 1000 falls out.
PLAUSIBLE = {
    "grid_intensity": (0.001, 1.5),
    "grid_intensity_hour": (0.1, 1.5),
    "grid_loss_intensity": (0.001, 0.1),
    "generation_intensity": (0.01, 1.2),
    "power.off": (0.001, 15),
    "power.power_save": (0.1, 15),
    "power.idle": (0.1, 20),
    "power.ready": (0.5, 40),
    "power.scan": (1, 100),
    "power.cold_head": (3, 12),
    "exam_footprint": (0.05, 400),
    "exam_footprint_ratio": (1, 1000),
    "suite_footprint": (1, 30_000),
    "annual_energy": (1_000, 400_000),
    "annual_energy_fleet": (50_000, 2_000_000),
    "cooling_ratio": (0.1, 2),
    "gwp100": (0, 30_000),
    "gwp20": (0, 20_000),
    "daily_energy": (100, 2_000),
    "exam_energy": (0.1, 60),
    "primary_energy_exam": (1, 500),
    "saving_annual": (5_000, 50_000),
    "saving_annual_fleet": (10_000, 500_000),
    "saving_exam": (0.1, 10),
    "saving_power": (0.5, 20),
    "saving_weekly": (10, 1_000),
    "break_even": (1, 60),
    "network_energy": (0.001, 1),
    "storage_energy": (1, 200),
    "ai_training": (1, 1_000),
    "ai_inference": (1e-5, 0.1),
    "ai_report_footprint": (1e-6, 0.01),
    "helium_inventory": (0.1, 3_000),
    "helium_top_up": (10, 500),
    "helium_level_error": (1, 200),
    "helium_price": (5, 100),
    "density": (0.1, 0.2),
    "contrast_volume": (20, 200),
    "river_load": (1, 1_000),
    "iodine_concentration": (100, 450),
    "gadolinium_concentration": (20, 200),
    "gadolinium_dose": (0.01, 0.3),
    "gas_per_item": (10, 200),
    "item_footprint": (0.001, 2),
    "linen_footprint": (0.1, 5),
    "waste_footprint": (1, 2_000),
    "material_footprint": (500, 30_000),
    "water_footprint": (0.05, 1),
    "homeworking_footprint": (0.05, 1),
    "travel_footprint": (0.003, 1),
    "travel_visit": (1, 200),
    "congress_footprint": (1_000, 200_000),
    "effective_dose": (0.001, 30),
    "dose_conversion": (0.001, 0.06),
    "background_dose": (1, 10),
    "equipment_life": (3, 20),
    "reference_volume": (3, 100),
    "pack_volume": (1, 600),
    "model_criterion": (0.01, 1),
    "model_coefficient": (-0.001, 2),
    "window": (1, 400),
    "half_life": (0.01, 10_000),
    "equipment_saving": (1_000, 100_000),
    "spend_footprint": (0.01, 2),
    "spend_gas": (1e-11, 1),
    "spend_gas_co2e": (1e-5, 0.1),
    "product_footprint": (5, 20_000),
    **dict.fromkeys(
        "share share_given share_left_on share_of_energy share_of_footprint share_of_market share_of_time share_recovered"
        " share_excreted share_recycled share_saved share_used".split(),
        (0, 1),
    ),
}


def all_factors() -> Iterable[Factor]:
    return (factor for table in TABLES for factor in table.factors)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_names_licence_attribution_and_sources(table: FactorTable) -> None:
    assert table.licence and table.attribution and table.boundary and table.script.startswith("tools/")
    assert all(source.citation and source.retrieved for source in table.sources.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_share_alike_licence_is_marked_and_stands_alone(table: FactorTable) -> None:
    marked = any(name in table.licence for name in SHARE_ALIKE)
    assert table.share_alike is marked


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_source_is_used_and_no_address_of_a_registry_is_kept(table: FactorTable) -> None:
    assert {factor.source_id for factor in table.factors} == set(table.sources)
    text = " ".join(f"{f.locator} {f.note}" for f in table.factors) + str(table.sources)
    assert "http" not in text and "pypi" not in text.lower()


def test_identifiers_are_unique_and_plain() -> None:
    names = [factor.factor_id for factor in all_factors()]
    assert len(names) == len(set(names))
    assert all(name == name.strip() and " " not in name for name in names)


def test_every_quantity_has_a_plausible_range() -> None:
    assert {factor.quantity for factor in all_factors()} == set(PLAUSIBLE)


def test_every_value_is_plausible() -> None:
    wrong = [f.factor_id for f in all_factors() if not PLAUSIBLE[f.quantity][0] <= f.value <= PLAUSIBLE[f.quantity][1]]
    assert wrong == []


def test_an_interval_that_is_not_exact_has_a_width() -> None:
    wrong = [f.factor_id for f in all_factors() if (f.low == f.high) is not (f.bounds is Bounds.EXACT)]
    assert wrong == []


def test_a_row_from_memory_is_disabled() -> None:
    assert [f.factor_id for f in all_factors() if f.evidence is Evidence.MEMORY and f.enabled] == []


def test_nothing_from_outside_calls_itself_measured() -> None:
    assert [f.factor_id for f in all_factors() if f.origin is Origin.MEASURED] == []


def test_assumed_bounds_are_the_declared_ones_unless_the_note_says_so() -> None:
    for factor in all_factors():
        if factor.bounds is not Bounds.ASSUMED or "width declared" in factor.note:
            continue
        k = ASSUMED_K["grid" if factor.quantity == "grid_intensity" else factor.evidence.value]
        high = factor.value * k if factor.shape is Shape.LOGNORMAL else min(factor.value * k, (1 + factor.value) / 2)
        assert math.isclose(factor.high, high, rel_tol=1e-3), factor.factor_id
        assert math.isclose(factor.low, factor.value / k, rel_tol=1e-3), factor.factor_id


def test_a_share_stays_a_share() -> None:
    assert [f.factor_id for f in all_factors() if f.quantity.startswith("share") and f.interval95[1] > 1] == []


def test_a_grid_factor_says_average_or_marginal() -> None:
    assert {f.grid_kind for f in all_factors() if f.quantity.startswith("grid_intensity")} == {"average", "marginal"}


def test_a_year_is_given_unless_the_source_has_none() -> None:
    without = {f.table for f in all_factors() if f.year is None}
    assert without <= {
        *("grid_marginal_avert", "grid_marginal_avert_hours", "generation_intensity", "radionuclides", "exam_energy"),
    }


SIDECAR = """
title = "t"
licence = "l"
attribution = "a"
boundary = "b"
share_alike = false
script = "tools/x.py"
[sources.s]
citation = "c"
"""
GOOD = dict.fromkeys(COLUMNS, "") | {
    **dict.fromkeys(FLAGS, "no"),
    **{"factor_id": "x", "quantity": "q", "value": "2", "low": "1", "high": "4", "unit": "kW", "bounds": "95"},
    **{"distribution": "lognormal", "accounting": "neutral", "origin": "reported", "evidence": "secondary"},
    **{"enabled": "yes", "source_id": "s"},
}


def _table(**changes: str) -> FactorTable:
    return parse_table("mine", ",".join(COLUMNS) + "\n" + ",".join((GOOD | changes).values()) + "\n", SIDECAR)


def test_a_good_row_is_read() -> None:
    assert _table().factors[0].interval95 == (1.0, 4.0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit": "kWh"}, "unknown unit"),
        ({"unit": ""}, "unknown unit"),
        ({"high": ""}, "high is empty"),
        ({"source_id": ""}, "source"),
        ({"value": "5"}, "outside"),
        ({"value": ""}, "value is empty"),
        ({"value": '"2,5"'}, "decimal point"),
        ({"value": "nan"}, "finite"),
        ({"low": "-1"}, "negative"),
        ({"low": "-1", "unit": "kg"}, "above zero"),
        ({"low": "-1", "distribution": "uniform"}, "negative"),
        ({"low": ""}, "low is empty"),
        ({"source_id": "t"}, "source 't'"),
        ({"bounds": "99"}, "99"),
        ({"evidence": "memory"}, "cannot be enabled"),
        ({"standby": "maybe"}, "yes or no"),
        ({"accounting": "both"}, "accounting"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(InputError, match=f"mine.csv line 2.*{reason}") as refused:
        _table(**changes)
    assert refused.value.code == "ecorad.factor.table"


def test_a_table_without_licence_is_refused() -> None:
    with pytest.raises(InputError, match="licence"):
        parse_table("mine", ",".join(COLUMNS), SIDECAR.replace('licence = "l"', ""))


@pytest.mark.parametrize(
    ("column", "written"), [("unit", ""), ("source_id", ""), ("low", ""), ("high", ""), ("value", "")]
)
def test_a_shipped_table_with_a_hole_is_refused_by_the_number_of_its_row(column: str, written: str) -> None:
    """Every shipped table, its last row with one cell emptied: the build fails, and says where."""
    for table in TABLES:
        path = files("ecorad.factors") / "tables"
        lines = (path / f"{table.name}.csv").read_text("utf-8").splitlines()
        cells = next(csv.reader([lines[-1]]))
        cells[COLUMNS.index(column)] = written
        text = "\n".join([*lines[:-1], ",".join(f'"{cell}"' for cell in cells)])
        with pytest.raises(InputError, match=rf"{table.name}\.csv line {len(lines)}:"):
            parse_table(table.name, text, (path / f"{table.name}.toml").read_text("utf-8"))


def test_a_shipped_table_without_its_licence_is_refused() -> None:
    for table in TABLES:
        path = files("ecorad.factors") / "tables"
        toml = (path / f"{table.name}.toml").read_text("utf-8").replace("licence = ", "license = ", 1)
        with pytest.raises(InputError, match=rf"{table.name}\.toml has no licence"):
            parse_table(table.name, (path / f"{table.name}.csv").read_text("utf-8"), toml)
