"""What was changed and whether it worked, as the report tells it."""

from __future__ import annotations

import copy

import pytest

from ecorad.reporting.html import render
from ecorad.reporting.messages import LANGUAGES, messages
from ecorad.reporting.reader import Reader
from ecorad.reporting.sections.changed import changed
from tests.reporting.samples import sample


def test_a_change_with_what_it_saved():
    (one,) = changed(Reader(sample("department")))
    assert one.title == "night mode, MR 1"
    assert [shown.value for shown in one.saved] == [
        "390\N{NO-BREAK SPACE}kWh",
        "160\N{NO-BREAK SPACE}kg CO₂e",
        "94\N{NO-BREAK SPACE}EUR",
    ]
    assert one.told[0].startswith("Promised for energy of a day: up to 30")
    # Two of seven measures are not told: they stand among the reasons, not among the sentences.
    assert len(one.told) == 1 + 5 and any("contrast of an exam" in line for line in one.reasons)


def test_a_change_of_which_nothing_is_told_claims_nothing():
    statement = copy.deepcopy(sample("department"))
    (row,) = statement["changes"]
    row["measures"] = row["measures"][-2:]
    row["saved"]["days"] = 0
    (one,) = changed(Reader(statement))
    assert one.saved == () and one.quality == ""
    assert one.told == ("Nothing is told of it; the reasons stand below.",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_a_part_for_it_only_where_something_was_declared(language):
    title = messages(language).text("verify.in_report")
    assert title in render(sample("department"), language)
    assert title not in render(sample("dicom_only"), language)
