"""Every published figure of the public dose objects, from scanners of a dozen makers."""

from __future__ import annotations

import math
import re

import pytest

from ecorad.intake import dose_sr
from ecorad.intake.identity import Pseudonymiser

from .real import decode, dose_of, expected, folder

RELATIVE = 1e-9


def total(dose, name):
    """The sum of a quantity over the events that tell it."""
    return sum(getattr(event, name) for event in dose.events if getattr(event, name) is not None)


def declared(dose, name):
    """What the report declares, over its planes."""
    found = [getattr(report, name) for report in dose.reports if getattr(report, name) is not None]
    return sum(found) if found else None


SUMMARY = {
    "DLP total": lambda dose: {declared(dose, "dlp_mgy_cm")},
    "CT irradiation events": lambda dose: {declared(dose, "events_declared")},
    "sum of event DLP": lambda dose: {total(dose, "dlp_mgy_cm")},
    "DAP total": lambda dose: {declared(dose, "dose_area_product_gy_m2")},
    "sum of event DAP": lambda dose: {total(dose, "dose_area_product_gy_m2")},
    "dose at RP total": lambda dose: {declared(dose, "dose_rp_gy")},
    "fluoro time": lambda dose: {declared(dose, "fluoroscopy_s")},
    "accumulated AGD": lambda dose: {declared(dose, "glandular_left_mgy"), declared(dose, "glandular_right_mgy")},
    "administered activity": lambda dose: {declared(dose, "activity_mbq")},
}


def test_every_row_of_the_summary():
    rows = list(expected("dose_summary.csv"))
    assert len(rows) == 55
    for row in rows:
        found = SUMMARY[row["quantity"]](dose_of(row["file"]))
        wanted = float(row["value"])
        assert any(math.isclose(value, wanted, rel_tol=RELATIVE, abs_tol=1e-15) for value in found), (row, found)


# What the tests of another register assert of the same objects, by the field where we keep it.
EVENT = {
    "mean_ctdivol": "ctdi_vol_mgy",
    "dlp": "dlp_mgy_cm",
    "scanning_length": "scan_length_mm",
    "pitch_factor": "pitch",
    "dose_area_product": "dose_area_product_gy_m2",
    "dose_rp": "dose_rp_gy",
    "average_glandular_dose": "average_glandular_dose_mgy",
    "entrance_exposure_at_rp": "entrance_dose_mgy",
    "administered_activity": "activity_mbq",
    "acquisition_protocol": "protocol_name",
    "kvp": "kvp",
    "xray_tube_current": "tube_current_ma",
    "number_of_pulses": "pulses",
    "exposure_time": "irradiation_s",
    "exposure": "exposure_mas",
    "effective_dose": "effective_dose_msv",
}
REPORT = {
    "total_number_of_irradiation_events": "events_declared",
    "ct_dose_length_product_total": "dlp_mgy_cm",
    "total_dlp": "dlp_mgy_cm",
    "total_dap": "dose_area_product_gy_m2",
    "total_dap_a": "dose_area_product_gy_m2",
    "total_rp_dose_a": "dose_rp_gy",
    "number_of_events": "events_found",
    "total_acquisition_time": "acquisition_s",
    "fluoro_dose_area_product_total": "dose_area_product_gy_m2",
    "fluoro_dose_rp_total": "dose_rp_gy",
    "total_agd_left": "glandular_left_mgy",
    "total_agd_right": "glandular_right_mgy",
}
COUNTED = {
    "number_of_axial": "sequenced",
    "number_of_spiral": "spiral",
    "number_of_stationary": "stationary",
    "number_of_const_angle": "constant angle",
}
# They keep these in thousandths: ms of a projection (CT in s), uAs.
THOUSANDTHS = {"exposure_time", "exposure"}
CODED = {
    "ct_acquisition_type": "event_type",
    "irradiation_event_type": "event_type",
    "acquisition_plane": "plane",
    "ctdiw_phantom_type": "phantom",
}
MEANINGS = {
    "Constant Angle Acquisition": "constant angle",
    "Spiral Acquisition": "spiral",
    "Stationary Acquisition": "stationary",
    "Single Plane": "single",
    "IEC Body Dosimetry Phantom": "body_32cm",
    "IEC Head Dosimetry Phantom": "head_16cm",
}
# Totals of fluoroscopy alone are our totals where nothing else was done.
FLUOROSCOPY_ONLY = {"RF-RDSR-GE.dcm"}


def place(path):
    """Which event an assertion speaks of: the number in brackets, else the first."""
    match = re.search(r"\[(\d+)\]", path)
    return int(match.group(1)) if match else 0


