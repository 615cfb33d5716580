"""The questions other rooms ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.factors import (
    Boundary,
    Evidence,
    adapted,
    add_footprints,
    background_days,
    book,
    cooling_ratio,
    decayed_mbq,
    dose_k,
    equipment_life,
    exam_footprint,
    grid_average,
    gwp,
    half_life_h,
    pack_volumes_ml,
    power_states,
    sf6_vial_kg_co2e,
)
from ecorad.factors.boundary import FLAGS, union_without_overlap
from ecorad.model import Accounting, FactorNotFoundError, InputError, MixingError, PowerState, UnitError

flag_sets = st.frozensets(st.sampled_from(FLAGS))


def test_mri_off_is_not_zero_and_power_save_is_below_it() -> None:
    states = power_states("MR")
    assert states[PowerState.POWER_SAVE].value < states[PowerState.OFF].value < states[PowerState.IDLE].value


def test_ct_has_only_the_states_that_were_published() -> None:
    assert set(power_states("CT")) == {PowerState.OFF, PowerState.POWER_SAVE, PowerState.IDLE}


def test_fluoroscopy_shares_the_angiography_rows() -> None:
    assert power_states("RF") == power_states("XA")


@pytest.mark.parametrize("device_class", ["US", "DX", "MG", "NM", "PT", ""])
def test_a_class_nobody_published_is_refused(device_class: str) -> None:
    with pytest.raises(FactorNotFoundError, match="CT, MR"):
        power_states(device_class)


@pytest.mark.parametrize(
    ("modality", "kg"), [("MR", 17.5), ("CT", 9.2), ("DX", 0.76), ("CR", 0.76), ("US", 0.53), ("XA", 239.8)]
)
def test_exam_footprints(modality: str, kg: float) -> None:
    assert exam_footprint(modality).value == kg


def test_consequential_rows_were_not_checked_and_say_so() -> None:
    with pytest.raises(FactorNotFoundError, match="disabled"):
        exam_footprint("MR", Accounting.CONSEQUENTIAL)
    row = exam_footprint("MR", Accounting.CONSEQUENTIAL, allow_unverified=True)
    assert row.evidence is Evidence.MEMORY and not row.enabled


def test_an_exam_without_figure_names_those_with_one() -> None:
    with pytest.raises(FactorNotFoundError, match="CR, CT, DX, MR, US, XA"):
        exam_footprint("MG")


def test_cooling_is_wide() -> None:
    low, high = cooling_ratio().interval95
    assert low <= 0.2 and high >= 1.2


def test_both_values_of_sf6_in_ar6() -> None:
    assert (gwp("SF6").value, gwp("SF6", source="ghgp").value) == (25200, 24300)


def test_a_gwp_is_exact() -> None:
    assert gwp("CH4", "AR5").interval95 == (28, 28)


def test_an_unknown_gas_names_the_nearest() -> None:
    with pytest.raises(FactorNotFoundError, match=r"gwp100\.SF6\.AR6"):
        gwp("SF7")


def test_overlapping_boundaries_are_refused_by_name() -> None:
    martin = book().get("exam.mr.abdomen.martin.use")
    with pytest.raises(MixingError, match="active"):
        add_footprints(exam_footprint("MR"), martin)


def test_attributional_and_consequential_are_refused() -> None:
    one = book().get("exam.mr.abdomen.martin.production")
    two = exam_footprint("MR", Accounting.CONSEQUENTIAL, allow_unverified=True)
    with pytest.raises(MixingError, match="attributional and consequential"):
        add_footprints(one, two)


def test_different_units_are_refused() -> None:
    with pytest.raises(UnitError):
        add_footprints(book().get("exam.mr.abdomen.martin.production"), book().get("ir.week.hvac.chua"))


def test_nothing_is_no_sum() -> None:
    with pytest.raises(UnitError):
        add_footprints()


@given(flag_sets, flag_sets)
def test_a_union_is_refused_exactly_when_flags_overlap(one: frozenset[str], two: frozenset[str]) -> None:
    pair = [("one", Boundary(one)), ("two", Boundary(two))]
    if one & two:
        with pytest.raises(MixingError):
            union_without_overlap(pair)
    else:
        assert union_without_overlap(pair).flags == one | two


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(InputError, match="scanner"):
        Boundary.of("scanner")


def test_use_elsewhere_and_later_widens_and_is_said() -> None:
    row = exam_footprint("CT")
    use = adapted(row, region="NL", year=2026)
    assert [issue.code for issue in use.issues] == ["ecorad.factor.other_year", "ecorad.factor.other_country"]
    assert use.factor.value == row.value and use.factor.factor_id == row.factor_id
    assert use.factor.interval95[0] < row.interval95[0] and use.factor.interval95[1] > row.interval95[1]


def test_use_where_it_was_made_changes_nothing() -> None:
    row = exam_footprint("CT")
    assert adapted(row, region="AU", year=2022).factor is row


def test_a_convention_is_not_widened() -> None:
    assert adapted(gwp("SF6"), region="NL", year=2026).issues == ()


def test_a_share_never_passes_one() -> None:
    row = book().get("share.nonproductive.mr.woolen")
    assert adapted(row, region="NL", year=2040).factor.high <= 1


def test_half_lives() -> None:
    assert half_life_h("Tc-99m").value == 6.0
    with pytest.raises(FactorNotFoundError, match="F-18"):
        half_life_h("F-19")


@given(st.floats(0, 1e4), st.floats(-10, 10), st.floats(0.1, 100))
def test_decay_and_back(activity_mbq: float, elapsed_h: float, half_life: float) -> None:
    after = decayed_mbq(activity_mbq, elapsed_h, half_life)
    assert decayed_mbq(after, -elapsed_h, half_life) == pytest.approx(activity_mbq, abs=1e-9)


def test_decay_needs_a_half_life() -> None:
    with pytest.raises(InputError):
        decayed_mbq(1.0, 1.0, 0.0)


def test_sf6_of_a_vial_has_an_interval_and_both_rows() -> None:
    vial = sf6_vial_kg_co2e()
    assert vial.factors == ("gwp100.SF6.AR6", "ultrasound_contrast.sf6.vial")
    assert vial.low is not None and vial.low < 1.53 < (vial.high or 0)


def test_dose_conversion_by_age() -> None:
    assert dose_k("chest", "0y").value > dose_k("chest").value
    with pytest.raises(FactorNotFoundError, match=r"dose\.k\."):
        dose_k("foot")


def test_background_must_be_above_zero() -> None:
    with pytest.raises(InputError):
        background_days(1.0, 0.0)


def test_a_factor_that_no_result_may_have_the_unit_of() -> None:
    with pytest.raises(UnitError):
        gwp("SF6").as_quantity()
    assert grid_average("NL").intensity.as_quantity().value is not None


def test_packs_of_an_agent_by_country() -> None:
    assert pack_volumes_ml("iobitridol") == (20, 50, 60, 75, 100, 150, 200, 500)
    assert pack_volumes_ml("gadobutrol", "US") == (2, 7.5, 10, 15, 30, 65)
    assert pack_volumes_ml("gadobutrol", "GB") == (5, 7.5, 10, 15, 20, 30)
    assert pack_volumes_ml("iohexol", "NL") == pack_volumes_ml("nothing") == ()


@pytest.mark.parametrize(("modality", "years"), [("CT", (7, 10, 15)), ("DX", (10, 12, 14)), ("RF", (8, 10, 12))])
def test_life_of_equipment_is_a_recommendation(modality: str, years: tuple[float, float, float]) -> None:
    life = equipment_life(modality)
    assert (life.low, life.value, life.high) == years
    assert life.unit == "a" and life.origin.value != "measured"
    with pytest.raises(FactorNotFoundError, match=r"there is one for: .*CT"):
        equipment_life("OT")


@pytest.mark.parametrize("mg", [150, 200, 240, 250, 270, 300, 320, 350, 370, 400])
def test_a_strength_is_the_number_in_the_product_name(mg: int) -> None:
    rows = [row for row in book().find(quantity="iodine_concentration") if row.scope.endswith(f" {mg}")]
    assert rows and {row.value for row in rows} == {mg}


def test_gadolinium_of_a_full_dose_by_hand() -> None:
    """70 kg at 0.1 mmol/kg are 7 mmol, 1.101 g of gadolinium, in 7 mL of one agent and 14 mL of another."""
    strengths = {name: book().get(f"contrast.gadolinium.{name}").value for name in ("gadobutrol", "gadoterate")}
    assert 7 * strengths["gadobutrol"] == pytest.approx(1100.75)
    assert 14 * strengths["gadoterate"] == pytest.approx(1100.75)
    unread = {row.factor_id for row in book().table("contrast_products").factors if not row.enabled}
    assert unread == {f"contrast.gadolinium.dose.{name}" for name in ("gadoteridol", "gadodiamide", "gadopentetate")}
