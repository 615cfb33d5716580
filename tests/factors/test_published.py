"""Published figures come out of the book's rows."""

from __future__ import annotations

import re

import pytest

from ecorad.factors import (
    add_footprints,
    background_days,
    book,
    emissions_kg_co2e,
    grid_average,
    grid_marginal,
    power_states,
)
from ecorad.factors import sf6_vial_kg_co2e as sf6_vial
from ecorad.footprint.uncertainty import Term, of_factor, total
from ecorad.model import PowerState

HOURS_OFF_A_YEAR = 12 * 365


def value(factor_id: str) -> float:
    return book().get(factor_id).value


def test_basel_fleet() -> None:
    """Heye 2020: three CT and four MRI make the fleet total, to one kWh of rounding."""
    assert 3 * value("annual.ct.heye") + 4 * value("annual.mr.heye") == 614_826
    assert value("annual.fleet.scanners.heye") == 614_825
    # Adding the parts gives one kWh less than the published total.
    assert value("annual.fleet.scanners.heye") + value("annual.fleet.cooling.heye") + 1 == value(
        "annual.fleet.total.heye"
    )


def test_basel_per_patient() -> None:
    assert value("exam_energy.fleet.scanners.basel") == pytest.approx(15.3, abs=0.05)
    assert value("exam_energy.fleet.total.basel") == pytest.approx(27.5, abs=0.05)


def test_basel_cooling_ratio() -> None:
    ratio = value("annual.fleet.cooling.heye") / value("annual.fleet.scanners.heye")
    assert ratio == pytest.approx(value("cooling.ratio.basel"), abs=0.002)


def test_chua_per_procedure_and_parts() -> None:
    """Chua 2021: 23,500 kg over 98 procedures; the printed parts add up to 48 kg more."""
    assert value("ir.week.total.chua") / 98 == pytest.approx(240, abs=0.5)
    assert value("exam.ir.chua") == pytest.approx(value("ir.week.total.chua") / 98, abs=0.05)
    parts = [row.value for row in book().find(table="ir_suite") if row.factor_id != "ir.week.total.chua"]
    assert sum(parts) == pytest.approx(23_548, abs=1)


@pytest.mark.parametrize(("modality", "kg"), [("us", 1.15), ("ct", 6.61), ("mr", 19.72)])
def test_martin_totals(modality: str, kg: float) -> None:
    """Martin 2018: use and production of an abdominal exam."""
    rows = [book().get(f"exam.{modality}.abdomen.martin.{part}") for part in ("use", "production")]
    assert add_footprints(*rows).value == pytest.approx(kg)


def test_martin_used_one_factor_on_primary_energy() -> None:
    ratios = [
        value(f"exam.{ours}.abdomen.martin.use") / value(f"primary.use.{theirs}")
        for ours, theirs in (("us", "us"), ("ct", "ct"), ("mr", "mri"))
    ]
    assert ratios == pytest.approx([0.0633] * 3, abs=3e-4)


@pytest.mark.parametrize(("report", "kg"), [("AR4", 1.384), ("AR5", 1.426), ("AR6", 1.530)])
def test_sf6_per_vial(report: str, kg: float) -> None:
    assert sf6_vial(report).value == pytest.approx(kg, abs=5e-4)


def test_sf6_per_vial_with_the_other_ar6_value() -> None:
    assert sf6_vial("AR6", source="ghgp").value == pytest.approx(1.475, abs=5e-4)


def test_woolen_savings_follow_from_the_state_powers() -> None:
    """Woolen 2023: off instead of idle for 12 h a night saves 12.3 to 21.0 MWh a year: 2.8 to 4.8 kW.

    The differences of the ends of the published ranges enclose it; the study took them scanner by scanner.
    """
    states = power_states("MR")
    ends = [(states[PowerState.IDLE].low - states[PowerState.OFF].low) * HOURS_OFF_A_YEAR / 1000]
    ends.append((states[PowerState.IDLE].high - states[PowerState.OFF].high) * HOURS_OFF_A_YEAR / 1000)
    saving = book().get("saving.mr.off_12h.woolen")
    assert ends == pytest.approx([9.6, 21.0], abs=0.1)
    assert (saving.low / HOURS_OFF_A_YEAR, saving.high / HOURS_OFF_A_YEAR) == pytest.approx((2.81, 4.79), abs=0.01)
    assert ends[0] * 1000 <= saving.low and saving.high <= ends[1] * 1000 + 30


def test_woolen_power_save() -> None:
    """Power save instead of off: 8.8 to 11.4 MWh a year, 2.0 to 2.6 kW."""
    row = book().get("saving.mr.power_save_12h.woolen")
    assert (row.low / HOURS_OFF_A_YEAR, row.high / HOURS_OFF_A_YEAR) == pytest.approx((2.01, 2.60), abs=0.01)


