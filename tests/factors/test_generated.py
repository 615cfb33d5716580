"""The shipped tables are what the scripts make of the original files."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from ecorad.factors import book
from tests.shared_data import shared_data

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "src" / "ecorad" / "factors" / "tables"


@pytest.mark.parametrize("table", book().tables, ids=lambda table: table.name)
def test_the_script_that_made_a_table_exists(table: object) -> None:
    assert (ROOT / table.script).is_file()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("folder", "script", "tables"),
    [
        (".", "make_grid_tables.py", "grid_intensity_"),
        (".", "make_gwp_table.py", "gwp"),
        (".", "make_uk_tables.py", "uk_"),
        (".", "make_purchase_tables.py", "spend_us"),
    ],
)
def test_tables_are_made_again_byte_for_byte(tmp_path: Path, folder: str, script: str, tables: str) -> None:
    data = shared_data(folder)
    code = (
        f"import sys, pathlib; sys.path.insert(0, {str(ROOT / 'tools')!r}); sys.argv = ['x', {str(data)!r}]\n"
        f"import factor_table_files as files; files.TABLES = pathlib.Path({str(tmp_path / 'tables')!r})\n"
        f"import {script.removesuffix('.py')} as made\n"
        "if hasattr(made, 'TABLES'): made.TABLES = files.TABLES\n"
        "made.main(pathlib.Path(sys.argv[1]))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=120)
    made = sorted((tmp_path / "tables").glob(f"{tables}*"))
    assert made
    assert [path.name for path in made if path.read_bytes() != (TABLES / path.name).read_bytes()] == []


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("carbon/ember_average-intensities.json", "grid_intensity_ember"),
        ("carbon/electricitymaps_yearly_2024.json", "grid_intensity_electricity_maps"),
        ("gwp/globalwarmingpotentials.csv", "gwp"),
        ("lca/uk_ghg_conversion_factors_2024.xlsx", "uk_travel"),
    ],
)
def test_the_digest_of_the_original_is_kept(name: str, table: str) -> None:
    digest = hashlib.sha256(shared_data(*name.split("/")).read_bytes()).hexdigest()
    assert digest in {source.sha256 for source in book().table(table).sources.values()}


def test_the_uk_workbook_uses_the_potentials_of_ar5() -> None:
    path = shared_data("lca", "uk_ghg_conversion_factors_2024.xlsx")
    with contextlib.closing(openpyxl.load_workbook(path, read_only=True)) as workbook:
        rows = list(workbook["Refrigerant & other"].iter_rows(values_only=True))
    printed = {}
    for cells in rows:
        kept = [cell for cell in cells if cell is not None]
        for name, gas in (("Methane", "CH4"), ("Nitrous oxide", "N2O"), ("Sulphur hexafluoride (SF6)", "SF6")):
            if name in kept:
                printed[gas] = next(float(c) for c in kept[kept.index(name) :] if isinstance(c, int | float))
    assert printed == {gas: book().get(f"gwp100.{gas}.AR5").value for gas in ("CH4", "N2O", "SF6")}
    assert printed["SF6"] != book().get("gwp100.SF6.AR4").value


def test_a_zone_list_has_every_country_once() -> None:
    with (TABLES.parent / "zones.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["alpha2"] for row in rows}) == len(rows) >= 249
