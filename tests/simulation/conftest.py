"""One small department over the days around the spring change of the clock, made once."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ecorad.simulation import Settings, simulate

FIRST = date(2026, 3, 27)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A workspace of 4 days and 5 scanners with no meter gap and no row twice."""
    path = tmp_path_factory.mktemp("simulated") / "small"
    settings = Settings(gap_share=0.0, duplicate_rows=0.0)
    simulate(path, days=4, seed=11, start=FIRST, settings=settings)
    return path


@pytest.fixture(scope="session")
def summary(small):
    """Its ``truth/summary.json``."""
    return json.loads((small / "truth" / "summary.json").read_text("utf-8"))
