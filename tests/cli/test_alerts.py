"""``ecorad alerts`` and ``ecorad patient`` over a small ledger of dose reports."""

from __future__ import annotations

import json
import stat

import pytest

from ecorad.cli.app import run
from tests.intake.dose_sr.made import CODE, ct_event, ct_totals, item, report

CHEST = item(CODE, "DCM:123014", "SRT:T-D3000")
LEVELS = """modality,body_region,age_band,quantity,level,protocol,source,year
CT,chest,adult,dlp_mgy_cm,90,,A national table,2024
"""


def scan(number, dlp):
    protocol = item("TEXT", "DCM:125203", "Thorax")
    event = ct_event(f"1.9.{number}", f"{dlp}", "UCUM:mGy.cm", CHEST, protocol)
    uids = {"sop": f"1.2.3.{number}", "study": f"1.2.4.{number}", "SeriesInstanceUID": f"1.2.5.{number}"}
    return report([ct_totals("1", f"{dlp}"), event], PatientAge="050Y", **uids)


@pytest.fixture
def site(tmp_path):
    """Twenty-four scans like each other and one of nine times their dose, in a room called CT 1."""
    folder = tmp_path / "site"
    assert run(["init", str(folder), "--zone", "US", "--timezone", "America/New_York"]) == 0
    with (folder / "site.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[device]]\nserial = "77"\nalias = "CT 1"\nmodality = "CT"\n')
    for number in range(24):
        (tmp_path / f"{number}.dcm").write_bytes(scan(number, 100 + number))
    (tmp_path / "99.dcm").write_bytes(scan(99, 900))
    assert run(["ingest", str(folder), *map(str, sorted(tmp_path.glob("*.dcm"))), "--workers", "1"]) == 0
    return folder


def test_a_cause_is_told_once_and_stays_until_seen(site, told):
    first = told("alerts", site)
    (one,) = first["alerts"]
    assert (one["room"], one["kind"], one["value"], first["new"]) == ("CT 1", "high_dose", 900.0, 1)
    again = told("alerts", site)
    assert [row["id"] for row in again["alerts"]] == [one["id"]]
    assert (again["new"], again["alerts"][0]["is_new"]) == (0, False)
    assert told("alerts", site, "--seen", one["id"])["alerts"] == []
    (seen,) = told("alerts", site, "--all")["alerts"]
    assert seen["seen_on"] is not None
    assert told("alerts", site)["new"] == 0


def test_the_memory_is_for_its_owner_alone(site, told):
    told("alerts", site)
    assert stat.S_IMODE((site / "ledger" / "alerts.json").stat().st_mode) == 0o600


def test_an_alert_goes_to_its_room(site, told):
    assert told("alerts", site, "--room", "CT 2")["alerts"] == []
    assert len(told("alerts", site, "--room", "CT 1")["alerts"]) == 1


def test_a_median_above_its_level_is_told_once(site, told):
    told("alerts", site)
    (site / "reference-levels.csv").write_text(LEVELS)
    answer = told("alerts", site)
    assert answer["new"] == 1
    (level,) = [row for row in answer["alerts"] if row["is_new"]]
    assert (level["kind"], level["study"], level["value"], level["usual"]) == ("above_level", None, 112.0, 90.0)
    assert told("alerts", site)["new"] == 0


def test_what_no_longer_holds_is_said_and_not_forgotten(site, told):
    (site / "reference-levels.csv").write_text(LEVELS)
    told("alerts", site)
    (site / "reference-levels.csv").write_text(LEVELS.replace(",90,", ",200,"))
    rows = {row["kind"]: row["holds"] for row in told("alerts", site)["alerts"]}
    assert rows == {"high_dose": True, "above_level": False}


def test_a_patient_above_a_bound_of_the_site_is_told_once(site, told):
    """All scans are of one patient: 24 of 100 to 123 mGy.cm and one of 900, by 0.014 mSv/(mGy.cm): 50.064 mSv."""
    assert {row["kind"] for row in told("alerts", site, "--above-msv", "51")["alerts"]} == {"high_dose"}
    (one,) = [row for row in told("alerts", site, "--above-msv", "50")["alerts"] if row["is_new"]]
    assert (one["kind"], one["room"], one["unit"], one["usual"]) == ("cumulative_dose", "CT 1", "mSv", 50.0)
    assert one["value"] == pytest.approx((sum(range(100, 124)) + 900) * 0.014)
    assert told("alerts", site, "--above-msv", "50")["new"] == 0
    assert all(row["holds"] for row in told("alerts", site)["alerts"])  # not looked for is not refuted
    assert told("alerts", site, "--above-msv", "0", status=2)["error"]["code"] == "ecorad.alerts.bound"


def test_an_id_that_no_alert_has_is_refused(site, told):
    assert told("alerts", site, "--seen", "nothing", status=2)["error"]["code"] == "ecorad.alerts.not_found"


@pytest.mark.parametrize("text", ["", "{", '{"alerts": [{}]}', "[]"])
def test_a_damaged_memory_makes_no_old_alert_new(site, told, text):
    told("alerts", site)
    (site / "ledger" / "alerts.json").write_text(text)
    assert told("alerts", site, status=3)["error"]["code"] == "ecorad.alerts.unreadable"
    assert (site / "ledger" / "alerts.json").read_text() == text


def test_the_screen_says_where_and_what(site, capsys):
    assert run(["alerts", str(site)]) == 0
    shown = capsys.readouterr().out
    assert "CT 1" in shown
    assert "high dose" in shown
    assert "(new)" in shown


@pytest.mark.parametrize(("language", "word"), [("en", "Your dose was about"), ("nl", "mSv"), ("zh", "mSv")])
def test_a_patient_page_is_written_in_each_language(site, told, language, word):
    answer = told("patient", site, "1.2.4.5", "--language", language)
    page = (site / "out").joinpath(answer["page"].rpartition("/")[2]).read_text("utf-8")
    # 105 mGy.cm by the chest's 0.014 mSv/(mGy.cm), in a country of 3.0 mSv a year.
    assert answer["effective_dose_msv"] == pytest.approx(105 * 0.014)
    assert answer["background_days"] == pytest.approx(105 * 0.014 / 3.0 * 365)
    assert word in page
    assert f'lang="{language}"' in page
    assert "1.2.4.5" not in page + answer["page"]
    assert "P1" not in page


def test_the_key_of_a_study_and_its_uid_give_the_same_page(site, told, tmp_path):
    assert run(["export", str(site), "study", "--format", "jsonl", "-o", str(tmp_path / "s.jsonl")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    by_key = {told("patient", site, row["study_key"])["effective_dose_msv"] for row in rows}
    assert told("patient", site, "1.2.4.99")["effective_dose_msv"] in by_key
    assert len(by_key) == 25


def test_a_study_that_is_not_there_is_refused_without_being_named(site, told):
    error = told("patient", site, "1.2.840.999", status=2)["error"]
    assert error["code"] == "ecorad.dose.study"
    assert "999" not in error["message"]


def test_a_language_that_is_not_spoken_is_refused(site, told):
    assert told("patient", site, "1.2.4.5", "--language", "fr", status=2)["error"]["code"] == "ecorad.input.language"
