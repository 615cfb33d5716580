"""Registers and units of the proofs at a small scale, and that a wrong one would be noticed."""

from __future__ import annotations

import random

import pytest

from prove import energy_balance, units


@pytest.mark.parametrize("seed", [1, 2])
def test_s12_not_a_watt_hour_is_made_or_lost(seed):
    found = energy_balance.balanced(60, seed)
    assert found["wrong"] == 0
    assert min(found[kind] for kind in ("reset", "roll-over", "missing", "late", "local")) > 5


@pytest.mark.parametrize("change", [(0, 1, 0), (0, -1, 0), (0, 0, 900_000_000)])
def test_s12_one_watt_hour_would_be_noticed(monkeypatch, change):
    register = energy_balance._register
    monkeypatch.setattr(
        energy_balance,
        "_register",
        lambda *options: tuple(
            one if plus == 0 else one + plus for one, plus in zip(register(*options), change, strict=True)
        ),
    )
    assert not energy_balance._holds(set(), random.Random(3))


def test_s13_slips_of_unit_are_noticed_and_honest_inputs_are_not():
    found = units.slips(8 * len(units._SLIPS), 5)
    for name in units._SLIPS:
        assert found[f"{name} suspected"] == 0, name
        assert found[f"{name} honest"] == 4
        assert found[f"{name} caught"] == found[f"{name} slipped"] == 4, name
