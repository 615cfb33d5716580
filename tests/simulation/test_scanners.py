from __future__ import annotations

from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from ecorad.simulation.catalogue import power_ranges_kw
from ecorad.simulation.scanners import draw_scanners
from ecorad.simulation.settings import Settings

seeds = st.integers(min_value=0, max_value=2**31)


@given(seeds)
@tries(max_examples=30, deadline=None)
def test_levels_lie_in_the_published_ranges_and_in_order(seed):
    for scanner in draw_scanners(5, Settings(), seed):
        ranges, level = power_ranges_kw()[scanner.modality], scanner.level_kw
        for state in ("off", "idle"):
            assert ranges[state][0] <= level[state] <= ranges[state][1]
        assert level["idle"] < level["ready"] < level["scan"]
