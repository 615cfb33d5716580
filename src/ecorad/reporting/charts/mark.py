"""Origin marks: where a number comes from, told by shape and letter, not by colour."""

from __future__ import annotations

from markupsafe import Markup

from .svg import element

_SHAPES = {
    "measured": "M9 1.5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 1 1 0-15Z",
    "reported": "M2.5 2.5H15.5V15.5H2.5Z",
    "modelled": "M9 .8L17.2 9L9 17.2L.8 9Z",
    "default": "M5.2 1.8H12.8L17 9L12.8 16.2H5.2L1 9Z",
    "claimed": "M9 1.2L17.3 16.2H.7Z",
}


def origin_mark(origin: str, letter: str, word: str) -> Markup:
    """A shape with a letter inside; solid only when measured; ``word`` is read aloud and shown on pointing."""
    shape = element("path", d=_SHAPES.get(origin, _SHAPES["claimed"]))
    sign = element("text", letter, x=9, y=14.4 if origin == "claimed" else 12.4, text_anchor="middle")
    return element(
        "svg",
        element("title", word),
        shape,
        sign,
        class_=f"mark {origin if origin in _SHAPES else 'claimed'}",
        viewBox="0 0 18 18",
        width=16,
        height=16,
        role="img",
        aria_label=word,
    )
