from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecorad.reporting.charts.coverage import Part, captions_fit, coverage
from ecorad.reporting.charts.dots import Dot, dots
from ecorad.reporting.charts.heat import heat_map, outline
from ecorad.reporting.charts.interval_bars import Bar, common_top, interval_bar, now_and_then
from ecorad.reporting.charts.mark import origin_mark
from ecorad.reporting.charts.scale import Scale, round_top
from ecorad.reporting.charts.stacked import Segment, StackedRow, stacked

WORDS = {"title": "T < 1", "summary": "S & more"}


def widths(drawing, css):
    return [float(value) for value in re.findall(rf'width="([\d.]+)"[^>]*class="fill {css}"', drawing)]


@given(st.floats(1e-6, 1e9))
def test_round_top_is_just_above(value):
    top = round_top(value)
    assert value <= top * (1 + 1e-9)
    assert top <= value * 1.5 + 1e-12


@given(st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_begin_at_zero_and_stay_on_the_axis(value, most):
    top = round_top(value, most)
    ticks = Scale(top, 0, 1).ticks(most)
    assert ticks[0] == 0
    assert len(ticks) <= most + 1
    assert ticks[-1] <= top * (1 + 1e-9)


def test_scale_keeps_to_its_axis():
    scale = Scale(10.0, 0.0, 100.0)
    assert (scale.at(-1), scale.at(11), scale.at(2.5)) == (0.0, 100.0, 25.0)


def test_bars_share_one_axis():
    rows = [
        StackedRow("A", "", (Segment("s-idle", "idle", 50.0, "50"), Segment("s-scan", "scan", 50.0, "50"))),
        StackedRow("B", "", (Segment("s-idle", "idle", 25.0, "25"),)),
    ]
    idle_a, idle_b = widths(stacked("x", rows, width=1000, tick_text=str, **WORDS), "s-idle")
    assert (idle_a + 1) / (idle_b + 1) == pytest.approx(2.0, abs=0.01)


def test_title_and_summary_are_escaped_and_named():
    drawing = coverage("x", [Part("t-3", "a<b", 1.0, "100 %")], width=360, **WORDS)
    assert "T &lt; 1" in drawing
    assert "a&lt;b" in drawing
    assert 'role="img" aria-labelledby="x-t x-d"' in drawing


def test_coverage_parts_fill_the_width():
    parts = [Part("t-3", "a", 3.0, "75 %"), Part("t-2", "b", 1.0, "25 %"), Part("t-1", "c", 0.0, "0 %")]
    drawing = coverage("x", parts, width=400, **WORDS)
    assert (widths(drawing, "t-3"), widths(drawing, "t-2"), widths(drawing, "t-1")) == ([298.5], [98.5], [])


def test_captions_that_would_touch_are_left_to_the_key():
    parts = [Part("t-3", "a long name here", 1.0, "50 %"), Part("t-2", "another long name", 1.0, "50 %")]
    assert captions_fit(parts, 1000)
    assert not captions_fit(parts, 160)


def test_heat_map_leaves_gaps_open():
    week = [[0.0] * 24 for _ in range(7)]
    week[2][3] = None
    drawing = heat_map("x", week, top=1.0, opening=None, days=list("MTWTFSS"), cell_text=str, **WORDS)
    assert drawing.count('class="gapcell"') == 1
    assert drawing.count('class="h0"') == 167


def test_days_with_other_hours_get_their_own_outline():
    hours = [(8.0, 17.0)] * 5 + [(8.0, 12.0), None]
    assert outline(hours).count("M") == 2


def test_dots_of_unknown_modality_have_no_axis():
    known = Dot("CT", "5", 1.5, 1.4, 1.6, "1.5 kWh", "1.5", lead=True, published=((1.0, 3.0),))
    lost = Dot("US", "5", None, None, None, "unknown", "unknown", lead=True)
    both = dots("x", [[known], [lost]], width=1000, tone="a", tick_text=lambda v, _: str(v), **WORDS)
    assert both.count("<circle") == 1
    assert both.count('class="axis"') == 1
    assert both.count('class="published"') == 1


def test_interval_bar_spans_the_interval():
    drawing = interval_bar("x", Bar(5.0, 2.5, 7.5, "a"), top=10.0, ends=("0", "10"), **WORDS)
    (left, wide) = re.search(r'<rect x="([\d.]+)" y="7" width="([\d.]+)"', drawing).groups()
    assert (float(left), float(wide)) == (60.5, 119.0)


def test_now_unknown_is_drawn_as_a_dashed_line():
    drawing = now_and_then("x", None, Bar(None, 1.0, 2.0), common_top([None, Bar(None, 1.0, 2.0)]), **WORDS)
    assert "dashed" in drawing


def test_origins_differ_in_shape():
    shapes = {
        re.search(r'd="([^"]+)"', origin_mark(name, "X", name)).group(1)
        for name in ("measured", "reported", "modelled", "default", "claimed")
    }
    assert len(shapes) == 5
