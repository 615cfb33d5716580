"""Looking up, searching, extending and comparing the book."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecorad.factors import FactorBook, book
from ecorad.factors.table import COLUMNS
from ecorad.model import FactorNotFoundError, InputError, Origin, UnitError, UnknownNameError

SITE_TOML = """
title = "Our contract"
licence = "own data"
attribution = "the hospital"
boundary = "scope 2"
share_alike = false
script = "tools/none.py"
[sources.contract]
citation = "electricity contract 2025"
"""
SITE_ROW = (
    "site.grid.NL.2025,grid_intensity,,NL,2025,{value},{low},{high},{unit},95,lognormal,"
    "no,no,no,no,no,no,no,neutral,average,measured,site,yes,contract,page 2,\n"
)


def site_table(
    folder: Path, value: str = "0.1", low: str = "0.09", high: str = "0.11", unit: str = "kg{CO2e}/kW.h"
) -> Path:
    path = folder / "own.csv"
    row = SITE_ROW.format(value=value, low=low, high=high, unit=unit)
    path.write_text(",".join(COLUMNS) + "\n" + row, "utf-8")
    path.with_suffix(".toml").write_text(SITE_TOML, "utf-8")
    return path


def test_a_missing_factor_names_the_nearest() -> None:
    with pytest.raises(FactorNotFoundError, match=r"exam\.ct\.mcalister"):
        book().get("exam.ct.mcallister")


def test_a_row_from_memory_must_be_asked_for() -> None:
    with pytest.raises(FactorNotFoundError, match="disabled") as refused:
        book().get("exam.mr.mcalister.consequential")
    assert refused.value.code == "ecorad.factor.disabled"
    assert book().get("exam.mr.mcalister.consequential", allow_unverified=True).value == 1.1


def test_search_leaves_disabled_rows_out() -> None:
    assert book().find(table="ppe") == ()
    assert len(book().find(table="ppe", include_disabled=True)) == 6


def test_search_by_scope_finds_alternatives() -> None:
    assert {f.factor_id for f in book().find(quantity="power.idle", scope="RF")} == {"power.xa.idle.vosshenrich"}


def test_search_by_region_year_and_accounting() -> None:
    rows = book().find(quantity="exam_footprint", region="AU", year=2022, accounting="attributional")
    assert {f.scope for f in rows} == {"MR", "CT", "DX|CR", "US"}


def test_an_unknown_table_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="power_states"):
        book().table("power_state")


def test_every_row_finds_its_source() -> None:
    source = book().source(book().get("exam.ct.mcalister"))
    assert source.doi == "10.1016/j.lanwpc.2022.100459"


def test_the_digest_does_not_depend_on_the_order_of_tables() -> None:
    assert FactorBook(tuple(reversed(book().tables))).digest == book().digest


def test_the_digest_depends_on_every_row() -> None:
    table = book().table("cooling")
    other = replace(table, factors=(replace(table.factors[0], note="another"),))
    tables = tuple(other if t.name == "cooling" else t for t in book().tables)
    assert FactorBook(tables).digest != book().digest


def test_the_same_identifier_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"cooling\.ratio\.basel"):
        FactorBook((*book().tables, book().table("cooling")))


def test_a_site_table_comes_first(tmp_path: Path) -> None:
    from ecorad.factors import grid_average

    mine = book().with_site_table(site_table(tmp_path))
    answer = grid_average("NL", 2025, factor_book=mine)
    assert answer.intensity.factor_id == "site.grid.NL.2025" and answer.intensity.origin is Origin.MEASURED
    assert mine.digest != book().digest


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"value": '"0,1"'}, "decimal point"),
        ({"value": "-0.1", "low": "-0.2", "high": "0.1"}, "negative"),
        ({"value": "0.2"}, "outside"),
    ],
)
def test_a_wrong_site_table_is_refused_with_its_line(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    with pytest.raises(InputError, match=f"own.csv line 2.*{reason}"):
        book().with_site_table(site_table(tmp_path, **cells))


def test_a_site_table_with_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnitError, match=r"own\.csv line 2"):
        book().with_site_table(site_table(tmp_path, unit="g/kWh"))


def test_a_site_table_needs_its_sidecar(tmp_path: Path) -> None:
    path = site_table(tmp_path)
    path.with_suffix(".toml").unlink()
    with pytest.raises(InputError, match=r"own\.toml"):
        book().with_site_table(path)


def test_a_site_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = site_table(tmp_path)
    path.write_bytes("factor_id;ä".encode("utf-16"))
    with pytest.raises(InputError, match="UTF-8"):
        book().with_site_table(path)


def test_changes_name_added_and_changed_rows(tmp_path: Path) -> None:
    mine = book().with_site_table(site_table(tmp_path))
    assert [(c.factor_id, c.before) for c in book().changes(mine)] == [("site.grid.NL.2025", None)]
    other = book().with_site_table(site_table(tmp_path, value="0.105"))
    assert [c.columns for c in mine.changes(other)] == [("value",)]


def test_share_alike_tables_hold_rows_of_one_licence_only() -> None:
    owners = {f.factor_id: t.name for t in book().tables for f in t.factors if t.share_alike}
    assert set(owners.values()) == {"grid_intensity_ember", "grid_intensity_electricity_maps", "it_products"}
