from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.intake.dicom.contrast_text import agents, parse_agent_text
from tests.intake.dicom.objects import ENHANCED_CT, codes, record

# text: agent, kind, mg/mL, mL
TEXTS = [
    ("11 ml Omniscan", "Omniscan", "gadolinium", 78.625, 11),
    ("ISOVUE300/100", "Isovue", "iodine", 300, 100),
    ("ISOVUE300/100ml", "Isovue", "iodine", 300, 100),
    ("Omni 350 100cc", "Omnipaque", "iodine", 350, 100),
    ("100cc Omni 350", "Omnipaque", "iodine", 350, 100),
    ("OMNIPAQUE 350", "Omnipaque", "iodine", 350, None),
    ("Omnipaque-350 120 mL", "Omnipaque", "iodine", 350, 120),
    ("Ultravist® 370 mg/ml 90ml @ 3 ml/s", "Ultravist", "iodine", 370, 90),
    ("80 ml Iomeron 400, 50ml saline", "Iomeron", "iodine", 400, 80),
    ("Iomeron 400 80ml + 40 ml NaCl", "Iomeron", "iodine", 400, 80),
    ("Visipaque_320", "Visipaque", "iodine", 320, None),
    ("Optiray 350 1.5 ml/sec 100ml", "Optiray", "iodine", 350, 100),
    ("100 ml Ultravist 300 Lot 300123", "Ultravist", "iodine", 300, 100),
    ("Omnipaque 100 ml", "Omnipaque", "iodine", None, 100),
    ("Omnipaque 333", "Omnipaque", "iodine", None, None),
    ("Gadovist 7,5 ml", "Gadovist", "gadolinium", 157.25, 7.5),
    ("Gadavist 1.0 mmol/ml 7.5ml", "Gadavist", "gadolinium", 157.25, 7.5),
    ("Dotarem 0.2ml/kg", "Dotarem", "gadolinium", 78.625, None),
    ("Dotarem 15", "Dotarem", "gadolinium", 78.625, None),
    ("EOVIST 10ML", "Eovist", "gadolinium", 39.3125, 10),
    ("Magnevist 20ml 0.5M", "Magnevist", "gadolinium", 78.625, 20),
    ("MultiHance 529 mg/mL 10ml", "MultiHance", "gadolinium", 78.625, 10),
    ("Gd-DTPA 10 ml", "gadopentetate", "gadolinium", 78.625, 10),
    ("Vueway", "Vueway", "gadolinium", 78.625, None),
    ("Gadolinium 10cc", "gadolinium", "gadolinium", None, 10),
    ("碘海醇 350 80ml", "iohexol", "iodine", 350, 80),
    ("SonoVue 2.4ml", "SonoVue", "sf6", None, 2.4),
    ("LUMASON", "Lumason", "sf6", None, None),
    ("Barium", "barium", "barium", None, None),
    ("CO2", "carbon dioxide", "other", None, None),
]


@pytest.mark.parametrize(("text", "agent", "kind", "mg_ml", "ml"), TEXTS)
def test_what_technologists_write(text, agent, kind, mg_ml, ml):
    written = parse_agent_text(text)
    assert (written.agent, written.kind, written.volume_ml) == (agent, kind, ml)
    assert written.concentration_mg_ml == (None if mg_ml is None else pytest.approx(mg_ml))
    assert not written.is_ambiguous


@pytest.mark.parametrize(
    "text",
    [
        "IV + oral",
        "Omnipaque or Gadovist",
        "Omnipaque 350 / Visipaque 320",
        "Omnipaque 240 50 ml oral + Omnipaque 350 100 ml",
        "Ultravist barium oral",
    ],
)
def test_a_text_that_means_two_things_means_nothing(text):
    written = parse_agent_text(text)
    assert written.is_ambiguous
    assert (written.volume_ml, written.concentration_mg_ml) == (None, None)
    assert ("ecorad.contrast.ambiguous", "ContrastBolusAgent") in codes(ContrastBolusAgent=text)


@pytest.mark.parametrize("text", ["Omnipaque 300 or 350 100 ml", "Omnipaque 300/350", "Ultravist (300) oder (370)"])
def test_of_two_strengths_neither_counts(text):
    written = parse_agent_text(text)
    assert (written.kind, written.concentration_mg_ml) == ("iodine", None)
    assert written.volume_ml in {None, 100.0}


