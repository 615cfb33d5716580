from __future__ import annotations

import pytest

from ecorad.model import Quantity, unknown
from ecorad.reporting.reader import Reader
from tests.reporting.samples import sample


@pytest.fixture
def reader():
    return Reader(sample("department"))


def text(reader, unit, value, low=None, high=None):
    return reader.shown(Quantity(value, unit, low=low, high=high).as_dict()).text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("unit", "numbers", "expected"),
    [
        ("kW.h", (41200.0, 39800.0, 42700.0), "41.2 MWh (39.8–42.7)"),
        ("kW.h", (999.0, 900.0, 1100.0), "1,000 kWh (900–1,100)"),
        ("kW.h", (0.02, None, None), "20.0 Wh"),
        ("kg{CO2e}", (11000.0, 10000.0, 12000.0), "11.0 t CO₂e (10.0–12.0)"),
        ("1", (0.63, 0.61, 0.65), "63 % (61–65)"),
        ("kW.h/{exam}", (4.7, 4.4, 5.0), "4.7 kWh per exam (4.4–5.0)"),
        ("g", (298.0, None, None), "298 g"),
        ("EUR", (128.1, 113.0, 145.0), "128 EUR (113–145)"),
        ("kW.h", (0.0, 0.0, 0.0), "0 kWh (0–0)"),
    ],
)
def test_units_as_people_say_them(reader, unit, numbers, expected):
    assert text(reader, unit, *numbers) == expected


def test_unknown_says_why_and_what_would_help(reader):
    shown = reader.shown({**unknown("kW.h").as_dict(), "reason": "no_meter"})
    assert (shown.known, shown.text) == (False, "unknown, because no meter feeds it")
    assert shown.remedy == "a meter, even for one week"


def test_unknown_without_a_reason_says_so(reader):
    assert reader.shown(unknown("kW.h").as_dict()).text == "unknown, because no reason was recorded"


def test_unknown_code_is_shown_as_it_is(reader):
    assert reader.reason("lost_in_the_post") == "lost_in_the_post"


def test_interval_without_a_value(reader):
    quantity = {
        "value": None,
        "low": 212.0,
        "high": 258.0,
        "unit": "kW.h",
        "origin": "measured",
        "factors": [],
        "method": "",
    }
    assert reader.shown(quantity).text == "between 210 and 260 kWh"


def test_device_without_alias_is_named_by_model_and_pseudonym(reader):
    assert reader.device_name(sample("department")["devices"][4]) == "Echo 4 (d8e7)"
    assert reader.device_name({"device": "dev-c9d8e7", "alias": None}) == "Echo 4 (d8e7)"


def test_names_lose_what_a_terminal_would_obey(reader):
    assert reader.device_name({"device": "x", "alias": "MR\x1b[31m 1"}) == "MR[31m 1"


@pytest.mark.parametrize(
    ("names", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_as_a_list(reader, names, expected):
    assert reader.names(names) == expected


def test_same_numbers_in_every_language():
    energy = sample("department")["totals"]["energy_kwh"]
    digits = {
        Reader(sample("department"), language).shown(energy).text.replace(",", ".") for language in ("en", "zh", "nl")
    }
    assert len(digits) == 1
