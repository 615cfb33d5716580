"""Dose in the statement and on its pages: counted once, in the unit people say, in three languages."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from ecorad.factors import book
from ecorad.footprint.dose.background import background_of
from ecorad.footprint.dose.phases import grouped, phases_of
from ecorad.footprint.dose.study import study_doses
from ecorad.footprint.dose.tube_current import size_curves
from ecorad.intake.pipeline import ingest
from ecorad.ledger import Workspace
from ecorad.model import InputError, Quantity
from ecorad.reporting.audit import audit
from ecorad.reporting.html import render
from ecorad.reporting.messages import LANGUAGES, messages
from ecorad.reporting.patient_dose import IONISING, PatientExam, patient_page
from ecorad.reporting.published_schema import audit_schema, undocumented_keys
from ecorad.reporting.reader import Reader
from ecorad.reporting.sections.dose import _left_out, dose, stopped
from ecorad.reporting.sections.dose_phases import phases, phases_note
from ecorad.reporting.sections.dose_size import size, size_note
from ecorad.reporting.statement.dose import _not_converted
from ecorad.reporting.statement.dose_phases import phases_section
from ecorad.reporting.statement.dose_size import size_section
from tests.footprint.dose.made import columns, ct, dx
from tests.intake.dose_sr.made import CODE, ct_event, ct_totals, item, report
from tests.journeys.workspace import new_workspace
from tests.reporting.samples import sample

CHEST = item(CODE, "DCM:123014", "SRT:T-D3000")
LEVELS = """modality,body_region,age_band,quantity,level,protocol,source,year
CT,chest,adult,dlp_mgy_cm,90,,A national table,2024
"""


def scan(number, dlp, *more):
    event = ct_event(f"1.9.{number}", f"{dlp}", "UCUM:mGy.cm", CHEST, *more)
    uids = {"sop": f"1.2.3.{number}", "study": f"1.2.4.{number}", "SeriesInstanceUID": f"1.2.5.{number}"}
    return report([ct_totals("1", f"{dlp}"), event], PatientAge="050Y", **uids)


@pytest.fixture(scope="module")
def statement(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dose")
    workspace = Workspace.open(new_workspace(folder, zone="US"))
    (workspace.path / "reference-levels.csv").write_text(LEVELS)
    again = item(CODE, "DCM:128551", "SCT:373066001"), item(CODE, "DCM:128552", "DCM:128553")
    objects = [scan(number, 100 + number) for number in range(24)] + [scan(99, 110, *again)]
    for number, data in enumerate(objects):
        (folder / f"{number}.dcm").write_bytes(data)
    ingest(workspace, sorted(folder.glob("*.dcm")), workers=1)
    return audit(workspace).statement


def test_the_section_follows_the_schema(statement):
    errors = jsonschema.Draft202012Validator(audit_schema()).iter_errors(statement)
    assert [error.json_path for error in errors] == []
    assert undocumented_keys(statement) == []


def test_doses_are_summed_and_set_beside_level_and_background(statement):
    found = statement["dose"]
    assert (found["studies"], found["events"]) == (25, 25)
    (row,) = found["quantities"]
    assert (row["modality"], row["body_region"], row["median"]) == ("CT", "chest", 111.0)
    # The study in the middle, 111 mGy.cm, by the chest's 0.014 mSv/(mGy.cm); 3.0 mSv a year in the US.
    assert found["effective"]["median_msv"]["value"] == pytest.approx(111 * 0.014)
    assert found["effective"]["median_background_days"] == pytest.approx(111 * 0.014 / 3 * 365)
    (level,) = found["reference_levels"]
    assert (level["exams"], level["median"], level["standing"]) == (25, 111.0, "above")
    assert found["alerts"] == []


def test_repeats_say_their_cause(statement):
    (row,) = statement["dose"]["repeats"]
    assert (row["exposures"], row["stated"], row["floor"]) == (25, 1, 0.04)
    assert row["causes"] == [{"cause": "patient motion", "count": 1}]


def test_every_factor_of_the_section_has_its_row(statement):
    rows = {row["id"] for row in statement["factors"]}
    assert {"dose.k.chest.adult", "dose.background.US"} <= rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_it(statement, language):
    page = render(statement, language)
    assert messages(language).text("dose.title") in page
    assert "mGy·cm" in page


def test_a_statement_without_dose_has_no_such_section():
    assert dose(Reader(sample("department") | {"dose": {"studies": 0}})) is None
    assert dose(Reader({**sample("department"), "dose": None})) is None


def exam(modality="CT", msv=7.0, country="US", **facts):
    quantity = None if msv is None else Quantity(msv, "mSv", low=msv * 0.67, high=msv * 1.76)
    return PatientExam(modality, facts.pop("region", "chest"), quantity, background_of(country, book()), **facts)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</head>")[1]))


def test_a_patient_is_told_dose_and_time_of_background():
    told = words(patient_page(exam()))
    assert "about 7 mSv (between 5 and 12)" in told
    assert "28 months of natural background radiation, which is 3 mSv a year in this country" not in told
    assert "2 years of natural background" in told


def test_a_country_without_its_own_background_is_told_so():
    assert "as the world's average" in words(patient_page(exam(country="CN"))).replace("&#39;", "'")


@pytest.mark.parametrize(("msv", "time"), [(0.001, "less than a day"), (0.1, "12 days"), (1.6, "6 months")])
def test_time_is_said_at_a_glance(msv, time):
    assert time in words(patient_page(exam(msv=msv)))


def test_an_unknown_dose_is_said_to_be_unknown_and_what_was_written_is_shown():
    told = words(patient_page(exam("XA", None, recorded=(("dose_area_product_gy_m2", 1.5e-3),))))
    assert "cannot be told" in told
    assert "15 Gy·cm²" in told.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("modality", ["MR", "US"])
def test_what_does_not_ionise_has_no_dose(language, modality):
    page = patient_page(exam(modality, None, region="head"), language)
    assert messages(language).text("patient_dose.uses_none") in page
    assert "mSv" not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("modality", sorted(IONISING))
def test_no_page_tells_a_risk(language, modality):
    told = words(patient_page(exam(modality), language)).casefold()
    assert not any(word in told for word in ("cancer", "risk", "kanker", "risico", "癌", "风险"))


def test_an_unknown_modality_is_refused():
    with pytest.raises(InputError) as refused:
        patient_page(exam("XX"))
    assert refused.value.code == "ecorad.dose.modality"


def test_steps_broken_off_stand_by_room_and_cause_in_each_language():
    row = {"device": "d", "alias": "CT 1", "ended": 20, "stopped": 3}
    causes = [{"cause": "patient refused", "count": 2}, {"cause": "not said", "count": 1}]
    for language, word in (("en", "patient refused 2"), ("nl", "patiënt weigerde 2"), ("zh", "患者拒绝 2")):
        shown = stopped(Reader(sample("department"), language), [{**row, "causes": causes}])
        (cells,) = shown.rows
        assert cells[:2] == ("CT 1", "20")
        assert "15" in cells[2]
        assert word in cells[3]
    assert stopped(Reader(sample("department")), []) is None


def without_dose(**parts):
    statement = json.loads(json.dumps(sample("dicom_only")))
    statement["dose"] = {"studies": 0, "events": 0, "stopped": [], "repeats": [], **parts}
    return statement


def test_steps_broken_off_are_on_the_page_where_no_study_tells_a_dose():
    row = {"device": "d", "alias": "MR 1", "ended": 20, "stopped": 3, "causes": [{"cause": "not said", "count": 3}]}
    for language in LANGUAGES:
        text = render(without_dose(stopped=[row]), language)
        assert messages(language).text("dose.title_without") in text
        assert messages(language).text("dose.stopped") in text
        assert messages(language).text("dose.no_risk") not in text, "no dose is spoken of"
    assert dose(Reader(without_dose())) is None


def phased():
    """Two phases of one chest, as the statement has them."""
    event = {"body_region": "chest", "event_type": "spiral", "scan_length_mm": 300.0, "irradiation_s": 5.0}
    rows = [ct("s", dlp, started_utc=f"2026-03-02T08:0{n}:00", **event) for n, dlp in enumerate((300.0, 500.0))]
    found = phases_of(columns("irradiation_event", *rows), book())
    return phases_section(found, grouped(found, {"s": 0.5}), {"ct-1": "CT 1"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_phases_are_on_the_page_and_a_person_must_judge(language):
    content = phased()
    assert (content["regions"], content["multi_phase"], content["not_told"]) == (1, 1, 0)
    reader = Reader(sample("department"), language)
    (cells,) = phases(reader, content).rows
    assert cells[0] == "CT 1"
    assert cells[6].known
    assert cells[7].known
    assert {"en": "radiologist must judge", "nl": "radioloog beoordelen", "zh": "放射科医生判断"}[
        language
    ] in phases_note(reader, content)
    assert phases(reader, {**content, "groups": []}) is None


def sized(per_cm):
    rows = [
        ct(f"s{n}", 100.0, patient_key=f"p{n}", ctdi_vol_mgy=10 * 2.718281828 ** (per_cm * (n - 15)), water_equivalent_diameter_mm=200.0 + 10 * n)
        for n in range(30)
    ]  # fmt: skip
    return size_section(size_curves(columns("irradiation_event", *rows)), {"ct-1": "CT 1"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("per_cm", "said"), [(0.0, "fixed"), (0.05, "follows")])
def test_a_protocol_that_does_not_follow_size_is_on_the_page(language, per_cm, said):
    reader = Reader(sample("department"), language)
    (cells,) = size(reader, sized(per_cm)).rows
    assert cells[:2] == ("CT 1", "Thorax")
    assert cells[6] == reader.text(f"dose_size.{said}")
    content = sized(per_cm)
    content["protocols"][0]["protocol"] = None
    assert size(reader, content).rows[0][1] == reader.text("dose_size.not_shown")


def test_scans_that_tell_no_size_are_counted_and_not_judged():
    reader = Reader(sample("department"))
    content = {"scans_with_size": 0, "scans_without_size": 7, "protocols": []}
    assert size(reader, content) is None
    assert "7 CT scans tell none" in size_note(reader, content)
    assert size_note(reader, {**content, "scans_without_size": 0}) == ""


def test_what_has_no_conversion_is_counted_by_modality_and_said():
    rows = [
        ct("ct", 100.0),
        dx("xa", "2026-03-02T08:00:00", modality="XA", dose_area_product_gy_m2=1e-3),
        dx("mg", "2026-03-02T09:00:00", modality="MG", average_glandular_dose_mgy=1.2, laterality="left"),
        dx("mg2", "2026-03-02T09:00:00", modality="MG", average_glandular_dose_mgy=1.2, laterality="right"),
        dx("none", "2026-03-02T09:00:00", dose_area_product_gy_m2=0.0),
    ]
    doses = study_doses(columns("irradiation_event", *rows), columns("dose_report"))
    assert _not_converted(doses) == [{"modality": "MG", "studies": 2}, {"modality": "XA", "studies": 1}]
    for language in LANGUAGES:
        reader = Reader(sample("department"), language)
        said = _left_out(reader, {"not_converted": _not_converted(doses)})
        assert f"{reader.named('modality', 'MG')} 2" in said
        assert "3" in said
        assert _left_out(reader, {}) == ""
