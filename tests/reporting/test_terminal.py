from __future__ import annotations

import io

import pytest
from rich.console import Console

from ecorad.reporting.terminal import summary
from tests.reporting.samples import sample


def printed(statement, language="en"):
    stream = io.StringIO()
    summary(statement, Console(file=stream, width=200, color_system=None), language)
    return stream.getvalue().replace("\N{NO-BREAK SPACE}", " ")


def test_short_of_a_department():
    text = printed(sample("department"))
    assert "Sample Hospital, Radiology, 2 to 29 March 2026" in text
    assert "22.9 MWh (22.3–23.7)" in text
    assert "48,213 received = 47,108 stored + 1,071 duplicate + 12 new version + 19 quarantined + 3 refused" in text
    assert "Would narrow it most: borrow a meter for one week (X-ray 2)" in text


def test_unknown_is_written_with_its_reason():
    assert "unknown, because no meter feeds it" in printed(sample("dicom_only"))


@pytest.mark.parametrize(("language", "expected"), [("nl", "22,9 MWh (22,3–23,7)"), ("zh", "用电量")])
def test_other_languages(language, expected):
    assert expected in printed(sample("department"), language)


def test_markup_and_control_signs_in_names_are_only_text():
    statement = sample("department")
    statement["devices"][0]["alias"] = "[bold]MR\x1b[2J"
    text = printed(statement)
    assert "[bold]MR" in text
    assert "\x1b" not in text


def test_of_many_scanners_those_that_draw_most():
    statement = sample("department")
    one = next(device for device in statement["devices"] if device["energy_kwh"]["value"])
    statement["devices"] = [
        one | {"alias": f"S{i}", "energy_kwh": one["energy_kwh"] | {"value": float(i), "low": i - 0.5, "high": i + 0.5}}
        for i in range(1, 41)
    ]
    text = printed(statement)
    assert "S40" in text
    assert "S29" in text
    assert "S28" not in text
    assert "and 28 scanners more on the page" in text


def test_a_scanner_in_no_total_is_named_with_the_reason():
    statement = sample("dicom_only")
    device = statement["devices"][0]
    left_out = {"device": device["device"], "alias": "DX 7", "reason": "no_factor"}
    statement["totals"]["not_included"] = [left_out]
    assert "Not in this total: DX 7, because there is no factor" in printed(statement)
