"""Nothing in the book moves unseen: every row is compared with a second copy."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ecorad.factors import Boundary, Factor, book
from ecorad.factors.book import row_text
from ecorad.factors.boundary import FLAGS

EXPECTED = Path(__file__).with_name("expected.csv")


def expected() -> dict[str, dict[str, str]]:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        return {row["factor_id"]: row for row in csv.DictReader(file)}


def difference(factor: Factor, row: dict[str, str]) -> str | None:
    """What moved in a row, or nothing."""
    if float(row["value"]) != factor.value:
        return f"{factor.factor_id}: value {row['value']} became {factor.value}"
    if row["unit"] != factor.unit:
        return f"{factor.factor_id}: unit {row['unit']} became {factor.unit}"
    if row["flags"] != "+".join(factor.boundary.names):
        return f"{factor.factor_id}: flags {row['flags']} became {'+'.join(factor.boundary.names)}"
    if row["digest"] != hashlib.sha256(row_text(factor).encode("utf-8")).hexdigest()[:16]:
        return f"{factor.factor_id}: something else in the row changed"
    return None


def test_no_row_came_or_went() -> None:
    assert {factor.factor_id for factor in book()} == set(expected())


def test_no_row_moved() -> None:
    rows = expected()
    moved = [text for factor in book() if (text := difference(factor, rows[factor.factor_id]))]
    assert moved == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"value": 9.3}, "value"),
        ({"unit": "kg"}, "unit"),
        ({"boundary": Boundary.of("active")}, "flags"),
        ({"high": 99.0}, "something else"),
        ({"enabled": False}, "something else"),
        ({"note": ""}, "something else"),
    ],
)
def test_a_changed_row_is_named(change: dict[str, object], word: str) -> None:
    factor = book().get("exam.ct.mcalister")
    text = difference(replace(factor, **change), expected()[factor.factor_id])  # type: ignore[arg-type]
    assert text is not None and "exam.ct.mcalister" in text and word in text


def mutations(factor: Factor) -> Iterator[tuple[str, Factor]]:
    """A row with its number, its unit, its year, or one flag of its boundary another."""
    more = {name: getattr(factor, name) * 1.01 + 1e-12 for name in ("value", "low", "high")}
    if factor.value < 0:
        more = {name: getattr(factor, name) * 1.01 - 1e-12 for name in ("value", "low", "high")}
        more["low"], more["high"] = min(more.values()), max(more.values())
    yield "value", replace(factor, **more)
    yield "unit", replace(factor, unit="kg" if factor.unit != "kg" else "g")
    yield "something else", replace(factor, year=(factor.year or 0) + 1)
    for flag in FLAGS:
        yield "flags", replace(factor, boundary=Boundary(factor.boundary.flags ^ {flag}))


def test_any_change_of_any_row_is_named() -> None:
    """Value, unit, year and each of the seven flags, of every row of every table."""
    rows = expected()
    unseen, tried = [], 0
    for factor in book():
        for word, other in mutations(factor):
            tried += 1
            text = difference(other, rows[factor.factor_id])
            if text is None or not text.startswith(f"{factor.factor_id}: {word}"):
                unseen.append((factor.factor_id, word, text))
    assert unseen == []
    assert tried == 10 * len(book())
