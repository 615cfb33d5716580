"""The attacks of the proofs at a small scale, against a server of their own."""

from __future__ import annotations

import pytest

from prove import attacks


@pytest.mark.slow
def test_s8_s9_s10_others_are_served_and_nothing_acknowledged_is_lost(monkeypatch):
    monkeypatch.setattr(attacks, "FLOOD", 60)
    monkeypatch.setattr(attacks, "IDLE", 80)
    found = attacks.measure(0.01, 3)
    assert [figure.sheet for figure in found] == ["S8", "S8", "S9", "S10"]
    lost, memory = found[1].found, found[3].found
    assert lost.startswith("0 acknowledged objects lost of 240")
    assert float(memory.split()[0]) < 2


def test_s8_what_the_journal_lacks_is_lost():
    flood = attacks.Flood(accepted=50, acknowledged={"1", "2"}, seconds=1.0)
    _, many = attacks._floods(flood, flood, {"1"}, 1)
    assert not many.holds
    assert many.found.startswith("1 acknowledged")
