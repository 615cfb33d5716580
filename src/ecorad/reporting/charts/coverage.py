"""One whole, split: a bar of full width whose parts are shares of the same 100 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .svg import drawing, element, hatch, text_width

BAR = 26.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part: CSS class, name, size, and its size in words; ``hatched`` for what is not known."""

    class_: str
    name: str
    value: float
    text: str
    hatched: bool = False


def captions_fit(parts: Sequence[Part], width: float) -> bool:
    """Whether every part can be named below itself without touching its neighbour."""
    return _starts(parts, width) is not None


def coverage(ident: str, parts: Sequence[Part], *, width: float, title: str, summary: str) -> Markup:
    """A bar of the parts that are not 0, each named below when there is room for all of them."""
    shown = [part for part in parts if part.value > 0]
    whole = sum(part.value for part in shown)
    starts = _starts(parts, width)
    drawn, x = [hatch(f"{ident}-not", "hatch gap", 5)], 0.0
    for i, part in enumerate(shown):
        wide = width * part.value / whole
        drawn.append(_box(part, x, wide, f"{ident}-not"))
        if starts is not None:
            drawn.append(_caption(part, x, starts[i]))
        x += wide
    return drawing(ident, width, BAR + (26 if starts is not None else 4), title, summary, *drawn)


def _starts(parts: Sequence[Part], width: float) -> list[float] | None:
    """Where each caption begins: under its part, pushed left at the end; ``None`` when two would touch."""
    shown = [part for part in parts if part.value > 0]
    whole = sum(part.value for part in shown)
    starts, x, free = [], 0.0, 0.0
    for part in shown:
        need = text_width(f"{part.name} {part.text}", 12)
        start = min(x, width - need)
        if start < free:
            return None
        starts.append(start)
        free = start + need + 8
        x += width * part.value / whole
    return starts


def _box(part: Part, x: float, wide: float, hatch_id: str) -> Markup:
    tip = element("title", f"{part.name}: {part.text}")
    size = {"x": x, "y": 0.0, "width": max(wide - 1.5, 0.75), "height": BAR}
    if part.hatched:
        return element("rect", tip, **size, fill=f"url(#{hatch_id})", class_="gapcell")
    return element("rect", tip, **size, class_=f"fill {part.class_}")


def _caption(part: Part, x: float, start: float) -> Markup:
    tick = element("path", d=f"M{x + 0.5:.2f} {BAR}V{BAR + 5}", class_="axis")
    text = Markup("").join([f"{part.name} ", element("tspan", part.text, class_="strong")])
    return element("g", tick, element("text", text, x=start, y=BAR + 18, class_="t small"))
