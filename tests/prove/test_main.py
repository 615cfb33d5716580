"""The program around the proofs: which of them run, and what it leaves behind."""

from __future__ import annotations

import importlib

import pytest
from prove.__main__ import PARTS, main
from prove.figure import Figure


@pytest.fixture
def ran(monkeypatch):
    """Names of the parts in the order in which they ran; none does its work."""
    names = []

    def stand_in(name):
        def measure(scale, seed):
            names.append(name)
            holds = name != "damage"
            yield Figure(sheet="S0", what=name, found=f"{scale:g}", target="all", holds=holds, seed=str(seed))

        return measure

    for name in PARTS:
        monkeypatch.setattr(importlib.import_module(f"prove.{name}"), "measure", stand_in(name))
    return names


def test_no_part_named_means_all_of_them(ran, tmp_path):
    assert main(["-o", str(tmp_path / "report.md")]) == 1  # one does not hold
    assert tuple(ran) == PARTS
    assert sum(line.startswith("| S0 |") for line in (tmp_path / "report.md").read_text().splitlines()) == len(PARTS)


def test_parts_that_were_named_run_in_their_order_at_their_scale(ran, tmp_path, capsys):
    assert main(["units", "kills", "--scale", "0.1", "--seed", "7", "-o", str(tmp_path / "report.md")]) == 0
    assert ran == ["units", "kills"]
    assert "| S0 | units | 0.1 | all | yes | 7 |" in capsys.readouterr().out
    assert "0.1 of the full numbers" in (tmp_path / "report.md").read_text()


def test_a_part_that_is_not_there_is_named(ran, capsys):
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "no part 'nothing'" in capsys.readouterr().err
    assert not ran
