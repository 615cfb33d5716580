from __future__ import annotations

import pytest

from ecorad.reporting.reader import Reader
from ecorad.reporting.sections.change import change
from ecorad.reporting.sections.contrast import contrast_and_helium
from ecorad.reporting.sections.much import much
from ecorad.reporting.sections.per_exam import per_exam_picture
from ecorad.reporting.sections.trust import trust
from ecorad.reporting.sections.use import use
from ecorad.reporting.sections.week import occupied_weeks, power_weeks, start_weeks
from ecorad.reporting.sections.where import where
from ecorad.reporting.sections.worked import worked
from tests.reporting.samples import sample


def reader(name="department", **changes):
    return Reader(sample(name) | changes)


def test_scanners_of_one_modality_share_a_scale():
    weeks = power_weeks(reader())
    assert [key for key, _ in weeks.keys] == ["Scale for MRI", "Scale for CT"]


def test_summary_of_a_week_names_its_peak():
    weeks = power_weeks(reader())
    assert weeks.maps[2].picture.caption.startswith("Highest")
    assert "Opening hours as the site gave them." in weeks.maps[2].picture.caption


def test_use_is_drawn_without_any_meter():
    assert power_weeks(reader("dicom_only")) is None
    assert len(start_weeks(reader("dicom_only")).maps) == 3


def test_no_marginal_value_no_marginal_chart():
    assert per_exam_picture(reader("dicom_only"), "marginal") is None
    assert per_exam_picture(reader("dicom_only"), "allocated") is not None


def test_published_range_stands_only_behind_its_own_basis():
    assert 'class="published"' in per_exam_picture(reader(), "allocated").wide
    assert 'class="published"' not in per_exam_picture(reader(), "marginal").wide


def test_energy_without_named_states_is_called_so():
    statement = sample("department")
    device = statement["devices"][0]
    device["energy_by_state_kwh"] = dict.fromkeys(device["energy_by_state_kwh"])
    assert "state not named: 11.5" in where(Reader(statement)).states.wide


def test_states_that_do_not_fill_the_total_leave_a_rest():
    statement = sample("department")
    statement["devices"][0]["energy_by_state_kwh"]["scan"] = 1000.0
    assert "state not named: 2.99" in where(Reader(statement)).states.wide


def test_reconciled_meters_can_be_added_up_by_hand():
    row = trust(reader()).meters.rows[0]
    total, *parts = (float(cell.replace(",", "")) for cell in row[2:7])
    assert total == pytest.approx(sum(parts))


def test_advice_says_how_much_the_total_narrows():
    first = trust(reader()).advice[0]
    assert (first.device, first.what) == ("X-ray 2", "borrow a meter for one week")
    assert first.narrows == "The department's interval narrows by 28\N{NO-BREAK SPACE}%."


def test_finding_of_unknown_kind_is_shown_by_its_code():
    statement = sample("department")
    statement["findings"][0]["kind"] = "new_detector"
    assert change(Reader(statement)).findings[0].sentence == "new_detector"


def many_unknown(count):
    """The metered department with ``count`` scanners more whose electricity nobody knows."""
    statement = sample("department")
    one = next(device for device in statement["devices"] if device["energy_kwh"]["value"] is None)
    more = [one | {"device": f"k1-{i:024d}", "alias": f"Probe {i}"} for i in range(count)]
    statement["devices"] += more
    statement["totals"]["not_included"] += [
        {"device": row["device"], "alias": row["alias"], "reason": "no_factor"} for row in more
    ]
    return Reader(statement)


def test_many_scanners_left_out_are_counted_above_and_named_below():
    found = many_unknown(20)
    opening = " ".join(much(found).sentences)
    assert "Not in this total: 21 scanners, because" in opening
    assert "Probe 7" not in opening
    assert "Probe 7" in " ".join(where(found).unknown)


def test_a_scanner_of_unknown_energy_is_words_and_not_a_bar():
    found = where(many_unknown(1))
    assert "Probe 0" not in found.states.wide
    assert not any(row[0] == "Probe 0" for row in found.scanners.rows)


def test_nothing_known_is_only_words():
    statement = sample("department")
    statement["devices"] = [d for d in statement["devices"] if d["energy_kwh"]["value"] is None]
    found = where(Reader(statement))
    assert found.states is None
    assert found.scanners is None
    assert len(found.unknown) == 1


