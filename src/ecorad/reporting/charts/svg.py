"""The pencil of the charts: SVG elements whose text and attributes are always escaped."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

Attribute = str | float | None


def element(name: str, *children: str, **attributes: Attribute) -> Markup:
    """One element; ``class_`` and ``text_anchor`` become ``class`` and ``text-anchor``; ``None`` is left out.

    >>> str(element("text", "a < b", x=1.50, class_="t"))
    '<text x="1.5" class="t">a &lt; b</text>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = Markup("").join(children)
    return Markup(f"<{name}{written}>{inside}</{name}>") if inside else Markup(f"<{name}{written}/>")


def group(children: Iterable[str], **attributes: Attribute) -> Markup:
    """A ``<g>`` around ``children``."""
    return element("g", *children, **attributes)


def label(text: str, x: float, y: float, class_: str = "t", anchor: str | None = None) -> Markup:
    """One line of text with its baseline at ``y``."""
    return element("text", text, x=x, y=y, class_=class_, text_anchor=anchor)


def drawing(ident: str, width: float, height: float, title: str, summary: str, *children: str) -> Markup:
    """A whole chart as an image with a name and a description for those who do not see it."""
    return element(
        "svg",
        element("title", title, id=f"{ident}-t"),
        element("desc", summary, id=f"{ident}-d"),
        *children,
        class_="chart",
        viewBox=f"0 0 {_text(width)} {_text(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{ident}-t {ident}-d",
    )


def hatch(ident: str, class_: str = "hatch", gap: float = 5) -> Markup:
    """A pattern of thin slanted lines, to be used as ``fill="url(#ident)"``."""
    line = element("path", d=f"M0 0V{_text(gap)}", class_=class_)
    return element(
        "defs",
        element(
            "pattern",
            line,
            id=ident,
            width=gap,
            height=gap,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )


def text_width(text: str, size_px: float = 13) -> float:
    """About how wide ``text`` will be, in px; wide characters count as one em. Errs on the wide side.

    >>> text_width("MR 1") < text_width("超声检查")
    True
    """
    return sum(size_px * (1.0 if ord(sign) > 0x2E7F else 0.58) for sign in text)


def _text(value: Attribute) -> str:
    if isinstance(value, float | int):
        return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return "" if value is None else value
