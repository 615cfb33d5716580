"""The page of safety checks answers as the library does, says loudly when it cannot, and keeps nothing."""

from __future__ import annotations

import html
import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ecorad.cli.app import run
from ecorad.safety import RenalFunction, check_contrast_interval
from ecorad.safety.orders import check_orders
from ecorad.safety.reason import said_in
from ecorad.safety.request import parse_request
from ecorad.service.web.fields import FieldError, Fields
from tests.service.test_pages import pages, token

pytest.importorskip("httpx")
ZONE = ZoneInfo("Europe/Amsterdam")
GIVEN, PLANNED = datetime(2026, 3, 2, 8, tzinfo=ZONE), datetime(2026, 3, 2, 14, tzinfo=ZONE)
LOUD = {"en": "CANNOT ADVISE", "nl": "GEEN ADVIES MOGELIJK", "zh": "无法给出建议"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    site = tmp_path_factory.mktemp("check") / "site"
    assert run(["init", str(site), "--zone", "NL", "--timezone", "Europe/Amsterdam"]) == 0
    return site


@pytest.fixture(scope="module")
def client(folder):
    return pages(folder)


def asked(client, **fields):
    key = token(client.get("/check").text)
    return client.post("/check", data={"token": key, "question": "contrast", "language": "en"} | fields)


def contrast(client, **fields):
    usual = {"previous": "iodine", "previous_at": "2026-03-02T08:00", "next": "gadolinium", "egfr": "45"}
    return asked(client, **(usual | {"next_at": "2026-03-02T14:00"} | fields))


def told(page):
    """What stands in the box of the answer, as text."""
    box = re.search(r'<section class="answer (\w+)".*?</section>', page, re.DOTALL)
    return box[1], html.unescape(re.sub(r"<[^>]+>", " ", box[0]))


CASES = list(itertools.product(("iodine", "gadolinium"), ("iodine", "gadolinium"), ("", "15", "30", "90"), ("none", "residual", "anuric")))  # fmt: skip


@pytest.mark.parametrize(("previous", "following", "egfr", "dialysis"), CASES)
def test_the_answer_is_that_of_the_library(client, previous, following, egfr, dialysis):
    renal = RenalFunction(float(egfr) if egfr else None, None, dialysis)
    advice = check_contrast_interval(
        previous=previous, following=following, egfr=None, previous_at=GIVEN, at=PLANNED, renal=renal
    )
    answer = contrast(client, previous=previous, next=following, egfr=egfr, dialysis=dialysis)
    assert answer.status_code == 200
    verdict, text = told(answer.text)
    assert verdict == advice.verdict
    earliest = advice.earliest and advice.earliest.astimezone(ZONE).strftime("%Y-%m-%d %H:%M CET")
    assert ("Earliest" in text) == (earliest is not None)
    assert earliest is None or earliest in text
    assert all(one in text for one in (advice.rule, advice.rule_set, advice.version, *advice.reasons))
    assert "6.0 h" in answer.text  # the age of the previous injection


@pytest.mark.parametrize("language", ["en", "nl", "zh"])
def test_it_cannot_advise_loudly_in_each_language(client, language):
    answer = contrast(client, egfr="", language=language)
    verdict, text = told(answer.text)
    assert verdict == "cannot_advise"
    assert LOUD[language] in text
    advice = check_contrast_interval(
        previous="iodine", following="gadolinium", egfr=None, previous_at=GIVEN, at=PLANNED
    )
    assert all(said_in(one, language) in text for one in advice.reasons)


@pytest.mark.parametrize("fields", [{"egfr_unit": "mL/min"}, {"egfr_unit": "unknown"}, {"aki": "yes"}, {"egfr": "nan"},
                                    {"egfr": "-1"}, {"egfr": "900"}, {"egfr_at": "2025-03-02T08:00"},
                                    {"previous_at": ""}])  # fmt: skip
def test_what_may_not_be_used_is_no_yes(client, fields):
    assert told(contrast(client, **fields).text)[0] == "cannot_advise"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"egfr": "many"}, "eGFR"),
        ({"previous_at": "yesterday"}, "When it was given"),
        ({"previous": "barium"}, "Given before"),
        ({"next": ""}, "Planned"),
        ({"rule_set": "../../etc"}, "Edition"),
        ({"dialysis": "x" * 100}, "Dialysis"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_nothing_is_answered(client, fields, field):
    answer = contrast(client, **fields)
    assert answer.status_code == 422
    assert field in re.search(r'role="alert"><li>([^<]*)', answer.text)[1]
    assert 'class="answer' not in answer.text


def test_a_clock_change_counts(client):
    """From 20:00 in winter time to 09:00 in summer time are 12 hours, of which the clock shows 13."""
    answer = contrast(
        client, next="iodine", egfr="90", previous_at="2026-03-28T20:00", next_at="2026-03-29T08:30"
    )  # fmt: skip
    verdict, text = told(answer.text)
    assert verdict == "wait"
    assert "2026-03-29 09:00 CEST" in text


def test_in_the_hour_that_comes_twice_no_interval_is_too_long():
    fields = Fields({"at": ["2026-10-25T02:30"]}, ZONE)
    early, late = fields.time("at"), fields.time("at", is_past=True)
    assert late - early == timedelta(hours=1)
    assert early == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert Fields({}, ZONE).time("at") is None
    with pytest.raises(FieldError):
        Fields({"at": ["9999-12-31T23:59-12:00"]}, ZONE).time("at")


ORDERS = {
    "question": "orders", "age_years": "60", "sex": "male", "egfr": "80",
    "modality1": "MR", "region1": "abdomen", "contrast1": "gadolinium", "at1": "2026-03-02T08:00",
    "modality2": "CT", "region2": "abdomen", "contrast2": "iodine", "at2": "2026-03-02T14:00", "indication2": "yes",
}  # fmt: skip


def test_orders_are_answered_as_the_command_does(client, folder, tmp_path, capsys):
    orders = [
        {"id": "1", "modality": "MR", "body_region": "abdomen", "contrast": "gadolinium", "at": "2026-03-02T08:00+01:00"},
        {"id": "2", "modality": "CT", "body_region": "abdomen", "contrast": "iodine", "at": "2026-03-02T14:00+01:00",
         "indication": True},
    ]  # fmt: skip
    request = {"patient": {"age_years": 60, "sex": "male", "egfr": 80}, "orders": orders}
    (tmp_path / "request.json").write_text(json.dumps(request), "utf-8")
    assert run(["check", "order", str(tmp_path / "request.json"), "--site", str(folder), "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    answer = asked(client, **ORDERS)
    verdict, text = told(answer.text)
    assert (verdict, verdict) == (expected["verdict"], "change")
    assert "2 → 1" in text
    assert all(one in text for one in expected["reasons"])
    assert answer.text.count('<section class="part') == len(expected["answers"])
    assert "arms: not known" in answer.text
    assert "pacemaker" in answer.text


def test_each_field_of_an_order_reaches_the_check(client):
    """Whatever is ticked or chosen changes the answer as the same word does in the request."""
    breast = {"modality1": "MR", "region1": "breast", "contrast1": "gadolinium", "has_plain1": "yes", "sex": "female"}
    cases = [
        ({"done1": "yes"}, "gadolinium may be misread on this CT"),
        ({"given1": "gadolinium", "given_at1": "2026-03-02T07:00"}, "4 h between gadolinium and gadolinium"),
        ({"given2": "iodine"}, "time of the previous injection is not known"),
        ({"sex": "female", "age_years": "30", "pregnancy": "possible"}, "a pregnancy is possible"),
        ({"age_years": "9"}, "a child"),
        ({"indication2": ""}, "no indication is given"),
        ({"shoulders_ok": "no"}, "cannot lift the arms"),
        ({"shoulders_ok": "yes", "breath_hold_ok": "yes"}, "arms up"),
        ({"metformin": "yes"}, "metformin is a rule of its own"),
        ({"modality3": "CT", "region3": "abdomen", "contrast3": "iodine", "at3": "2026-03-05T14:00"}, "look alike"),
        (breast | {"last_period": "2026-03-01", "at1": "2026-03-02T08:00"}, "cycle day 2 lies before 7"),
        (breast | {"last_period": "2026-02-10", "cycle_length_days": "28"}, "the next window is an estimate"),
        (breast | {"has_no_cycle": "yes"}, "any day will do"),
    ]
    plain = html.unescape(asked(client, **ORDERS).text)
    for fields, sentence in cases:
        assert sentence not in plain, sentence
        assert sentence in html.unescape(asked(client, **(ORDERS | fields)).text), sentence
    alike = asked(client, **(ORDERS | cases[9][0] | {"follow_up3": "yes"})).text
    assert "look alike" not in alike


def test_radiation_alone(client):
    answer = asked(client, **(ORDERS | {"radiation_only": "yes"}))
    assert told(answer.text)[0] == "ok"
    assert "may be misread" not in answer.text


def test_an_order_without_its_kind_or_a_time_without_its_agent_is_told(client):
    for fields in ({"region3": "head"}, {"given_at1": "2026-03-02T07:00"}):
        answer = asked(client, **(ORDERS | fields))
        assert answer.status_code == 422
        assert "must be given" in answer.text


def test_the_form_asks_what_the_command_asks(folder):
    """Every field of the page's request is one that the library knows."""
    from ecorad.service.web.check import request_of

    fields = Fields({name: [value] for name, value in ORDERS.items()}, ZONE)
    found = check_orders(parse_request(request_of(fields)))
    assert found.sequence == ("2", "1")


CHOICE = {"question": "choice", "age_years": "60", "sex": "male", "indication": "yes", "modality1": "CT",
          "exam1": "ct_chest", "answers1": "yes", "modality2": "DX", "exam2": "xr_chest", "answers2": "yes"}  # fmt: skip


def test_a_choice_of_tests_is_that_of_the_command(client, tmp_path, capsys):
    tests = [{"id": "1", "modality": "CT", "exam": "ct_chest", "answers": True},
             {"id": "2", "modality": "DX", "exam": "xr_chest", "answers": True}]  # fmt: skip
    request = {"patient": {"age_years": 60, "sex": "male"}, "indication": True, "candidates": tests}
    (tmp_path / "choice.json").write_text(json.dumps(request), "utf-8")
    assert run(["check", "choice", str(tmp_path / "choice.json"), "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    answer = asked(client, **CHOICE)
    verdict, text = told(answer.text)
    assert (verdict, expected["suggested"]) == ("choice", "2")
    assert "Test 2" in text
    assert "surely the least dose" in text
    assert "6.1 (" in answer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"answers1": "", "answers2": ""}, "No test is said to answer"),
        ({"exam2": ""}, "no sourced dose is known"),
        ({"modality2": "MR", "exam2": "", "modality1": "US", "exam1": ""}, "No sourced number tells"),
    ],
)
@pytest.mark.parametrize("language", ["en", "nl", "zh"])
def test_nothing_is_suggested_where_nothing_can_be(client, fields, sentence, language):
    answer = asked(client, **(CHOICE | fields | {"language": language}))
    verdict, text = told(answer.text)
    assert verdict == "cannot_advise"
    assert language != "en" or sentence in text


def test_a_suggestion_never_hides_what_radiation_asks(client):
    verdict, text = told(asked(client, **(CHOICE | {"age_years": "", "indication": ""})).text)
    assert verdict == "change"
    assert "Not before this is settled" in text
    assert "the patient's age is not known" in text
    assert "no indication is given" in text


def test_one_test_is_no_choice(client):
    assert asked(client, **(CHOICE | {"modality2": ""})).status_code == 422
    assert "ecorad.advice.request" in asked(client, **(CHOICE | {"exam1": "x"})).text


def test_only_a_form_of_our_own_is_answered(client):
    assert client.post("/check", data={"question": "contrast"}).status_code == 403
    assert client.post("/leaflet", data={"modality": "CT", "token": "guess"}).status_code == 403
    assert client.post("/check", content=b"x" * 20000).status_code == 413
    page = client.get("/check", headers={"host": "evil.example"})
    assert page.status_code == 400


def test_nothing_that_was_typed_reaches_disk_or_log(client, folder, caplog):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    contrast(client, egfr="77.125")
    asked(client, **ORDERS)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert "77.125" not in caplog.text


def test_from_elsewhere_it_may_be_asked_and_shows_no_way_to_a_patient(folder):
    client = pages(folder, can_change=False)
    answer = contrast(client)
    assert told(answer.text)[0] == "ok"
    assert 'href="/patient"' not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "script" not in answer.headers["content-security-policy"]


def test_what_is_typed_is_shown_again_and_escaped(client):
    answer = contrast(client, egfr='"><b>1')
    assert answer.status_code == 422
    assert "<b>1" not in answer.text
    assert "&#34;&gt;&lt;b&gt;1" in answer.text


def test_rules_that_cannot_be_used_answer_nothing(tmp_path):
    site = tmp_path / "site"
    assert run(["init", str(site), "--zone", "NL", "--timezone", "Europe/Amsterdam"]) == 0
    rules = site / "rules" / "contrast_intervals" / "own.toml"
    rules.parent.mkdir(parents=True)
    rules.write_text("id = 1", "utf-8")
    client = pages(site)
    assert "ecorad.rules.local" in client.get("/check").text
    answer = contrast(client)
    assert (answer.status_code, 'class="answer' in answer.text) == (422, False)
    assert LOUD["en"] in answer.text
    assert client.post("/leaflet", data={"token": token(client.get("/leaflet").text), "modality": "MR", "language": "en"}).status_code == 422  # fmt: skip


@pytest.mark.parametrize(("language", "word"), [("en", "natural background"), ("nl", "achtergrond"), ("zh", "本底")])
def test_a_leaflet_is_made_for_an_examination(client, language, word):
    page = client.get("/leaflet").text
    fields = {"modality": "CT", "region": "chest", "contrast": "iodine", "exam": "ct_chest", "language": language}
    answer = client.post("/leaflet", data={"token": token(page)} | fields)
    assert answer.status_code == 200
    assert word in html.unescape(answer.text)
    assert "dose.card.ct_chest" in answer.text


def test_a_leaflet_that_cannot_be_is_not_made(client):
    key = token(client.get("/leaflet").text)
    for fields in ({"modality": "US", "contrast": "gadolinium"}, {"modality": "MR", "exam": "ct_chest"}, {"modality": "CT", "exam": "x"}, {"modality": "??"}):  # fmt: skip
        answer = client.post("/leaflet", data={"token": key, "language": "en"} | fields)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
