"""CO2e from gases: by hand, and against two publishers who give both."""

from __future__ import annotations

import contextlib
import csv

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import add_footprints, book, gases_kg_co2e, sf6_vial_kg_co2e, spend_kg_co2e
from ecorad.footprint.uncertainty import Term, of_factor, total
from ecorad.model import FactorNotFoundError, InputError, MixingError
from tests.shared_data import shared_data

INDUSTRIES = sorted({row.scopes[0] for row in book().find(table="spend_us_gases")})


def test_by_hand() -> None:
    """AR5: 2 kg CO2, 3 kg CH4 at 28, 0.5 kg N2O at 265, and 7 kg that are CO2e already."""
    assert gases_kg_co2e({"CO2": 2, "CH4": 3, "N2O": 0.5, "unspecified": 7}, "AR5") == 2 + 84 + 132.5 + 7


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from(["AR4", "AR5", "AR6"]))
def test_masses_add_up(a: float, b: float, report: str) -> None:
    one, other = gases_kg_co2e({"CH4": a}, report), gases_kg_co2e({"N2O": b}, report)
    assert gases_kg_co2e({"CH4": a, "N2O": b}, report) == pytest.approx(one + other)


def test_two_reports_are_never_in_one_sum() -> None:
    ar5, ar6 = sf6_vial_kg_co2e("AR5"), sf6_vial_kg_co2e("AR6")
    with pytest.raises(MixingError, match="AR5 and gwp100 of AR6") as refused:
        ar5 + ar6
    assert refused.value.code == "ecorad.mixing.gwp"
    assert (ar5 + ar5).value == pytest.approx(2 * (ar5.value or 0))
    rows = [book().get(f"gwp100.SF6.{report}") for report in ("AR5", "AR6")]
    with pytest.raises(MixingError):
        add_footprints(*rows)
    with pytest.raises(MixingError):
        total([Term(1.0, (of_factor(row),)) for row in rows], "kg{CO2e}")
    with pytest.raises(MixingError, match="gwp20"):
        add_footprints(book().get("gwp100.SF6.AR6"), book().get("gwp20.SF6.AR6"))


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(FactorNotFoundError, match="nearest"):
        gases_kg_co2e({"CH5": 1.0})
    with pytest.raises(FactorNotFoundError, match="621512"):
        spend_kg_co2e("621513")
    with pytest.raises(InputError, match="negative"):
        gases_kg_co2e({"CO2": -1.0})


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_epa_co2e_comes_out_of_its_gases(industry: str) -> None:
    """US EPA v1.3.0: the CO2e file, to the three decimals of one file and the three digits of the other, under AR5."""
    published = book().get(f"spend.us.{industry}").value
    assert spend_kg_co2e(industry).value == pytest.approx(published, abs=1e-3, rel=3e-3)


def test_epa_used_ar5() -> None:
    """Diagnostic equipment and medicines round to the printed figure under AR5 and not under AR4."""
    for industry, printed in (("334510", 0.135), ("325412", 0.099)):
        assert round(spend_kg_co2e(industry, report="AR5").value or 0, 3) == printed
        assert round(spend_kg_co2e(industry, report="AR4").value or 0, 3) != printed


def test_spend_grows_with_money_and_names_every_row() -> None:
    one, thousand = spend_kg_co2e("325412"), spend_kg_co2e("325412", 1000.0)
    assert thousand.value == pytest.approx(1000 * (one.value or 0))
    assert "spend_gas.us.325412.SF6" in thousand.factors and "gwp100.SF6.AR5" in thousand.factors


def test_every_industry_of_the_publisher() -> None:
    """The rows that ship are those of the CO2e file, industry by industry."""
    path = shared_data("lca", "epa_SupplyChainGHG_v1.3.0_CO2e_USD2022.csv")
    with path.open(encoding="utf-8", newline="") as file:
        printed = {
            row["2017 NAICS Code"]: float(row["Supply Chain Emission Factors with Margins"])
            for row in csv.DictReader(file)
        }
    assert {name: book().get(f"spend.us.{name}").value for name in INDUSTRIES} == {n: printed[n] for n in INDUSTRIES}


def test_uk_electricity_comes_out_of_its_gases() -> None:
    """DESNZ 2024 gives UK electricity per gas in CO2e; divided by AR5 and put together again it is the factor."""
    with contextlib.closing(
        openpyxl.load_workbook(shared_data("lca", "uk_ghg_conversion_factors_2024.xlsx"), read_only=True)
    ) as workbook:
        rows = [
            [cell for cell in row if cell is not None] for row in workbook["UK electricity"].iter_rows(values_only=True)
        ]
    total, *by_gas = next(row[4:8] for row in rows if row and row[0] == "Electricity generated")
    parts = dict(zip(("CO2", "CH4", "N2O"), by_gas, strict=True))
    masses = {gas: part / book().get(f"gwp100.{gas}.AR5").value for gas, part in parts.items()}
    assert gases_kg_co2e(masses, "AR5") == pytest.approx(total, abs=1e-9)
    assert total == book().get("grid.average.GB.2024.uk_official").value
    assert gases_kg_co2e(masses, "AR4") != pytest.approx(total, abs=5e-5)
