"""Figures that talks and papers about sustainable imaging give, one test a figure, out of library calls.

Each test names the capability it shows (C012 ...) and its source.
"""

from __future__ import annotations

import pytest

from ecorad.factors import (
    Evidence,
    book,
    emissions_kg_co2e,
    exam_footprint,
    grid_average,
    grid_marginal_hours,
    gwp,
    sf6_vial_kg_co2e,
    side_by_side,
)
from ecorad.factors.facts import Status, check, disagreements, facts
from ecorad.factors.facts.principles import MEASURES, Principle, portfolio
from ecorad.factors.facts.records import fact
from ecorad.factors.facts.scenarios import scenario
from ecorad.footprint.scenario import estimate_kg, mix_difference_kg, multiphase_kg, scenario_kg
from ecorad.footprint.upstream import contrast_purchase_kg, embodied_kg_per_year, switchgear_kg
from ecorad.model import FactorNotFoundError, InputError, UnknownNameError


def test_c012_footprint_of_one_exam() -> None:
    """McAlister et al. 2022: 0.53 (printed 0.5), 9.2, 17.5 kg; MRI is 35 ultrasounds by the printed figures."""
    for modality, claim in (("US", "SF022"), ("CT", "SF023"), ("MR", "SF024")):
        row, result = exam_footprint(modality), check(fact(claim))
        assert result.within_factor is True and result.ratio_to_factor == pytest.approx(1.0, abs=0.06)
        assert row.low < row.value < row.high and book().source(row).citation
    assert check(fact("SF029")).computed == (35.0,)
    assert exam_footprint("MR").value / exam_footprint("US").value == pytest.approx(33.0, abs=0.1)


def test_c013_more_than_30_kg_for_several_phases() -> None:
    """No reference is given; by the published share of electricity, a CT passes 30 kg with its sixth phase."""
    share = book().get("share.department.equipment_use_energy_all.thiel")
    by_phases = {n: multiphase_kg(exam_footprint("CT"), n, share).value or 0 for n in range(1, 8)}
    assert by_phases[1] == 9.2 and by_phases[5] == pytest.approx(29.07, abs=0.01)
    assert min(n for n, kg in by_phases.items() if kg > fact("SF025").values[0]) == 6
    assert fact("SF025").reference == ""
    dropped = by_phases[3] - by_phases[2]
    assert dropped == pytest.approx(9.2 * 0.54)


def test_c016_the_same_electricity_by_zone_and_hour() -> None:
    """Ember 2024: SE 0.036, CN 0.558 kg/kWh; AVERT: in New England the hour matters by 16 %."""
    kwh = 1000.0
    clean, coal = (emissions_kg_co2e(kwh, grid_average(zone, 2024).intensity).value for zone in ("SE", "CN"))
    assert (clean, coal) == pytest.approx((35.89, 557.5), abs=0.1)
    hours = [row.value for row in grid_marginal_hours("US-NE-ISNE")]
    assert len(hours) == 24 and max(hours) / min(hours) == pytest.approx(1.162, abs=1e-3)
    with pytest.raises(FactorNotFoundError, match="US-CAL-CISO"):
        grid_marginal_hours("NL")


def test_c017_sf6_of_switchgear() -> None:
    """0.5 % of 10 kg: 1,175 kg under AR5 (23,500), 1,260 kg under AR6 (25,200)."""
    assert switchgear_kg(10.0, 0.005, "AR5") == pytest.approx(1175.0)
    assert switchgear_kg(10.0, 0.005) == pytest.approx(1260.0)
    with pytest.raises(InputError):
        switchgear_kg(10.0, 1.5)


def test_c019_reporting_stations() -> None:
    """Boavizta: workstation 738.1 kg and two monitors of 357.4 kg; six years instead of four save a third a year."""
    station = [(book().get("product.workstation.boavizta"), 1), (book().get("product.monitor.boavizta"), 2)]
    years = {n: sum(embodied_kg_per_year(row, items, n).value or 0 for row, items in station) for n in (4.0, 6.0)}
    assert years[4.0] == pytest.approx((738.1 + 2 * 357.4) / 4)
    assert 1 - years[6.0] / years[4.0] == pytest.approx(1 / 3)
    with pytest.raises(InputError):
        embodied_kg_per_year(station[0][0], 1, 0.0)


