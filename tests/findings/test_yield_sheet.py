"""The sheet of what contrast changed: read whole, or not at all."""

from __future__ import annotations

import jsonschema
import pytest

from ecorad.findings.yield_sheet import read_yield_sheet
from ecorad.model import InputError
from ecorad.reporting.contrast_yield import yield_rows
from ecorad.reporting.html import render
from ecorad.reporting.messages import LANGUAGES, messages
from ecorad.reporting.published_schema import audit_schema
from tests.reporting.samples import sample

HEAD = "examination,changed,volume_ml,look_below\n"


def kind(name, changed, unchanged, below="", ml="10"):
    rows = [f"{name},yes,{ml},{below}"] * changed + [f"{name},no,{ml},{below}"] * unchanged
    return "\n".join(rows) + "\n"


def rows_of(text):
    return {row["examination"]: row for row in yield_rows(read_yield_sheet(HEAD + text))}


def test_a_kind_is_named_only_when_its_upper_end_is_below_the_bound():
    found = rows_of(kind("few", 0, 19, "0.5") + kind("unsure", 0, 60, "0.05") + kind("sure", 0, 80, "0.05"))
    assert {name: row["look_again"] for name, row in found.items()} == {"few": False, "unsure": False, "sure": True}
    # Wilson's upper end of none in 80: z²/(80 + z²).
    assert found["sure"]["high"] == pytest.approx(1.96**2 / (80 + 1.96**2), rel=1e-4)
    assert found["sure"]["unchanged_ml"] == 800.0


def test_without_a_bound_nothing_is_named():
    assert not rows_of(kind("x", 0, 500))["x"]["look_again"]


def test_what_nobody_said_is_counted_apart():
    row = rows_of("x,yes,,\nx,no,12,\nx,,99,\n")["x"]
    assert (row["exams"], row["unknown"], row["changed"], row["share"], row["unchanged_ml"]) == (2, 1, 1, 0.5, 12.0)


def test_an_unknown_volume_makes_the_volume_unknown():
    assert rows_of("x,no,12,\nx,no,,\n")["x"]["unchanged_ml"] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("examination,volume_ml\nx,1\n", "changed"),
        (HEAD + ",yes,,\n", "line 2"),
        (HEAD + "x,perhaps,,\n", "line 2"),
        (HEAD + "x,yes,1e9,\n", "volume_ml"),
        (HEAD + "x,yes,-1,\n", "volume_ml"),
        (HEAD + "x,yes,nan,\n", "volume_ml"),
        (HEAD + "x,yes,ten,\n", "volume_ml"),
        (HEAD + "x,yes,,1.5\n", "look_below"),
        (HEAD + "x,yes,,0.1\nx,yes,,0.2\n", "line 3"),
        (HEAD + "x" * 61 + ",yes,,\n", "short text"),
    ],
)
def test_a_row_that_cannot_be_is_named_by_its_line(text, reason):
    with pytest.raises(InputError, match=reason) as refused:
        read_yield_sheet(text)
    assert refused.value.code == "ecorad.contrast.yield"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_yield_with_its_interval(language):
    statement = sample("department")
    statement["contrast"]["yields"] = list(rows_of(kind("MR head", 1, 99, "0.1")).values())
    errors = jsonschema.Draft202012Validator(audit_schema()).iter_errors(statement)
    assert [error.json_path for error in errors] == []
    page = render(statement, language)
    assert messages(language).text("contrast.yield_caption") in page
    assert messages(language).text("contrast.look_again") in page
    assert "MR head" in page


def test_a_volume_to_avoid_stands_only_where_the_site_wants_to_look_again():
    rows = rows_of("".join("low,no,10,0.05\n" for _ in range(80)) + "".join("high,yes,10,0.05\n" for _ in range(80)))
    assert rows["low"]["avoidable_ml"]["value"] == 800.0
    assert rows["low"]["avoidable_ml"]["low"] < 800.0
    assert rows["high"]["avoidable_ml"] is None
