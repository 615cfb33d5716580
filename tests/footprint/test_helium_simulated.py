"""Helium of simulated magnets against their true levels."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from ecorad.footprint.helium import Movement, helium_balance
from ecorad.simulation.days import Days
from ecorad.simulation.scanners import draw_scanners
from ecorad.simulation.settings import Settings
from ecorad.simulation.sheets import write_sheets


@pytest.mark.parametrize("seed", range(5))
def test_loss_and_stock_of_two_years_lie_inside_their_intervals(tmp_path, seed):
    settings = Settings()
    days = Days.of(date(2026, 3, 2), 730, "Europe/Amsterdam")
    truth = write_sheets(tmp_path / "sheets", days, draw_scanners(1, settings, seed), [], settings=settings, seed=seed)
    with (tmp_path / "sheets" / "helium.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    movements = [
        Movement(float(date.fromisoformat(r["date"]).toordinal()), r["what"], float(r["litres"])) for r in rows
    ]
    found = helium_balance(movements)
    true_level, true_loss = float(str(truth[-1][2])), float(str(truth[-1][3]))
    filled = float(str(truth[-1][4]))
    assert found.lost_l_per_week is not None
    assert found.lost_l_per_week[1] <= true_loss <= found.lost_l_per_week[2]
    assert found.stock_l.low <= true_level + filled <= found.stock_l.high  # type: ignore[operator]
    assert found.received_l == sum(float(str(row[4])) for row in truth)