def test_c057_sf6_of_ultrasound_contrast() -> None:
    """60.7 mg a vial (FDA label) x 23,500 = 1.43 kg; a year of 100 vials 143 kg; the printed 23,000 is no GWP."""
    assert gwp("SF6", "AR5").value == fact("SF066").values[0] == 23_500
    assert 100 * (sf6_vial_kg_co2e("AR5").value or 0) == pytest.approx(142.6, abs=0.1)
    assert check(fact("SF067")).status is Status.FLAGGED


def test_c059_making_of_contrast() -> None:
    """No footprint of a millilitre is published: the book has none, and money gives the order of magnitude (EPA, 0.099)."""
    assert not [row for row in book() if row.unit == "kg{CO2e}/mL"]
    found = contrast_purchase_kg(50.0)
    assert found.value == pytest.approx(4.93, abs=0.01)
    assert found.low == pytest.approx((found.value or 0) / 2, rel=0.01) and found.origin.value == "modelled"


def test_c090_paper_reports() -> None:
    """43.3 M sheets of 4.5 to 60 g: 195 to 2,598 t (SF076)."""
    low, high = (scenario_kg(scenario(name)).value or 0 for name in ("england-paper", "england-paper-high"))
    assert (low, high) == pytest.approx(fact("SF076").values, rel=1e-3)
    assert check(fact("SF074")).status is Status.FLAGGED


def test_c121_four_principles() -> None:
    """Mortimer 2010: four, in order; every measure serves one."""
    assert len(Principle) == fact("SF082").values[0] == 4
    grouped = portfolio(MEASURES)
    assert list(grouped) == ["prevention", "self_care", "lean_service", "low_carbon"]
    assert sorted(name for names in grouped.values() for name in names) == sorted(MEASURES)
    with pytest.raises(UnknownNameError):
        portfolio(["prayer"])


def test_c124_departments_by_relative_carbon() -> None:
    """A tenth of the MRI moved to ultrasound: 1,697 kg for each hundred; all that does not change cancels."""
    now, then = {"MR": 1000, "CT": 4000, "US": 2000}, {"MR": 900, "CT": 4000, "US": 2100}
    saved = mix_difference_kg(now, then)
    assert saved.value == pytest.approx(1697.0)
    total = estimate_kg([(float(n), exam_footprint(modality)) for modality, n in now.items()])
    assert (saved.high or 0) - (saved.low or 0) < 0.1 * ((total.high or 0) - (total.low or 0))


def test_c132_every_number_with_its_reference_and_its_rivals() -> None:
    """GB 2023-2024 by four sources (175 to 237.6 g); an MRI by two studies; each with source, year, interval, check."""
    grid = side_by_side("grid_intensity", region="GB", years=(2023, 2024))
    assert {one.factor.table.removeprefix("grid_intensity_") for one in grid} == {
        *("ember", "owid", "electricity_maps", "uk_official"),
    }
    assert (grid[0].factor.value, grid[-1].factor.value) == pytest.approx((0.175, 0.2376), abs=1e-3)
    studies = {one.source.source_id for one in side_by_side("exam_footprint", scope="MR")}
    assert {"mcalister_2022", "martin_2018"} <= studies
    for one in (*grid, *side_by_side("exam_footprint")):
        low, high = one.factor.interval95
        assert one.source.citation and one.licence and str(one.factor.year) in one.provenance
        assert low < high and one.factor.evidence is not Evidence.MEMORY


def test_every_claim_can_be_asked_for_with_what_speaks_against_it() -> None:
    assert len(facts()) == 217 and len(disagreements()) == 45
    assert all(check(one).status is not Status.OFF for one in facts())
