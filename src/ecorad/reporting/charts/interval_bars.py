"""A value inside its interval on a small axis of its own; and an interval now beside the one to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .scale import Scale, round_top
from .svg import drawing, element, label


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval; ``tone`` is the class that colours it: ``a`` attributional, ``c`` consequential, ``n`` neither."""

    value: float | None
    low: float
    high: float
    tone: str = "n"


def interval_bar(ident: str, bar: Bar, *, top: float | None, ends: tuple[str, str], title: str, summary: str) -> Markup:
    """One interval on an axis from 0 to ``top`` (a round number above the interval when ``None``).

    ``ends`` are the texts below the two ends of the axis.
    """
    width, middle = 240.0, 12.0
    scale = Scale(top or round_top(bar.high), 1.0, width - 1.0)
    parts = [
        element("path", d=f"M1 {middle}H{width - 1}", class_="axis"),
        element("path", d=f"M1 {middle - 4}V{middle + 4}M{width - 1} {middle - 4}V{middle + 4}", class_="axis"),
        _span(scale, bar, middle, 10.0),
        label(ends[0], 0, 34, "t small muted"),
        label(ends[1], width, 34, "t small muted", "end"),
    ]
    return drawing(ident, width, 38, title, summary, *parts)


def now_and_then(ident: str, now: Bar | None, then: Bar, top: float, *, title: str, summary: str) -> Markup:
    """The interval as it is above the interval to expect, on one axis; ``now`` is ``None`` when it is unknown."""
    width = 240.0
    scale = Scale(top, 1.0, width - 1.0)
    unknown = element("path", d=f"M1 10H{width - 1}", class_="axis dashed")
    rows = [unknown if now is None else _span(scale, now, 10.0, 8.0), _span(scale, then, 28.0, 8.0)]
    lines = [element("path", d=f"M1 {y}H{width - 1}", class_="axis faint") for y in (10, 28)]
    return drawing(ident, width, 38, title, summary, *lines, *rows)


def _span(scale: Scale, bar: Bar, middle: float, thick: float) -> Markup:
    left, right = scale.at(bar.low), scale.at(bar.high)
    wide = max(right - left, 2.0)
    inside = [
        element("rect", x=left, y=middle - thick / 2, width=wide, height=thick, rx=thick / 2, class_=f"span {bar.tone}")
    ]
    if bar.value is not None:
        x = scale.at(bar.value)
        inside.append(element("path", d=f"M{x:.2f} {middle - thick / 2 - 3}V{middle + thick / 2 + 3}", class_="notch"))
    return element("g", *inside)


def common_top(bars: Sequence[Bar | None]) -> float:
    """A round axis end for several intervals that share an axis."""
    return round_top(max((bar.high for bar in bars if bar is not None), default=0.0))
