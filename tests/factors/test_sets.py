"""Factor sets: named, saved, read back, and asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecorad.factors import book, grid_average, power_states
from ecorad.factors.grid import contract_intensity
from ecorad.factors.sets import FactorSet, chosen_set, read_set, shipped, with_tables, write_set
from ecorad.factors.table import COLUMNS
from ecorad.model import FactorNotFoundError, InputError, PowerState
from tests.factors.test_book import SITE_TOML, site_table


def own_table(folder: Path, *rows: str) -> Path:
    path = folder / "contract.csv"
    path.write_text("\n".join((",".join(COLUMNS), *rows)) + "\n", "utf-8")
    path.with_suffix(".toml").write_text(SITE_TOML, "utf-8")
    return path


CONTRACT = (
    "site.contract.2025,contract_intensity,,NL,2025,0.02,0.018,0.022,kg{CO2e}/kW.h,95,lognormal,"
    "no,no,no,no,no,no,no,neutral,average,reported,site,yes,contract,page 2,"
)
MEASURED = (
    "site.mr.idle,power.idle,MR,NL,2025,11.2,10.9,11.5,kW,95,normal,"
    "no,yes,no,no,no,no,no,neutral,,measured,site,yes,contract,plug meter,"
)


def test_the_shipped_set_is_the_book() -> None:
    assert (shipped().name, shipped().digest, shipped().tables) == ("shipped", book().digest, ())


def test_a_set_is_named_after_its_tables(tmp_path: Path) -> None:
    mine = with_tables(shipped(), [own_table(tmp_path, CONTRACT)])
    assert (mine.name, mine.tables) == ("shipped+contract", ("contract",))
    assert mine.digest != shipped().digest


def test_saved_and_read_back_it_is_the_same_set(tmp_path: Path) -> None:
    write_set(tmp_path / "set")
    assert read_set(tmp_path / "set") == shipped()


def test_a_set_with_a_sites_tables_is_saved_whole(tmp_path: Path) -> None:
    own = own_table(tmp_path, CONTRACT)
    mine = with_tables(shipped(), [own])
    write_set(tmp_path / "set", [own])
    assert chosen_set(str(tmp_path / "set"), mine).digest == mine.digest


def test_a_folder_that_holds_something_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        write_set(tmp_path)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no factor tables"):
        read_set(tmp_path)


def test_a_folder_with_half_a_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "half.csv").write_text(",".join(COLUMNS))
    with pytest.raises(InputError, match=r"\.csv and a \.toml"):
        read_set(tmp_path)


def test_choices(tmp_path: Path) -> None:
    site = with_tables(shipped(), [own_table(tmp_path, CONTRACT)])
    assert chosen_set(None, site) is site
    assert chosen_set("shipped", site) == shipped()
    assert chosen_set(site.digest[:12], site) is site
    assert chosen_set(book().digest, site) == shipped()
    (tmp_path / "more").mkdir()
    more = chosen_set(str(site_table(tmp_path / "more")), site)
    assert more.tables == ("contract", "own")


@pytest.mark.parametrize(("choice", "error"), [("0" * 12, FactorNotFoundError), ("best", InputError)])
def test_what_is_no_set_is_refused(choice: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        chosen_set(choice, shipped())


def test_contract_electricity_is_another_line_than_the_grid(tmp_path: Path) -> None:
    mine = with_tables(shipped(), [own_table(tmp_path, CONTRACT)]).book
    found = contract_intensity(2025, factor_book=mine)
    assert found is not None and found.intensity.value == 0.02
    assert grid_average("NL", 2024, factor_book=mine).intensity == grid_average("NL", 2024).intensity
    late = contract_intensity(2027, factor_book=mine)
    assert late is not None and late.issues and late.intensity.high > 0.022


def test_measured_power_comes_before_published(tmp_path: Path) -> None:
    mine = with_tables(shipped(), [own_table(tmp_path, MEASURED)]).book
    assert power_states("MR", factor_book=mine)[PowerState.IDLE].factor_id == "site.mr.idle"
    assert power_states("MR", factor_book=mine)[PowerState.OFF] == power_states("MR")[PowerState.OFF]


def test_a_row_of_the_site_comes_before_a_published_one_of_the_very_year(tmp_path: Path) -> None:
    mine = book().with_site_table(site_table(tmp_path))
    assert grid_average("NL", 2024, factor_book=mine).intensity.factor_id == "site.grid.NL.2025"


def test_an_unchecked_row_is_used_by_name_and_the_set_is_another() -> None:
    name = "exam.mr.mcalister.consequential"
    mine = with_tables(shipped(), [], [name])
    assert mine.book.get(name).value == 1.1 and name in {row.factor_id for row in mine.book.find(scope="MR")}
    assert mine.digest != shipped().digest and mine.book.allowed == {name}
    assert book().find(quantity="exam_footprint", accounting="consequential") == ()


def test_a_checked_row_needs_no_leave() -> None:
    assert with_tables(shipped(), [], ["cooling.ratio.basel"]).digest == shipped().digest


def test_leave_for_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(FactorNotFoundError, match=r"exam\.mr\.mcalister\.consequential"):
        with_tables(shipped(), [], ["exam.mr.mcallister.consequential"])


def test_a_set_is_plain_data() -> None:
    assert FactorSet("x", book()).digest == book().digest