def test_the_largest_of_nameless_scanners_comes_first():
    statement = sample("dicom_only")
    for device, kwh in zip(statement["devices"], (10.0, 30.0, 20.0), strict=False):
        device["alias"] = None
        device["energy_kwh"] |= {"value": kwh, "low": kwh, "high": kwh}
    assert [str(row[2].value) for row in where(Reader(statement)).scanners.rows][:3] == [
        "30.0\N{NO-BREAK SPACE}kWh",
        "20.0\N{NO-BREAK SPACE}kWh",
        "10.0\N{NO-BREAK SPACE}kWh",
    ]


def test_a_column_that_is_unknown_for_all_is_left_out():
    assert len(where(reader()).scanners.columns) == 8
    assert "No patient imaged" not in where(reader("dicom_only")).scanners.columns


def test_the_part_that_was_measured_stands_beside_a_calculated_total():
    statement = sample("department")
    statement["quality"]["energy_by_origin_kwh"] = {"measured": 999.0, "modelled": 1.0}
    assert much(Reader(statement)).cards[0].note == "scanners, without cooling; 99.9\N{NO-BREAK SPACE}% of it measured"
    statement["quality"]["energy_by_origin_kwh"] = {"measured": 1000.0}
    assert much(Reader(statement)).cards[0].note == "scanners, without cooling"


def test_exams_far_above_their_kind_are_listed():
    row = {"modality": "CT", "exams": 396, "protocols": 9, "explained": 0.687, "outlier_count": 1}
    device = sample("department")["devices"][0]
    one = {"study": "k1-0001", "device": device["device"], "kwh": 2.5, "expected_kwh": 1.0, "score": 6.1}
    found = where(reader(exam_model=[row | {"outliers": [one]}])).exam_model
    assert found.table.rows[0][1:] == ("396", "9", "69\N{NO-BREAK SPACE}%", "1")
    assert found.outliers.rows[0][2:] == ("2.5\N{NO-BREAK SPACE}kWh", "1\N{NO-BREAK SPACE}kWh")
    assert where(reader(exam_model=[row | {"outliers": []}])).exam_model.outliers is None
    assert where(reader(exam_model=[])).exam_model is None


def test_a_few_starts_are_no_map():
    statement = sample("dicom_only")
    row = statement["use"]["devices"][0]
    row["starts"] = [[0] * 24 for _ in range(7)]
    row["starts"][2][9] = 19
    assert len(start_weeks(Reader(statement)).maps) == 2
    row["starts"][2][9] = 20
    assert len(start_weeks(Reader(statement)).maps) == 3


def test_chosen_rule_is_marked():
    table = worked(reader()).allocation
    assert table.columns[1:] == ("by time (chosen)", "by exam", "by active energy")
    assert [row[0] for row in table.rows][:2] == ["CT", "CT, head"]


def test_one_day_one_scanner_has_its_own_sentence():
    statement = sample("department")
    statement["period"]["to"] = statement["period"]["from"]
    statement["totals"]["devices"] = 1
    assert much(Reader(statement)).sentences[0].startswith("On 2 March 2026 your scanner used")


def test_unknown_carbon_is_said_in_the_first_sentence():
    statement = sample("department")
    statement["totals"]["co2e_kg"]["attributional"] |= {
        "value": None,
        "low": None,
        "high": None,
        "reason": "no_grid_zone",
    }
    assert "is unknown, because site.toml names no grid zone" in much(Reader(statement)).sentences[0]


def test_packs_and_helium_are_shown_where_there_are_sheets():
    page = contrast_and_helium(Reader(sample("department")))
    assert page.packs is not None
    assert page.packs.rows[0] == ("iopromide", "590", "59,000\u00a0mL", "46,500\u00a0mL", "12,100\u00a0mL", "21\u00a0%")
    assert "74 packs" in page.avoidable
    assert [name for name, _ in page.sewer] == ["iodine", "gadolinium"]
    assert page.what_ifs is not None
    assert len(page.what_ifs.rows) == 2
    assert page.intervals[1] == "ecorad check history"
    assert page.helium is not None
    assert page.helium.rows[0][3:] == ("3.5\u00a0L (2.7–4.2)", "2026-11-05 (not before 2026-08-08)")
    assert page.helium.rows[1][3:] == ("unknown", "unknown")


def test_a_statement_without_packs_or_helium_shows_neither():
    page = contrast_and_helium(Reader(sample("dicom_only")))
    assert (page.packs, page.avoidable, page.sewer, page.what_ifs, page.intervals, page.helium) == (
        None,
        "",
        (),
        None,
        (),
        None,
    )