@pytest.mark.parametrize(
    ("state", "transition_kwh", "row"),
    [
        (PowerState.POWER_SAVE, 0.1425, "break_even.ct.power_save.schulz"),
        (PowerState.OFF, 0.0863, "break_even.ct.off.schulz"),
    ],
)
def test_schulz_break_even(state: PowerState, transition_kwh: float, row: str) -> None:
    """Schulz 2024: 5 and 2 minutes; the energy of the transition is derived from them."""
    states = power_states("CT")
    minutes = transition_kwh / (states[PowerState.IDLE].value - states[state].value) * 60
    assert minutes == pytest.approx(value(row), abs=0.005)


def test_a_claimed_saving_above_the_measured_use_is_no_default() -> None:
    """Vosshenrich 2024: 144,640 kWh saved of 115,684 kWh used, against a hypothetical baseline."""
    claim = book().get("saving.xa.off.vosshenrich")
    assert claim.value > value("annual.fleet.xa.vosshenrich") and claim.origin.value == "claimed"


def test_three_sources_agree_on_a_ct_year() -> None:
    """Basel 26.2 MWh; 140 kWh a week at 32 %; 11.2 MWh at 31 to 47 %."""
    australia = value("saving.ct.switch_off.nsw") / 0.32 * 52.18
    industry = [value("saving.ct.behaviour.cocir") / share for share in (0.47, 0.31)]
    assert australia == pytest.approx(22_800, rel=0.01)
    assert all(20_000 < kwh < 37_000 for kwh in (australia, *industry, value("annual.ct.heye")))


def test_the_official_uk_figure_differs_by_definition_a_little() -> None:
    ours = grid_average("GB", 2024).intensity
    assert ours.value / value("grid.average.GB.2024.uk_official") == pytest.approx(1.04, abs=0.02)


def test_chest_film_in_days_of_background() -> None:
    assert background_days(0.1, value("dose.background.US")) == pytest.approx(12.2, abs=0.05)


def test_pet_ct_in_years_of_background_is_not_what_the_card_prints() -> None:
    years = background_days(value("dose.card.pet_ct_whole_body"), value("dose.background.US")) / 365
    assert years == pytest.approx(7.6, abs=0.05)


def test_official_travel_is_not_a_misread_copy() -> None:
    """Copies in circulation give rail 0.0035 and a car 0.168; the workbook gives 0.0355 and 0.167."""
    assert value("travel.uk.national_rail") == 0.03546
    assert value("travel.uk.car_unknown") == 0.16691


def test_a_long_drive_exceeds_the_scan() -> None:
    assert value("travel.mr.excess.visit") > 3 * value("exam.mr.mcalister")


def test_one_exam_of_basel_in_carbon() -> None:
    energy = value("exam_energy.fleet.total.basel")
    result = emissions_kg_co2e(energy, grid_average("CH", 2023).intensity)
    assert result.value == pytest.approx(27.497 * 0.034843, rel=1e-4)


BASEL_PATIENTS = 40_276  # Heye et al. 2020, Radiology 295:593


def test_basel_per_patient_through_the_sums_of_every_report() -> None:
    """Heye 2020: 614,825 and 492,624 kWh over 40,276 patients make 15.3 and 27.5 kWh each, cooling apart and in."""
    scanners, cooling = (
        Term(1.0, (of_factor(book().get(f"annual.fleet.{part}.heye")),)) for part in ("scanners", "cooling")
    )
    alone, both = total([scanners], "kW.h"), total([scanners, cooling], "kW.h")
    assert (alone.value, both.value) == (614_825, 614_825 + 492_624)
    assert round((alone.value or 0) / BASEL_PATIENTS, 1) == 15.3
    assert round((both.value or 0) / BASEL_PATIENTS, 1) == 27.5
    assert (both.high or 0) - (both.low or 0) > (alone.high or 0) - (alone.low or 0)


def test_woolen_in_figures_and_in_carbon() -> None:
    """Woolen 2023: 12.3 to 21.0 and 8.8 to 11.4 MWh a year and magnet; 21.0 MWh are 14.9 t by the marginal factor."""
    off, save = (book().get(f"saving.mr.{name}_12h.woolen") for name in ("off", "power_save"))
    assert (off.low / 1000, off.high / 1000) == (12.3, 21.0)
    assert (save.low / 1000, save.high / 1000) == (8.8, 11.4)
    assert emissions_kg_co2e(off.high, grid_marginal("US").intensity).value / 1000 == pytest.approx(14.9, abs=0.02)
    assert book().source(off).doi.startswith("10.") or "Woolen" in book().source(off).citation


@pytest.mark.parametrize(
    ("factor_id", "author"),
    [
        ("annual.fleet.scanners.heye", "Heye"),
        ("saving.mr.off_12h.woolen", "Woolen"),
        ("break_even.ct.off.schulz", "Schulz"),
        ("exam.ir.chua", "Chua"),
        ("exam.ct.abdomen.martin.use", "Martin"),
        ("ultrasound_contrast.sf6.vial", "SF6|sulfur|Lumason|SonoVue|FDA"),
        ("spend_gas.us.621512.CH4", "EPA"),
    ],
)
def test_each_published_figure_names_its_source(factor_id: str, author: str) -> None:
    source = book().source(book().get(factor_id))
    assert re.search(author, source.citation, re.IGNORECASE)
