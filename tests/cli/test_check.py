"""``ecorad check``: the answers of the library, as JSON and in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecorad.cli.app import run
from ecorad.safety import RenalFunction, check_contrast_interval
from ecorad.safety.orders import check_dose, check_orders
from ecorad.safety.request import parse_request

AT = ("--previous-at", "2026-03-02T08:00+01:00", "--next-at", "2026-03-02T20:00+01:00")
PAIR = ("check", "contrast", "--previous", "iodine", "--next", "iodine")


def test_the_command_gives_what_the_library_gives(told):
    answer = told(*PAIR, *AT, "--egfr", 61, "--egfr-at", "2026-02-27T08:00+01:00", "--metformin")
    advice = check_contrast_interval(
        previous="iodine",
        following="iodine",
        egfr=61.0,
        previous_at=datetime.fromisoformat(AT[1]),
        at=datetime.fromisoformat(AT[3]),
        renal=RenalFunction(61.0, datetime.fromisoformat("2026-02-27T08:00+01:00")),
        metformin=True,
    )
    assert answer == advice.as_dict()
    assert (answer["verdict"], answer["earliest"]) == ("ok", "2026-03-02T19:00:00+00:00")
    assert {"verdict", "earliest", "rule", "rule_set", "reasons"} <= set(answer)


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        (("--egfr", 61, "--rule-set", "esur-10.0-2018"), "ok"),
        (("--egfr", 30, "--rule-set", "esur-10.0-2018"), "wait"),
        (("--dialysis", "anuric", "--rule-set", "esur-10.0-2018"), "cannot_advise"),
        ((), "cannot_advise"),
        (("--egfr", 90, "--aki"), "cannot_advise"),
        (("--egfr", 90, "--egfr-unit", "mL/min"), "cannot_advise"),
        (("--egfr", 90, "--egfr-at", "2025-03-02T08:00+01:00"), "cannot_advise"),
        (("--egfr", "nan"), "cannot_advise"),
    ],
)
def test_verdicts(told, options, verdict):
    assert told(*PAIR, *AT, *options)["verdict"] == verdict


def test_times_without_offset_stay_on_the_clock_of_the_caller(told):
    times = ("--previous-at", "2026-03-02T08:00", "--next-at", "2026-03-02T20:00")
    answer = told(*PAIR, *times, "--egfr", 61)
    assert (answer["verdict"], answer["earliest"]) == ("ok", "2026-03-02T20:00:00")
    assert "no UTC offset" in answer["reasons"][-1]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--previous-at", "2026-03-02T08:00", "--next-at", "2026-03-02T20:00Z"),
        ("--previous-at", "yesterday"),
        (*AT, "--dialysis", "sometimes"),
        (*AT, "--rule-set", "esur-1999"),
    ],
)
def test_wrong_use_is_told_with_a_code(told, wrong):
    assert told(*PAIR, *wrong, "--egfr", 61, status=2)["error"]["code"].startswith("ecorad.")


def test_words_for_people(capsys):
    assert run([*PAIR, *AT]) == 0
    printed = capsys.readouterr().out
    assert "CANNOT ADVISE" in printed
    assert "the eGFR is not known" in printed


def test_the_earliest_time_is_utc(told):
    answer = told(*PAIR, *AT[:2], "--egfr", 61)
    assert datetime.fromisoformat(answer["earliest"]) == datetime(2026, 3, 2, 19, tzinfo=UTC)
    assert answer["verdict"] == "wait"


REQUEST = {
    "patient": {"age_years": 60, "sex": "male", "egfr": 80},
    "orders": [
        {"id": "mr", "modality": "MR", "body_region": "abdomen", "contrast": "gadolinium", "at": "2026-03-02T08:00"},
        {
            "id": "ct",
            "modality": "CT",
            "body_region": "abdomen",
            "contrast": "iodine",
            "at": "2026-03-02T14:00",
            "indication": True,
        },
    ],
}


@pytest.mark.parametrize(("what", "check"), [("order", check_orders), ("dose", check_dose)])
def test_orders_are_checked_as_the_library_does(told, tmp_path, what, check):
    file = tmp_path / "request.json"
    file.write_text(json.dumps(REQUEST), "utf-8")
    answer = told("check", what, file)
    assert answer == check(parse_request(REQUEST)).as_dict()
    assert answer["verdict"] == {"order": "change", "dose": "ok"}[what]


def test_orders_in_words(capsys, tmp_path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps(REQUEST), "utf-8")
    assert run(["check", "order", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "Do it another way" in printed
    assert "ct, mr" in printed


def test_a_request_that_is_no_json(told, tmp_path):
    file = tmp_path / "request.json"
    file.write_text("[" * 100_000, "utf-8")
    assert told("check", "order", file, status=2)["error"]["code"] == "ecorad.safety.request"


def test_a_choice_of_tests_as_the_how_to_has_it(told, tmp_path, capsys):
    text = (Path(__file__).parents[2] / "docs/how-to/check-contrast.md").read_text("utf-8")
    request = tmp_path / "choice.json"
    request.write_text(text.split("choice.json\n```")[1].split("```json")[1].split("```")[0])
    answer = told("check", "choice", request)
    assert (answer["suggested"], answer["rule"]) == ("film", "dose")
    assert [one["consequential_kg"]["value"] for one in answer["candidates"]] == [None] * 3
    assert run(["check", "choice", str(request)]) == 0
    assert "unknown" in capsys.readouterr().out