@pytest.mark.parametrize(
    "text", ["Visipaque 320 50ml + 50ml", "2 x 50 ml Visipaque 320", "Visipaque 320 50 cc & 50 cc"]
)
def test_parts_of_a_volume_are_no_volume(text):
    assert parse_agent_text(text).is_ambiguous
    assert parse_agent_text(text).volume_ml is None


@pytest.mark.parametrize(
    "text", ["Visipaque 320 50 ml + 50 ml NaCl", "Visipaque 320 x 50 ml", "Visipaque 320, 50 ml", "Visipaque 320/50"]
)
def test_what_reads_alike_is_one_volume(text):
    assert (parse_agent_text(text).volume_ml, parse_agent_text(text).concentration_mg_ml) == (50.0, 320.0)


@pytest.mark.parametrize(
    "text", ["none", "N/A", "NO", "without", "ohne KM", "zonder", "0", "-", "CE", "yes", "omni", "gdansk"]
)
def test_texts_that_name_no_agent(text):
    written = parse_agent_text(text)
    assert (written.agent, written.kind, written.volume_ml, written.is_ambiguous) == (None, None, None, False)


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text):
    written = parse_agent_text(text)
    assert written.volume_ml is None or 0 < written.volume_ml <= 2000


def test_every_name_of_the_table_is_found_as_itself():
    for row in agents():
        assert parse_agent_text(row.name).agent == row.agent, row.name
        assert row.kind in {"iodine", "gadolinium", "sf6", "barium", "other"}


def contrast(**values):
    instance = record(**values)
    return instance.contrast_volume_ml, instance.contrast_origin, instance.contrast_confidence


def test_the_undiluted_volume_comes_first_then_the_other_then_the_text():
    given = {"ContrastBolusAgent": "Omnipaque 350 70 ml", "ContrastBolusVolume": "80", "ContrastBolusTotalDose": "90"}
    assert contrast(**given) == (90.0, "ContrastBolusTotalDose", "high")
    given["ContrastBolusTotalDose"] = "0"
    assert contrast(**given) == (80.0, "ContrastBolusVolume", "medium")
    given["ContrastBolusVolume"] = "0"
    assert contrast(**given) == (70.0, "ContrastBolusAgent", "medium")
    given["ContrastBolusAgent"] = "Omnipaque 350/70"
    assert contrast(**given) == (70.0, "ContrastBolusAgent", "low")


@pytest.mark.parametrize("wrong", ["-80", "NaN", "1e9", "1,5", "eighty"])
def test_an_impossible_volume_is_unknown_and_flagged(wrong):
    assert record(ContrastBolusVolume=wrong, ContrastBolusAgent="Omnipaque").contrast_volume_ml is None
    assert ("ecorad.dicom.implausible", "ContrastBolusVolume") in codes(ContrastBolusVolume=wrong)


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("IODINE", "0.08", None),  # 80 mL in L
        ("IODINE", "0.15", None),
        ("IODINE", "0.5", 0.5),  # into a tear duct
        ("GADOLINIUM", "0.015", None),
        ("GADOLINIUM", "0.2", 0.2),  # of a newborn of 2 kg
        (None, "0.08", None),
        (None, "80", 80.0),
    ],
)
def test_a_volume_in_litres_is_not_taken_for_millilitres(kind, written, expected):
    given = {"ContrastBolusVolume": written, **({"ContrastBolusIngredient": kind} if kind else {})}
    assert record(**given).contrast_volume_ml == expected
    assert (("ecorad.dicom.implausible", "ContrastBolusVolume") in codes(**given)) == (expected is None)


def test_the_concentration_element_comes_before_text_and_table():
    instance = record(ContrastBolusAgent="Omnipaque 350", ContrastBolusIngredientConcentration="300")
    assert instance.contrast_concentration_mg_ml == 300.0
    assert instance.contrast_origin == "concentration: ContrastBolusIngredientConcentration"


def test_a_concentration_of_the_salt_is_not_one_of_gadolinium():
    given = {"ContrastBolusAgent": "Omniscan", "ContrastBolusIngredientConcentration": "287"}
    assert record(**given).contrast_concentration_mg_ml == pytest.approx(78.625)
    assert record(**given).contrast_origin == "concentration: product table"
    assert ("ecorad.dicom.implausible", "ContrastBolusIngredientConcentration") in codes(**given)


