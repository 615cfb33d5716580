"""Numbers as people and machines write them: decimal comma or point, thousands, words for "not known"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# What meters and sheets write where they have no number. It becomes NaN, which is not an error.
NOT_KNOWN = frozenset(
    "|-|--|---|?|n/a|na|nan|-nan|null|none|nil|inf|+inf|-inf|infinity|-infinity|#n/a|#nv|#wert!|#value!|#div/0!|#num!|"
    "#ref!|error|bad|offline|nodata|no data|missing|unknown|unavailable|onbekend|unbekannt|无".split("|")
)
_SPACES = str.maketrans({" ": None, "\u00a0": None, "\u2009": None, "\u202f": None, "'": None, "’": None, "−": "-"})
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = {
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?"),
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?"),
}
_OTHER = {",": ".", ".": ","}


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """Which sign is the decimal one, and whether the column leaves that open (``9,513`` alone could be either)."""

    decimal: str
    assumed: bool = False


def decide_style(texts: Sequence[str], delimiter: str) -> NumberStyle | None:
    """The style that a column of numbers shows; ``None`` while it holds whole numbers only.

    A sign that stands before anything but three digits, or after the other sign, is decimal. Where every number is
    like ``9,513`` the comma is decimal unless commas also separate the cells, and the style is marked as assumed.

    >>> decide_style(["1.234,5", "7,0"], ";")
    NumberStyle(decimal=',', assumed=False)
    >>> decide_style(["9,513", "8,004"], ";")
    NumberStyle(decimal=',', assumed=True)
    """
    commas = points = False
    for text in texts:
        if text.isdecimal():
            continue
        cell = text.translate(_SPACES)
        comma, point = cell.rfind(","), cell.rfind(".")
        if comma >= 0 and point >= 0:
            return NumberStyle("," if comma > point else ".")
        for sign, place in ((",", comma), (".", point)):
            if place >= 0 and not _GROUPED[sign].fullmatch(cell) and cell.count(sign) == 1:
                return NumberStyle(sign)
        if cell.count(",") > 1 or cell.count(".") > 1:
            return NumberStyle("." if comma >= 0 else ",")
        commas, points = commas or comma >= 0, points or point >= 0
    if commas:
        return NumberStyle("." if delimiter == "," else ",", assumed=True)
    return NumberStyle(".") if points else None


def may_part_thousands(texts: Sequence[str]) -> bool:
    """Whether the points in a column could part thousands: each stands before three digits, and after a number.

    >>> may_part_thousands(["123.456", "123.461", "7"]), may_part_thousands(["0.812", "1.250"])
    (True, False)
    """
    pointed = [text.strip() for text in texts if "." in text]
    return bool(pointed) and all(_GROUPED["."].fullmatch(text) for text in pointed)


def read_number(text: str, decimal: str = ".") -> float | None:
    """One number; NaN where the text says that it is not known, ``None`` where it is no number at all.

    >>> read_number("1 234,5", ","), read_number("1,234.5"), read_number("abc")
    (1234.5, 1234.5, None)
    """
    if text.strip().lower() in NOT_KNOWN:
        return float("nan")
    cell = text.translate(_SPACES).strip()
    other = _OTHER[decimal]
    if _GROUPED[other].fullmatch(cell):
        cell = cell.replace(other, "")
    elif _GROUPED[decimal].fullmatch(cell) and (cell.count(decimal) > 1 or other in cell):
        cell = cell.replace(decimal, "").replace(other, ".")
    cell = cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell
    value = float(cell) if _PLAIN.fullmatch(cell) else None
    return float("nan") if value is not None and abs(value) == float("inf") else value


def read_numbers(texts: Sequence[str], decimal: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Many numbers at once.

    Returns
    -------
    values : ndarray, shape (n,)
        NaN where not known or not a number.
    is_number : ndarray of bool, shape (n,)
        False where the text is neither a number nor a word for "not known".
    """
    plain = _plain_numbers(texts, decimal)
    if plain is not None:
        plain[np.isinf(plain)] = np.nan
        return plain, np.ones(len(texts), dtype=np.bool_)
    known: dict[str, float | None] = {}
    for text in set(texts):
        known[text] = read_number(text, decimal)
    found = [known[text] for text in texts]
    values = np.array([np.nan if value is None else value for value in found], dtype=np.float64)
    return values, np.array([value is not None for value in found], dtype=np.bool_)


def _plain_numbers(texts: Sequence[str], decimal: str) -> NDArray[np.float64] | None:
    """The quick way, for columns that hold plain numbers only."""
    joined = "\n".join(texts)
    if decimal == ",":
        if "." in joined:
            return None
        joined = joined.replace(",", ".")
    if "_" in joined:
        return None
    try:
        return np.array(joined.split("\n"), dtype=np.float64) if texts else np.empty(0)
    except ValueError:
        return None
