"""The pages say what the tables say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from ecorad.factors import book
from ecorad.factors.pedigree import ASSUMED_K, GRID_LOG_SD_PER_YEAR

ROOT = Path(__file__).parents[2]
EXPLANATION = (ROOT / "docs" / "explanation" / "factors.md").read_text("utf-8")


def test_the_page_of_rows_is_the_one_the_script_writes() -> None:
    path = ROOT / "tools" / "make_factor_docs.py"
    spec = importlib.util.spec_from_file_location("make_factor_docs", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), "run python tools/make_factor_docs.py"


@pytest.mark.parametrize("table", book().tables, ids=lambda table: table.name)
def test_every_table_is_on_the_page(table: object) -> None:
    page = (ROOT / "docs" / "reference" / "factors.md").read_text("utf-8")
    assert f"## {table.name}\n" in page  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [1.10, 1.25, 1.3, 1.5, 1.05])
def test_the_declared_widths_are_explained(width: float) -> None:
    assert width in ASSUMED_K.values()
    assert f"{width:g}" in EXPLANATION or f"{width:.2f}" in EXPLANATION


def test_the_spread_of_a_grid_year_is_explained() -> None:
    assert str(GRID_LOG_SD_PER_YEAR) in EXPLANATION
