"""Every table keeps its licence and its owners, in the file that is passed on with the program."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from ecorad.factors import FactorTable, book

ROOT = Path(__file__).parents[2]
NOTICE = (ROOT / "NOTICE").read_text("utf-8")


def test_the_notice_is_the_one_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("make_notice", ROOT / "tools" / "make_notice.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.notice() == NOTICE, "run python tools/make_notice.py"


@pytest.mark.parametrize("table", book().tables, ids=lambda table: table.name)
def test_every_table_is_named_with_its_owner(table: FactorTable) -> None:
    assert table.licence in NOTICE and table.attribution in NOTICE and table.name in NOTICE


@pytest.mark.parametrize(
    ("owner", "licence"),
    [
        ("Ember", "CC-BY-SA-4.0"),
        ("CO2.js", "CC-BY-SA-4.0"),
        ("Electricity Maps", "ODbL-1.0"),
        ("Boavizta", "ODbL-1.0"),
        ("Our World in Data", "CC-BY-4.0"),
        ("Department for Energy Security and Net Zero", "OGL-UK-3.0"),
        ("CodeCarbon", "MIT"),
        ("REopt", "BSD-3-Clause"),
        ("openclimatedata", "CC0-1.0"),
        ("US EPA", "US government work"),
    ],
)
def test_the_owners_that_must_be_named_are(owner: str, licence: str) -> None:
    assert any(owner in table.attribution and licence in table.licence for table in book().tables)
    assert owner in NOTICE and licence in NOTICE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MIT-CodeCarbon", "Permission is hereby granted"),
        ("MIT-USEPA", "Permission is hereby granted"),
        ("BSD-3-REopt", "Redistribution"),
    ],
)
def test_licences_that_must_travel_do(name: str, words: str) -> None:
    assert words in (ROOT / "LICENSES" / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("table", book().tables, ids=lambda table: table.name)
def test_the_text_of_every_licence_is_here_or_pointed_to(table: FactorTable) -> None:
    """Whoever receives a table can read its licence: in LICENSES/, in LICENSE, or at the address in NOTICE."""
    ours = ("Apache-2.0", "US government work")
    here = {"MIT": "MIT-", "BSD-3-Clause": "BSD-3-"}
    for name in (part.strip().split(" ")[0] for part in table.licence.replace(";", ",").split(",")):
        if name in here:
            assert list((ROOT / "LICENSES").glob(f"{here[name]}*.txt"))
        elif name in {"CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "ODbL-1.0", "OGL-UK-3.0"}:
            assert re.search(rf"(?m)^{re.escape(name)}.*\n  https://", NOTICE)
        else:
            assert table.licence.startswith(ours) or name in {"US"}
