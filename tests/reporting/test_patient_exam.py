"""What a patient is told of a PET/CT is never its CT alone."""

from __future__ import annotations

import html

import pytest

from ecorad.factors import book
from ecorad.reporting.patient_dose import patient_page
from ecorad.reporting.patient_exam import patient_exam
from tests.footprint.dose.made import columns, ct


class Rows:
    """A ledger of one study."""

    def __init__(self, modality, *events):
        self.found = {
            "study": columns("study", {"study_key": "s", "modality": modality, "body_region": "chest"}),
            "irradiation_event": columns("irradiation_event", *events),
            "dose_report": columns("dose_report"),
        }

    def columns(self, name, wanted=None):
        return self.found[name]


class Place:
    class site:  # noqa: N801
        grid_zone = "US"


def test_the_dose_of_a_ct_is_told():
    exam = patient_exam(Rows("CT", ct("s", 500.0), ct("other", 9.0)), Place, book(), ("s",))
    assert exam.effective.value == 7.0
    assert exam.recorded == (("dlp_mgy_cm", 500.0),)


def test_of_a_pet_ct_no_effective_dose_is_told_but_what_was_recorded():
    exam = patient_exam(Rows("PT", ct("s", 500.0)), Place, book(), ("x", "s"))
    assert exam.effective is None
    assert exam.recorded == (("dlp_mgy_cm", 500.0),)


def test_of_an_mr_there_is_nothing_to_tell():
    exam = patient_exam(Rows("MR"), Place, book(), ("s",))
    assert (exam.effective, exam.recorded) == (None, ())


def test_beside_it_stands_what_adults_usually_get_at_such_a_ct():
    """ACR card: 6.1 mSv for a CT of the chest."""
    exam = patient_exam(Rows("CT", ct("s", 500.0)), Place, book(), ("s",))
    assert exam.typical.factor_id == "dose.card.ct_chest"
    for language, word in (("en", "Adults usually receive about 6.1 mSv"), ("nl", "6,1 mSv"), ("zh", "6.1 mSv")):
        assert word in html.unescape(patient_page(exam, language))


@pytest.mark.parametrize(
    "events",
    [
        [ct("s", 500.0, age_band="5y", phantom="head_16cm", body_region="abdomen")],
        [ct("s", 500.0, age_band=None)],
        [ct("s", 500.0), ct("s", 100.0, body_region="abdomen")],
        [ct("s", 500.0, body_region="lower_limb")],
    ],
)
def test_no_usual_dose_for_a_child_an_unknown_age_or_another_part_of_the_body(events):
    exam = patient_exam(Rows("CT", *events), Place, book(), ("s",))
    assert exam.typical is None
