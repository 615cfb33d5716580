"""Energy by power state, one bar a device on a shared axis; the floor that cannot be switched off is hatched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .scale import Scale, round_top
from .svg import drawing, element, hatch, label, text_width

BAR, PITCH, TOP = 26.0, 56.0, 8.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: its CSS class, its name, its size and its size in words."""

    class_: str
    name: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class StackedRow:
    """One device: parts that add up to its energy, the interval, the floor."""

    name: str
    about: str
    segments: tuple[Segment, ...]
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    total_text: str = ""

    @property
    def total(self) -> float:
        """Length of the bar."""
        return sum(segment.value for segment in self.segments)


def stacked(
    ident: str,
    rows: Sequence[StackedRow],
    *,
    width: float,
    tick_text: Callable[[float], str],
    title: str,
    summary: str,
) -> Markup:
    """Bars from zero on one axis for all ``rows``; names above the bars, totals at their right."""
    reach = max((max(row.total, row.high or 0.0) for row in rows), default=0.0)
    room = max((text_width(row.total_text, 13) for row in rows), default=0.0) + 14
    scale = Scale(round_top(reach, 5), 1.0, width - (room if width > 500 else 14.0))
    height = TOP + PITCH * len(rows) + 26
    parts = [hatch(f"{ident}-floor", "hatch floor"), *_axis(scale, height, tick_text, width)]
    for place, row in enumerate(rows):
        parts += _row(row, scale, TOP + PITCH * place, f"{ident}-floor", width)
    return drawing(ident, width, height, title, summary, *parts)


def _axis(scale: Scale, height: float, tick_text: Callable[[float], str], width: float) -> list[Markup]:
    base = height - 22
    parts = []
    for tick in scale.ticks(5 if width > 500 else 3):
        x = scale.at(tick)
        parts.append(element("path", d=f"M{x:.2f} {TOP}V{base}", class_="axis" if tick == 0 else "grid"))
        words = tick_text(tick)
        at_edge = x + text_width(words, 12) / 2 > width
        anchor = "start" if tick == 0 else "end" if at_edge else "middle"
        parts.append(label(words, width if at_edge else x, height - 6, "t small muted", anchor))
    return parts


def _row(row: StackedRow, scale: Scale, y: float, floor_fill: str, width: float) -> list[Markup]:
    bar_y = y + 20
    parts = [_heading(row, y + 13, width)]
    start, words = 0.0, []
    for segment in row.segments:
        left, right = scale.at(start), scale.at(start + segment.value)
        parts.append(_segment(segment, left, right - left, bar_y))
        words.append(_word(segment, left, right - left, bar_y))
        start += segment.value
    if row.floor:
        parts.append(
            element(
                "rect",
                x=scale.at(0),
                y=bar_y,
                width=scale.at(row.floor) - scale.at(0),
                height=BAR,
                fill=f"url(#{floor_fill})",
            )
        )
    parts += words
    if row.low is not None and row.high is not None:
        parts.append(_whisker(scale.at(row.low), scale.at(row.high), bar_y + BAR / 2))
    if width > 500:
        edge = max(scale.at(row.total), scale.at(row.high or 0.0))
        parts.append(label(row.total_text, edge + 8, bar_y + 17, "t strong"))
    return parts


def _heading(row: StackedRow, y: float, width: float) -> Markup:
    total_width = text_width(row.total_text, 13) if width <= 500 else 0.0
    fits = text_width(f"{row.name}  {row.about}", 13) + total_width + 14 < width
    about = element("tspan", f"  {row.about}", class_="muted") if row.about and fits else Markup("")
    total = label(row.total_text, width, y, "t strong", "end") if width <= 500 else Markup("")
    return element("g", element("text", Markup("").join([row.name, about]), x=7, y=y, class_="t strong"), total)


def _segment(segment: Segment, left: float, wide: float, y: float) -> Markup:
    tip = element("title", f"{segment.name}: {segment.text}")
    return element("rect", tip, x=left, y=y, width=max(wide - 1, 0.5), height=BAR, class_=f"fill {segment.class_}")


def _word(segment: Segment, left: float, wide: float, y: float) -> Markup:
    """The name of a segment on it, where it fits."""
    if text_width(segment.name, 12) + 12 > wide:
        return Markup("")
    # A plate under the word keeps it legible on every colour and on the hatching.
    plate = element(
        "rect", x=left + 5, y=y + 5, width=text_width(segment.name, 11.5) * 0.92 + 8, height=16, rx=3, class_="plate"
    )
    return element("g", plate, label(segment.name, left + 9, y + 17, "t small"), class_="over")


def _whisker(left: float, right: float, y: float) -> Markup:
    shape = f"M{left:.2f} {y}H{right:.2f}M{left:.2f} {y - 5}V{y + 5}M{right:.2f} {y - 5}V{y + 5}"
    return element("g", element("path", d=shape, class_="halo"), element("path", d=shape, class_="whisker"))
