"""``ecorad audit --factors`` and ``--compare``: the same site under another factor set, and why numbers moved."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ecorad.cli.app import run
from ecorad.factors import book
from ecorad.reporting.reader import Reader
from ecorad.reporting.sections.much import much
from tests.factors.test_sets import CONTRACT, MEASURED, own_table


@pytest.fixture
def site(audited: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(audited, tmp_path / "site"))


@pytest.fixture
def with_contract(site: Path) -> Path:
    """The site with a contract of its own and measured power."""
    (site / "own").mkdir()
    own_table(site / "own", CONTRACT, MEASURED)
    choice = '\n[factors]\ntables = ["own/contract.csv"]\n'
    (site / "site.toml").write_text((site / "site.toml").read_text("utf-8") + choice, "utf-8")
    return site


def statement(folder: Path) -> dict:
    return json.loads((folder / "audit.json").read_text("utf-8"))


def average_row(site: Path) -> dict:
    """The grid row that the last statement of a site used."""
    found = statement(site / "out")
    return next(row for row in found["factors"] if row["id"] == found["method"]["grid"]["average"])


def edited_set(folder: Path, table: str, factor_id: str, column: int, value: str) -> Path:
    """The shipped set saved, with one cell changed."""
    assert run(["factors", "save", str(folder)]) == 0
    path = folder / f"{table}.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(f"{factor_id},"):
            cells = line.split(",")
            cells[column] = value
            lines[number] = ",".join(cells)
    path.write_text("".join(lines), "utf-8")
    return folder


def test_the_statement_names_the_factor_set(audited):
    used = statement(audited / "out")["method"]["factor_set"]
    assert used["digest"] == book().digest and used["tables"] == [] == used["unverified"]


@pytest.mark.parametrize("how", ["digest", "shipped", "folder"])
def test_redone_under_the_same_set_it_is_the_same_byte_for_byte(audited, tmp_path, how):
    choice = {"digest": book().digest[:12], "shipped": "shipped", "folder": str(tmp_path / "set")}[how]
    if how == "folder":
        assert run(["factors", "save", choice]) == 0
    out = tmp_path / "out"
    assert run(["audit", str(audited), "-o", str(out), "--factors", choice]) == 0
    for name in ("audit.json", "report.html"):
        assert (out / name).read_bytes() == (audited / "out" / name).read_bytes()


def test_a_site_table_is_used_from_end_to_end(with_contract, told, tmp_path):
    found = told("audit", with_contract, "-o", tmp_path / "out")
    used = found["method"]["factor_set"]
    assert used["tables"] == ["contract"] and used["name"].endswith("+ contract")
    lines = {row["item"]: row["co2e_kg"] for row in found["scopes"]}
    energy = found["totals"]["energy_kwh"]["value"]
    assert lines["electricity_market"]["value"] == pytest.approx(0.02 * energy)
    assert lines["electricity_market"]["factors"][-1] == "site.contract.2025"
    assert lines["electricity_location"] != lines["electricity_market"]
    row = next(row for row in found["factors"] if row["id"] == "site.contract.2025")
    assert (row["evidence"], row["attribution"]) == ("site", "the hospital")


def test_without_a_contract_that_line_is_unknown(audited):
    lines = {row["item"]: row["co2e_kg"] for row in statement(audited / "out")["scopes"]}
    assert lines["electricity_market"]["value"] is None and lines["electricity_market"]["reason"] == "no_contract"


def test_the_making_of_contrast_is_an_unknown_that_says_why(audited):
    found = statement(audited / "out")
    (line,) = [row for row in found["scopes"] if row["item"] == "contrast"]
    assert (line["scope"], line["co2e_kg"]["value"], line["co2e_kg"]["reason"]) == ("3", None, "no_published_figure")
    assert not [one for one in book() if one.unit in ("kg{CO2e}/mL", "kg/mL")]
    for language, words in (("en", "no figure per millilitre"), ("nl", "per milliliter"), ("zh", "按毫升")):
        shown = [str(row[2]) for row in much(Reader(found, language)).scopes.rows]
        assert sum(words in one for one in shown) == 1


def test_under_the_shipped_set_the_sites_table_is_left_out(with_contract, told, tmp_path):
    found = told("audit", with_contract, "-o", tmp_path / "out", "--factors", "shipped")
    assert found["method"]["factor_set"]["digest"] == book().digest
    assert found["method"]["command"].endswith(f"--factors {book().digest[:12]}")


@pytest.mark.parametrize(
    ("cell", "written", "reason"),
    [
        ("kg{CO2e}/kW.h", "gCO2/kWh", "unknown unit"),
        (",0.02,", ',"0,02",', "decimal point"),
        (",0.018,", ",-0.018,", "negative"),
        (",0.022,", ",0.019,", "outside"),
    ],
)
def test_a_wrong_site_table_is_refused_with_file_line_and_reason(with_contract, told, cell, written, reason):
    path = with_contract / "own" / "contract.csv"
    path.write_text(path.read_text("utf-8").replace(cell, written, 1), "utf-8")
    error = told("audit", with_contract, status=2)["error"]
    assert error["code"] == "ecorad.factor.table"
    assert "contract.csv line 2" in error["message"] and reason in error["message"]
    assert told("factors", "check", path, status=2)["error"] == error


def test_a_good_table_is_called_good(with_contract, told):
    answer = told("factors", "check", with_contract / "own" / "contract.csv")
    assert answer == {"table": "contract", "rows": 2, "licence": "own data"}


@pytest.mark.parametrize(
    "section",
    [
        'gwp = "AR7"',
        "gwp = 6",
        'tables = ["../x.csv"]',
        'tables = ["/x.csv"]',
        'tables = "x.csv"',
        'table = ["x.csv"]',
        'tables = ["x"]',
    ],
)
def test_a_wrong_section_is_refused(site, told, section):
    text = (site / "site.toml").read_text("utf-8")
    (site / "site.toml").write_text(f"{text}\n[factors]\n{section}\n", "utf-8")
    assert told("audit", site, status=2)["error"]["code"].startswith("ecorad.site")


def test_an_unchecked_row_shows_in_the_result(site, told, tmp_path):
    text = (site / "site.toml").read_text("utf-8")
    name = "exam.mr.mcalister.consequential"
    (site / "site.toml").write_text(f'{text}\n[factors]\nunverified = ["{name}"]\n', "utf-8")
    used = told("audit", site, "-o", tmp_path / "out")["method"]["factor_set"]
    assert used["unverified"] == [name] and used["digest"] != book().digest


def test_nothing_moved(audited, told, tmp_path):
    moves = told("audit", audited, "-o", tmp_path / "out", "--compare", audited)
    assert moves["moved"] == [] and moves["same"] > 100
    assert moves["changed"] == {"input": [], "factor": [], "method": []}
    assert json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8")) == moves


def test_a_moved_factor_is_the_cause(audited, told, tmp_path):
    row = average_row(audited)
    column = 5  # value; the bounds stay
    other = edited_set(tmp_path / "set", "grid_intensity_ember", row["id"], column, str(row["value"] * 1.01))
    moves = told("audit", audited, "-o", tmp_path / "out", "--factors", other, "--compare", audited / "out")
    assert {entry["what"] for entry in moves["changed"]["factor"]} >= {"set", f"{row['id']} value"}
    assert moves["changed"]["input"] == moves["changed"]["method"] == []
    total = next(one for one in moves["moved"] if one["figure"] == "totals.co2e_kg.attributional")
    assert total["cause"] == "factor" and (total["input"], total["method"]) == (0.0, 0.0)
    assert total["factor"] == pytest.approx(0.01 * total["then"])
    assert not [one for one in moves["moved"] if one["figure"] == "totals.energy_kwh"]


def test_a_moved_factor_of_contrast_is_the_cause(audited, told, tmp_path):
    other = edited_set(tmp_path / "set", "contrast_excretion", "contrast.iodine.excreted.24h", 5, "0.94")
    moves = told("audit", audited, "-o", tmp_path / "out", "--factors", other, "--compare", audited / "out")
    assert "contrast.iodine.excreted.24h value" in {entry["what"] for entry in moves["changed"]["factor"]}
    (one,) = moves["moved"]
    assert one["figure"] == "contrast.to_sewer.iodine_g"
    assert (one["cause"], one["input"], one["method"]) == ("factor", 0.0, 0.0)
    assert one["now"] / one["then"] == pytest.approx(0.94 / 0.96)


@pytest.fixture
def with_vials(site: Path, tmp_path: Path) -> Path:
    """The site with two opened vials of ultrasound contrast, audited under AR6."""
    sheet = tmp_path / "contrast-us.csv"
    head = "Datum;Product;Verpakking (mL);Toegediend (mL);Restant (mL);Kamer"
    sheet.write_text("\n".join((head, *["02-03-2026;SonoVue;5;2,4;2,6;CT-1"] * 2)) + "\n", "utf-8")
    assert run(["ingest", str(site), str(sheet), "--feed", "contrast"]) == 0
    assert run(["audit", str(site)]) == 0
    return site


def test_gas_of_vials_is_a_line_of_scope_1(with_vials):
    found = statement(with_vials / "out")
    line = next(row for row in found["scopes"] if row["item"] == "sf6")
    assert (line["scope"], found["method"]["gwp"]) == ("1", "AR6")
    assert line["co2e_kg"] == found["contrast"]["sf6_co2e_kg"]
    assert line["co2e_kg"]["value"] == pytest.approx(2 * 60.7e-6 * 25_200)
    assert {"gwp100.SF6.AR6", "ultrasound_contrast.sf6.vial"} <= {row["id"] for row in found["factors"]}


def test_another_report_of_warming_potentials_is_the_method(with_vials, told, tmp_path):
    path = with_vials / "site.toml"
    text = path.read_text("utf-8")
    path.write_text(f'{text}\n[factors]\ngwp = "AR5"\n', "utf-8")
    moves = told("audit", with_vials, "-o", tmp_path / "out", "--compare", with_vials)
    assert moves["changed"]["method"] == [{"what": "gwp", "then": "AR6", "now": "AR5"}]
    assert {one["figure"]: one["cause"] for one in moves["moved"]} == {
        "contrast.sf6_co2e_kg": "method",
        "scopes[sf6].co2e_kg": "method",
    }
    assert all(one["now"] / one["then"] == pytest.approx(23_500 / 25_200) for one in moves["moved"])


def test_a_changed_choice_is_the_method(site, told, tmp_path):
    path = site / "site.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[site]\n", '[site]\nallocation = "exam"\n', 1), "utf-8")
    moves = told("audit", site, "-o", tmp_path / "out", "--compare", site / "out" / "audit.json")
    assert [row["what"] for row in moves["changed"]["method"]] == ["allocation"]
    assert {one["cause"] for one in moves["moved"]} == {"method"}
    assert any("allocated" in one["figure"] for one in moves["moved"])


def test_another_period_is_an_input(audited, told, tmp_path):
    days = ("--from", "2026-03-03", "--to", "2026-03-03")
    moves = told("audit", audited, "-o", tmp_path / "out", *days, "--compare", audited)
    assert moves["changed"]["input"][0]["what"] == "period"
    total = next(one for one in moves["moved"] if one["figure"] == "totals.energy_kwh")
    assert total["cause"] == "input" and total["input"] == pytest.approx(total["now"] - total["then"])


def test_all_three_at_once_add_up(site, told, tmp_path):
    row = average_row(site)
    other = edited_set(tmp_path / "set", "grid_intensity_ember", row["id"], 5, str(row["value"] * 1.01))
    path = site / "site.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[site]\n", '[site]\nallocation = "exam"\n', 1), "utf-8")
    days = ("--from", "2026-03-03", "--to", "2026-03-03")
    moves = told("audit", site, "-o", tmp_path / "out", *days, "--factors", other, "--compare", site)
    assert all(moves["changed"].values())
    figures = {one["figure"]: one for one in moves["moved"]}
    total = figures["totals.co2e_kg.attributional"]
    assert total["factor"] == pytest.approx(total["now"] * (1 - 1 / 1.01))
    assert (total["method"], total["cause"]) == (0.0, "input")
    shared = [one for name, one in figures.items() if name.endswith("kwh_per_exam.allocated")]
    assert any(one["method"] for one in shared) and not any(one["factor"] for one in shared)
    for one in moves["moved"]:
        if one["then"] is not None and one["now"] is not None and one["input"] is not None:
            assert one["input"] + one["factor"] + one["method"] == pytest.approx(one["now"] - one["then"], abs=1e-9)


def test_an_earlier_version_of_the_file_is_understood(audited, told, tmp_path):
    old = statement(audited / "out")
    del old["method"]["inputs"]
    for row in old["factors"]:
        del row["row"], row["attribution"]
    (tmp_path / "audit.json").write_text(json.dumps(old), "utf-8")
    assert told("audit", audited, "-o", tmp_path / "out", "--compare", tmp_path)["moved"] == []


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}'])
def test_what_is_no_statement_is_refused(audited, told, tmp_path, text):
    (tmp_path / "audit.json").write_text(text, "utf-8")
    error = told("audit", audited, "-o", tmp_path / "out", "--compare", tmp_path, status=2)["error"]
    assert error["code"] == "ecorad.audit.not_a_statement"


def test_a_person_is_told(audited, capsys, tmp_path):
    days = ("--from", "2026-03-03", "--to", "2026-03-03")
    assert run(["audit", str(audited), "-o", str(tmp_path), *days, "--compare", str(audited)]) == 0
    out = capsys.readouterr().out
    assert "totals.energy_kwh" in out and "period" in out
