"""Hour × weekday: how dark a cell is says how much; opening hours are outlined, weekends shaded, gaps left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from .svg import drawing, element, hatch, label

CELL_W, CELL_H, LEFT, TOP, WEEKEND = 17.0, 19.0, 36.0, 20.0, 5
SHADES = 9
Week = Sequence[Sequence[float | None]]
Hours = Sequence[tuple[float, float] | None]


def heat_map(
    ident: str,
    week: Week,
    *,
    top: float,
    opening: Hours | None,
    days: Sequence[str],
    cell_text: Callable[[float | None], str],
    title: str,
    summary: str,
) -> Markup:
    """A week, Monday first, of 24 local hours.

    Parameters
    ----------
    week : 7 rows of 24 numbers or None
        ``None`` is drawn as a gap, never as the lowest shade.
    top : float
        The value of the darkest shade; shared by the maps that may be compared.
    opening : 7 pairs of decimal hours or None
        Outlined; ``None`` for a closed day.
    """
    width, height = LEFT + 24 * CELL_W + 2, TOP + 7 * CELL_H + 6
    parts = [hatch(f"{ident}-gap", "hatch gap", 4)]
    parts.append(element("rect", x=0, y=TOP + WEEKEND * CELL_H, width=width, height=2 * CELL_H, class_="weekend"))
    parts += [label(f"{hour}", LEFT + hour * CELL_W, 13, "t tiny muted", "middle") for hour in range(0, 25, 6)]
    for day, row in enumerate(week):
        y = TOP + day * CELL_H
        parts.append(label(days[day], LEFT - 7, y + 14, "t tiny", "end"))
        parts += [
            _cell(value, (LEFT + hour * CELL_W, y), top, f"{ident}-gap", f"{days[day]} {hour}:00 {cell_text(value)}")
            for hour, value in enumerate(row)
        ]
    parts.append(element("path", d=outline(opening), class_="opening") if opening else Markup(""))
    return drawing(ident, width, height, title, summary, *parts)


def shade(value: float, top: float) -> int:
    """Which of the shades 0 to 8 a value gets.

    >>> shade(0.0, 10.0), shade(4.9, 10.0), shade(10.0, 10.0)
    (0, 4, 8)
    """
    return min(SHADES - 1, int(SHADES * max(value, 0.0) / top)) if top > 0 else 0


def outline(opening: Hours) -> str:
    """One box a day from opening to closing, neighbours with the same hours drawn as one.

    >>> outline([(8, 17), (8, 17), None, None, None, None, None])
    'M172 20H325V58H172Z'
    """
    boxes: list[str] = []
    day = 0
    while day < len(opening):
        hours, first = opening[day], day
        while day < len(opening) and opening[day] == hours:
            day += 1
        if hours is not None:
            left, right = (LEFT + hour * CELL_W for hour in hours)
            boxes.append(f"M{left:g} {TOP + first * CELL_H:g}H{right:g}V{TOP + day * CELL_H:g}H{left:g}Z")
    return "".join(boxes)


def _cell(value: float | None, corner: tuple[float, float], top: float, gap_fill: str, tip: str) -> Markup:
    box = {"x": corner[0] + 0.5, "y": corner[1] + 0.5, "width": CELL_W - 1, "height": CELL_H - 1}
    title = element("title", tip)
    if value is None:
        return element("rect", title, **box, fill=f"url(#{gap_fill})", class_="gapcell")
    return element("rect", title, **box, class_=f"h{shade(value, top)}")


def scale_strip(ident: str, ends: tuple[str, str], title: str) -> Markup:
    """The nine shades with the values of the two ends, as a key."""
    boxes = [element("rect", x=i * 14, y=0, width=13, height=10, class_=f"h{i}") for i in range(SHADES)]
    words = [label(ends[0], 0, 24, "t tiny muted"), label(ends[1], SHADES * 14, 24, "t tiny muted", "end")]
    return drawing(ident, SHADES * 14, 28, title, f"{ends[0]} – {ends[1]}", *boxes, *words)
