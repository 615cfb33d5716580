"""``ecorad tables``: the dictionary as people and machines read it."""

from __future__ import annotations

import json

from ecorad.cli.app import run
from ecorad.model import tables


def test_every_table_is_listed(capsys):
    run(["tables"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in tables())


def test_one_table_column_by_column(capsys):
    run(["tables", "reading"])
    assert "energy_kwh" in capsys.readouterr().out


def test_a_machine_gets_every_column(capsys):
    run(["tables", "--json"])
    told = json.loads(capsys.readouterr().out)["tables"]
    assert {spec["name"]: len(spec["columns"]) for spec in told} == {n: len(s.columns) for n, s in tables().items()}
