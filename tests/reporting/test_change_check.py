"""Dose, contrast and rejects before and after a change, out of the columns of a ledger and of a made-up scanner."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from ecorad.factors import book
from ecorad.model import Site
from ecorad.model.site_change import ChangeEntry
from ecorad.reporting.change_check.build import verify_change
from ecorad.reporting.change_check.inputs import Scanner, _by_day, day_number, studies
from ecorad.reporting.change_check.page import render_change
from ecorad.reporting.change_check.statement import change_statement
from ecorad.reporting.change_check.words import reader_of, reasons
from ecorad.verification.measures import Days, Exams

FIRST = date(2026, 1, 5)
ON = FIRST + timedelta(days=40)
COUNT = 80


def scanner(*, dose=0.7, contrast=0.8, rejected=(0.03, 0.03), exams=15, dose_known=True):
    """80 days of CT: dose and contrast fall to a share of what they were on day 40."""
    random = np.random.default_rng(4)
    first = day_number(FIRST)
    day = np.repeat(np.arange(first, first + COUNT), exams)
    late = day >= first + 40
    count = len(day)
    nothing = np.full(COUNT, np.nan)
    region = random.choice(["head", "chest"], count)
    msv = np.where(region == "head", 2.0, 6.0) * random.lognormal(0, 0.3, count) * np.where(late, dose, 1.0)
    return Scanner(
        key="k1-ct",
        alias="CT 1",
        modality="CT",
        accuracy_percent=2.0,
        meters=(),
        days=Days(
            day=np.arange(first, first + COUNT),
            kwh=nothing,
            off_hours_kwh=nothing,
            read_share=np.zeros(COUNT),
            exams=np.full(COUNT, float(exams)),
            minutes=nothing,
        ),
        exams=Exams(
            day=day,
            region=region.astype(object),
            minutes=np.full(count, np.nan),
            kwh=np.full(count, np.nan),
            contrast_ml=80 * random.lognormal(0, 0.1, count) * np.where(late, contrast, 1.0),
            dose_msv=msv if dose_known else np.full(count, np.nan),
        ),
        is_rejected=random.random(count) < np.where(late, rejected[1], rejected[0]),
    )


def told(one, **entry):
    history = SimpleNamespace(scanner=lambda name: one, first=FIRST, last=FIRST + timedelta(days=COUNT - 1), audit={})
    change = ChangeEntry(name="low dose", device="CT 1", on=ON, **entry)
    site = Site(name="x")
    return change_statement(verify_change(history, change, site, book()), site)


def measure(found, name):
    return next(row for row in found["measures"] if row["measure"] == name)


def test_dose_and_contrast_fall_and_rejects_do_not_rise():
    found = told(scanner(exams=40), claim_of="dose_msv_per_exam", claim_percent=20)
    dose, contrast = (measure(found, f"{name}_per_exam") for name in ("dose_msv", "contrast_ml"))
    assert dose["change_share"]["low"] <= -0.3 <= dose["change_share"]["high"] < -0.2
    assert contrast["change_share"]["low"] <= -0.2 <= contrast["change_share"]["high"] < 0
    assert (dose["quality"], dose["issues"], dose["claim"]["verdict"]) == ("no_rise", [], "met")
    assert dose["change"]["origin"] == "modelled" and contrast["change"]["origin"] == "reported"


def test_more_rejects_spoil_it():
    found = told(scanner(rejected=(0.03, 0.12)))
    dose = measure(found, "dose_msv_per_exam")
    assert (dose["quality"], dose["issues"]) == ("rise", ["ecorad.verify.rejects_rose"])
    reader = reader_of(found, "en")
    assert any("no reduction counts at this price" in line for line in reasons(reader, found))
    assert "does not count" in render_change(found)


def test_few_exams_cannot_rule_a_rise_out():
    dose = measure(told(scanner(exams=5, rejected=(0.1, 0.1))), "dose_msv_per_exam")
    assert (dose["quality"], dose["issues"]) == ("not_shown", ["ecorad.verify.rejects_not_shown"])


def test_rejects_that_nobody_wrote_down_are_unknown():
    found = told(scanner(rejected=(0.0, 0.0)))
    assert found["rejects"]["quality"] == "unknown" and found["rejects"]["difference"] is None


def test_one_region_alone():
    found = told(scanner(), body_regions=("head",))
    row = measure(found, "dose_msv_per_exam")
    assert row["baseline"] == pytest.approx(2.0 * np.exp(0.045), rel=0.1)
    assert row["rows_before"] < 40 * 15


def test_without_a_meter_no_energy_is_told_and_none_saved():
    found = told(scanner(dose_known=False))
    assert measure(found, "kwh_per_day")["refused"] == ["ecorad.verify.no_records"]
    assert measure(found, "dose_msv_per_exam")["refused"] == ["ecorad.verify.no_records"]
    assert found["saved"]["kwh"] == found["saved"]["kwh"] | {"value": None, "reason": "no_reduction_shown"}


def ledger(**tables):
    """Columns of a ledger; of events those that doses need are empty."""
    return SimpleNamespace(columns=lambda name, wanted=None: tables[name])


def events(*rows):
    names = ("study_key", "is_repeated", "is_rejected", "body_region", "age_band", "patient_sex", "phantom", "modality")
    found = {name: np.array([row.get(name) for row in rows], dtype=object) for name in names}
    return found | {"dlp_mgy_cm": np.array([row.get("dlp", np.nan) for row in rows], dtype=float)}


def test_what_the_ledger_says_ofstudies():
    ct = {"modality": "CT", "body_region": "chest", "age_band": "adult"}
    found = studies(
        ledger(
            study={"study_key": ["a", "b"], "body_region": ["chest", None]},
            irradiation_event=events(
                ct | {"study_key": "a", "dlp": 500.0, "is_repeated": None},
                ct | {"study_key": "b", "is_rejected": True},
                ct | {"study_key": "c", "is_repeated": False},
            ),
            rejection={"study_key": ["d", "e"], "kind": ["quality", "patient_safety"]},
            administration={
                "study_key": ["a", "a", "b", "b", "c"],
                "kind": ["iodine", "iodine", "iodine", "iodine", "barium"],
                "volume_ml": np.array([60.0, 20.0, 50.0, np.nan, 300.0]),
            },
        ),
        book(),
    )
    assert found.region == {"a": "chest", "b": ""}
    assert found.rejected == {"b", "d"}
    # Part of an unknown volume is unknown; barium is another matter.
    assert found.contrast_ml["a"] == 80.0 and np.isnan(found.contrast_ml["b"]) and "c" not in found.contrast_ml
    assert found.dose_msv["a"] == pytest.approx(500 * 0.014, rel=0.1) and "b" not in found.dose_msv


def test_before_the_first_exam_received_their_number_is_unknown_and_not_zero():
    one = scanner(exams=2)
    exams = one.exams.only(one.exams.day != one.exams.day[20])
    first = int(exams.day[0])
    found = _by_day(np.arange(first - 3, first + COUNT + 2), exams, np.ones(len(exams.day)))
    assert np.isnan(found[:3]).all() and np.isnan(found[-2:]).all()
    # A day without any between the two is one without exams.
    assert found[3:14].tolist() == [2.0] * 10 + [0.0]
