"""A treatment on site removes of what is excreted in the building, and nothing is assumed of it."""

from __future__ import annotations

import pytest

from ecorad.factors import book
from ecorad.footprint.contrast import contrast_totals, sewer_load_g
from ecorad.footprint.contrast.wastewater import to_water_g
from ecorad.model import InputError, Origin, Quantity, SiteError, Wastewater, parse_site
from ecorad.reporting.statement.contrast_water import water_section

GIVEN = Quantity(100.0, "g", low=95.0, high=105.0)


def test_by_hand():
    """96 g leave in a day, 50 g of them in the first hour; half of these removed: 71 g."""
    found = to_water_g(GIVEN, "iodine", (0.4, 0.6), 1.0)
    assert found.value == pytest.approx(71.0)
    assert found.low < found.value < found.high
    assert found.origin is Origin.CLAIMED


def test_nothing_removed_is_all_of_the_sewer_and_all_removed_leaves_what_goes_home():
    sewer = sewer_load_g(GIVEN, "iodine")
    none = to_water_g(GIVEN, "iodine", (0.0, 0.0), 4.0)
    assert (none.value, none.low, none.high) == (sewer.value, sewer.low, sewer.high)
    assert to_water_g(GIVEN, "iodine", (1.0, 1.0), 24.0).value == pytest.approx(0.0)
    assert to_water_g(GIVEN, "iodine", (1.0, 1.0), 4.0).value == pytest.approx(96.0 - 75.0)


@pytest.mark.parametrize("removed", [(-0.1, 0.5), (0.5, 0.4), (0.5, 1.1)])
def test_shares_that_are_none_are_refused(removed):
    with pytest.raises(InputError):
        to_water_g(GIVEN, "iodine", removed, 1.0)


def test_what_is_not_declared_is_not_known():
    totals = contrast_totals({name: [] for name in NAMES})
    assert water_section(totals, Wastewater(), book()) is None
    found = water_section(totals, Wastewater(stay_h=1.0), book())
    assert {row["reason"] for row in found.values()} == {"not_declared"}
    assert to_water_g(Quantity(None, "g"), "iodine", (0.1, 0.2), 1.0).value is None


NAMES = "agent kind volume_ml concentration_mg_ml iodine_g gadolinium_g sf6_g confidence".split()


@pytest.mark.parametrize(
    "row",
    [{"stay_h": 0}, {"iodine_removed": [0.1, 0.2]}, {"stay_h": 1, "iodine_removed": 0.2}, {"stay_h": True},
     {"stay_h": 1, "iodine_removed": [0.4, 0.2]}, {"stay_h": 1, "silver_removed": [0, 1]},
     {"stay_h": 1, "iodine_removed": [0.1, float("nan")]}],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused(row):
    with pytest.raises(SiteError, match="wastewater"):
        parse_site({"site": {"name": "x"}, "wastewater": row})
