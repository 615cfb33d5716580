"""``ecorad init``: a folder with a site.toml that can be read at once."""

from __future__ import annotations

import pytest

from ecorad.cli.app import run
from ecorad.model import load_site


def test_it_writes_what_was_said(tmp_path, told):
    folder = tmp_path / "a site"
    made = told("init", folder, "--name", 'St. "Anna"', "--zone", "Netherlands", "--timezone", "Europe/Amsterdam")
    assert (made["name"], made["grid_zone"], made["timezone"]) == ('St. "Anna"', "NL", "Europe/Amsterdam")
    assert load_site(folder / "site.toml").name == 'St. "Anna"'


def test_without_a_zone_it_says_what_that_costs(tmp_path, capsys):
    assert run(["init", str(tmp_path / "site")]) == 0
    assert "CO2e" in capsys.readouterr().err
    assert load_site(tmp_path / "site" / "site.toml").grid_zone is None


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [("--timezone", "Amsterdam", "ecorad.input.zone"), ("--zone", "Atlantis", "ecorad.factor.not_found")],
)
def test_a_zone_that_does_not_exist_makes_nothing(tmp_path, told, option, value, code):
    assert told("init", tmp_path / "site", option, value, status=2)["error"]["code"] == code
    assert not (tmp_path / "site").exists()


def test_a_site_that_exists_is_left_as_it_is(tmp_path, told):
    (tmp_path / "site.toml").write_text("mine", "utf-8")
    assert told("init", tmp_path, status=2)["error"]["code"] == "ecorad.workspace.exists"
    assert (tmp_path / "site.toml").read_text("utf-8") == "mine"


def test_the_proposed_lines_are_right_when_uncommented(tmp_path):
    run(["init", str(tmp_path / "site"), "--zone", "NL", "--timezone", "UTC"])
    path = tmp_path / "site" / "site.toml"
    lines = path.read_text("utf-8").splitlines()
    path.write_text(
        "\n".join(line[2:] if line.startswith("# ") and ("=" in line or "[[" in line) else line for line in lines)
    )
    site = load_site(path)
    assert site.devices[0].alias == "MR 1"
    assert site.meters[0].feeds == ("40071",)
