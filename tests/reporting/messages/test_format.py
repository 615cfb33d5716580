from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.reporting.messages import Figures, figures, messages, number, period_text

EN, NL, ZH = (messages(language).locale for language in ("en", "nl", "zh"))


def shown(value, low, high, locale=EN):
    written = figures(value, low, high, locale)
    return f"{written.value} ({written.low}–{written.high})"


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (41.234, 39.79, 42.66, "41.2 (39.8–42.7)"),  # half width 1.4: its second digit is shown
        (63.02, 60.9, 65.1, "63 (61–65)"),  # half width 2.1: its first digit
        (235.0, 90.0, 535.0, "240 (90–540)"),
        (20412.0, 19380.0, 21440.0, "20,400 (19,400–21,400)"),
        (9.03, 3.0, 19.7, "9 (3–20)"),
        (82.0, 54.0, 118.0, "82 (54–118)"),  # two digits of the value before one of the half width
        (614825.0, 614800.0, 614850.0, "614,800 (614,800–614,900)"),  # the ends may never read the same
        (-3.21, -4.4, -2.1, "−3.2 (−4.4–−2.1)"),
        (5.0, 5.0, 5.0, "5.00 (5.00–5.00)"),
    ],
)
def test_interval_and_value_share_a_precision(value, low, high, expected):
    assert shown(value, low, high) == expected


def test_an_end_near_zero_is_not_written_as_zero():
    assert shown(0.91, 0.021, 3.1) == "0.9 (0.02–3.1)"


def test_zero_means_zero():
    assert shown(0.0, 0.0, 0.0) == "0 (0–0)"


def test_interval_alone():
    assert figures(None, 212.0, 258.0, EN) == Figures("", "210", "260")
    assert figures(None, None, None, EN).value == ""


def test_decimal_comma_in_dutch():
    assert shown(41.234, 39.79, 42.66, NL) == "41,2 (39,8–42,7)"
    assert number(1234567.0, NL) == "1.230.000"


@pytest.mark.parametrize(
    ("value", "expected"), [(60.0, "60"), (0.8, "0.8"), (2.5, "2.5"), (0.0, "0"), (1999.0, "2,000")]
)
def test_bare_numbers_carry_no_idle_zeros(value, expected):
    assert number(value, EN) == expected


@pytest.mark.parametrize(
    ("first", "last", "en", "nl", "zh"),
    [
        ((2026, 3, 3), (2026, 3, 30), "3 to 30 March 2026", "3 tot en met 30 maart 2026", "2026年3月3日至30日"),
        ((2026, 3, 3), (2026, 3, 3), "3 March 2026", "3 maart 2026", "2026年3月3日"),
        (
            (2026, 2, 28),
            (2026, 3, 1),
            "28 February to 1 March 2026",
            "28 februari tot en met 1 maart 2026",
            "2026年2月28日至3月1日",
        ),
        (
            (2025, 12, 31),
            (2026, 1, 1),
            "31 December 2025 to 1 January 2026",
            "31 december 2025 tot en met 1 januari 2026",
            "2025年12月31日至2026年1月1日",
        ),
    ],
)
def test_periods_in_words(first, last, en, nl, zh):
    assert [period_text(date(*first), date(*last), locale) for locale in (EN, NL, ZH)] == [en, nl, zh]


positive = st.floats(1e-6, 1e9)


@given(positive, positive, positive)
def test_order_of_low_value_high_survives_rounding(a, b, c):
    low, value, high = sorted((a, b, c))
    written = figures(value, low, high, EN)
    parts = [float(part.replace(",", "")) for part in (written.low, written.value, written.high)]
    assert parts == sorted(parts)
    assert all(parts)
    # Ends that differ by less than arithmetic carries are one number.
    assert math.isclose(low, high, rel_tol=1e-12) or written.low != written.high


@given(positive, positive, positive)
def test_rounding_moves_the_value_by_less_than_the_interval(a, b, c):
    low, value, high = sorted((a, b, c))
    shown_value = float(figures(value, low, high, EN).value.replace(",", ""))
    assert abs(shown_value - value) <= max(0.13 * (high - low), 0.006 * value)