def test_gadolinium_may_be_in_mmol():
    given = {"ContrastBolusAgent": "Gd", "ContrastBolusIngredientConcentration": "0.5"}
    assert record(**given).contrast_concentration_mg_ml == pytest.approx(78.625)


def test_an_ingredient_names_the_kind_and_contradiction_leaves_it_open():
    assert record(ContrastBolusIngredient="IODINE", ContrastBolusVolume="80").contrast_kind == "iodine"
    two = {"ContrastBolusIngredient": "IODINE", "ContrastBolusAgent": "Omniscan"}
    assert record(**two).contrast_kind is None
    assert ("ecorad.contrast.ambiguous", "ContrastBolusIngredient") in codes(**two)


def test_an_enhanced_ct_has_it_in_a_sequence():
    given = [
        {
            "CodeValue": "109218004",
            "CodingSchemeDesignator": "SCT",
            "CodeMeaning": "Iohexol",
            "ContrastBolusVolume": "150",
            "ContrastBolusIngredientConcentration": "300",
            "ContrastBolusIngredientCodeSequence": [{"CodeValue": "44588005", "CodingSchemeDesignator": "SCT"}],
        }
    ]
    instance = record(SOPClassUID=ENHANCED_CT, ContrastBolusAgentSequence=given)
    assert (instance.contrast_agent, instance.contrast_kind) == ("iohexol", "iodine")
    assert instance.contrast_volume_ml * instance.contrast_concentration_mg_ml / 1000 == 45.0


def test_one_phase_of_a_profile_is_a_volume_and_several_are_none():
    one = [{"ContrastAdministrationProfileSequence": [{"ContrastBolusVolume": "60"}]}]
    two = [{"ContrastAdministrationProfileSequence": [{"ContrastBolusVolume": "60"}, {"ContrastBolusVolume": "40"}]}]
    assert record(ContrastBolusAgentSequence=one).contrast_volume_ml == 60.0
    assert record(ContrastBolusAgentSequence=two).contrast_volume_ml is None


def test_the_injection_lies_near_the_acquisition():
    start = record(ContrastBolusVolume="80", ContrastBolusStartTime="081600").contrast_start_utc
    assert start == datetime(2026, 3, 2, 7, 16, tzinfo=UTC)
    night = {"AcquisitionTime": "000100", "ContrastBolusVolume": "80", "ContrastBolusStartTime": "235900"}
    assert record(**night).contrast_start_utc == datetime(2026, 3, 1, 22, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "confidence"), [("unknown", "low"), ("Onbekend", "low"), ("yes", "low"), ("none", None), ("zonder", None)]
)
def test_unknown_is_not_none(text, confidence):
    """Something may have been given: whoever judges intervals must know of it."""
    assert record(ContrastBolusAgent=text).contrast_confidence == confidence


def test_nothing_written_is_nothing_known():
    instance = record()
    assert (instance.contrast_agent, instance.contrast_confidence, instance.contrast_origin) == (None, None, None)


@pytest.mark.parametrize(
    ("agent", "written", "mg_ml"),
    [
        ("Omnipaque 350", "0.35", 350.0),  # g/mL: a thousandth of what it is; the name of the product says it
        ("Omnipaque", "0.35", None),
        ("Omnipaque", "9", 9.0),  # diluted, to drink
        ("Gadovist", "0.157", 157.25),
    ],
)
def test_a_strength_in_grams_is_not_taken_for_milligrams(agent, written, mg_ml):
    given = {"ContrastBolusAgent": agent, "ContrastBolusIngredientConcentration": written, "ContrastBolusVolume": "100"}
    assert record(**given).contrast_concentration_mg_ml == (None if mg_ml is None else pytest.approx(mg_ml))
    noted = ("ecorad.dicom.implausible", "ContrastBolusIngredientConcentration") in codes(**given)
    assert noted == (float(written) < 1)


@pytest.mark.parametrize("written", ["1e9", "-5", "nan"])
def test_an_impossible_volume_is_unknown_and_the_agent_stays(written):
    given = {"ContrastBolusAgent": "Omnipaque 350", "ContrastBolusVolume": written}
    assert (record(**given).contrast_kind, record(**given).contrast_volume_ml) == ("iodine", None)
    assert any(place == "ContrastBolusVolume" for _, place in codes(**given))
