"""Per-exam figures as dots with intervals, with the published range behind them in grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .scale import Scale, round_top
from .svg import drawing, element, label, text_width

PITCH, HEAD, AXIS, TOP, NARROW = 24.0, 30.0, 40.0, 6.0, 500.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One row: a modality (``lead``) or one of its body regions; ``brief`` is ``text`` where there is little room."""

    name: str
    count: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    brief: str
    lead: bool = False
    published: tuple[tuple[float, float], ...] = ()


def dots(
    ident: str,
    groups: Sequence[Sequence[Dot]],
    *,
    width: float,
    tone: str,
    tick_text: Callable[[float, float], str],
    title: str,
    summary: str,
) -> Markup:
    """One axis from zero for each group (a modality), so that its regions can be told apart.

    Parameters
    ----------
    tone : {"a", "c"}
        Attributional or consequential, never both in one chart.
    tick_text : callable
        The text of a tick, from its value and the end of its axis.
    """
    narrow = width <= NARROW
    left, right = (168.0, width - 14) if narrow else (236.0, width - 190)
    y, parts = TOP, []
    for rows in groups:
        scale = Scale(round_top(max((_reach(row) for row in rows), default=0.0), 5), left, right)
        foot = y + PITCH * len(rows)
        known = any(row.value is not None for row in rows)
        parts += _axis(scale, (y, foot), tick_text, width) if known else []
        for row in rows:
            parts += _row(row, scale, y, tone, narrow)
            y += PITCH
        y = foot + (AXIS if known else HEAD - PITCH)
    return drawing(ident, width, y, title, summary, *parts)


def _axis(
    scale: Scale, span: tuple[float, float], tick_text: Callable[[float, float], str], width: float
) -> list[Markup]:
    (top, foot), parts = span, []
    for tick in scale.ticks(3 if width <= NARROW else 5):
        x = scale.at(tick)
        parts.append(element("path", d=f"M{x:.2f} {top}V{foot + 3}", class_="axis" if tick == 0 else "grid"))
        words = tick_text(tick, scale.top)
        at_edge = x + text_width(words, 12) / 2 > width
        parts.append(label(words, width if at_edge else x, foot + 16, "t small muted", "end" if at_edge else "middle"))
    return parts


def _reach(row: Dot) -> float:
    return max([row.value or 0.0, row.high or 0.0, *(high for _, high in row.published)])


def _row(row: Dot, scale: Scale, y: float, tone: str, narrow: bool) -> list[Markup]:
    middle = y + PITCH / 2
    parts = [
        element(
            "rect",
            x=scale.at(low),
            y=y + 3,
            width=scale.at(high) - scale.at(low),
            height=PITCH - 6,
            rx=3,
            class_="published",
        )
        for low, high in row.published
    ]
    parts.append(label(row.name, 0 if row.lead else 12, middle + 4.5, "t strong" if row.lead else "t"))
    parts.append(
        label(
            row.count if narrow else f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{row.count}",
            scale.left_px - 12,
            middle + 4.5,
            "t small muted",
            "end",
        )
    )
    if row.value is None:
        parts.append(label(row.brief if narrow else row.text, scale.left_px + 8, middle + 4.5, "t small muted"))
        return parts
    if row.low is not None and row.high is not None:
        parts.append(
            element("path", d=f"M{scale.at(row.low):.2f} {middle}H{scale.at(row.high):.2f}", class_=f"line {tone}")
        )
    size = 5.5 if row.lead else 4.0
    parts.append(
        element("circle", element("title", row.text), cx=scale.at(row.value), cy=middle, r=size, class_=f"dot {tone}")
    )
    if not narrow:
        parts.append(label(row.text, scale.right_px + 14, middle + 4.5, "t small"))
    return parts