def test_an_outage_that_nobody_spoke_of_is_unknown_and_not_zero():
    device = {"modality": "MR", "device": "k"}
    rows = [device | {"alias": "MR 1", "survives_min": 10.0}, device | {"alias": "MR 2", "survives_min": None}]
    rows.append(device | {"alias": "MR 3", "survives_min": 0.0})
    fleet = {"energy_kwh": None, "devices": [], "outages": rows}
    told = where(reader(fleet=fleet)).outages
    assert [row[1] for row in told.rows] == ["10\N{NO-BREAK SPACE}min", "unknown", "0\N{NO-BREAK SPACE}min"]
    assert where(reader(fleet=fleet | {"outages": []})).outages is None


def test_scanners_that_could_have_stayed_closed():
    (row,) = use(reader()).together.rows
    assert row[:7] == ("MRI", "2", "20", "8\N{NO-BREAK SPACE}min", "MR 2", "2", "5")
    assert use(reader("dicom_only")).together is None


def test_full_hours_share_one_scale():
    names = [one.name for one in occupied_weeks(reader()).maps]
    assert "MR 2" in names and len(names) == sum(
        row["occupied"] is not None for row in sample("department")["use"]["devices"]
    )


def test_variants_show_what_any_of_them_tells():
    (table,) = where(reader()).variants
    assert len(table.columns) == 3 + 2 + 1  # energy and length; nobody tells dose or contrast
    assert [row[-1] for row in table.rows] == ["the least", "surely more"]


def test_variants_are_told_apart_by_what_is_not_common_to_all():
    group = sample("department")["variants"][0]
    names = ("localizer + t1 + t2", "dwi + localizer + t1 + t2")
    rows = [one | {"protocol": name} for one, name in zip(group["variants"], names, strict=True)]
    (table,) = where(reader(variants=[group | {"variants": rows}])).variants
    assert [row[0] for row in table.rows] == ["nothing more", "dwi"]
    assert table.caption.endswith("All of them have localizer + t1 + t2.")


def test_a_modality_that_fits_on_no_fewer_shows_nobody_closed():
    statement = sample("department")
    row = statement["use"]["together"][0]
    nothing = {"value": None, "low": None, "high": None, "reason": "no_sure_saving"}
    row |= {"days_as_timed": 0, "days_if_moved": 0}
    row |= {f"kwh_per_exam_{side}": row[f"kwh_per_exam_{side}"] | nothing for side in ("before", "after")}
    cells = use(Reader(statement)).together.rows[0]
    assert (cells[4], *cells[7:]) == ("\N{EN DASH}",) * 3


def test_injected_volumes_and_medication_records_are_shown_in_every_language():
    statement = sample("department")
    statement["contrast"]["volumes"] = [
        {
            "examination": "ct_angiography",
            "exams": 40,
            "volume_ml": {"value": 62.0, "low": 60.0, "high": 65.0, "exams": 40},
            "grams": None,
            "usual_low_ml": 30.0,
            "usual_high_ml": 50.0,
            "above": 39,
            "below": 0,
            "far_off": 2,
            "far_off_studies": ["a", "b"],
        }
    ]
    statement["contrast"]["medication_records"] = {
        "linked_by": {"accession": 30, "time": 8},
        "unlinked": 2,
        "unlinked_ml": 150.0,
    }
    for language, name in (("en", "CT angiography"), ("nl", "CT-angiografie"), ("zh", "CT 血管成像")):
        found = contrast_and_helium(Reader(statement, language))
        (row,) = found.volumes.rows
        cells = [str(cell) for cell in row]
        assert cells[0] == name
        assert (cells[1], cells[4:]) == ("40", ["30–50 mL", "39", "0", "2"])
        assert "62" in cells[2]
        assert "38" in found.records
        assert "150" in found.records
    weighed = {"value": 0.95, "low": 0.9, "high": 1.0, "exams": 38}
    statement["contrast"]["volumes"][0]["ml_per_kg"] = weighed
    for language, name in (("en", "By body weight"), ("nl", "Per lichaamsgewicht"), ("zh", "按体重")):
        found = contrast_and_helium(Reader(statement, language))
        assert str(found.volumes.columns[4]) == name
        assert "mL/kg" in str(found.volumes.rows[0][4])
        assert len(found.volumes.rows[0]) == len(found.volumes.columns)