def check_row(row):
    """Whether a row is about dose and holds; raises where it does not hold."""
    if ";" in row["dicom_files"] or row["expected"] in {"", "None"} or "count()" in row["openrem_path"]:
        return False
    path, name = row["openrem_path"], row["dicom_files"]
    last = path.rsplit(".", 1)[-1]
    coded = path.rsplit(".", 2)[-2] if last == "code_meaning" else None
    dose = dose_of(name)
    if coded in CODED:
        found, wanted = getattr(dose.events[place(path)], CODED[coded]), MEANINGS[row["expected"]]
    elif last in EVENT and dose.events:
        found, wanted = getattr(dose.events[place(path)], EVENT[last]), row["expected"]
        if last in THOUSANDTHS and dose.modality != "CT":
            wanted = float(wanted) / 1000
    elif last in COUNTED:
        found, wanted = sum(event.event_type == COUNTED[last] for event in dose.events), row["expected"]
    elif last in REPORT and (not last.startswith("fluoro_") or name in FLUOROSCOPY_ONLY):
        found, wanted = declared(dose, REPORT[last]), row["expected"]
    else:
        return False
    if isinstance(found, str):
        assert found == wanted, row
    else:
        assert found == pytest.approx(float(wanted), rel=RELATIVE, abs=1e-12), row
    return True


def test_every_dose_row_of_another_registers_tests():
    checked = sum(check_row(row) for row in expected("openrem_asserts.csv"))
    assert checked == 143, checked


def test_glandular_dose_by_side():
    (report,) = dose_of("MG-RDSR-Hologic_2D.dcm").reports
    assert (report.glandular_left_mgy, report.glandular_right_mgy) == (1.3, 1.28)
    (other,) = dose_of("MG-RDSR-GEPristina-2D.dcm").reports
    assert (other.glandular_left_mgy, other.glandular_right_mgy) == (0.0, 9.68)
    assert total(dose_of("MG-RDSR-GEPristina-2D.dcm"), "average_glandular_dose_mgy") == pytest.approx(9.68)


def test_the_traps():
    both = [dose_of(f"CT-RDSR-Siemens-Continued-{part}.dcm") for part in (1, 2)]
    assert sum(total(dose, "dlp_mgy_cm") for dose in both) == pytest.approx(116.61)
    assert len({event.record_key for dose in both for event in dose.events}) == 4
    assert len({event.study_key for dose in both for event in dose.events}) == 1
    assert declared(dose_of("CT-RDSR-Siemens_Flash-TAP-SS.dcm"), "dlp_mgy_cm") == 724.52
    assert declared(dose_of("CT-ESR-GE_Optima.dcm"), "dlp_mgy_cm") == 415.82
    assert dose_of("ESR_non-dose.dcm") == dose_sr.Dose()


def test_one_room_two_modalities_told_by_content():
    assert dose_of("Dual-RDSR-DX.dcm").modality == "DX"
    assert dose_of("Dual-RDSR-RF.dcm").modality == "RF"


MODALITIES = {
    "CT-RDSR-ToshibaPixelMed.dcm": "CT",
    "CT-SC-Philips_Brilliance16P.dcm": "CT",
    "DX-RDSR-Canon_CXDI.dcm": "DX",
    "MG-RDSR-Hologic_2D.dcm": "MG",
    "NM-RRDSR-Siemens.dcm": "PT",
    "NM-CT-RDSR-Siemens.dcm": "CT",
    "RF-ESR-Siemens-Varic.dcm": "RF",
    "RF-RDSR-Siemens-Zee.dcm": "XA",
    "RF-RDSR-Philips_Allura.dcm": "XA",
    "RF-RDSR-GE.dcm": "RF",
}


@pytest.mark.parametrize(("name", "modality"), MODALITIES.items())
def test_modality_is_what_was_done(name, modality):
    assert dose_of(name).modality == modality


def test_a_summary_without_events_tells_its_totals():
    dose = dose_of("RF-ESR-Siemens-Varic.dcm")
    (report,) = dose.reports
    assert not dose.events
    assert report.dose_area_product_gy_m2 == pytest.approx(0.2359e-4)
    assert (report.fluoroscopy_s, report.dose_rp_gy) == (34.427, None)


def test_presentation_and_processing_images_are_one_exposure():
    made = [dose_of(f"MG-Im-GE_Seno_1_For{purpose}.dcm").events for purpose in ("Presentation", "Processing")]
    (first,), (second,) = made
    assert first.record_key == second.record_key
    assert first.average_glandular_dose_mgy == pytest.approx(0.547)


def test_radiographs_tell_dose_area_product_in_our_unit():
    (event,) = dose_of("DX-Im-GE_XR220-1.dcm").events
    assert event.dose_area_product_gy_m2 == pytest.approx(0.41e-5)
    assert (event.modality, event.deviation_index) == ("DX", -9.3)


def test_a_second_reading_says_the_same():
    for path in sorted(folder().glob("*.dcm")):
        data = path.read_bytes()
        assert decode(data) == decode(data)


def test_another_secret_gives_other_keys_and_the_same_dose():
    data = (folder() / "CT-RDSR-Siemens_Flash-TAP-SS.dcm").read_bytes()
    one, other = decode(data), decode(data, Pseudonymiser(bytes([7] * 32)))
    assert {event.record_key for event in one.events}.isdisjoint(event.record_key for event in other.events)
    assert total(one, "dlp_mgy_cm") == total(other, "dlp_mgy_cm")


def test_no_uid_of_the_input_is_told():
    for path in sorted(folder().glob("*RDSR*.dcm")):
        told = repr(decode(path.read_bytes()))
        assert "1.3.6.1.4.1" not in told, path.name
